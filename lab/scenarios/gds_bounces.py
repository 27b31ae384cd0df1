# SPDX-License-Identifier: MIT
"""What has no direct path goes by the bounce path, with the same bytes, and says why."""

from lab import job, simgpu
from lab.bounce import bounces

FILE_BYTES = 3 * 1024 * 1024 + 5
TCP = "/mnt/gds-tcp"
LOCAL = "/var/tmp/gds-local"


def run(t):
    simgpu.install(t.gpu)
    t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > /mnt/data/gds-bounce; sync /mnt/data/gds-bounce", uid=job.UID)
    try:
        want = job.sha256(t.storage, "/tank/data/gds-bounce")
        t.gpu.run(f"cp /mnt/data/gds-bounce {LOCAL}; chmod 0644 {LOCAL}")
        bounces(t, LOCAL, want, "not-nfs")
        # Not version 4: its client finds that it knows the server already, and goes on by RDMA (trunking).
        t.gpu.run(f"mkdir -p {TCP}; mount -t nfs -o vers=3,proto=tcp 10.77.0.1:/tank/data {TCP}")
        bounces(t, f"{TCP}/gds-bounce", want, "not-rdma")
        t.note("a GPU that cannot lend its memory")
        bounces(t, "/mnt/data/gds-bounce", want, "memory", environment="PENSTOCK_SIM_NO_DMABUF=1")
        t.note("no RDMA device that a user may open")
        t.gpu.run("chmod 0600 /dev/infiniband/rdma_cm")
        bounces(t, "/mnt/data/gds-bounce", want, "no-device")
    finally:
        t.gpu.run("chmod 0666 /dev/infiniband/rdma_cm", check=False)
        t.gpu.run(f"umount {TCP}; rmdir {TCP}; rm -f {LOCAL}", check=False)
        t.gpu.run("rm -f /mnt/data/gds-bounce", uid=job.UID, check=False)
