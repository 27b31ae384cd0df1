# SPDX-License-Identifier: MIT
"""Tests of lab/kernellog.py."""

import unittest

from lab.kernellog import Allowed, findings

GOOD = """\
[    0.000000] Linux version 6.12.57
[    3.100000] nvme nvme0: 2/0/0 default/read/poll queues
[    9.000000] nfs: server 10.77.0.1 not responding, still trying
[    9.100000] systemd[1]: bug-report.service: nothing
"""
BAD = (
    "[ 1.0] BUG: unable to handle page fault for address: ffff",
    "[ 1.0] WARNING: CPU: 0 PID: 1 at net/core/dev.c:1 foo+0x1",
    "[ 1.0] INFO: task dd:12 blocked for more than 120 seconds.",
    "[ 1.0] rcu: INFO: rcu_preempt self-detected stall on CPU",
    "[ 1.0] Oops: Oops: 0000 [#1] SMP",
    "[ 1.0] Call Trace:",
    "[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s!",
)


class Findings(unittest.TestCase):
    def test_good(self):
        self.assertEqual(findings(GOOD), [])

    def test_bad(self):
        for line in BAD:
            with self.subTest(line):
                self.assertEqual(findings(GOOD + line + "\r\n"), [line])

    def test_next_line_is_shown(self):
        self.assertEqual(findings("WARNING: x\n RIP: here\n"), ["WARNING: x", "  RIP: here"])

    def test_allowed(self):
        allowed = (Allowed(r"WARNING: CPU.*dev\.c", "known"),)
        self.assertEqual(findings(BAD[1], allowed), [])
        self.assertEqual(len(findings("\n".join(BAD[:2]), allowed)), 1)
