# SPDX-License-Identifier: MIT
"""What the lab prints: steps with the elapsed time, sizes, rates and tables."""

import sys
import time

MIB = 1 << 20


class Progress:
    """Prints each step with the seconds since the program began, so that a person can follow."""

    def __init__(self, stream=None, quiet=False):
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self.began = time.monotonic()

    def elapsed(self):
        return time.monotonic() - self.began

    def step(self, text):
        if not self.quiet:
            self.line(f"  {self.elapsed():6.1f} s  {text}")

    def line(self, text=""):
        print(text, file=self.stream, flush=True)


def size(count):
    """A number of bytes for people, in binary units."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("not reached")


def rate(count, seconds):
    """Bytes per second for people; MB here is 10^6, as disk and network vendors count."""
    return f"{count / seconds / 1e6:.1f} MB/s" if seconds > 0 else "-"


def table(title, rows):
    """Lines of a two-column table. A row of None is a gap; a label of '' continues the row above."""
    width = max(len(row[0]) for row in rows if row)
    lines = [title, "-" * len(title)]
    for row in rows:
        lines.append(f"{row[0]:<{width}}  {row[1]}".rstrip() if row else "")
    return lines


def indent(text, by="    "):
    return "\n".join(by + line for line in text.splitlines())
