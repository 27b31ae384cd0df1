# SPDX-License-Identifier: MIT
"""NVIDIA's own gdscp, unmodified, copies to and from the mount with our library, every byte by the direct path."""

import subprocess
import tempfile
from pathlib import Path

from lab import job, observe, simgpu
from lab.errors import Skipped

FILE_BYTES = 5 * 1024 * 1024 + 4096
WORK = "/dev/shm/gds-gdscp"
PACKAGES = Path("/usr/src/deb")
PROGRAM = "usr/libexec/gds/tools/gdscp"


def program():
    """NVIDIA's program, out of the package that the SDK has unpacked nowhere."""
    packages = sorted(PACKAGES.glob("gds-tools_*.deb"))
    if not packages:
        raise Skipped("the SDK has no package gds-tools")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), folder], check=True)
        return (Path(folder) / PROGRAM).read_bytes()


def copy(t, source, target):
    """Runs gdscp; the kernel's client must have carried none of the payload. Then once more with -v, which reads
    what it compares by read(2)."""
    before = observe.transport(t.gpu, "/mnt/data")
    packets = sum(observe.rxe_packets(t.gpu))
    simgpu.run(t.gpu, f"{simgpu.PLACE}/gdscp {source} {target} 0", uid=job.UID)
    carried = observe.transport(t.gpu, "/mnt/data").since(before)
    t.check(carried.read_bytes + carried.write_bytes < FILE_BYTES // 100, "the kernel's client moved data", carried)
    t.check(
        (sum(observe.rxe_packets(t.gpu)) - packets) * job.PACKET_BYTES >= FILE_BYTES, "too few packets for the file"
    )
    t.gpu.run(f"rm {target}", uid=job.UID)
    simgpu.run(t.gpu, f"{simgpu.PLACE}/gdscp {source} {target} 0 -v", uid=job.UID)


def run(t):
    simgpu.install(t.gpu)
    t.gpu.put(f"{simgpu.PLACE}/gdscp", program(), "0755")
    t.gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > {WORK}/source", uid=job.UID)
        want = job.sha256(t.gpu, f"{WORK}/source")
        t.note("to the mount")
        copy(t, f"{WORK}/source", "/mnt/data/gds-gdscp")
        t.equal(job.sha256(t.storage, "/tank/data/gds-gdscp"), want, "the file on the storage node")
        t.note("from the mount")
        copy(t, "/mnt/data/gds-gdscp", f"{WORK}/back")
        t.equal(job.sha256(t.gpu, f"{WORK}/back"), want, "the copy")
        t.equal(simgpu.memory_regions(t.gpu), 0, "memory regions that are left")
    finally:
        t.gpu.run("rm -f /mnt/data/gds-gdscp", uid=job.UID, check=False)
        t.gpu.run(f"rm -rf {WORK}", check=False)
