# SPDX-License-Identifier: MIT
"""A change of the network that cuts off who makes it goes back after a minute; one that is confirmed stays."""

import time

from lab.errors import LabError

DISTURBS = True
SECONDS = 420
MANAGEMENT = "network:\n  - interface: enp0s4\n    addresses: [{}]\n    gateway: 10.0.2.2\n"
USUAL = "10.0.2.15/24"
# The forwarded ssh port leads to the usual address only.
WRONG = "10.0.2.99/24"
BACK_SECONDS = 150


def start_apply(t, text):
    """Applies TEXT as a person at a terminal would whose connection then breaks."""
    t.gpu.put("/etc/penstock/penstock.yaml", text)
    t.gpu.run("systemd-run -q --unit=lab-apply --setenv=SSH_CONNECTION=\"$SSH_CONNECTION\" penstock apply")


def answers(node):
    try:
        return node.ssh.run("true", timeout=5).ok
    except LabError:
        return False


def run(t):
    original = t.config(t.gpu)
    usual = t.edited(original, "network:\n", MANAGEMENT.format(USUAL))
    wrong = t.edited(original, "network:\n", MANAGEMENT.format(WRONG))
    try:
        t.note("confirmed, it stays")
        t.gpu.put("/etc/penstock/penstock.yaml", usual)
        said = t.gpu.run("penstock apply", timeout=120)
        t.contains(said.stdout + said.stderr, r"penstock confirm", "what apply says")
        t.gpu.run("penstock confirm")
        t.check(t.gpu.status()["ok"], "the GPU node is not as declared", t.gpu.status())

        t.note("a wrong address cuts the connection")
        start_apply(t, wrong)
        t.eventually("ssh no longer answers", 60, lambda: not answers(t.gpu))
        began = time.monotonic()
        t.eventually("ssh answers again", BACK_SECONDS, lambda: answers(t.gpu))
        t.note(f"back after {time.monotonic() - began:.0f} s")
        t.equal(t.gpu.read("/etc/penstock/penstock.yaml"), usual, "the configuration")
        t.contains(t.gpu.run("penstock history").stdout, r"(?i)network", "the history")
        t.check(t.gpu.wait_ready()["ok"], "the GPU node is not as declared", t.gpu.status())
    finally:
        t.gpu.put("/etc/penstock/penstock.yaml", original)
        t.gpu.run("penstock apply --confirm", timeout=120)
        t.gpu.run("systemctl reset-failed lab-apply", check=False)
    t.check(t.gpu.status()["ok"], "status finds a fault afterwards", t.gpu.status())
