# SPDX-License-Identifier: MIT
"""The storage node loses power again and again: no acknowledged byte is lost, and what was under way ends well."""

from lab import synclog
from lab.interruption import RECOVERY_SECONDS, interrupted_transfer, waiting_is_right

DISTURBS = True
SECONDS = 900
ROUNDS, SOAK_ROUNDS = 5, 20


def power_cut(t, number):
    """In the soak the drives lose what they had in their caches, too, from the second cut on."""
    if t.soak:
        t.note(f"{t.storage.lose_power(number)} writes are lost")
    else:
        t.storage.power_cut()


def cut(t, number):
    """The power goes in the middle of synchronous writes."""
    boot = t.storage.boot_id()
    synclog.wait_for_more(t, RECOVERY_SECONDS)
    power_cut(t, number)
    t.storage.wait_rebooted(boot)
    t.storage.wait_ready()


def write_through_cuts(t, rounds):
    """Synchronous writers go on through ROUNDS cuts; the first has files read and written beside them as well."""
    synclog.start(t)
    for number in range(1, rounds + 1):
        t.note(f"power cut {number} of {rounds}")
        if number == 1:
            # By the kernel's client and by cuFile.
            interrupted_transfer(t, lambda: power_cut(t, 1))
        else:
            cut(t, number)
        synclog.check(t)
    synclog.wait_for_more(t, RECOVERY_SECONDS)
    synclog.check(t)


def run(t):
    try:
        with waiting_is_right(t.gpu):
            write_through_cuts(t, SOAK_ROUNDS if t.soak else ROUNDS)
    finally:
        synclog.stop(t)
    t.check(t.gpu.wait_ready()["ok"], "the GPU node is not as declared")
    t.contains(t.storage.run("zpool scrub -w tank && zpool status tank", timeout=300).stdout, "No known data errors", "a scrub")
