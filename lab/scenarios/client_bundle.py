# SPDX-License-Identifier: MIT
"""What `penstock client-bundle` prints is what a client needs: its mount line mounts, and its penstock.yaml is taken."""

import json

SECONDS = 180


def run(t):
    said = t.storage.run("penstock client-bundle --json --client 10.77.0.2 /tank/data").stdout
    bundle = json.loads(said)
    (line,) = bundle["mount"]
    target = line.split()[-1]
    t.contains(line, r"proto=rdma,port=20049", "the mount line")
    t.check(target not in t.gpu.read("/proc/self/mountinfo").split(), f"{target} is mounted already")
    try:
        t.gpu.run(f"mkdir -p {target} && {line}")
        t.contains(t.gpu.read("/proc/self/mountinfo"), rf" {target} .*proto=rdma", "mountinfo")
    finally:
        t.gpu.run(f"umount {target}; rmdir {target}", check=False)

    t.note("its penstock.yaml, on the GPU node")
    option = t.with_config(t.gpu, bundle["penstock_yaml"])
    plan = t.gpu.run(f"penstock {option} plan", check=False)
    t.equal(plan.status, 0, f"the exit status of plan, which says {plan.stderr}")

    t.note("for a client that no export admits")
    result = t.storage.run("penstock client-bundle --client 192.0.2.1", check=False)
    t.equal(result.status, 2, "exit status for a client that is not admitted")
    t.contains(result.stderr, r"10\.77\.0\.0/24", "who is admitted")
