# SPDX-License-Identifier: MIT
"""The table at the end of `./do run`."""

import json

from lab import observe, say
from lab.errors import LabError
from lab.paths import shown
from lab.say import MIB, rate, size


def image_info(directory):
    """build/image/info.json, which the image build writes."""
    path = directory / "info.json"
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError) as error:
        raise LabError(f"{shown(path)} is missing or not whole: build the images with ./do image") from error


def boot_rows(lab):
    """Seconds from power-on, per node, by the node's own journal (see docs of seconds_from_power_on)."""
    storage, gpu = lab.node("storage"), lab.node("gpu")
    exported = observe.seconds_from_power_on(lab, storage, "penstock-apply.service")
    mounted = observe.seconds_from_power_on(lab, gpu, "mnt-data.mount")
    return [
        ("power-on to exported", f"{exported:.1f} s"),
        ("power-on to mounted", f"{mounted:.1f} s"),
    ]


def pool_rows(status):
    return [
        ("pool", f"{pool['name']}: {pool['layout']} of {len(pool['disks'])} disks, {pool['health']}")
        for pool in status["pools"]
    ]


def image_rows(info):
    rows = [
        ("kernel", f"{info['kernel_version']}, {size(info['kernel_bytes'])}"),
        ("modules", f"{info['modules']}, {size(info['modules_bytes'])}"),
    ]
    for name, image in info["images"].items():
        rows.append((f"image {name}", size(image["bytes"])))
    return rows


def machine_row(lab):
    nodes = ", ".join(
        f"{node.name} {node.machine.spec.cpus} CPU {size(node.machine.spec.memory_bytes)}" for node in lab.nodes
    )
    return ("machines", f"{lab.state['accel'].upper()}; {nodes}")


def job_rows(outcome):
    carried = outcome.carried
    mount = outcome.mount
    payload = f"{outcome.payload_bytes // MIB} MiB"
    return [
        ("mount", f"{mount.source} on {mount.target}, {mount.fstype}"),
        ("", f"proto={mount.proto} vers={mount.version} (mountinfo)"),
        ("write", f"{payload} in {outcome.write_seconds:.1f} s, {rate(outcome.payload_bytes, outcome.write_seconds)}, fsync included"),
        ("read", f"{payload} in {outcome.read_seconds:.1f} s, {rate(outcome.payload_bytes, outcome.read_seconds)}, caches dropped"),
        ("RDMA to the server", f"{carried.write_bytes} bytes of WRITE calls in {carried.read_chunks} chunks (xprtrdma)"),
        ("RDMA from the server", f"{carried.read_bytes} bytes placed by RDMA Write (xprtrdma)"),
        ("packets", f"{outcome.packets_sent} sent, {outcome.packets_received} received by rxe0 on the GPU node"),
        ("disks", f"{outcome.disks_delivered_bytes} bytes read from the drives for the read back"),
    ]


def arrival_rows(arrival):
    """The file in the GPU's memory."""
    direct, kernel = arrival.direct, arrival.kernel
    return [
        ("direct path", f"{direct.direct_bytes} bytes into the simulated GPU's memory, {direct.bounced_bytes} bounced"),
        ("", f"{rate(direct.bytes, direct.seconds)}, {direct.cpu_seconds:.1f} s of CPU"),
        ("kernel and a copy", f"{rate(kernel.bytes, kernel.seconds)}, {kernel.cpu_seconds:.1f} s of CPU (O_DIRECT, 1 MiB)"),
    ]


def full(lab, status, outcome, info):
    """All lines of the table of the main job."""
    rows = [
        *image_rows(info),
        machine_row(lab),
        None,
        *boot_rows(lab),
        *pool_rows(status),
        None,
        *job_rows(outcome),
        None,
        *arrival_rows(outcome.more),
        None,
        ("verified", f"SHA-256 {outcome.sha256}, in the pool, read back, and in the GPU's memory"),
    ]
    return say.table("One file over NFS/RDMA: from the GPU node to the pool, back, and into GPU memory", rows)
