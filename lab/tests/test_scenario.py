# SPDX-License-Identifier: MIT
"""Tests of lab/scenario.py: finding, choosing and ordering scenarios."""

import tempfile
import unittest
from pathlib import Path

from lab import scenario
from lab.errors import Failed, LabError


def make(name, firmware="direct", disturbs=False, soak=False, needs=()):
    return scenario.Scenario(name, "title", None, firmware, disturbs, 60, soak, needs)


class Order(unittest.TestCase):
    def test_few_boots_and_disturbers_last(self):
        scenarios = [make("a", disturbs=True), make("b", firmware="uefi"), make("c"), make("d")]
        self.assertEqual([s.name for s in scenario.in_order(scenarios)], ["c", "d", "a", "b"])


class Select(unittest.TestCase):
    scenarios = [make("quick"), make("long-one", soak=True)]

    def names(self, wanted, soak):
        return [s.name for s in scenario.select(self.scenarios, wanted, soak)]

    def test_all(self):
        self.assertEqual(self.names([], False), ["quick"])
        self.assertEqual(self.names([], True), ["quick", "long-one"])

    def test_by_name_in_either_spelling(self):
        self.assertEqual(self.names(["long_one"], False), ["long-one"])

    def test_unknown(self):
        with self.assertRaisesRegex(LabError, "no scenario 'x'"):
            self.names(["x"], False)


class Needed(unittest.TestCase):
    def test_what_any_needs(self):
        scenarios = [make("a", needs=("minimal",)), make("b"), make("c", needs=("forms",)), make("d", needs=("forms",))]
        self.assertEqual(scenario.needed(scenarios), ["forms", "minimal"])
        self.assertEqual(scenario.needed(scenarios[:2]), ["minimal"])
        self.assertEqual(scenario.needed(scenarios[1:2]), [])


class Files(unittest.TestCase):
    def test_shipped_ones_load(self):
        scenarios = scenario.load_all()
        self.assertIn("main-job-v42", [s.name for s in scenarios])
        for each in scenarios:
            with self.subTest(each.name):
                self.assertTrue(callable(each.run))
                self.assertIn(each.firmware, scenario.FIRMWARES)
                self.assertTrue(each.title.endswith("."))

    def refused(self, text, message):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bare.py"
            path.write_text(text)
            with self.assertRaisesRegex(LabError, message):
                scenario.load_file(path)

    def test_docstring_is_needed(self):
        self.refused("def run(t):\n    pass\n", "needs a docstring")

    def test_unknown_part_is_refused(self):
        self.refused('"""Shows."""\nNEEDS = ("form",)\n\n\ndef run(t):\n    pass\n', "NEEDS")


class Helpers(unittest.TestCase):
    def setUp(self):
        self.context = object.__new__(scenario.Context)

    def test_edited(self):
        self.assertEqual(self.context.edited("a b a", "a", "c"), "c b a")
        with self.assertRaises(Failed):
            self.context.edited("a", "x", "y")

    def test_contains_is_by_line(self):
        self.context.contains("one\ntwo\n", r"^two$", "text")
        with self.assertRaises(Failed):
            self.context.contains("one\n", r"two", "text")
