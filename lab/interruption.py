# SPDX-License-Identifier: MIT
"""Reads and writes on the GPU node, by the kernel's client and by cuFile, that go on while something happens to the
storage node."""

import contextlib

from lab import background, job, simgpu
from lab.say import MIB

PIECES = 24
PIECE_BYTES = 4 * MIB
PAUSE_SECONDS = 0.5
WORK = "/dev/shm/penstock-lab"
# NFS 4 has a grace period of 90 s after a server's start, within which clients reclaim their state.
RECOVERY_SECONDS = 240
DIRECT = ("direct-reader", "direct-writer")
HUNG_TASK = "/proc/sys/kernel/hung_task_timeout_secs"

# One piece at a time from one open file, so that the transfer lasts long enough to be interrupted
# and needs the same open state before and after.
READER = f"""
exec < /mnt/data/lab-read
for i in $(seq {PIECES}); do
	dd bs={PIECE_BYTES} count=1 iflag=fullblock status=none || exit
	echo $i > {WORK}/reader.progress
	sleep {PAUSE_SECONDS}
done | sha256sum > {WORK}/reader.sum
exit ${{PIPESTATUS[0]}}
"""
# dd fsyncs once, at the end, over all the pieces: those that the server had only in memory when it
# went down have to be sent again by the client.
WRITER = f"""
for i in $(seq 0 {PIECES - 1}); do
	dd if={WORK}/payload bs={PIECE_BYTES} skip=$i count=1 iflag=fullblock status=none || exit
	echo $i > {WORK}/writer.progress
	sleep {PAUSE_SECONDS}
done | dd of=/mnt/data/lab-written bs=1M iflag=fullblock conv=fsync status=none
"""


@contextlib.contextmanager
def waiting_is_right(node):
    """While a server of NODE may be away: a task that waits for longer than the kernel likes does what it has to do, with a
    hard mount, a server that boots slowly and a grace period."""
    seconds = node.read(HUNG_TASK).strip()
    node.run(f"echo {2 * RECOVERY_SECONDS} > {HUNG_TASK}")
    try:
        yield
    finally:
        node.run(f"echo {seconds} > {HUNG_TASK}", check=False)


def under_way(t, node, unit):
    """Whether the background transfer has moved a few pieces and has more to go."""
    pieces = int(node.run(f"cat {WORK}/{unit}.progress 2>/dev/null || echo 0").stdout)
    t.check(not background.ended(node, unit), f"the {unit} was too quick to be interrupted")
    return pieces >= 3


def start_direct(t):
    """A read and a write by the direct path, long enough beside the others."""
    simgpu.start(t.gpu, "direct-writer", f"penstock cp --gpu 0 {WORK}/payload /mnt/data/lab-direct", f"{WORK}/said")
    command = f"{simgpu.PLACE}/gds-load /mnt/data/lab-read 1048576 1 direct 0"
    simgpu.start(t.gpu, "direct-reader", command, f"{WORK}/loaded")
    t.eventually("memory is registered", 60, lambda: simgpu.memory_regions(t.gpu) > 1)
    for unit in DIRECT:
        t.check(not background.ended(t.gpu, unit), f"the {unit} was too quick to be interrupted")


def interrupted_transfer(t, interrupt):
    """Reads one file and writes another on the GPU node, calls INTERRUPT() in the middle, which
    makes the storage node boot anew, and checks that both files and the nodes come out right. The caller lets the GPU node
    wait: waiting_is_right()."""
    gpu, storage = t.gpu, t.storage
    size = PIECES * PIECE_BYTES
    simgpu.install(gpu)
    gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.note("making the file that is read and the one that is written")
        gpu.run(f"head -c {size} /dev/urandom > {WORK}/payload", uid=job.UID, timeout=job.SLOW)
        write = f"dd if={WORK}/payload of=/mnt/data/lab-read bs=1M conv=fsync status=none"
        gpu.run(write, uid=job.UID, timeout=job.SLOW)
        want = job.sha256(gpu, f"{WORK}/payload")
        job.drop_caches(storage, gpu, "/tank/data")
        for unit, script in (("reader", READER), ("writer", WRITER)):
            gpu.put(f"{WORK}/{unit}.sh", script)
            background.start(gpu, unit, f"bash {WORK}/{unit}.sh")
        for unit in ("reader", "writer"):
            t.eventually(f"the {unit} is on its way", 60, lambda unit=unit: under_way(t, gpu, unit))
        start_direct(t)
        t.note("now it happens")
        boot = storage.boot_id()
        interrupt()
        storage.wait_rebooted(boot)
        storage.wait_ready()
        t.note("the storage node is back")
        for unit in ("reader", "writer", *DIRECT):
            t.eventually(f"the {unit} ends", RECOVERY_SECONDS, lambda unit=unit: background.ended(gpu, unit))
        t.equal(gpu.read(f"{WORK}/reader.sum").split()[0], want, "SHA-256 of what the reader got")
        simgpu.check_direct(simgpu.parse_load(gpu.read(f"{WORK}/loaded")), want)
        for name in ("lab-read", "lab-written", "lab-direct"):
            t.equal(job.sha256(storage, f"/tank/data/{name}"), want, f"SHA-256 of {name} on the storage node")
        t.check(gpu.wait_ready()["ok"], "the GPU node is not as declared")
    finally:
        background.stop(gpu, "reader", "writer", *DIRECT)
        gpu.run("rm -f /mnt/data/lab-read /mnt/data/lab-written /mnt/data/lab-direct", uid=job.UID, check=False)
        gpu.run(f"rm -rf {WORK}", check=False)
