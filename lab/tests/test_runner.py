# SPDX-License-Identifier: MIT
"""Tests of lab/runner.py: what is run where, and what is counted."""

import contextlib
import io
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from lab import paths, runner, scenario
from lab.errors import Failed, LabError, Skipped
from lab.say import Progress


def make(name, run, firmware="direct"):
    return scenario.Scenario(name, "title", run, firmware, False, 60, False)


def fails(_t):
    raise Failed("no")


def skips(_t):
    raise Skipped("not here")


def takes_time(_t):
    time.sleep(0.3)


class Watch:
    def new(self):
        return []


class Node:
    """One that runs, as far as a runner looks."""

    def __init__(self, sound):
        self.name = "node"
        self.watch = Watch()
        self.sound = sound

    def pid(self):
        return 1

    def status(self):
        return {"ok": self.sound}


class Lab:
    def __init__(self, name, sound):
        self.name = name
        self.nodes = [] if name.startswith("test-own") else [Node(sound)]
        self.logs = paths.LOGS / name

    def wait_ready(self, _progress):
        if self.name.startswith("test-uefi"):
            raise LabError("no firmware")

    def node(self, _name):
        return self.nodes[0]

    def collect(self):
        pass


class Runner(runner.Runner):
    """Its labs are sound unless told otherwise; each that is started is a line of its output."""

    sound = True

    @contextlib.contextmanager
    def _lab(self, firmware):
        self.progress.line(f"started {self._name(firmware)}")
        yield Lab(self._name(firmware), self.sound)


class Run(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        for name in ("LOGS", "RESULTS", "TOP"):
            self.enterContext(mock.patch.object(paths, name, Path(folder)))
        self.folder = Path(folder)
        self.output = open(self.folder / "output", "w+", encoding="utf-8")
        self.addCleanup(self.output.close)

    def run_all(self, scenarios, sound=True, **how):
        self.runs = Runner(Progress(stream=self.output), **how)
        self.runs.sound = sound
        fine = self.runs.run(scenarios)
        self.assertEqual(fine, not self.runs.count("FAIL"))
        self.output.seek(0)
        self.lines = self.output.read().splitlines()
        return [self.runs.count(verdict) for verdict in runner.VERDICTS]

    def started(self):
        return [line.split()[1] for line in self.lines if line.startswith("started")]

    def test_counts(self):
        scenarios = [make("a", lambda t: None), make("b", fails), make("c", skips)]
        self.assertEqual(self.run_all(scenarios), [1, 1, 1])
        self.assertEqual((self.folder / "lab").read_text(), "1 1 1\n")
        self.assertEqual(self.started(), ["test"])

    def test_lanes_share_the_work(self):
        scenarios = [make(str(n), takes_time) for n in range(6)] + [make("f", fails)]
        self.assertEqual(self.run_all(scenarios, lanes=2), [6, 1, 0])
        self.assertEqual(sorted(self.started()), ["test", "test-2"])

    def test_own_machines_need_no_nodes(self):
        seen = []
        scenarios = [make("a", lambda t: seen.append((t.storage, t.lab.nodes)), "none")]
        self.assertEqual(self.run_all(scenarios), [1, 0, 0])
        self.assertEqual((seen, self.started()), ([(None, [])], ["test-own"]))

    def test_own_machines_are_ended(self):
        machine = mock.Mock(watch=mock.Mock(new=lambda: ["an oops"]))
        scenarios = [make("a", lambda t: t.machines.append(machine), "none")]
        self.assertEqual(self.run_all(scenarios), [0, 1, 0])
        machine.remove.assert_called_once()

    def test_unsound_lab_is_given_up(self):
        scenarios = [make("a", fails), make("b", lambda t: None)]
        self.assertEqual(self.run_all(scenarios, sound=False), [1, 1, 0])
        self.assertEqual(self.started(), ["test", "test"])

    def test_lab_that_does_not_come_up(self):
        scenarios = [make("a", lambda t: None), make("u", lambda t: None, "uefi"), make("v", lambda t: None, "uefi")]
        self.assertEqual(self.run_all(scenarios), [1, 2, 0])
        self.assertEqual(self.started(), ["test", "test-uefi"])

    def test_lane_that_breaks(self):
        with mock.patch.object(Lab, "collect", side_effect=OSError("no room")), mock.patch("sys.stderr", io.StringIO()):
            self.assertEqual(self.run_all([make("a", takes_time), make("b", takes_time)], lanes=2), [2, 2, 0])


if __name__ == "__main__":
    unittest.main()
