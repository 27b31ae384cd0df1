# SPDX-License-Identifier: MIT
"""Tests of the pure part of lab/node.py."""

import unittest

from lab.node import hopeless

WAITING = {
    "LoadState": "loaded",
    "ActiveState": "inactive",
    "ConditionResult": "no",
    "ConditionTimestampMonotonic": "0",
    "ExecMainStatus": "0",
}


class Hopeless(unittest.TestCase):
    def test_before_its_turn(self):
        self.assertIsNone(hopeless(WAITING))

    def test_trying_again(self):
        self.assertIsNone(hopeless(WAITING | {"ActiveState": "activating", "ExecMainStatus": "1"}))

    def test_skipped(self):
        self.assertIn("penstock.yaml", hopeless(WAITING | {"ConditionTimestampMonotonic": "12"}))

    def test_refused(self):
        self.assertIn("refused", hopeless(WAITING | {"ActiveState": "failed", "ExecMainStatus": "2"}))

    def test_active_after_a_refusal(self):
        self.assertIsNone(hopeless(WAITING | {"ActiveState": "active", "ExecMainStatus": "2"}))

    def test_no_unit(self):
        self.assertIn("no penstock-apply", hopeless({"LoadState": "not-found"}))
