# SPDX-License-Identifier: MIT
"""The main job over NFS 3, on a mount that is added to the configuration and taken away again."""

from lab import job
from lab.say import MIB

SECONDS = 420
TARGET = "/mnt/version3"
MOUNT = f"""\
mounts:
  - source: 10.77.0.1:/tank/data
    target: {TARGET}
    version: "3"
    transport: rdma
"""


def run(t):
    original = t.config(t.gpu)
    before = t.fingerprint(t.gpu)
    t.apply(t.gpu, t.edited(original, "mounts:\n", MOUNT))
    try:
        payload = job.PAYLOAD_BYTES if t.soak else 64 * MIB
        outcome = job.transfer(t.storage, t.gpu, TARGET, "/tank/data", t.progress, payload_bytes=payload)
        t.equal(outcome.mount.version, "3", "the mount's version")
        t.check(t.gpu.status()["ok"], "status finds a fault with two mounts", t.gpu.status())
    finally:
        t.apply(t.gpu, original)
    t.check(TARGET not in t.gpu.read("/proc/self/mountinfo"), f"{TARGET} is still mounted")
    t.same(t.gpu, before, "adding a mount and taking it away")
