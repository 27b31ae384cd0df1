# SPDX-License-Identifier: MIT
"""Runs scenarios: boots labs as needed, one line per scenario as it ends, a log for each, and a file
with the counts for ./do test."""

import contextlib
import shutil
import time
import traceback

from lab import cluster, paths, say, signals
from lab.errors import Failed, LabError, Skipped
from lab.scenario import Context

LAB_NAME = {"direct": "test", "uefi": "test-uefi"}
RESULTS = "lab"
# With --soak a scenario does up to this many rounds.
SOAK_FACTOR = 10


class Runner:
    """One run over a list of scenarios. `progress` prints; `kept` is the name of a lab that is up
    already and is to be used, or None; `keep` leaves the labs up at the end."""

    def __init__(self, progress, *, kept=None, keep=False, soak=False, accel=None, images=paths.IMAGES):
        self.progress = progress
        self.kept = kept
        self.keep = keep
        self.soak = soak
        self.how = {"wanted_accel": accel, "images": images}
        self.counts = {"ok": 0, "FAIL": 0, "skip": 0}
        self.logs = paths.LOGS / "scenarios"
        self.ready = False

    def run(self, scenarios):
        """Runs all, in the order given; returns whether none failed."""
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        while scenarios:
            firmware = scenarios[0].firmware
            batch = [scenario for scenario in scenarios if scenario.firmware == firmware]
            scenarios = [scenario for scenario in scenarios if scenario.firmware != firmware]
            while batch:
                batch = self._one_lab(firmware, batch)
        write_counts(RESULTS, self.counts["ok"], self.counts["FAIL"], self.counts["skip"])
        return self.counts["FAIL"] == 0

    def _one_lab(self, firmware, batch):
        """Boots a lab and runs BATCH on it, until a failure leaves the lab in doubt; returns what is
        still to be run."""
        self.ready = False
        try:
            with self._lab(firmware) as lab:
                lab.wait_ready(self.progress)
                for node in lab.nodes:
                    if self.kept:
                        node.watch.skip()
                self.ready = True
                while batch:
                    scenario, batch = batch[0], batch[1:]
                    if not self._scenario(lab, scenario) and batch and not self._sound(lab):
                        self.progress.step("the lab is no longer as declared: a new one is started")
                        break
                lab.collect()
        except LabError as error:
            if self.ready:
                raise
            for scenario in batch:
                self._ended("FAIL", scenario, 0.0, error, paths.LOGS / (self.kept or LAB_NAME[firmware]))
            return []
        return batch

    @contextlib.contextmanager
    def _lab(self, firmware):
        if not self.kept:
            name = LAB_NAME[firmware]
            with cluster.temporary(
                name, keep=self.keep, progress=self.progress, firmware=firmware, **self.how
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
            try:
                with signals.deadline(scenario.seconds * (SOAK_FACTOR if self.soak else 1)):
                    scenario.run(Context(lab, self.soak, log))
            except Skipped as skipped:
                verdict, error = "skip", skipped
            except LabError as failure:
                verdict, error = "FAIL", failure
            except Exception as fault:  # a fault of the scenario itself fails it, and not the others
                verdict, error = "FAIL", Failed(f"{type(fault).__name__}: {fault}", traceback.format_exc())
            found = self._kernel_findings(lab)
            if found:
                verdict = "FAIL"
                error = Failed(f"{error or 'it did what it should'}; but in the kernel's log:", "\n".join(found))
            if error:
                print(f"{verdict}: {error}\n{getattr(error, 'details', '')}", file=log)
            for node in lab.nodes:
                node.trace = lambda text: None
        self._ended(verdict, scenario, time.monotonic() - began, error, path)
        return verdict != "FAIL"

    @staticmethod
    def _kernel_findings(lab):
        found = []
        for node in lab.nodes:
            try:
                found += node.watch.new()
            except LabError as error:
                found.append(f"{node.name}: its kernel log cannot be read: {error}")
        return found

    def _ended(self, verdict, scenario, seconds, error, where):
        self.counts[verdict] += 1
        self.progress.line(f"{verdict:<5} {scenario.name:<24} {seconds:6.1f} s")
        if error:
            self.progress.line(f"      {error}")
            details = getattr(error, "details", "")
            if details:
                self.progress.line(say.indent("\n".join(details.splitlines()[-30:]), "      | "))
            if verdict == "FAIL":
                self.progress.line(f"      logs: {paths.shown(where)}, {paths.shown(paths.LOGS)}/")


def write_counts(name, passed, failed, skipped):
    """What ./do test adds up: build/results/NAME with three numbers."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    (paths.RESULTS / name).write_text(f"{passed} {failed} {skipped}\n")
