# SPDX-License-Identifier: MIT
"""The storage node reboots in the middle of transfers, which end well; encrypted datasets are there again.

One has its key in a file, one in a credential; without their keys they are not made.
"""

from lab.interruption import interrupted_transfer, waiting_is_right

DISTURBS = True
SECONDS = 600
KEYS = "/etc/penstock/keys"
CREDENTIAL = "/etc/credstore/zfs-key.lab"
DATASETS = f"""datasets:
  - {{name: tank/filed, encryption: {{key: "file://{KEYS}/filed"}}}}
  - {{name: tank/credited, encryption: {{key: "credential:zfs-key.lab"}}}}
"""
NAMES = ("filed", "credited")


def clean(t, original):
    for name in NAMES:
        t.storage.run(f"zfs destroy tank/{name}", check=False)
    t.storage.run(f"rm -rf {KEYS} {CREDENTIAL}", check=False)
    t.apply(t.storage, original)


def status_of(t, name):
    return t.storage.run(f"zfs get -H -o value keystatus,mounted,encryption tank/{name}").stdout.split()


def run(t):
    original = t.config(t.storage)
    encrypted = t.edited(original, "datasets:\n", DATASETS)
    try:
        t.note("without the keys")
        t.storage.put("/etc/penstock/penstock.yaml", encrypted)
        result = t.storage.run("penstock apply", check=False)
        t.check(not result.ok, "apply makes datasets whose keys are not there", result.stdout)
        t.contains(result.stdout + result.stderr, rf"{KEYS}/filed", "what apply says")
        t.check("tank/filed" not in t.storage.run("zfs list -H -o name").stdout, "a dataset without its key was made")

        t.note("with them")
        t.storage.run(f"install -d -m 0700 {KEYS}; install -d -m 0700 /etc/credstore")
        for path in (f"{KEYS}/filed", CREDENTIAL):
            t.storage.run(f"(umask 077; head -c 32 /dev/urandom > {path})")
        t.storage.run("systemctl restart penstock-apply.service", timeout=120)
        t.check(t.storage.status()["ok"], "status finds a fault", t.storage.status())
        for name in NAMES:
            t.storage.run(f"echo secret > /tank/{name}/file && sync /tank/{name}/file")
        shown = t.storage.run("zpool history; journalctl -b -q --no-pager; penstock history 1", check=False).stdout
        key = t.storage.run(f"od -A n -t x1 {KEYS}/filed | tr -d ' \\n'").stdout
        t.check(key not in shown, "the key is in the history or the journal")

        t.note("after a reboot")
        with waiting_is_right(t.gpu):
            for _ in range(5 if t.soak else 1):
                interrupted_transfer(t, lambda: t.storage.run_last("systemctl reboot"))
        for name in NAMES:
            t.equal(status_of(t, name), ["available", "yes", "aes-256-gcm"], f"tank/{name}")
            t.equal(t.storage.read(f"/tank/{name}/file"), "secret\n", f"the file in tank/{name}")

        t.note("locked, status says so, and apply unlocks")
        t.storage.run("zfs unmount tank/filed && zfs unload-key tank/filed")
        t.contains("\n".join(t.storage.status()["problems"]), r"tank/filed", "the problems in status")
        t.storage.run("systemctl restart penstock-apply.service", timeout=120)
        t.equal(status_of(t, "filed")[:2], ["available", "yes"], "tank/filed after apply")
    finally:
        clean(t, original)
    t.check(t.storage.status()["ok"], "status finds a fault afterwards", t.storage.status())
