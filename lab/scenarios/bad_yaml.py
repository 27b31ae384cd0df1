# SPDX-License-Identifier: MIT
"""Wrong configurations are refused with file, line, key and exit status; nothing changes."""

from dataclasses import dataclass

FOLDER = "/run/penstock-lab-bad"
NODE = "storage"
NVME = "/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_ps-storage-"


@dataclass(frozen=True)
class Case:
    """One wrong edit of the storage node's configuration. `key` is what the message must name, as a
    regular expression; the line that it must give is that of the first line of `new`, plus `below`.
    `status` is 2 where the file is wrong whatever the node, 1 where the node is not as the file has it
    and may yet become so: at boot that is tried again.
    """

    what: str
    old: str
    new: str
    key: str
    below: int = 0
    status: int = 2


CASES = (
    Case("unknown key", "  role: storage", "  roll: storage", r"roll"),
    Case("unknown key at the top", "rdma:\n", "rmda:\n", r"rmda"),
    Case("wrong value", "  role: storage", "  role: tape", r"role"),
    Case("wrong type", "    mtu: 9000", "    mtu: large", r"mtu"),
    Case("mtu out of range", "    mtu: 9000", "    mtu: 99999999", r"mtu"),
    Case("list where a mapping belongs", "node:\n  name: storage\n  role: storage\n", "node: [storage]\n", r"node"),
    Case("address that is none", "[10.77.0.1/24]", "[10.77.0.256/24]", r"addresses"),
    Case("address without a prefix", "[10.77.0.1/24]", "[10.77.0.1]", r"addresses"),
    Case("prefix that is none", "[10.77.0.1/24]", "[10.77.0.1/33]", r"addresses"),
    Case("host name that is none", "  name: storage", "  name: sto_rage!", r"name"),
    Case("unknown driver", "    driver: soft-roce", "    driver: hard-roce", r"driver"),
    Case("unknown layout", "    layout: raidz1", "    layout: raid5", r"layout"),
    Case("relative disk", f"      - {NVME}3", "      - nvme3n1", r"disks|nvme3n1"),
    Case(
        "missing disk",
        "pools:\n",
        f"pools:\n  - name: second\n    layout: stripe\n    disks:\n      - {NVME}33\n",
        r"disks.*storage-33",
        below=4,
        status=1,
    ),
    Case("same disk twice", f"      - {NVME}3", f"      - {NVME}2", r"disks|storage-2"),
    Case(
        "raidz2 on two disks",
        f"layout: raidz1\n    disks:\n      - {NVME}0\n      - {NVME}1\n      - {NVME}2\n      - {NVME}3\n",
        f"layout: raidz2\n    disks:\n      - {NVME}0\n      - {NVME}1\n",
        r"layout|raidz2|disks",
        below=None,
    ),
    Case("same dataset twice", "datasets:\n", "datasets:\n  - name: tank/data\n", r"name|tank/data", below=None),
    Case("dataset in no pool", "  - name: tank/data", "  - name: tonk/data", r"name|tonk"),
    Case("mode that is none", '    mode: "0755"', '    mode: "0789"', r"mode"),
    Case("CIDR that is none", "      - host: 10.77.0.0/24", "      - host: 10.77.0.0/240", r"host"),
    Case("CIDR with host bits", "      - host: 10.77.0.0/24", "      - host: 10.77.0.9/24", r"host"),
    Case("anyone may write", "      - host: 10.77.0.0/24", '      - host: "*"', r"host|allow_anyone"),
    Case("relative export", "  - path: /tank/data", "  - path: tank/data", r"path"),
    Case("unknown access", "        access: rw", "        access: rwx", r"access"),
    Case("squash that is none", "        squash: root", "        squash: wool", r"squash"),
    Case("not YAML at all", "exports:\n", "exports: [\n", r"", below=None),
)


def run(t):
    node = t.storage
    original = t.config(node)
    wrong = [t.edited(original, case.old, case.new) for case in CASES]
    for number, text in enumerate(wrong):
        node.put(f"{FOLDER}/{number}.yaml", text)
    before = t.fingerprint(node)
    loop = (
        f"for i in $(seq 0 {len(CASES) - 1}); do for verb in plan apply; do "
        f'out=$(penstock --config {FOLDER}/$i.yaml $verb 2>&1); echo "== $i $verb $? $out"; done; done'
    )
    output = node.run(loop, timeout=120).stdout
    t.same(node, before, "a refused configuration")
    node.run(f"rm -r {FOLDER}")

    wrongs = []
    answers = dict(split_answers(output))
    for number, case in enumerate(CASES):
        for verb in ("plan", "apply"):
            status, said = answers[(number, verb)]
            wrongs += judge(t, case, f"{FOLDER}/{number}.yaml", original, verb, status, said)
    t.check(not wrongs, f"{len(wrongs)} of {2 * len(CASES)} answers were not as they should be", "\n".join(wrongs))


def split_answers(output):
    for part in output.split("== ")[1:]:
        number, verb, status, said = (part.split(" ", 3) + [""])[:4]
        yield (int(number), verb), (int(status), said.strip())


def judge(t, case, path, original, verb, status, said):
    """What is wrong with an answer, as a list of at most one line."""
    label = f"{case.what}, {verb}"
    if status != case.status:
        return [f"{label}: exit status {status}, not {case.status}: {said}"]
    line = r"\d+"
    if case.below is not None:
        line = str(original[: original.index(case.old)].count("\n") + 1 + case.below)
    try:
        t.contains(said, rf"{path}:{line}:.*(?:{case.key})", label)
    except Exception:
        return [f"{label}: want {path}:{line}: and {case.key!r}, got: {said}"]
    return []
