# SPDX-License-Identifier: MIT
"""Files of v3 and v4.2 mounts go into GPU memory by the direct path, in pieces of any size."""

import json

from lab import job, simgpu

SECONDS = 400
FILE_BYTES = 6 * 1024 * 1024 + 777
PIECES = ((4096, 1), (65536, 8), (1 << 20, 1), (1000003, 4), (16 << 20, 1))
SIZES = (1, 4095, 4096, 4097, 524289)
LONG_BYTES = 1 << 30
VERSION3 = "/mnt/gds-version3"


def check_says_direct(t, file):
    said = json.loads(simgpu.run(t.gpu, f"penstock check --gpu 0 --json {file}", uid=job.UID).stdout)
    t.check(said["direct"] is True, "penstock check does not find the direct path", said)
    t.equal(said["device"], "rxe0", "the RDMA device that check names")
    t.check(said["read_max_bytes"] > 0, "check names no limit", said)


def read_all(t, file, want):
    for piece, threads in PIECES:
        t.note(f"{file}: pieces of {piece} by {threads}")
        simgpu.check_direct(simgpu.load(t.gpu, file, "direct", piece, threads, uid=job.UID), want)
    t.note(f"{file}: into host memory")
    simgpu.check_direct(simgpu.load(t.gpu, file, "direct", uid=job.UID, gpu=False), want)


def read_sizes(t, sizes):
    """Files of these sizes, which the storage node makes."""
    for size in sizes:
        t.note(f"a file of {size} bytes")
        t.storage.run(f"head -c {size} /dev/urandom > /tank/data/gds-sized", timeout=job.SLOW)
        want = job.sha256(t.storage, "/tank/data/gds-sized")
        loaded = simgpu.load(t.gpu, "/mnt/data/gds-sized", "direct", uid=job.UID)
        t.equal(loaded.bytes, size, "the file's bytes")
        simgpu.check_direct(loaded, want)
        t.storage.run("rm /tank/data/gds-sized")


def run(t):
    simgpu.install(t.gpu)
    read_sizes(t, (*SIZES, LONG_BYTES) if t.soak else SIZES)
    t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > /mnt/data/gds-read", uid=job.UID)
    try:
        t.gpu.run("sync /mnt/data/gds-read", uid=job.UID)
        want = job.sha256(t.storage, "/tank/data/gds-read")
        check_says_direct(t, "/mnt/data/gds-read")
        read_all(t, "/mnt/data/gds-read", want)
        t.gpu.run(f"mkdir -p {VERSION3}; mount -t nfs -o vers=3,proto=rdma,port=20049 10.77.0.1:/tank/data {VERSION3}")
        check_says_direct(t, f"{VERSION3}/gds-read")
        read_all(t, f"{VERSION3}/gds-read", want)
        t.equal(simgpu.memory_regions(t.gpu), 0, "memory regions that are left when all programs have ended")
    finally:
        t.gpu.run(f"umount {VERSION3}; rmdir {VERSION3}", check=False)
        t.gpu.run("rm -f /mnt/data/gds-read", uid=job.UID, check=False)
        t.storage.run("rm -f /tank/data/gds-sized", check=False)
