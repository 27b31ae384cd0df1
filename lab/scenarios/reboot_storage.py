# SPDX-License-Identifier: MIT
"""The storage node reboots while mounted: the data is there, and a reader in progress ends well."""

from lab.interruption import interrupted_transfer

DISTURBS = True
SECONDS = 420


def run(t):
    rounds = 5 if t.soak else 1
    for number in range(rounds):
        t.note(f"round {number + 1} of {rounds}")
        interrupted_transfer(t, lambda: t.storage.run("systemctl reboot", check=False))
