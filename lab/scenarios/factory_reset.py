# SPDX-License-Identifier: MIT
"""Factory reset forgets configuration, keys and files of the boot disk; the pool is imported again with all that is in it."""

from lab.bare import Disk

FIRMWARE = "none"
SOAK = True
SECONDS = 1200
BOOT_SECONDS = 600
LEFT = ("/etc/penstock/left-over", "/root/left-over", "/srv/left-over", "/var/lib/left-over")
CONFIG = """node: {name: fresh, role: storage}
pools:
  - {name: tank, layout: stripe, disks: [/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_POOL1]%s}
datasets:
  - {name: tank/data}
"""
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"


def run(t):
    machine = t.bare(
        "target",
        disks=(
            Disk("root", file=t.images("storage").raw),
            Disk("pool", size_bytes=1 << 30, bus="nvme", serial="POOL1"),
        ),
    )
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    t.apply(machine, CONFIG % "", timeout=300)
    machine.run(f"touch {' '.join(LEFT)}; echo kept > /tank/data/kept; sync /tank/data/kept")
    host_key = machine.read(HOST_KEY)

    t.note("what is asked, and refused without an answer")
    result = machine.run("penstock factory-reset", check=False)
    t.equal(result.status, 1, "exit status without an answer")
    t.contains(result.stderr, r"say --yes", "what it says without an answer")
    for pattern in ("configuration", "keys", "logs", "pool tank is not touched"):
        t.contains(result.stdout, pattern, "what it says of what is lost")

    t.note("factory reset")
    boot = machine.boot_id()
    machine.run_last("penstock --yes factory-reset")
    machine.wait_rebooted(boot, BOOT_SECONDS)
    for path in (*LEFT, "/etc/penstock/penstock.yaml"):
        t.check(not machine.run(f"test -e {path}", check=False).ok, f"{path} is still there")
    t.check(machine.read(HOST_KEY) != host_key, "the ssh host key is the one of before")

    t.note("the pool again")
    t.apply(machine, CONFIG % ", import: true", timeout=300)
    t.equal(machine.read("/tank/data/kept"), "kept\n", "the file in the pool")
    t.check(machine.status()["ok"], "the node is not as declared", machine.status())
