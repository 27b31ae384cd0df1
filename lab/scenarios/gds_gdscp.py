# SPDX-License-Identifier: MIT
"""NVIDIA's own gdscp, unmodified, copies to and from the mount with our library, every byte by the direct path."""

import subprocess
import tempfile
from pathlib import Path

from lab import job, simgpu
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


def run(t):
    simgpu.install(t.gpu)
    t.gpu.put(f"{simgpu.PLACE}/gdscp", program(), "0755")
    t.gpu.run(f"install -d -o {job.UID} -g {job.UID} {WORK}")
    try:
        t.gpu.run(f"head -c {FILE_BYTES} /dev/urandom > {WORK}/source", uid=job.UID)
        want = job.sha256(t.gpu, f"{WORK}/source")
        t.note("to the mount")
        simgpu.run(t.gpu, f"{simgpu.PLACE}/gdscp {WORK}/source /mnt/data/gds-gdscp 0 -v", uid=job.UID)
        t.equal(job.sha256(t.storage, "/tank/data/gds-gdscp"), want, "the file on the storage node")
        t.note("from the mount")
        simgpu.run(t.gpu, f"{simgpu.PLACE}/gdscp /mnt/data/gds-gdscp {WORK}/back 0 -v", uid=job.UID)
        t.equal(job.sha256(t.gpu, f"{WORK}/back"), want, "the copy")
        t.equal(simgpu.memory_regions(t.gpu), 0, "memory regions that are left")
    finally:
        t.gpu.run("rm -f /mnt/data/gds-gdscp", uid=job.UID, check=False)
        t.gpu.run(f"rm -rf {WORK}", check=False)
