# SPDX-License-Identifier: MIT
"""The link goes away in the middle of direct reads and writes: no wrong byte; a killed program leaves nothing."""

from lab import job, simgpu

DISTURBS = True
SECONDS = 400
FILE_BYTES = 48 * 1024 * 1024
WORK = "/dev/shm/gds-link"
AWAY_SECONDS = 8


def start(t, unit, command):
    identity = f"setpriv --reuid={job.UID} --regid={job.UID} --clear-groups"
    t.gpu.run(
        f"systemctl reset-failed {unit} 2>/dev/null; systemd-run -q --unit={unit} --property=RemainAfterExit=yes "
        f"--property=StandardOutput=file:{WORK}/{unit}.out --setenv=LD_LIBRARY_PATH={simgpu.PLACE} {identity} {command}"
    )


def ended(t, unit):
    state = t.gpu.unit(f"{unit}.service", "ActiveState", "SubState", "Result")
    if state["ActiveState"] == "failed":
        log = t.gpu.run(f"journalctl -u {unit} -b -q --no-pager -o cat").stdout
        t.check(False, f"{unit} ended with {state['Result']}", log)
    return state["SubState"] == "exited"


def busy(t):
    """Waits until the card's counter says that data flows."""
    counter = "/sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts"
    first = int(t.gpu.read(counter))
    t.eventually("data flows", 60, lambda: int(t.gpu.read(counter)) > first + 1500)


def interrupt(t):
    t.note(f"the link is away for {AWAY_SECONDS} s")
    # By itself, so that the node comes back whatever happens to us.
    t.storage.run(f"ip link set enp0s16 down; sleep {AWAY_SECONDS}; ip link set enp0s16 up", timeout=60)


def run(t):
    simgpu.install(t.gpu)
    t.gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > {WORK}/source", uid=job.UID, timeout=job.SLOW)
        want = job.sha256(t.gpu, f"{WORK}/source")
        t.note("a write is interrupted")
        start(t, "gds-writer", f"penstock cp --gpu 0 {WORK}/source /mnt/data/gds-link")
        busy(t)
        interrupt(t)
        t.eventually("the write ends", 120, lambda: ended(t, "gds-writer"))
        t.equal(job.sha256(t.storage, "/tank/data/gds-link"), want, "the file on the storage node")
        t.note("a read is interrupted")
        start(t, "gds-reader", f"{simgpu.PLACE}/gds-load /mnt/data/gds-link 1048576 2 direct 0")
        busy(t)
        interrupt(t)
        t.eventually("the read ends", 120, lambda: ended(t, "gds-reader"))
        simgpu.check_direct(simgpu.parse_load(t.gpu.read(f"{WORK}/gds-reader.out")), want)
        t.note("a read is killed")
        start(t, "gds-killed", f"{simgpu.PLACE}/gds-load /mnt/data/gds-link 1048576 2 direct 0")
        busy(t)
        t.check(simgpu.memory_regions(t.gpu) > 0, "no memory region while a program reads")
        t.gpu.run("systemctl kill --signal=KILL gds-killed")
        t.eventually("no memory region is left", 30, lambda: simgpu.memory_regions(t.gpu) == 0)
        t.check(t.gpu.wait_ready()["ok"], "the GPU node is not as declared")
    finally:
        t.gpu.run("systemctl stop gds-writer gds-reader gds-killed", check=False)
        t.gpu.run("systemctl reset-failed gds-writer gds-reader gds-killed", check=False)
        t.gpu.run("rm -f /mnt/data/gds-link", uid=job.UID, check=False)
        t.gpu.run(f"rm -rf {WORK}", check=False)
