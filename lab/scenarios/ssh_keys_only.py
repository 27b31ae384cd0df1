# SPDX-License-Identifier: MIT
"""ssh takes the declared key and nothing else: no password, no keyboard, no other key."""


def run(t):
    for node in (t.storage, t.gpu):
        for methods in ("password", "keyboard-interactive", "none"):
            said = node.ssh.refusal(methods)
            t.contains(said, r"Permission denied \(publickey\)", f"{node.name}: ssh by {methods}")
        usable = node.run(r"awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow").stdout
        t.equal(usable, "", f"{node.name}: accounts with a password")
        settings = node.run("sshd -T").stdout
        for line in ("passwordauthentication no", "kbdinteractiveauthentication no", "permitemptypasswords no"):
            t.contains(settings, f"^{line}$", f"{node.name}: sshd's settings")
        keys = node.read("/etc/ssh/authorized_keys.d/root")
        t.contains(keys, r"^ssh-ed25519 \S+ penstock-lab$", f"{node.name}: the declared key")
