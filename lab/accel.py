# SPDX-License-Identifier: MIT
"""Chooses KVM or TCG. A /dev/kvm that can be opened proves nothing (nested and paravirtual hosts
have one under which a stock kernel hangs), so our own kernel is booted for a few seconds, until it
says that it has no root file system. The answer holds until this computer or the kernel changes."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from lab import paths
from lab.errors import LabError

PROBE_SECONDS = 15
# The kernel's last words without a root file system: by then it has run all of its own code.
PROOF = "VFS: Unable to mount root fs"


def choose(kernel, wanted=None):
    """Returns (accel, reason): 'kvm' or 'tcg', and a sentence for people."""
    wanted = wanted or os.environ.get("PENSTOCK_ACCEL")
    if wanted:
        if wanted not in ("kvm", "tcg"):
            raise LabError(f"acceleration '{wanted}' is neither kvm nor tcg")
        return wanted, f"{wanted.upper()}, as asked for"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg", "TCG: this computer has no /dev/kvm"
    if not kernel.is_file():
        return "tcg", f"TCG: there is no {paths.shown(kernel)} to try /dev/kvm with"
    works = _remembered(_key(kernel), lambda: _boots_under_kvm(kernel))
    if works:
        return "kvm", "KVM: our kernel boots under it"
    return "tcg", "TCG: this computer has /dev/kvm, but our kernel does not boot under it"


def _key(kernel):
    stat = kernel.stat()
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot_id} {stat.st_size} {stat.st_mtime_ns}"


def _remembered(key, probe):
    cache = paths.STATE / "kvm.json"
    try:
        known = json.loads(cache.read_text())
        if known["key"] == key:
            return known["works"]
    except (FileNotFoundError, ValueError, KeyError):
        pass
    works = probe()
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps({"key": key, "works": works}))
    return works


def _boots_under_kvm(kernel):
    with tempfile.TemporaryDirectory() as directory:
        console = Path(directory) / "console.log"
        command = [
            "qemu-system-x86_64",
            *("-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "512M"),
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-serial", f"file:{console}"),
            *("-kernel", str(kernel), "-append", "console=ttyS0 panic=-1"),
        ]
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + PROBE_SECONDS
            while time.monotonic() < deadline:
                ended = qemu.poll() is not None
                if console.exists() and PROOF in console.read_text(errors="replace"):
                    return True
                if ended:
                    return False
                time.sleep(0.1)
            return False
        finally:
            qemu.kill()
            qemu.wait()
