# SPDX-License-Identifier: MIT
"""A mount that came up by TCP where RDMA is declared is an error in status; apply puts it right."""

DISTURBS = True
UNIT = "mnt-data.mount"


def run(t):
    gpu = t.gpu
    gpu.run(f"systemctl stop {UNIT}")
    try:
        gpu.run("mount -t nfs -o proto=tcp,port=2049,vers=4.2 10.77.0.1:/tank/data /mnt/data")
        result = gpu.run("penstock status", check=False)
        t.equal(result.status, 1, "exit status of `penstock status`")
        status = gpu.status()
        t.check(status["ok"] is False, "status --json calls a mount by TCP fine", status)
        t.contains("\n".join(status["problems"]), r"(?i)/mnt/data.*tcp", "the problems in status")
        mount = next(each for each in status["mounts"] if each["target"] == "/mnt/data")
        t.equal((mount["mounted"], mount["proto"], mount["ok"]), (True, "tcp", False), "the mount in status")
        t.note("apply puts it right")
        gpu.run("penstock apply", timeout=120)
    finally:
        if not gpu.status()["ok"]:
            gpu.run(f"umount /mnt/data; systemctl restart {UNIT}", check=False)
    status = gpu.status()
    t.check(status["ok"], "apply did not mount by RDMA again", status)
    t.equal(status["mounts"][0]["proto"], "rdma", "the mount's proto after apply")
