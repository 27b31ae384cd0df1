# SPDX-License-Identifier: MIT
"""Factory reset forgets configuration, keys and files of the boot disk; the pool is imported again with all that is in it."""

FIRMWARE = "uefi"
DISTURBS = True
SECONDS = 600
BOOT_SECONDS = 400
LEFT = ("/etc/penstock/left-over", "/root/left-over", "/srv/left-over", "/var/lib/left-over")


def run(t):
    original = t.config(t.storage)
    t.storage.run(f"touch {' '.join(LEFT)}; echo kept > /tank/data/kept; sync /tank/data/kept")
    host_key = t.storage.run("cat /etc/ssh/ssh_host_ed25519_key.pub").stdout

    t.note("what is asked, and refused without an answer")
    result = t.storage.run("penstock factory-reset", check=False)
    t.equal(result.status, 1, "exit status without an answer")
    t.contains(result.stderr, r"say --yes", "what it says without an answer")
    for pattern in ("configuration", "keys", "logs", "pool tank is not touched"):
        t.contains(result.stdout, pattern, "what it says of what is lost")

    t.note("factory reset")
    boot = t.storage.boot_id()
    t.storage.run("penstock --yes factory-reset", check=False)
    t.storage.wait_rebooted(boot, BOOT_SECONDS)
    for path in LEFT:
        t.check(not t.storage.run(f"test -e {path}", check=False).ok, f"{path} is still there")
    now = t.storage.run("until [ -e /etc/ssh/ssh_host_ed25519_key.pub ]; do sleep 1; done; cat /etc/ssh/ssh_host_ed25519_key.pub").stdout
    t.check(now != host_key, "the ssh host key is the one of before")

    t.note("the pool again")
    t.apply(t.storage, t.edited(original, "- name: tank\n", "- name: tank\n    import: true\n"), timeout=240)
    t.equal(t.storage.read("/tank/data/kept"), "kept\n", "the file in the pool")
    t.apply(t.storage, original, timeout=240)
    t.storage.run("rm /tank/data/kept")
    t.check(t.storage.wait_ready()["ok"], "the node is not as declared")
    t.eventually("the client reads again", 240, lambda: t.gpu.run("ls /mnt/data", check=False, timeout=120).ok)
