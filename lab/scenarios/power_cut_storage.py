# SPDX-License-Identifier: MIT
"""The storage node loses power while a file is read and another written: both come out whole."""

from lab.interruption import interrupted_transfer

DISTURBS = True
SECONDS = 420


def run(t):
    rounds = 5 if t.soak else 1
    for number in range(rounds):
        t.note(f"round {number + 1} of {rounds}")
        interrupted_transfer(t, t.storage.power_cut)
