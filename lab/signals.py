# SPDX-License-Identifier: MIT
"""Signals become exceptions, so that one `finally` cleans up after a fault, Ctrl-C and kill alike."""

import contextlib
import signal

from lab.errors import Failed, Interrupted

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install():
    """From now on an ending signal raises Interrupted in the main thread, once: cleaning up, which
    takes seconds, is not to be interrupted by an impatient second Ctrl-C."""

    def interrupt(signum, _frame):
        for ending in ENDING:
            signal.signal(ending, signal.SIG_IGN)
        raise Interrupted(signum)

    for ending in ENDING:
        signal.signal(ending, interrupt)


@contextlib.contextmanager
def deadline(seconds):
    """Failed is raised in the main thread if the block takes longer than SECONDS."""

    def expire(_signum, _frame):
        raise Failed(f"no end after {seconds} s")

    old = signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
