# SPDX-License-Identifier: MIT
"""Starting, recognising and ending the processes of the lab. Only a process whose command line
names the lab's own state directory is ever sent a signal: a pid in a file may have been reused."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1


def start(argv, directory, log):
    """Starts ARGV in a session of its own, so that a terminal's Ctrl-C does not reach it; returns
    the Popen."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def command_line(pid):
    """The arguments of process PID; empty when it is gone or only a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_ours(pid, directory):
    """Whether process PID lives and was started for the state directory DIRECTORY."""
    return bool(pid) and any(word.startswith(f"{directory}/") for word in command_line(pid))


def end(pid, directory, grace_seconds=5.0):
    """Ends process PID if it is ours: asks first, then kills. Returns when it is gone."""
    for signum, seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 5.0)):
        if not is_ours(pid, directory):
            return
        os.kill(pid, signum)
        wait_gone(pid, directory, seconds)


def kill(pid, directory):
    """Ends process PID, if it is ours, as a power cut would. Returns when it is gone."""
    if is_ours(pid, directory):
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid, directory, 5.0)


def wait_gone(pid, directory, seconds):
    """Waits at most SECONDS for PID to go; says whether it has gone."""
    deadline = time.monotonic() + seconds
    while is_ours(pid, directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def die_with_parent():
    """Asks the kernel for SIGTERM when our parent ends: the sandbox around us may be killed alone,
    and its virtual machines shall not stay behind."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
