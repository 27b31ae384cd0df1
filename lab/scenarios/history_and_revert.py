# SPDX-License-Identifier: MIT
"""Each apply that changed something is in the history, and revert goes back to the configuration of before."""

import json

SECONDS = 240
MORE = "datasets:\n  - {name: tank/later, properties: {quota: 64M}}\n"
EXPORT = "exports:\n  - {path: /tank/later, clients: [{host: 10.77.0.2}]}\n"


def history(t, number=""):
    return json.loads(t.storage.run(f"penstock history --json {number}").stdout)


def run(t):
    original = t.config(t.storage)
    more = t.edited(t.edited(original, "datasets:\n", MORE), "exports:\n", EXPORT)
    # Another scenario may have applied a file of its own last; that is what revert would go back to.
    t.apply(t.storage, original)
    try:
        t.apply(t.storage, more)
        told = t.storage.run("penstock history").stdout
        newest = told.splitlines()[-1] if told.splitlines()[-1].split()[0].isdigit() else told.splitlines()[1]
        number = newest.split()[0]
        detail = t.storage.run(f"penstock history {number}").stdout
        t.contains(detail, r"zfs create .*tank/later", "what the history tells of it")
        t.contains(detail, r"^\+.*/tank/later", "the files that it wrote")
        t.contains(detail, r"root", "who it was")

        t.note("nothing that changed, nothing recorded")
        t.storage.run("penstock apply")
        t.equal(t.storage.run("penstock history").stdout, told, "the history after an apply with nothing to do")

        t.note("back")
        result = t.storage.run("penstock revert", check=False)
        t.check(not result.ok and t.config(t.storage) == more, "revert changed something unasked", result.stdout)
        t.storage.run("penstock revert --yes", timeout=120)
        t.equal(t.config(t.storage), original, "the configuration after revert")
        t.check("/tank/later" not in t.storage.run("exportfs -s").stdout, "the export is still there")
        t.check("tank/later" in t.storage.run("zfs list -H -o name").stdout, "revert destroyed a dataset")
        t.check(t.storage.status()["ok"], "status finds a fault after revert", t.storage.status())
    finally:
        t.apply(t.storage, original)
        t.storage.run("zfs destroy tank/later", check=False)
