# SPDX-License-Identifier: MIT
"""What a scenario is, and what it may use.

A scenario is a file in lab/scenarios: its docstring's first line says what it shows, and its
function run(t) does it. `t.storage` and `t.gpu` are Nodes; t's methods below are what most need.
Further names that a file may set:

    FIRMWARE = "uefi"   the lab's nodes boot by UEFI firmware (default "direct", by -kernel); with "none" there are no
                        nodes, and it makes what machines it needs by t.bare()
    DISTURBS = True     it changes what others rely on (reboots, remounts), and so runs late; it
                        still has to leave the lab as it found it
    SECONDS = 300       deadline (default 240) where one lab runs; several share the CPUs, and have longer
    SOAK = True         runs only with --soak; other scenarios may look at t.soak to do more
    NEEDS = ("forms",)  what ./do builds for it beyond the images storage and gpu: "forms", "minimal"
"""

import difflib
import importlib.util
import re
import time
from dataclasses import dataclass
from pathlib import Path

from lab import bare, paths
from lab.errors import Failed, LabError
from lab.qemu import Images
from lab.say import Progress

DEFAULT_SECONDS = 240
FIRMWARES = ("direct", "uefi", "none")
PARTS = ("forms", "minimal")
# Everything that plan and a refusal must leave alone. Times and counters are left out, and so is what
# changes by itself: systemd mounts and unmounts the EFI partition as it is looked at, and a module stays
# loaded after its use.
FINGERPRINT = r"""
find /etc -xdev \( -type l -printf 'link %p %l\n' \) -o -printf '%y %p %m %U:%G\n' | sort
find /etc -xdev -type f -print0 | sort -z | xargs -0 sha256sum
echo "hostname $(hostname)"
zpool list -H -o name,health,size,altroot,guid 2>/dev/null
zpool history 2>/dev/null
zfs get -H -o name,property,value,source -s local,received all 2>/dev/null
exportfs -v 2>/dev/null | sort
cat /proc/fs/nfsd/portlist /proc/fs/nfsd/threads 2>/dev/null
rdma link show
ip -o addr show | sed 's/ valid_lft.*//; s/ tentative//' | sort
ip -o link show | sed 's/ promiscuity.*//'
grep -vE ' (tmpfs|ramfs|autofs|binfmt_misc|rpc_pipefs|tracefs|vfat) ' /proc/self/mounts | sort
lsblk -n -o NAME,SIZE,FSTYPE,LABEL,PTTYPE 2>/dev/null
"""


@dataclass(frozen=True)
class Scenario:
    """One file of lab/scenarios."""

    name: str
    title: str
    run: object
    firmware: str
    disturbs: bool
    seconds: int
    soak: bool
    needs: tuple = ()


def load_file(path):
    """The Scenario in the file PATH."""
    spec = importlib.util.spec_from_file_location(f"lab.scenarios.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not module.__doc__ or not hasattr(module, "run"):
        raise LabError(f"{paths.shown(path)}: a scenario needs a docstring and a function run(t)")
    firmware = getattr(module, "FIRMWARE", FIRMWARES[0])
    if firmware not in FIRMWARES:
        raise LabError(f"{paths.shown(path)}: FIRMWARE '{firmware}' is none of {', '.join(FIRMWARES)}")
    needs = getattr(module, "NEEDS", ())
    if not set(needs) <= set(PARTS):
        raise LabError(f"{paths.shown(path)}: NEEDS {needs} has others than {', '.join(PARTS)}")
    return Scenario(
        name=path.stem.replace("_", "-"),
        title=module.__doc__.strip().splitlines()[0],
        run=module.run,
        firmware=firmware,
        disturbs=getattr(module, "DISTURBS", False),
        seconds=getattr(module, "SECONDS", DEFAULT_SECONDS),
        soak=getattr(module, "SOAK", False),
        needs=needs,
    )


def load_all(directory=paths.SCENARIOS):
    return [load_file(path) for path in sorted(directory.glob("[a-z]*.py"))]


def select(scenarios, wanted, soak):
    """The scenarios to run: those wanted by name, or all (with --soak also the long ones)."""
    if wanted:
        known = {scenario.name: scenario for scenario in scenarios}
        for name in wanted:
            if name.replace("_", "-") not in known:
                raise LabError(f"no scenario '{name}': see lab/lab scenarios")
        return [known[name.replace("_", "-")] for name in wanted]
    return [scenario for scenario in scenarios if soak or not scenario.soak]


def needed(scenarios):
    """The parts of PARTS that these need."""
    return [part for part in PARTS if any(part in scenario.needs for scenario in scenarios)]


def in_order(scenarios):
    """So that as few boots as possible are needed: one firmware after the other, and within each
    those that disturb the lab last; the long ones first, so that two lanes end at about one time."""
    return sorted(scenarios, key=lambda s: (FIRMWARES.index(s.firmware), s.disturbs, -s.seconds, s.name))


class Context:
    """What run(t) is given."""

    def __init__(self, lab, soak, log):
        self.lab = lab
        self.soak = soak
        self.storage = lab.node("storage") if lab.nodes else None
        self.gpu = lab.node("gpu") if lab.nodes else None
        self.machines = []
        self._log = log
        self.progress = Progress(stream=log)

    def bare(self, name, **how):
        """A machine of the scenario's own, not yet powered on: HOW is what bare.Hardware takes. It is ended and removed
        at the scenario's end."""
        made = bare.create(self.lab, name, bare.Hardware(**how))
        made.trace = lambda text: print(text, file=self._log, flush=True)
        self.machines.append(made)
        return made

    def end_machines(self, collect=False):
        """Ends and removes the machines that bare() made; with `collect`, their journals are fetched before."""
        for machine in self.machines:
            machine.remove(self.lab.logs if collect else None)
        self.machines.clear()

    def images(self, role):
        """The images of ROLE that the lab was told to use, as lab/qemu.py has them."""
        return Images.of(Path(self.lab.state["images"]), role)

    def note(self, text):
        """Says in the scenario's log what comes next."""
        self.progress.step(text)

    def check(self, condition, message, details=""):
        if not condition:
            raise Failed(message, str(details))

    def equal(self, got, want, what):
        if got != want:
            raise Failed(f"{what}: got {got!r}, want {want!r}")

    def contains(self, text, pattern, what):
        """TEXT must have a match of the regular expression PATTERN."""
        if not re.search(pattern, text, re.MULTILINE):
            raise Failed(f"{what}: nothing in it matches {pattern!r}", text)

    def eventually(self, what, seconds, condition):
        """Waits until CONDITION() is true; Failed after SECONDS. Returns its value."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise Failed(f"not within {seconds} s: {what}")
            time.sleep(0.5)
        return value

    def fingerprint(self, node):
        """The node's configuration and state, as lines of text, to be compared with same()."""
        return node.run(FINGERPRINT).stdout.splitlines()

    def same(self, node, before, what):
        """The node's fingerprint must still be BEFORE."""
        after = self.fingerprint(node)
        changes = [line for line in difflib.unified_diff(before, after, "before", "after", lineterm="", n=0)]
        if changes:
            raise Failed(f"{node.name}: {what} changed something", "\n".join(changes))

    def edited(self, text, old, new):
        """TEXT with the one place where it says OLD saying NEW."""
        if text.count(old) < 1:
            raise Failed(f"the configuration does not say {old!r}", text)
        return text.replace(old, new, 1)

    def with_config(self, node, text):
        """Puts another configuration beside the node's own; returns the option that names it."""
        node.put("/run/penstock-lab.yaml", text)
        return "--config /run/penstock-lab.yaml"

    def config(self, node):
        """The node's own configuration."""
        return node.read("/etc/penstock/penstock.yaml")

    def apply(self, node, text, timeout=120):
        """Makes TEXT the node's own configuration and applies it."""
        node.put("/etc/penstock/penstock.yaml", text)
        return node.run("penstock apply", timeout=timeout)
