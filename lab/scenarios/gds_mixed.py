# SPDX-License-Identifier: MIT
"""Many threads mix read(2), write(2) and cuFile on one file and on 64, any offset and size: no wrong byte."""

import json

from lab import simgpu
from lab.job import UID

SECONDS = 400
VERSION3 = "/mnt/gds-mixed"
# Directory on the GPU node, files, threads, operations of each thread.
CASES = (("/mnt/data", 1, 16, 25), ("/mnt/data", 64, 16, 15), (VERSION3, 1, 16, 15), (VERSION3, 64, 16, 10))


def mix(t, directory, files, threads, operations):
    t.note(f"{files} files in {directory}, {threads} threads")
    # The seed is the lab's own number of the case, so that a failure comes again.
    command = f"{simgpu.PLACE}/gds-mix {directory}/gds-mix {files} {threads} {operations} {files + threads} 0"
    said = json.loads(simgpu.run(t.gpu, command, uid=UID).stdout)
    t.equal(said["bounced_bytes"], 0, "bytes that bounced")
    t.check(said["direct_read_bytes"] and said["direct_written_bytes"], "nothing went by the direct path", said)
    digest = "cat $(ls gds-mix.* | sort) | sha256sum"
    t.equal(
        t.gpu.run(f"cd {directory} && {digest}", uid=UID).stdout,
        t.storage.run(f"cd /tank/data && {digest}").stdout,
        "the files by read(2) on the GPU node, and on the storage node",
    )
    t.gpu.run(f"rm {directory}/gds-mix.*", uid=UID)


def run(t):
    simgpu.install(t.gpu)
    try:
        t.gpu.run(f"mkdir -p {VERSION3}; mount -t nfs -o vers=3,proto=rdma,port=20049 10.77.0.1:/tank/data {VERSION3}")
        for directory, files, threads, operations in CASES:
            mix(t, directory, files, threads, operations * (20 if t.soak else 1))
        t.equal(simgpu.memory_regions(t.gpu), 0, "memory regions that are left when all programs have ended")
    finally:
        t.gpu.run(f"umount {VERSION3}; rmdir {VERSION3}", check=False)
        t.gpu.run("rm -f /mnt/data/gds-mix.*", uid=UID, check=False)
