# SPDX-License-Identifier: MIT
"""The NFS server's pools of threads and size of requests: changed under a client, held at its next start, refused."""

from lab import background, job, observe

SECONDS = 300
BLOCK = "/proc/fs/nfsd/max_block_size"
POOLS = "/sys/module/sunrpc/parameters/pool_mode"
BYTES = 65536
WRITER = "dd if=/dev/zero of=/mnt/data/lab-busy bs=64k count=128 oflag=dsync status=none"
# What the kernel of the images does not have.
REFUSED = {
    "block_size: 4M": r"block_size.*more than this kernel takes: Linux 6\.12",
    "io_modes: {read: direct}": r"io_modes\.read.*no I/O modes of the NFS server.*6\.18",
    "pool_mode: pernode, io_modes: {write: dontcache}": r"io_modes\.write.*no I/O modes",
}


def is_refused(t, text, pattern):
    option = t.with_config(t.storage, text)
    before = t.fingerprint(t.storage)
    for verb in ("plan", "apply"):
        result = t.storage.run(f"penstock {option} {verb}", check=False)
        t.check(not result.ok, f"{verb} took it", result.stdout)
        t.contains(result.stdout + result.stderr, pattern, f"what {verb} says")
    t.same(t.storage, before, "what was refused")


def is_in_force(t, when):
    storage = t.storage
    t.equal(int(storage.read(BLOCK)), BYTES, f"{BLOCK} {when}")
    t.equal(storage.read(POOLS).strip(), "percpu", f"{POOLS} {when}")
    server = storage.status()["nfs_server"]
    t.equal((server["block_bytes"], server["pool_mode"]), (BYTES, "percpu"), f"status {when}")
    t.contains(storage.run("penstock plan").stdout, "nothing to do", f"the plan {when}")


def run(t):
    gpu, storage = t.gpu, t.storage
    original = t.config(storage)
    kernels_own = int(storage.read(BLOCK))
    declared = f"{original}nfs_server: {{block_size: {BYTES >> 10}K, pool_mode: percpu}}\n"
    for keys, pattern in REFUSED.items():
        t.note(f"refused: {keys}")
        is_refused(t, f"{original}nfs_server: {{{keys}}}\n", pattern)
    try:
        t.note("changed while a client writes")
        background.start(gpu, "busy", WRITER)
        plan = storage.run(f"penstock {t.with_config(storage, declared)} plan").stdout
        t.contains(plan, r"clients wait while it is started anew", "the plan")
        t.apply(storage, declared)
        is_in_force(t, "after apply")
        t.eventually("the writer ends", 180, lambda: background.ended(gpu, "busy"))
        t.note("held by the server's own unit")
        storage.run("systemctl restart nfs-server.service", timeout=120)
        is_in_force(t, "after a restart by hand")
        t.note("and what a client takes when it mounts")
        gpu.run("systemctl restart mnt-data.mount", timeout=120)
        t.equal(observe.mount(gpu, "/mnt/data").options["rsize"], str(BYTES), "the mount's rsize")
    finally:
        background.stop(gpu, "busy")
        gpu.run("rm -f /mnt/data/lab-busy", uid=job.UID, check=False)
        # The kernel keeps what it was told last until its next boot.
        t.apply(storage, f"{original}nfs_server: {{block_size: {kernels_own}}}\n")
        t.apply(storage, original)
        gpu.run("systemctl restart mnt-data.mount", timeout=120)
    t.equal(int(storage.read(BLOCK)), kernels_own, f"{BLOCK} in the end")
    t.check(gpu.status()["ok"], "the GPU node is not as declared", gpu.status())
