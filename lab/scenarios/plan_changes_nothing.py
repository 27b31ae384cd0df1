# SPDX-License-Identifier: MIT
"""`penstock plan` with much to do prints numbered steps and does none of them."""

MORE_POOL = """\
pools:
  - name: second
    layout: mirror
    disks:
      - /dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_ps-storage-4
      - /dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_ps-storage-5
"""
MORE_DATASET = """\
datasets:
  - name: tank/more
    properties: {quota: 100M}
"""
MORE_EXPORT = """\
exports:
  - path: /tank/more
    clients:
      - host: 10.77.0.0/24
"""
MORE_MOUNT = """\
mounts:
  - source: 10.77.0.1:/tank/more
    target: /mnt/more
    version: "4.1"
"""


def planned(t, node, text, *expected):
    """Plans TEXT on NODE: each of EXPECTED is in the numbered steps, and nothing changes."""
    before = t.fingerprint(node)
    result = node.run(f"penstock {t.with_config(node, text)} plan")
    t.contains(result.stdout, r"^\s*1[.)]?\s", "the plan")
    for pattern in expected:
        t.contains(result.stdout, pattern, "the plan")
    t.same(node, before, "plan")


def run(t):
    text = t.config(t.storage)
    text = t.edited(text, "pools:\n", MORE_POOL)
    text = t.edited(text, "datasets:\n", MORE_DATASET)
    text = t.edited(text, "exports:\n", MORE_EXPORT)
    text = t.edited(text, "mtu: 9000", "mtu: 4000")
    planned(t, t.storage, text, r"second", r"tank/more", r"4000|enp0s16")

    text = t.config(t.gpu)
    text = t.edited(text, "mounts:\n", MORE_MOUNT)
    text = t.edited(text, "name: gpu", "name: renamed")
    planned(t, t.gpu, text, r"/mnt/more", r"renamed|host ?name")
