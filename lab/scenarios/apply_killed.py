# SPDX-License-Identifier: MIT
"""`penstock apply` is killed after each of its steps: the next one finishes, and the end is the same."""

from lab import spare

SECONDS = 600
DATASETS = """  - {name: second/a, owner: 1000, group: 1000, mode: "0750", properties: {quota: 32M}}
  - {name: second/b}
"""
EXPORTS = "exports:\n  - path: /second/a\n    clients: [{host: 10.77.0.0/24}]\n"
NETWORK = "network:\n  - interface: enp0s17\n    addresses: [10.78.0.1/24]\n"
# Ends apply by SIGKILL as it says that it begins step N; its children go on, as they would.
KILL = """
exec {{out}}< <(penstock {option} apply 2>&1 & echo $!; wait $!; echo "ended $?")
read -r pid <&$out
while read -r line <&$out; do
	echo "$line"
	case $line in "{step}/"*) kill -KILL $pid; break ;; "ended "*) break ;; esac
done
"""


def wanted(t):
    text = spare.config(t, f"layout: raidz1, disks: {spare.disks(4, 5, 6)}", DATASETS)
    text = t.edited(text, "exports:\n", EXPORTS)
    return t.edited(text, "network:\n", NETWORK)


def reset(t, original):
    t.apply(t.storage, original)
    spare.clean(t)


def outcome(t):
    """What must come out, however often it was begun."""
    return t.storage.run(
        "zpool status -P second | grep -v scan:; zfs get -H -o name,property,value quota,mounted second/a second/b;"
        "stat -c '%n %a %u %g' /second/a /second/b; exportfs -s; cat /etc/exports.d/penstock.exports;"
        "ip -o address show dev enp0s17 scope global; ls /var/lib/penstock | grep -v history; cat /etc/systemd/network/50-*"
    ).stdout


def killed_at(t, text, step):
    option = t.with_config(t.storage, text)
    said = t.storage.run(KILL.format(option=option, step=step), timeout=180, check=False).stdout
    t.contains(said, rf"^{step}/", f"apply, to be killed at step {step}")
    # What it had started ends by itself; the lock is free as soon as it has.
    t.storage.run(f"penstock {option} apply --wait=30", timeout=180)
    t.contains(t.storage.run(f"penstock {option} plan").stdout, "nothing to do", f"the plan after a kill at step {step}")


def run(t):
    original = t.config(t.storage)
    text = wanted(t)
    try:
        first = t.storage.run(f"penstock {t.with_config(t.storage, text)} apply", timeout=180).stdout
        steps = int(first.split("/", 1)[1].split()[0])
        want = outcome(t)
        reset(t, original)
        chosen = range(1, steps + 1) if t.soak else sorted({1, 2, steps // 3, steps // 2, 2 * steps // 3, steps})
        for step in chosen:
            t.note(f"killed at step {step} of {steps}")
            killed_at(t, text, step)
            t.equal(outcome(t), want, f"what came out after a kill at step {step}")
            reset(t, original)
    finally:
        reset(t, original)
    t.check(t.storage.status()["ok"], "status finds a fault afterwards", t.storage.status())
