# SPDX-License-Identifier: MIT
"""`penstock disks` and `fabric` say what the machine has, and what `init` writes is taken by plan; nothing is touched."""

import json

SECONDS = 240


def disks(t):
    said = json.loads(t.storage.run("penstock disks --json").stdout)["disks"]
    nvme = {disk["serial"]: disk for disk in said if disk["name"].startswith("nvme")}
    t.equal(len(nvme), 8, "the number of NVMe drives")
    for number in range(4):
        disk = nvme[f"ps-storage-{number}"]
        t.equal((disk["use"], disk["pool"], disk["vdev"]), ("pool", "tank", "raidz1-0"), f"the use of disk {number}")
        t.equal(disk["size_bytes"], 1 << 30, f"the size of disk {number}")
        t.check(disk["temperature_celsius"] is not None, "no temperature", disk)
        t.check(any(each["in_use"] for each in disk["lba_formats"]), "no LBA format is in use", disk)
    for number in range(4, 8):
        t.equal(nvme[f"ps-storage-{number}"]["use"], "free", f"the use of disk {number}")
    root = next(disk for disk in said if disk["name"].startswith("vd"))
    t.equal(root["use"], "data", "the use of the boot disk")
    t.contains(t.storage.run("penstock disks").stdout, r"^nvme0n1 .*raidz1-0", "the table of disks")


def fabric(t):
    said = json.loads(t.gpu.run("penstock fabric --json").stdout)["devices"]
    t.equal([device["device"] for device in said], ["rxe0"], "the RDMA devices")
    shown = t.gpu.run("penstock fabric").stdout
    t.contains(shown, r"^rxe0 +1 +ACTIVE", "the table of the fabric")
    t.contains(shown, r"0a4d:0002 +RoCE v2", "the GIDs")


def first_configuration(t, node, role):
    written = node.run(f"penstock --role {role} init").stdout
    t.contains(written, rf"role: {role}", f"{node.name}: the role")
    option = t.with_config(node, written)
    plan = node.run(f"penstock {option} plan", check=False)
    t.check(plan.status != 2, f"{node.name}: plan does not take what init wrote", plan.stderr + written)


def run(t):
    before = [(node, t.fingerprint(node)) for node in (t.storage, t.gpu)]
    disks(t)
    fabric(t)
    first_configuration(t, t.storage, "storage")
    first_configuration(t, t.gpu, "gpu")
    for node, old in before:
        t.same(node, old, "looking at the machine")
