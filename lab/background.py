# SPDX-License-Identifier: MIT
"""Commands that go on by themselves on a node, as transient units of systemd."""

from lab import job
from lab.errors import Failed


def start(node, unit, command, output=None):
    """Starts COMMAND as the data's owner; what it prints goes to the file OUTPUT, if not to the journal."""
    # systemd's own User= wants an account; setpriv does with a number.
    identity = f"setpriv --reuid={job.UID} --regid={job.UID} --clear-groups"
    target = f"--property=StandardOutput=file:{output}" if output else ""
    old = f"rm -f {output}; " if output else ""
    node.run(
        f"systemctl stop {unit} 2>/dev/null; systemctl reset-failed {unit} 2>/dev/null; {old}"
        f"systemd-run -q --unit={unit} --property=RemainAfterExit=yes {target} {identity} {command}"
    )


def ended(node, unit):
    """Whether what start() started has ended; Failed if it ended badly."""
    state = node.unit(f"{unit}.service", "ActiveState", "SubState", "Result")
    if state["ActiveState"] == "failed":
        log = node.run(f"journalctl -u {unit} -b -q --no-pager -o cat").stdout
        raise Failed(f"{unit} ended with {state['Result']}", log)
    return state["SubState"] == "exited"


def stop(node, *units):
    """Ends what start() started, and forgets it."""
    names = " ".join(units)
    node.run(f"systemctl stop {names}; systemctl reset-failed {names}", check=False)
