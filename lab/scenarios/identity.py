# SPDX-License-Identifier: MIT
"""The node says what it is: host name, os-release, and a greeting that names the command to ask."""


def run(t):
    for node in (t.storage, t.gpu):
        t.equal(node.run("hostname").stdout.strip(), node.name, "hostname")
        t.equal(node.read("/etc/hostname").split("\n")[-2], node.name, "/etc/hostname")
        release = node.read("/etc/os-release")
        t.contains(release, r'^NAME="?Penstock', "/etc/os-release")
        t.contains(release, r"^ID=\"?penstock\"?$", "/etc/os-release")
        t.contains(release, r"^ID_LIKE=\"?debian\"?$", "/etc/os-release")
        greeting = node.ssh.greeting()
        t.contains(greeting, r"(?i)penstock", f"{node.name}: the greeting")
        t.contains(greeting, r"penstock status", f"{node.name}: the greeting")
        t.contains(node.run("penstock version").stdout, r"\d+\.\d+", "penstock version")
