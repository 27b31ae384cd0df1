# SPDX-License-Identifier: MIT
"""Tests of kernel/check and kernel/explain over a small Kconfig tree: python3 -m unittest discover kernel"""

import contextlib
import importlib.machinery
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path

import kconf
import kconfiglib

KCONFIG = """
mainmenu "Small"
config PCI
	bool "PCI support"
config NET
	bool "Networking"
menu "Drivers"
config CARD
	tristate "A card"
	depends on PCI && NET
	select HIDDEN
	help
	  Drives the card.
config HIDDEN
	bool
endmenu
"""


def load(name):
    """A program without the suffix .py, as a module."""
    path = Path(__file__).parent / name
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


check = load("check")
explain = load("explain")


class Fragments(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "10-x.config"
            path.write_text(text)
            return kconf.read_fragment(path)

    def test_group_has_its_comment(self):
        requests = self.read("# Why one.\n# More.\nCONFIG_A=y\nCONFIG_B=m\n\n# Why two.\n# CONFIG_C is not set\n"
                             "CONFIG_S=\"text\"\n")
        self.assertEqual([(r.symbol, r.value, r.reason) for r in requests],
                         [("A", "y", "Why one. More."), ("B", "m", "Why one. More."), ("C", "n", "Why two."),
                          ("S", "text", "Why two.")])
        self.assertEqual(requests[1].place, "kernel/10-x.config:4")

    def test_nonsense_is_refused_by_place(self):
        with self.assertRaisesRegex(SystemExit, "kernel/10-x.config:2: neither"):
            self.read("CONFIG_A=y\nA=y\n")


class Small(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = Path(self.folder.name)
        (root / "Kconfig").write_text(KCONFIG)
        (root / ".config").write_text("CONFIG_PCI=y\n# CONFIG_NET is not set\n")
        self.values = check.read_config(root / ".config")
        self.tree = kconfiglib.Kconfig(str(root / "Kconfig"), warn=False)
        self.tree.load_config(str(root / ".config"))

    def request(self, symbol, value="y"):
        return kconf.Request(symbol, value, "kernel/10-x.config:1", "For the test.")


class Check(Small):
    def test_what_holds_is_not_reported(self):
        self.assertEqual(check.find_unmet([self.request("PCI"), self.request("NET", "n")], self.values), [])

    def test_missing_dependency_is_named(self):
        request = self.request("CARD", "m")
        self.assertEqual(check.find_unmet([request], self.values), [request])
        self.assertEqual(check.explain_unmet(self.tree, request), ["needs NET"])

    def test_symbol_without_prompt(self):
        self.assertEqual(check.explain_unmet(self.tree, self.request("HIDDEN")),
                         ["has no prompt: it is set only by what selects it"])

    def test_unknown_symbol(self):
        self.assertEqual(check.explain_unmet(self.tree, self.request("NOPE")), ["no such symbol in this kernel"])

    def test_asked_for_twice(self):
        first, second = self.request("PCI"), self.request("PCI", "n")
        self.assertEqual(check.find_twice([first, second]), [(first, second)])


class Explain(Small):
    def explain(self, name):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            found = explain.explain(self.tree, [self.request("CARD", "m")], name)
        return found, out.getvalue(), err.getvalue()

    def test_symbol(self):
        found, text, _ = self.explain("CONFIG_CARD")
        self.assertTrue(found)
        for line in ("name         CONFIG_CARD", "type         tristate", "value        n", "prompt       A card",
                     "menu         Drivers", "depends on   PCI && NET", "    Drives the card.",
                     "asked for    kernel/10-x.config:1: =m", "because      For the test."):
            self.assertIn(line, text)

    def test_selected_by(self):
        self.assertIn("selected by  CARD\n", self.explain("HIDDEN")[1])

    def test_unknown_offers_near_names(self):
        found, _, err = self.explain("CAR")
        self.assertFalse(found)
        self.assertIn("perhaps CARD", err)


if __name__ == "__main__":
    unittest.main()
