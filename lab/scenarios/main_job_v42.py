# SPDX-License-Identifier: MIT
"""The main job over NFS 4.2: a file goes to the pool and back over RDMA, byte for byte."""

from lab import job
from lab.say import MIB

SECONDS = 420


def run(t):
    rounds, payload = (10, job.PAYLOAD_BYTES) if t.soak else (1, 64 * MIB)
    for number in range(rounds):
        t.note(f"round {number + 1} of {rounds}")
        outcome = job.transfer(t.storage, t.gpu, "/mnt/data", "/tank/data", t.progress, payload_bytes=payload)
        t.equal(outcome.mount.version, "4.2", "the mount's version")
        t.equal(outcome.mount.fstype, "nfs4", "the mount's file system type")
