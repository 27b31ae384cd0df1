# SPDX-License-Identifier: MIT
"""The GPU node reboots and mounts again by itself."""

DISTURBS = True
SECONDS = 420


def run(t):
    rounds = 10 if t.soak else 1
    for number in range(rounds):
        t.note(f"round {number + 1} of {rounds}")
        t.gpu.run("echo before > /mnt/data/mark && sync /mnt/data/mark", uid=1000)
        boot = t.gpu.boot_id()
        t.gpu.run_last("systemctl reboot")
        t.gpu.wait_rebooted(boot)
        status = t.gpu.wait_ready()
        t.equal(status["mounts"][0]["proto"], "rdma", "the mount's proto")
        t.equal(t.gpu.run("cat /mnt/data/mark", uid=1000).stdout, "before\n", "the file from before the reboot")
        t.gpu.run("rm /mnt/data/mark", uid=1000)
        t.contains(t.gpu.run("penstock apply").stdout, "nothing to do", "apply after the reboot")
