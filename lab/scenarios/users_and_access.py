# SPDX-License-Identifier: MIT
"""Users have the same numbers on both nodes, and `penstock access` says of each file what its reading says."""

SECONDS = 300
USERS = """groups:
  - {name: project, gid: 5000}
users:
  - {name: anna, uid: 5001, groups: [project]}
  - {name: ben, uid: 5002}
"""
CASES = (
    # of the file: owner, group, mode; whether anna and ben may read it
    ("5001", "5001", "0600", True, False),
    ("5002", "5000", "0640", True, True),
    ("0", "0", "0600", False, False),
    ("0", "0", "0644", True, True),
)


def with_users(t, node):
    return t.edited(t.config(node), "network:\n", USERS + "network:\n")


def reads(t, name, path):
    return t.gpu.run(f"runuser -u {name} -- cat {path}", check=False).ok


def foretold(t, name, path):
    result = t.storage.run(f"penstock access --client 10.77.0.2 {name} {path}", check=False)
    t.check(result.status in (0, 1), "access did not answer", result.stdout + result.stderr)
    return result.ok, result.stdout


def run(t):
    originals = [(node, t.config(node)) for node in (t.gpu, t.storage)]
    try:
        for node, _ in originals:
            t.apply(node, with_users(t, node))
            t.contains(node.run("id anna").stdout, r"uid=5001\(anna\) gid=5001\(anna\) groups=.*5000\(project\)", "anna")
        for owner, group, mode, *may in CASES:
            t.storage.run("echo text > /tank/data/lab-access")
            t.storage.run(f"chown {owner}:{group} /tank/data/lab-access; chmod {mode} /tank/data/lab-access")
            for name, expected in zip(("anna", "ben"), may):
                real = reads(t, name, "/mnt/data/lab-access")
                said, why = foretold(t, name, "/tank/data/lab-access")
                t.equal((real, said), (expected, expected), f"whether {name} reads {owner}:{group} {mode}: {why}")
        t.note("out of the group")
        t.apply(t.gpu, t.edited(t.config(t.gpu), ", groups: [project]", ""))
        t.check("project" not in t.gpu.run("id anna").stdout, "anna is still in the group")
        t.note("root of a client is nobody's")
        t.storage.run("chown 5001:5001 /tank/data/lab-access; chmod 0600 /tank/data/lab-access")
        t.check(not t.gpu.run("cat /mnt/data/lab-access", check=False).ok, "root of the client reads")
        said, why = foretold(t, "root", "/tank/data/lab-access")
        t.check(not said, "access says that root may")
        t.contains(why, r"root_squash", "what access says of root")
        t.note("a client that no export names")
        result = t.storage.run("penstock access --client 192.0.2.1 anna /tank/data/lab-access", check=False)
        t.equal(result.status, 1, "exit status of access")
        t.contains(result.stdout, r"(?i)export", "what access says")
    finally:
        t.storage.run("rm -f /tank/data/lab-access")
        for node, original in originals:
            t.apply(node, original)
            node.run("userdel anna; userdel ben; groupdel project", check=False)
    for node, _ in originals:
        t.check(node.status()["ok"], "status finds a fault afterwards", node.status())
