# SPDX-License-Identifier: MIT
"""What changes at the server under an open file is the program's errno: no permission, read-only, quota, removed."""

from lab import background, simgpu
from lab.job import UID

SECONDS = 400
DATASET = "tank/gds-errors"
SERVED = f"/{DATASET}"
MOUNTED = "/mnt/gds-errors"
WORK = "/dev/shm/gds-errors"
CLIENT = "10.77.0.2"
BYTES = 4 << 20
OTHER_UID = UID + 1


def export(t, access):
    t.storage.run(f"exportfs -o {access},root_squash,no_subtree_check,fsid=4711 {CLIENT}:{SERVED}")


def late(t, file, what, change):
    """Opens FILE, lets CHANGE happen, and returns what then came of the transfer."""
    t.gpu.run(f"rm -f {WORK}/go")
    # The memory of a fork's child is the host's: a child has no use of its parent's GPU.
    gpu = "" if what == "fork" else "0"
    simgpu.start(t.gpu, "gds-late", f"{simgpu.PLACE}/gds-late {file} {what} {WORK}/go {gpu}", f"{WORK}/said")
    t.eventually("gds-late is ready", 60, lambda: t.gpu.run(f"cat {WORK}/said", check=False).stdout.startswith("ready"))
    change()
    t.gpu.run(f"touch {WORK}/go")
    t.eventually("gds-late ends", 60, lambda: background.ended(t.gpu, "gds-late"))
    return t.gpu.read(f"{WORK}/said").splitlines()[1:]


def errors(t):
    """Each case: a file of its own, what is done to it, what the program must be told."""
    storage = t.storage.run
    for name, what, change, error in (
        ("secret", "read", lambda: storage(f"chmod 0600 {SERVED}/secret"), "EACCES"),
        ("removed", "read", lambda: storage(f"rm {SERVED}/removed"), "ESTALE"),
        ("read-only", "write", lambda: export(t, "ro"), "EROFS"),
    ):
        owner = OTHER_UID if name == "secret" else UID
        storage(f"head -c {BYTES} /dev/urandom > {SERVED}/{name}; chown {owner} {SERVED}/{name}")
        said = late(t, f"{MOUNTED}/{name}", what, change)
        t.equal(said, [f"{what}: error {error} direct 0 bounced 0"], f"{name}: what the program is told")
        export(t, "rw")


def quota(t):
    t.note("a copy that does not fit")
    t.gpu.run(f"head -c {8 * BYTES} /dev/urandom > {WORK}/source", uid=UID)
    t.storage.run(f"zfs set quota={4 * BYTES} {DATASET}")
    copy = f"penstock cp --gpu 0 {WORK}/source {MOUNTED}/copy"
    result = simgpu.run(t.gpu, copy, uid=UID, check=False)
    t.equal(result.status, 1, "exit status of penstock cp")
    t.contains(result.stderr, "Disk quota exceeded", "what penstock cp says")
    t.storage.run(f"zfs set quota=none {DATASET}")
    simgpu.run(t.gpu, copy, uid=UID)
    digests = [t.gpu.run(f"sha256sum < {WORK}/source").stdout, t.storage.run(f"sha256sum < {SERVED}/copy").stdout]
    t.equal(digests[0], digests[1], "the copy that then fits")


def run(t):
    simgpu.install(t.gpu)
    t.gpu.run(f"install -d -o {UID} -g {UID} {WORK}; mkdir -p {MOUNTED}")
    try:
        t.storage.run(f"zfs create {DATASET} && chown {UID}:{UID} {SERVED}")
        export(t, "rw")
        t.gpu.run(f"mount -t nfs -o vers=4.2,proto=rdma,port=20049 10.77.0.1:{SERVED} {MOUNTED}")
        errors(t)
        t.note("a child has not what its parent opened")
        t.storage.run(f"head -c {BYTES} /dev/urandom > {SERVED}/forked")
        said = late(t, f"{MOUNTED}/forked", "fork", lambda: None)
        ways = [f"child: bytes {BYTES} direct 0 bounced {BYTES}", f"parent: bytes {BYTES} direct {BYTES} bounced 0"]
        t.equal(said, ways, "what child and parent got")
        quota(t)
    finally:
        background.stop(t.gpu, "gds-late")
        t.gpu.run(f"umount {MOUNTED}; rmdir {MOUNTED}; rm -rf {WORK}", check=False)
        t.storage.run(f"exportfs -u {CLIENT}:{SERVED}; exportfs -f; zfs destroy {DATASET}", check=False)
