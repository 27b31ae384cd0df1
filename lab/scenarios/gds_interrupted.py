# SPDX-License-Identifier: MIT
"""The link goes away in the middle of direct reads and writes: no wrong byte; a killed program leaves nothing."""

from lab import background, job, simgpu
from lab.say import MIB

DISTURBS = True
SECONDS = 700
WORK = "/dev/shm/gds-link"
AWAY_SECONDS = 8
# So many packets into the transfer.
PACKETS = 3000
COUNTERS = "/sys/class/infiniband/rxe0/ports/1/hw_counters"
# On the storage node by itself, so that it happens at once, and the link comes back whatever happens to us.
INTERRUPTION = f"""
first=$(cat {COUNTERS}/$1)
until [ $(($(cat {COUNTERS}/$1) - first)) -gt {PACKETS} ]; do :; done
ip link set enp0s16 down
sleep {AWAY_SECONDS}
ip link set enp0s16 up
"""


def interrupt_at(t, counter):
    """Takes the link away when the storage node's COUNTER of packets says that data flows."""
    t.storage.put("/run/gds-interruption", INTERRUPTION)
    t.storage.run(f"systemd-run -q --unit=gds-interruption bash /run/gds-interruption {counter}")


def interrupted(t):
    """Waits until the link is back."""
    t.eventually(
        "the link has been away", 120, lambda: not t.storage.run("systemctl -q is-active gds-interruption", check=False).ok
    )


def write(t, size, want):
    t.note("a write is interrupted")
    interrupt_at(t, "rcvd_pkts")
    simgpu.start(t.gpu, "gds-writer", f"penstock cp --gpu 0 {WORK}/source /mnt/data/gds-link", f"{WORK}/said")
    interrupted(t)
    t.check(not background.ended(t.gpu, "gds-writer"), "the write was too quick to be interrupted")
    t.eventually("the write ends", 240, lambda: background.ended(t.gpu, "gds-writer"))
    t.equal(int(t.storage.run("stat -c %s /tank/data/gds-link").stdout), size, "bytes of the file on the storage node")
    t.equal(job.sha256(t.storage, "/tank/data/gds-link"), want, "the file on the storage node")


def read(t, want):
    t.note("a read is interrupted")
    interrupt_at(t, "sent_pkts")
    command = f"{simgpu.PLACE}/gds-load /mnt/data/gds-link 1048576 2 direct 0"
    simgpu.start(t.gpu, "gds-reader", command, f"{WORK}/loaded")
    interrupted(t)
    t.check(not background.ended(t.gpu, "gds-reader"), "the read was too quick to be interrupted")
    t.eventually("the read ends", 240, lambda: background.ended(t.gpu, "gds-reader"))
    simgpu.check_direct(simgpu.parse_load(t.gpu.read(f"{WORK}/loaded")), want)
    t.note("a read is killed")
    simgpu.start(t.gpu, "gds-killed", command, f"{WORK}/loaded")
    t.eventually("a memory region is there", 60, lambda: simgpu.memory_regions(t.gpu) > 0)
    t.gpu.run("systemctl kill --signal=KILL gds-killed")
    t.eventually("no memory region is left", 30, lambda: simgpu.memory_regions(t.gpu) == 0)


def run(t):
    size = (512 if t.soak else 96) * MIB
    simgpu.install(t.gpu)
    t.gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.gpu.run(f"head -c {size} /dev/urandom > {WORK}/source", uid=job.UID, timeout=job.SLOW)
        want = job.sha256(t.gpu, f"{WORK}/source")
        write(t, size, want)
        t.gpu.run(f"rm {WORK}/source")
        read(t, want)
        t.check(t.gpu.wait_ready()["ok"], "the GPU node is not as declared")
    finally:
        background.stop(t.gpu, "gds-writer", "gds-reader", "gds-killed")
        t.gpu.run("rm -f /mnt/data/gds-link", uid=job.UID, check=False)
        t.gpu.run(f"rm -rf {WORK}", check=False)
