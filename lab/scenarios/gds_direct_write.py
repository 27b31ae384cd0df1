# SPDX-License-Identifier: MIT
"""penstock cp writes by the direct path, durably, and read(2) on the same mount sees what it wrote."""

from lab import job, simgpu

SECONDS = 300
WORK = "/dev/shm/gds-write"
FILE_BYTES = 9 * 1024 * 1024 + 1234


def copied(t, command):
    """What `penstock cp` says of the bytes' ways, and the checksum that it prints."""
    result = simgpu.run(t.gpu, command, uid=job.UID)
    return result.stderr, result.stdout.split()[0]


def run(t):
    simgpu.install(t.gpu)
    t.gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > {WORK}/source", uid=job.UID)
        want = job.sha256(t.gpu, f"{WORK}/source")
        # What is there before, and in the client's page cache, must not be seen again.
        t.gpu.run(f"head -c {FILE_BYTES} /dev/zero > /mnt/data/gds-written; cat /mnt/data/gds-written > /dev/null", uid=job.UID)
        said, checksum = copied(t, f"penstock cp --gpu 0 --checksum {WORK}/source /mnt/data/gds-written")
        t.contains(said, rf"direct: 0 read, {FILE_BYTES} written", "cp's counters")
        t.equal(checksum, want, "the checksum that cp printed")
        t.equal(job.sha256(t.storage, "/tank/data/gds-written"), want, "the file on the storage node")
        t.equal(job.sha256(t.gpu, "/mnt/data/gds-written", uid=job.UID), want, "the file by read(2) on the mount")
        t.note("what read(2) and write(2) do in between is seen by the direct path")
        t.gpu.run("printf penstock | dd of=/mnt/data/gds-written bs=1 seek=4099 conv=notrunc status=none", uid=job.UID)
        want = job.sha256(t.gpu, "/mnt/data/gds-written", uid=job.UID)
        said, checksum = copied(t, f"penstock cp --gpu 0 --checksum /mnt/data/gds-written {WORK}/back")
        t.contains(said, rf"direct: {FILE_BYTES} read", "cp's counters")
        t.equal(checksum, want, "the checksum of what cp read")
        t.equal(job.sha256(t.gpu, f"{WORK}/back"), want, "the copy")
        t.note("a file that is not ours to write")
        t.gpu.run("install -m 0444 /dev/null /mnt/data/gds-refused 2>/dev/null; true")
        refused = simgpu.run(t.gpu, f"penstock cp --gpu 0 {WORK}/source /mnt/data", uid=job.UID + 1, check=False)
        t.check(refused.status != 0, "another user's copy was not refused", refused)
        t.contains(refused.stderr, "Permission denied", "why it was refused")
    finally:
        t.gpu.run("rm -f /mnt/data/gds-written /mnt/data/gds-refused", uid=job.UID, check=False)
        t.gpu.run(f"rm -rf {WORK}", check=False)
