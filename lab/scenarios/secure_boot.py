# SPDX-License-Identifier: MIT
"""Under Secure Boot the owner's keys decide what runs: boot loader, kernel and modules."""

import base64
import os
import subprocess
import tempfile
from pathlib import Path

from lab import bare, bootdisk, paths
from lab.errors import LabError

FIRMWARE = "none"
SECONDS = 1200
KERNELS = "/EFI/Linux"
KEXEC = "/proc/sys/kernel/kexec_load_disabled"
# A module that nothing needs and that needs nothing.
MODULE = "dummy"
MODULE_END = b"~Module signature appended~\n"
REFUSED = r"(?i)Error loading .*: (access denied|security violation)"


def run(t):
    machine = t.bare(
        "secured",
        firmware="secure",
        disks=(bare.Disk("root", file=t.images("storage").raw, how="copy"),),
    )
    enrolled(t, machine)
    locked(t, machine)
    modules(t, machine)
    machine.run_last("systemctl poweroff")
    machine.wait_off()
    kernels(t, machine)


def enrolled(t, machine):
    """The first start: the firmware takes the owner's keys, and starts again, with them."""
    t.note("setup mode: the keys are enrolled")
    machine.power_on()
    machine.wait_console("(?i)enroll", 120)
    machine.wait_ssh(600)
    status = machine.run("bootctl status --no-pager", timeout=120).stdout
    t.contains(status, r"Secure Boot: enabled \(user\)", "bootctl status")
    t.contains(machine.run("dmesg").stdout, "secureboot: Secure boot enabled", "the kernel's log")


def locked(t, machine):
    t.note("the kernel has locked itself down, and takes its own modules")
    t.contains(machine.read("/sys/kernel/security/lockdown"), r"\[integrity\]", "lockdown")
    machine.run("modprobe zfs && zfs version", timeout=120)
    result = machine.run("head -c 1 /dev/mem", check=False)
    t.check(not result.ok, "/dev/mem can be read")
    t.equal(machine.read(KEXEC).strip(), "1", "kexec is switched off")
    result = machine.run(f"echo 0 > {KEXEC}", check=False)
    t.check(not result.ok, "kexec can be switched on again")


def modules(t, machine):
    t.note("modules: unsigned, signed by another, signed by the owner")
    plain = unsigned(fetch(machine))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "plain.ko").write_bytes(plain)
        tool(folder / "others", "keys", "make", folder / "others")
        for name, keys in (("others", folder / "others"), ("owner", None)):
            tool(keys, "sign-module", folder / "plain.ko", folder / f"{name}.ko")
        for name in ("plain", "others", "owner"):
            machine.put(f"/run/{name}.ko", (folder / f"{name}.ko").read_bytes())
    for name in ("plain", "others"):
        result = machine.run(f"insmod /run/{name}.ko", check=False)
        t.check(not result.ok, f"the module {name}.ko was loaded")
        t.contains(result.stderr, "(?i)not permitted|rejected|not available", f"insmod {name}.ko")
    machine.run(f"insmod /run/owner.ko && grep -w {MODULE} /proc/modules && rmmod {MODULE}")


def fetch(machine):
    """The module as the image has it, unpacked."""
    packed = base64.b64decode(machine.run(f"base64 $(modinfo -n {MODULE})", timeout=120).stdout)
    return subprocess.run(["zstd", "-dc"], input=packed, capture_output=True, check=True).stdout


def unsigned(module):
    """It without its signature: a struct module_signature and a line end it, which say how long that is."""
    if not module.endswith(MODULE_END):
        raise LabError(f"the module {MODULE} of the image is not signed")
    end = len(module) - len(MODULE_END)
    return module[: end - 12 - int.from_bytes(module[end - 4 : end], "big")]


def tool(keys, name, *words):
    """Runs one of tools/ with the owner's keys, or with others."""
    environment = os.environ | ({"PENSTOCK_KEYS": str(keys)} if keys else {})
    words = [str(paths.TOP / "tools" / name), *map(str, words)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"tools/{name} failed", done.stderr)


def kernels(t, machine):
    esp = bootdisk.Esp(machine.disk("root"))
    name = f"{KERNELS}/{esp.names(KERNELS)[0]}"
    good = esp.read(name)
    for what, bad in (("altered", altered(good)), ("without its signature", stripped(good))):
        t.note(f"a kernel image {what}")
        esp.write(name, bad)
        machine.power_on()
        machine.wait_console(REFUSED, 180)
        machine.power_off()
        t.check("Linux version" not in machine.shown(), f"a kernel image {what} was started")
    t.note("the kernel image as it was")
    esp.write(name, good)
    machine.power_on()
    machine.wait_console("Linux version", 180)


def altered(program):
    """One byte in the middle, which is in the kernel or its initramfs."""
    middle = len(program) // 2
    return program[:middle] + bytes([program[middle] ^ 0xFF]) + program[middle + 1 :]


def stripped(program):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.efi"
        path.write_bytes(program)
        done = subprocess.run(["sbattach", "--remove", str(path)], capture_output=True, text=True)
        if done.returncode:
            raise LabError("sbattach could not remove the signature", done.stderr)
        return path.read_bytes()
