# SPDX-License-Identifier: MIT
"""Finds what must not be in a kernel's log. Every scenario fails on a finding, whatever it tests:
an oops that nobody looked for is the one that matters."""

import re
from dataclasses import dataclass

BAD = re.compile(
    r"BUG:|WARNING:|Oops|Call Trace|blocked for more than|Kernel panic"
    r"|rcu.*(?:stall|self-detected)|soft lockup|hard LOCKUP|general protection fault"
    r"|UBSAN:|KASAN:|KFENCE:|refcount_t:|Out of memory:|I/O error, dev"
)


@dataclass(frozen=True)
class Allowed:
    """A line that looks bad and is known to be harmless here, with the reason."""

    pattern: str
    reason: str


ALLOWED = ()


def findings(text, allowed=ALLOWED):
    """The bad lines of TEXT, each with the line after it, which often says where."""
    lines = [line.rstrip("\r") for line in text.splitlines()]
    found = []
    for i, line in enumerate(lines):
        if BAD.search(line) and not any(re.search(entry.pattern, line) for entry in allowed):
            found.append(line.strip())
            if i + 1 < len(lines) and not BAD.search(lines[i + 1]):
                found.append(f"  {lines[i + 1].strip()}")
    return found


class Watch:
    """Reads, each time it is asked, what is new in one node's kernel log.

    The journal is the whole log but is gone after a crash; the serial console shows only what the
    kernel prints there but nothing can take it back. Both are read.
    """

    CURSOR = "/run/penstock-lab.cursor"

    def __init__(self, node):
        self.node = node
        self.offset = 0
        self.allowed = list(ALLOWED)

    def expect(self, pattern, reason):
        """Lines that match PATTERN are from now on what a scenario has caused on purpose."""
        self.allowed.append(Allowed(pattern, reason))

    def skip(self):
        """Takes all that is in the logs now as seen: a kept lab may carry old findings."""
        self.new()

    def new(self):
        """Findings since the last call."""
        with open(self.node.console_log, "rb") as console:
            console.seek(self.offset)
            text = console.read().decode("utf-8", "replace")
            self.offset = console.tell()
        found = [f"console: {line}" for line in findings(text, self.allowed)]
        if self.node.ssh.connect():
            command = f"journalctl -k -b -q -o short-monotonic --no-pager --cursor-file={self.CURSOR}"
            journal = self.node.ssh.run(command, timeout=60).stdout
            found += [f"journal: {line}" for line in findings(journal, self.allowed)]
        return [f"{self.node.name}: {line}" for line in found]
