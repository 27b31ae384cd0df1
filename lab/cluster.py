# SPDX-License-Identifier: MIT
"""A lab: its nodes, its state on disk, and taking it up and down.

The state directory build/lab/NAME holds all of a lab. It is locked while a program works with the
lab's power; a lab that nobody holds and that was not kept on purpose is left over from a program
that was killed, and is cleared away by the next one.
"""

import contextlib
import fcntl
import json
import shutil
from pathlib import Path

from lab import accel, description, paths, process
from lab.errors import LabError
from lab.node import Node
from lab.qemu import Images, Machine
from lab.ssh import free_port, make_key

DEFAULT_NAME = "main"
FIRMWARES = ("direct", "uefi")
# The firmware of a lab without nodes, in which scenarios make machines of their own (lab/bare.py).
NO_NODES = "none"


class Lab:
    """A lab on disk, running or about to run. Make one by create() or open_lab()."""

    def __init__(self, directory, state):
        self.directory = directory
        self.state = state
        self.name = directory.name
        self.logs = paths.LOGS / self.name
        self.spec = description.load(state["description"])
        self.nodes = [self._node(i, name) for i, name in enumerate(state["ports"])]

    def _node(self, number, name):
        spec = self.spec.node(name)
        machine = Machine(
            spec=spec,
            directory=self.directory / name,
            number=number,
            ssh_port=self.state["ports"][name],
            accel=self.state["accel"],
            firmware=self.state["firmware"],
            images=Images.of(Path(self.state["images"]), spec.profile),
            fabric_mtu=self.spec.fabric_mtu,
            cables=self.spec.cables,
            console_log=self.logs / f"{name}.console.log",
        )
        return Node(machine, self.directory / "key")

    def node(self, name):
        self.spec.node(name)
        return next(node for node in self.nodes if node.name == name)

    @property
    def running(self):
        return any(node.pid() for node in self.nodes)

    def save(self):
        (self.directory / "lab.json").write_text(json.dumps(self.state, indent=1) + "\n")

    def keep(self):
        """Marks the lab as left running on purpose."""
        self.state["kept"] = True
        self.save()

    def power_on(self, progress):
        """Starts all nodes at one moment; the fabric joins them in whatever order they come."""
        for node in self.nodes:
            self.state["power_on"][node.name] = node.power_on()
            progress.step(f"{node.name}: power on (pid {node.pid()}, console in {paths.shown(node.console_log)})")
        self.save()

    def wait_ready(self, progress):
        """Waits until every node is as declared."""
        for node in self.nodes:
            node.wait_ssh()
            progress.step(f"{node.name}: ssh answers")
        for node in self.nodes:
            node.wait_ready()
            progress.step(f"{node.name}: as declared, says penstock status")

    def collect(self):
        """Fetches the journals; never fails, since it is mostly called when something has failed."""
        for node in self.nodes:
            with contextlib.suppress(LabError, OSError):
                node.collect(self.logs)

    def down(self):
        """Ends every node and removes the state; the logs stay."""
        for node in self.nodes:
            node.power_off()
        remove_state(self.directory)


def remove_state(directory):
    """Ends whatever still runs for the state directory and removes it."""
    for pidfile in directory.glob("*/*pid"):  # QEMU's, and a TPM's
        with contextlib.suppress(ValueError):
            process.end(int(pidfile.read_text()), pidfile.parent)
    shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def locked(name):
    """Holds the lab NAME for this program; refuses when another holds it."""
    paths.STATE.mkdir(parents=True, exist_ok=True)
    with open(paths.STATE / f"{name}.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LabError(f"another program is working with the lab '{name}': wait, or use --name") from error
        yield


def held(name):
    """Whether a program is working with the lab NAME now."""
    try:
        with locked(name):
            return False
    except LabError:
        return True


def open_lab(name):
    """The lab NAME as it is on disk."""
    directory = paths.STATE / name
    try:
        state = json.loads((directory / "lab.json").read_text())
    except FileNotFoundError as error:
        raise LabError(f"there is no lab '{name}': start it with ./do lab up, or see ./do lab list") from error
    return Lab(directory, state)


def open_running(name):
    lab = open_lab(name)
    if not lab.running:
        raise LabError(f"the lab '{name}' is not running: ./do lab down, then ./do lab up")
    return lab


def names():
    """The labs on disk."""
    return sorted(path.parent.name for path in paths.STATE.glob("*/lab.json"))


def pick(name=None):
    """The running lab that a person means: NAME, or the default one, or the only one there is."""
    if name is None:
        running = [each for each in names() if open_lab(each).running]
        if not running:
            raise LabError("no lab is running: start one with ./do lab up")
        if DEFAULT_NAME not in running and len(running) > 1:
            raise LabError(f"say which lab with --name: {', '.join(running)}")
        name = DEFAULT_NAME if DEFAULT_NAME in running else running[0]
    return open_running(name)


def create(name, *, firmware="direct", layout="pair", images=paths.IMAGES, wanted_accel=None, progress):
    """Makes a new lab, not yet powered. The caller holds its lock."""
    directory = paths.STATE / name
    _clear_old(name, directory)
    spec = description.EMPTY if firmware == NO_NODES else description.load(layout)
    for node in spec.nodes:
        Images.of(images, node.profile).check(firmware)
    kernel = Images.of(images, spec.nodes[0].profile if spec.nodes else "storage").kernel
    chosen, reason = accel.choose(kernel, wanted_accel)
    progress.step(f"lab '{name}': {reason}")
    shutil.rmtree(paths.LOGS / name, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        return _make(directory, spec, firmware, images, chosen)
    except BaseException:
        remove_state(directory)
        raise


def _make(directory, spec, firmware, images, chosen):
    public_key = make_key(directory / "key")
    state = {
        "description": spec.name,
        "firmware": firmware,
        "accel": chosen,
        "images": str(Path(images).resolve()),
        "kept": False,
        "ports": {node.name: free_port() for node in spec.nodes},
        "power_on": {},
    }
    lab = Lab(directory, state)
    for node in lab.nodes:
        credentials = {
            "penstock.yaml": node.machine.spec.configuration(authorized_key=public_key),
            "ssh.authorized_keys.root": public_key,
        }
        node.machine.make_files(credentials)
    lab.save()
    return lab


def _clear_old(name, directory):
    if not directory.exists():
        return
    try:
        old = open_lab(name)
    except LabError:
        old = None  # it was killed while being made
    if old and old.running and old.state["kept"]:
        raise LabError(f"the lab '{name}' is running: stop it with ./do lab down {name}, or use --name")
    if old:
        old.down()
    else:
        remove_state(directory)


@contextlib.contextmanager
def temporary(name, *, keep=False, progress, **how):
    """A new lab, powered on, that is gone at the end of the block, whatever ends it. With `keep` it
    stays, after a failure too, so that a person can look; only an interrupt always clears it away.
    """
    with locked(name):
        lab = create(name, progress=progress, **how)
        try:
            lab.power_on(progress)
            yield lab
        except Exception:
            lab.collect()
            if keep and lab.running:
                lab.keep()
            else:
                lab.down()
            raise
        except BaseException:
            lab.down()
            raise
        if keep:
            lab.keep()
        else:
            lab.down()
