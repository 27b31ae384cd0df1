# SPDX-License-Identifier: MIT
"""Records that are written synchronously from the GPU node, to see whether any that was acknowledged gets lost."""

from lab import background, job, paths
from lab.errors import Failed, LabError

PROGRAM = paths.BUILD / "program" / "tests" / "lab" / "sync-log"
PLACE = "/dev/shm/penstock-sync"
HOW = ("sync", "fsync")
SOME = 20


def file(how):
    return f"lab-log-{how}"


def start(t):
    """Writers on the GPU node that go on until stop()."""
    if not PROGRAM.is_file():
        raise LabError(f"there is no {paths.shown(PROGRAM)}: build it with ./do program")
    for node in (t.gpu, t.storage):
        node.put(f"{PLACE}/sync-log", PROGRAM.read_bytes(), "0755")
    t.gpu.run(f"chown {job.UID}:{job.UID} {PLACE}")
    for how in HOW:
        command = f"{PLACE}/sync-log write /mnt/data/{file(how)} {PLACE}/{how} {how}"
        background.start(t.gpu, f"log-{how}", command)


def acknowledged(t, how):
    """How many records are."""
    return int(t.gpu.run(f"cat {PLACE}/{how} 2>/dev/null || echo 0").stdout)


def wait_for_more(t, seconds):
    """Until each writer has written some more records than now."""
    for how in HOW:
        before = acknowledged(t, how)
        t.eventually(f"log-{how} writes", seconds, lambda how=how, before=before: is_on_its_way(t, how, before))


def is_on_its_way(t, how, before):
    t.check(not background.ended(t.gpu, f"log-{how}"), f"log-{how} has ended")
    return acknowledged(t, how) >= before + SOME


def check(t):
    """Every record that was acknowledged before this is on the storage node."""
    for how in HOW:
        count = acknowledged(t, how)
        t.storage.put(f"{PLACE}/sync-log", PROGRAM.read_bytes(), "0755")
        result = t.storage.run(f"{PLACE}/sync-log check /tank/data/{file(how)} {count}", check=False)
        if not result.ok:
            raise Failed(f"of {count} acknowledged records ({how}) some are lost", result.stdout + result.stderr)
        t.note(f"all of {count} acknowledged records ({how}) are there")


def stop(t):
    background.stop(t.gpu, *(f"log-{how}" for how in HOW))
    t.gpu.run("rm -f " + " ".join(f"/mnt/data/{file(how)}" for how in HOW), uid=job.UID, check=False)
    for node in (t.gpu, t.storage):
        node.run(f"rm -rf {PLACE}", check=False)
