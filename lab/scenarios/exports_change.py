# SPDX-License-Identifier: MIT
"""Exports change while a client reads and writes; of two clients only the one that is named may mount."""

from lab import background, job

SECONDS = 300
PLACE = "/run/penstock-other"
# Not ip-netns(8), which would give each command its own mounts.
OTHER_NET = "nsenter --net=/run/netns/other"
OTHER = "10.77.0.3"
# Another machine, as far as the server can see: its own network namespace, MAC and IP address. soft-RoCE knows no
# namespaces, so it mounts by TCP.
SECOND_CLIENT = f"""
ip netns add other && ip link add other0 link enp0s16 type macvlan mode bridge &&
ip link set other0 netns other && ip -n other address add {OTHER}/24 dev other0 &&
ip -n other link set lo up && ip -n other link set other0 up && mkdir -p {PLACE}
"""
WRITER = "dd if=/dev/zero of=/mnt/data/lab-busy bs=64k count=1024 oflag=dsync status=none"
CLIENTS = "  - path: /tank/data\n    clients:\n"
ONLY_GPU = "      - host: 10.77.0.0/24\n", "      - host: 10.77.0.2\n"


def mount(t, options, check=True):
    return t.gpu.run(
        f"{OTHER_NET} mount -t nfs -o proto=tcp,port=2049,retry=0,{options} 10.77.0.1:/tank/data {PLACE}", check=check
    )


def is_refused(t, version):
    result = mount(t, f"vers={version}", check=False)
    t.check(not result.ok, f"a client that is not named mounts by NFS {version}")
    t.contains(result.stderr, r"access denied|No such file|not permitted", f"what mount says with NFS {version}")


def threads(t):
    """When the server was started, and how many threads it has."""
    return t.storage.run("cat /proc/fs/nfsd/threads; systemctl show nfs-server -p ActiveEnterTimestampMonotonic").stdout


def run(t):
    original = t.config(t.storage)
    named = t.edited(original, *ONLY_GPU)
    gpu, storage = t.gpu, t.storage
    began = threads(t)
    try:
        gpu.run(SECOND_CLIENT)
        background.start(gpu, "busy", WRITER)
        t.note("only the GPU node is named")
        t.apply(storage, named)
        for version in ("4.2", "3"):
            is_refused(t, version)
        t.check(not background.ended(gpu, "busy"), "the writer was too quick")

        t.note("the second client may read")
        t.apply(storage, t.edited(named, CLIENTS, f"{CLIENTS}      - host: {OTHER}\n        access: ro\n"))
        mount(t, "vers=4.2")
        gpu.run(f"test -f {PLACE}/lab-busy")
        result = gpu.run(f"touch {PLACE}/new", uid=job.UID, check=False)
        t.check(not result.ok, "a client that may only read writes")
        shown = storage.run("exportfs -v").stdout
        t.contains(shown, rf"{OTHER}\(.*\bro\b.*root_squash", "exportfs -v")
        said = {export["client"]: export["options"] for export in storage.status()["exports"]}
        t.check(said.get(OTHER, "").startswith("ro,"), "status does not show the client", said)

        t.note("and is taken out again, while it is mounted")
        t.apply(storage, named)
        result = gpu.run(f"ls {PLACE}/", uid=job.UID, check=False, timeout=90)
        t.check(not result.ok, "a client that is no longer named reads on")
        gpu.run(f"umount -f -l {PLACE}")
        t.eventually("the writer ends", 120, lambda: background.ended(gpu, "busy"))
    finally:
        gpu.run(f"umount -f -l {PLACE}; ip netns delete other; rm -rf {PLACE}", check=False)
        background.stop(gpu, "busy")
        gpu.run("rm -f /mnt/data/lab-busy", uid=job.UID, check=False)
        t.apply(storage, original)
    t.equal(threads(t), began, "the server's threads and start")
    t.check(gpu.status()["ok"], "the GPU node is not as declared", gpu.status())
