# SPDX-License-Identifier: MIT
"""A mount with sec=krb5 goes by the kernel's client, which is who the user is known to, and check says so."""

from lab import kerberos, simgpu
from lab.bounce import bounces

SECONDS = 300
DATASET = "tank/gds-kerberos"
SERVED = f"/{DATASET}"
MOUNTED = "/mnt/gds-kerberos"
CLIENT = "10.77.0.2"
FILE_BYTES = 3 * 1024 * 1024 + 5


def run(t):
    simgpu.install(t.gpu)
    try:
        kerberos.start(t.storage, t.gpu)
        t.storage.run(f"zfs create {DATASET}; head -c {FILE_BYTES} /dev/urandom > {SERVED}/file")
        t.storage.run(f"exportfs -o ro,sec=krb5,root_squash,no_subtree_check,fsid=4712 {CLIENT}:{SERVED}")
        want = t.storage.run(f"sha256sum < {SERVED}/file").stdout.split()[0]
        options = "vers=4.2,proto=rdma,port=20049,sec=krb5"
        t.gpu.run(f"mkdir -p {MOUNTED}; mount -t nfs -o {options} storage.{kerberos.DOMAIN}:{SERVED} {MOUNTED}")
        # As root: it has the machine's own credentials, and needs no ticket.
        bounces(t, f"{MOUNTED}/file", want, "security", uid=None)
    finally:
        t.gpu.run(f"umount {MOUNTED}; rmdir {MOUNTED}", check=False)
        t.storage.run(f"exportfs -u {CLIENT}:{SERVED}; exportfs -f; zfs destroy {DATASET}", check=False)
        kerberos.stop(t.storage, t.gpu)
