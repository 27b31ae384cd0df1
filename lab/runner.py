# SPDX-License-Identifier: MIT
"""Runs scenarios: boots labs as needed, one line per scenario as it ends, a log for each, and a file
with the counts for ./do test."""

import contextlib
import multiprocessing
import shutil
import sys
import time
import traceback

from lab import cluster, paths, process, say, signals
from lab.errors import Failed, Interrupted, LabError, Skipped
from lab.scenario import Context

LAB_NAME = {"direct": "test", "uefi": "test-uefi", cluster.NO_NODES: "test-own"}
RESULTS = "lab"
# With --soak a scenario does up to this many rounds.
SOAK_FACTOR = 10
# So long, at most, a lane waits for the one before to have its lab up.
START_SECONDS = 600
VERDICTS = ("ok", "FAIL", "skip")


class Work:
    """The scenarios that are still to be run, in order; lanes, which are processes, take from it."""

    def __init__(self, scenarios):
        self.scenarios = scenarios
        self.taken = multiprocessing.Array("b", len(scenarios))

    def take(self, firmware=None):
        """The next one (of this firmware), or None."""
        with self.taken.get_lock():
            for number, scenario in enumerate(self.scenarios):
                if not self.taken[number] and firmware in (None, scenario.firmware):
                    self.taken[number] = True
                    return scenario
        return None


class Runner:
    """One run over a list of scenarios, on as many labs at a time as there are `lanes`. `progress`
    prints; `kept` is the name of a lab that is up already and is to be used, or None; `keep` leaves
    the labs up at the end."""

    def __init__(self, progress, *, kept=None, keep=False, soak=False, lanes=1, accel=None, images=paths.IMAGES):
        self.progress = progress
        self.kept = kept
        self.keep = keep
        self.soak = soak
        self.lanes = lanes
        self.how = {"wanted_accel": accel, "images": images}
        self.counts = multiprocessing.Array("i", len(VERDICTS))
        # Nodes that start at one time take each other's processor: the next lane waits until the one before is up.
        self.up = [multiprocessing.Event() for _ in range(lanes)]
        self.number = 0
        self.logs = paths.LOGS / "scenarios"
        self.suffix = ""
        self.ready = False

    def count(self, verdict):
        return self.counts[VERDICTS.index(verdict)]

    def run(self, scenarios):
        """Runs all, in the order given; returns whether none failed."""
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        work = Work(scenarios)
        if self.lanes == 1:
            self._lane(work)
        else:
            self._lanes(work)
        write_counts(RESULTS, *map(self.count, VERDICTS))
        return self.count("FAIL") == 0

    def _lanes(self, work):
        """One process each: a scenario has its own deadline, which is an alarm, and its own faults."""
        lanes = [multiprocessing.Process(target=self._lane_process, args=(work, n)) for n in range(self.lanes)]
        try:
            for lane in lanes:
                lane.start()
            for lane in lanes:
                lane.join()
        finally:
            for lane in lanes:
                if lane.is_alive():
                    lane.terminate()
                    lane.join()
        for number, lane in enumerate(lanes):
            if lane.exitcode:
                self.progress.line(f"FAIL  lane {number + 1} ended with status {lane.exitcode}")
                self._counted("FAIL")

    def _lane_process(self, work, number):
        process.die_with_parent()
        self.number = number
        self.suffix = f"-{number + 1}" if number else ""
        try:
            if number:
                self.up[number - 1].wait(START_SECONDS)
            self._lane(work)
        except Interrupted as interrupted:
            sys.exit(128 + interrupted.signum)

    def _lane(self, work):
        try:
            while scenario := work.take():
                self._one_lab(scenario, work)
        finally:
            self.up[self.number].set()

    def _one_lab(self, scenario, work):
        """Boots a lab and runs SCENARIO on it, and others, until a failure leaves the lab in doubt."""
        firmware = scenario.firmware
        self.ready = False
        try:
            with self._lab(firmware) as lab:
                lab.wait_ready(self.progress)
                for node in lab.nodes:
                    if self.kept:
                        node.watch.skip()
                self.ready = True
                self.up[self.number].set()
                while scenario:
                    if not self._scenario(lab, scenario) and not self._sound(lab):
                        self.progress.step(f"the lab '{lab.name}' is no longer as declared and is given up")
                        break
                    scenario = work.take(firmware)
                lab.collect()
        except LabError as error:
            if self.ready:
                raise
            while scenario:
                self._ended("FAIL", scenario, 0.0, error, paths.LOGS / (self.kept or self._name(firmware)))
                scenario = work.take(firmware)

    def _name(self, firmware):
        return LAB_NAME[firmware] + self.suffix

    @contextlib.contextmanager
    def _lab(self, firmware):
        if not self.kept or firmware == cluster.NO_NODES:
            name = self._name(firmware)
            keep = self.keep and firmware != cluster.NO_NODES
            with cluster.temporary(
                name, keep=keep, progress=self.progress, firmware=firmware, **self.how
            ) as lab:
                yield lab
            return
        with cluster.locked(self.kept):
            lab = cluster.open_running(self.kept)
            if lab.state["firmware"] != firmware:
                raise LabError(f"the lab '{self.kept}' was not booted by firmware '{firmware}'")
            yield lab

    def _sound(self, lab):
        """Whether the lab may serve the next scenario after one has failed."""
        if self.kept:
            return True
        try:
            return all(node.pid() and node.status().get("ok") for node in lab.nodes)
        except LabError:
            return False

    def _scenario(self, lab, scenario):
        """Runs one scenario; returns whether it did not fail."""
        path = self.logs / f"{scenario.name}.log"
        began = time.monotonic()
        verdict, error = "ok", None
        with open(path, "w", encoding="utf-8") as log:
            for node in lab.nodes:
                node.trace = lambda text: print(text, file=log, flush=True)
            context = Context(lab, self.soak, log)
            try:
                with signals.deadline(scenario.seconds * self.lanes * (SOAK_FACTOR if self.soak else 1)):
                    scenario.run(context)
            except Skipped as skipped:
                verdict, error = "skip", skipped
            except LabError as failure:
                verdict, error = "FAIL", failure
            except Exception as fault:  # a fault of the scenario itself fails it, and not the others
                verdict, error = "FAIL", Failed(f"{type(fault).__name__}: {fault}", traceback.format_exc())
            found = self._kernel_findings([*lab.nodes, *context.machines])
            if found:
                verdict = "FAIL"
                error = Failed(f"{error or 'it did what it should'}; but in the kernel's log:", "\n".join(found))
            if error:
                print(f"{verdict}: {error}\n{getattr(error, 'details', '')}", file=log)
            context.end_machines(collect=verdict == "FAIL")
            for node in lab.nodes:
                node.trace = lambda text: None
        self._ended(verdict, scenario, time.monotonic() - began, error, path)
        return verdict != "FAIL"

    @staticmethod
    def _kernel_findings(nodes):
        found = []
        for node in nodes:
            try:
                found += node.watch.new()
            except LabError as error:
                found.append(f"{node.name}: its kernel log cannot be read: {error}")
        return found

    def _counted(self, verdict):
        with self.counts.get_lock():
            self.counts[VERDICTS.index(verdict)] += 1

    def _ended(self, verdict, scenario, seconds, error, where):
        """Says so, in one piece: another lane may have something to say at the same time."""
        self._counted(verdict)
        lines = [f"{verdict:<5} {scenario.name:<24} {seconds:6.1f} s"]
        if error:
            lines.append(f"      {error}")
            details = getattr(error, "details", "")
            if details:
                lines.append(say.indent("\n".join(details.splitlines()[-30:]), "      | "))
            if verdict == "FAIL":
                lines.append(f"      logs: {paths.shown(where)}, {paths.shown(paths.LOGS)}/")
        self.progress.line("\n".join(lines))


def write_counts(name, passed, failed, skipped):
    """What ./do test adds up: build/results/NAME with three numbers."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    (paths.RESULTS / name).write_text(f"{passed} {failed} {skipped}\n")
