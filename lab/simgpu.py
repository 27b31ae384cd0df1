# SPDX-License-Identifier: MIT
"""The lab's GPU: a CUDA driver without one (tests/sim), put on a node with the programs that load it."""

import json
import shlex
from dataclasses import dataclass

from lab import background, observe, paths
from lab.errors import Failed, LabError

PROGRAM = paths.BUILD / "program"
DRIVER = PROGRAM / "tests" / "sim" / "libcuda.so.1"
LOAD = PROGRAM / "bench" / "gds-load"
MIX = PROGRAM / "tests" / "lab" / "gds-mix"
LATE = PROGRAM / "tests" / "lab" / "gds-late"
PLACE = "/opt/penstock-lab"
# The simulated GPU's memory is lent by udmabuf, which is root's and lends no more than 64 MiB at a time.
UDMABUF = "/dev/udmabuf"
UDMABUF_LIMIT = "/sys/module/udmabuf/parameters/size_limit_mb"
LIMIT_MB = 2048
SLOW = 600


def install(node):
    """Puts the driver and the programs on the node, once a boot."""
    if node.run(f"test -e {PLACE}/ready -a /proc/1 -ot {PLACE}/ready", check=False).ok:
        return
    for path in (DRIVER, LOAD, MIX, LATE):
        if not path.is_file():
            raise LabError(f"there is no {paths.shown(path)}: build it with ./do program")
        node.put(f"{PLACE}/{path.name}", path.read_bytes(), "0755")
    node.run(f"modprobe udmabuf 2>/dev/null; chmod 0666 {UDMABUF}; echo {LIMIT_MB} > {UDMABUF_LIMIT}")
    node.run(f"touch {PLACE}/ready")


def run(node, command, uid=None, check=True, environment="", timeout=SLOW):
    """Runs COMMAND where it finds the simulated driver."""
    line = f"env LD_LIBRARY_PATH={PLACE} {environment} bash -c {shlex.quote(command)}"
    return node.run(line, uid=uid, check=check, timeout=timeout)


def start(node, unit, command, output):
    """As background.start(), where COMMAND finds the simulated driver."""
    background.start(node, unit, f"env LD_LIBRARY_PATH={PLACE} {command}", output)


@dataclass(frozen=True)
class Loaded:
    """What gds-load measured."""

    path: str
    bytes: int
    seconds: float
    cpu_seconds: float
    direct_bytes: int
    bounced_bytes: int
    sha256: str


def parse_load(text):
    """The Loaded in gds-load's line of JSON."""
    try:
        said = json.loads(text)
        return Loaded(**{name: said[name] for name in Loaded.__dataclass_fields__})
    except (ValueError, KeyError) as error:
        raise Failed("gds-load did not print what it should", text) from error


def load(node, file, path, piece_bytes=1 << 20, threads=1, uid=None, gpu=True):
    """Reads FILE into the GPU's memory by PATH: direct, odirect or buffered."""
    memory = "0" if gpu else ""
    return parse_load(run(node, f"{PLACE}/gds-load {file} {piece_bytes} {threads} {path} {memory}", uid=uid).stdout)


def memory_regions(node):
    """How many memory regions user programs have at the node's RDMA devices (rdma(8))."""
    shown = node.run("rdma -j resource show mr").stdout
    return len([region for region in json.loads(shown or "[]") if "pid" in region])


def check_direct(loaded, sha256):
    """Fails unless every byte went by the direct path and is the right one."""
    if loaded.sha256 != sha256:
        raise Failed(f"the GPU's memory differs: SHA-256 {loaded.sha256}, on the storage node {sha256}")
    if loaded.direct_bytes != loaded.bytes or loaded.bounced_bytes:
        raise Failed(
            f"of {loaded.bytes} bytes {loaded.direct_bytes} went by the direct path, {loaded.bounced_bytes} bounced"
        )


@dataclass(frozen=True)
class Arrival:
    """The file in the GPU's memory: by the direct path, and by the kernel's client and a copy."""

    direct: Loaded
    kernel: Loaded


def arrive(storage, gpu, file, sha256, uid, progress):
    """Reads FILE into the GPU's memory twice, and checks both."""
    progress.step(f"gpu: reading {file} into the simulated GPU's memory by the direct path")
    install(gpu)
    packets = observe.rxe_packets(gpu)[1]
    direct = load(gpu, file, "direct", uid=uid)
    check_direct(direct, sha256)
    packets = observe.rxe_packets(gpu)[1] - packets
    if packets * 4096 < direct.bytes:
        raise Failed(f"soft-RoCE received only {packets} packets for {direct.bytes} bytes")
    progress.step("gpu: the same by the kernel's NFS client (O_DIRECT) and a copy")
    kernel = load(gpu, file, "odirect", uid=uid)
    if kernel.sha256 != sha256:
        raise Failed(f"by the kernel's client the GPU's memory differs: SHA-256 {kernel.sha256}, not {sha256}")
    return Arrival(direct, kernel)
