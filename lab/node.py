# SPDX-License-Identifier: MIT
"""One running node: its power, its files and the commands run on it."""

import contextlib
import json
import shlex
import time

from lab import paths, process, qmp, volatile
from lab.errors import Broken, Failed, LabError
from lab.kernellog import Watch
from lab.ssh import Ssh

# Generous: under TCG with both cores of the host busy, a boot has been seen to take four times as long.
SSH_SECONDS = 480
READY_SECONDS = 480
CONNECT_AGAIN_SECONDS = 60
APPLY_UNIT = "penstock-apply.service"
APPLY_PROPERTIES = ("LoadState", "ActiveState", "ConditionResult", "ConditionTimestampMonotonic", "ExecMainStatus")


def hopeless(unit):
    """Why the unit that applies the configuration will never be active, or None."""
    if unit.get("LoadState") == "not-found":
        return f"the image has no {APPLY_UNIT}"
    if unit.get("ActiveState") == "active":
        return None
    if unit.get("ConditionResult") == "no" and unit.get("ConditionTimestampMonotonic", "0") != "0":
        return f"{APPLY_UNIT} was skipped: there is no /etc/penstock/penstock.yaml"
    if unit.get("ExecMainStatus") == "2":
        return "its configuration was refused"
    return None


class Node:
    """A node of a lab. `machine` says how QEMU runs it; `trace` receives each command and its
    output, for the log of the scenario that runs."""

    def __init__(self, machine, key):
        self.machine = machine
        self.name = machine.name
        self.directory = machine.directory
        self.console_log = machine.console_log
        self.ssh = Ssh(machine.directory, machine.ssh_port, key)
        self.watch = Watch(self)
        self.trace = lambda text: None
        self.dead_cables = False

    # Power

    def pid(self):
        try:
            pid = int((self.directory / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if process.is_ours(pid, self.directory) else None

    def power_on(self):
        """Starts QEMU. Returns the time, in seconds since the epoch, at which that was."""
        started_at = time.time()
        (self.directory / "qmp.sock").unlink(missing_ok=True)
        for file, log in self.machine.volatile_files():
            volatile.begin(file, log)
        qemu = process.start(self.machine.arguments(), self.directory, self.directory / "qemu.log")
        deadline = time.monotonic() + 10
        while not (self.directory / "qmp.sock").exists() or self.pid() is None:
            if qemu.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"{self.name}: QEMU did not start", paths.tail(self.directory / "qemu.log"))
            time.sleep(0.05)
        return started_at

    def power_cut(self):
        """The power goes and comes back: no chance for the node to write anything. Its cables are dead until
        wait_ssh() finds it up. A real one loses what is sent to a machine without power; QEMU keeps it, and the other
        end's card stands still with what it could not send, for minutes where the computer is busy."""
        self.ssh.close()
        self._cables(up=False)
        self.qmp("system_reset")

    def lose_power(self, seed):
        """The power goes, and with it what volatile drives were not told to flush: about half of it, by SEED. Then it comes
        back. A lab's nodes have volatile drives from the first such cut on. Returns how many writes were lost."""
        process.kill(self.pid(), self.directory)
        self.power_off()
        lost = sum(volatile.lose(file, log, seed) for file, log in self.machine.volatile_files())
        self.machine = self.machine.made_volatile()
        self.power_on()
        return lost

    def _cables(self, up):
        for cable in range(self.machine.cables):
            self.qmp("set_link", name=f"fabric{cable}", up=up)
        self.dead_cables = not up

    def power_off(self):
        """Ends QEMU: asks it, then makes it."""
        self.ssh.close()
        pid = self.pid()
        if pid is None:
            return
        try:
            self.qmp("quit", timeout=3)
        except LabError:
            pass
        if not process.wait_gone(pid, self.directory, 3):
            process.end(pid, self.directory)

    def qmp(self, command, timeout=10.0, **arguments):
        return qmp.execute(self.directory / "qmp.sock", command, timeout, **arguments)

    def check_alive(self):
        """Fails at once when waiting on is in vain."""
        if self.pid() is None:
            raise LabError(f"{self.name}: QEMU has ended", paths.tail(self.directory / "qemu.log"))
        end = paths.tail(self.console_log, 60)
        for sign, meaning in (("Kernel panic", "the kernel panicked"), ("UEFI Interactive Shell", "no UEFI boot")):
            if sign in end:
                raise LabError(f"{self.name}: {meaning}", end)

    # Waiting

    def wait_ssh(self, seconds=SSH_SECONDS):
        deadline = time.monotonic() + seconds
        while not self.ssh.connect():
            self.check_alive()
            if time.monotonic() > deadline:
                raise LabError(
                    f"{self.name}: no ssh after {seconds} s; the end of {paths.shown(self.console_log)}:",
                    paths.tail(self.console_log),
                )
            time.sleep(0.3)
        if self.dead_cables:
            self._cables(up=True)

    def unit(self, unit, *properties):
        """Properties of a systemd unit, as a dictionary."""
        shown = self.run(f"systemctl show {shlex.quote(unit)} -p {','.join(properties)}").stdout
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def wait_ready(self, seconds=READY_SECONDS):
        """Waits until the unit has applied the configuration and `penstock status` finds no fault;
        returns that status. Fails at once where waiting on is in vain."""
        deadline = time.monotonic() + seconds
        self.wait_ssh(seconds)
        while True:
            unit = self.unit(APPLY_UNIT, *APPLY_PROPERTIES)
            status = {"ok": False, "problems": [f"{APPLY_UNIT} is {unit.get('ActiveState')}"]}
            if unit.get("ActiveState") == "active":
                status = self.status()
                if status.get("ok"):
                    return status
            why = hopeless(unit)
            if why or time.monotonic() > deadline:
                why = why or f"not ready after {seconds} s: {'; '.join(status.get('problems', []))}"
                raise LabError(f"{self.name}: {why}", self.apply_log())
            self.check_alive()
            time.sleep(0.5)

    def apply_log(self):
        log = self.ssh.run(f"journalctl -u {APPLY_UNIT} -b -q -o cat --no-pager -n 40").stdout
        return f"the end of the journal of {APPLY_UNIT}:\n{log}"

    # Commands

    def run(self, command, check=True, stdin="", timeout=60, uid=None):
        """Runs COMMAND (a line for the node's shell); Failed unless it exits with 0 or check is
        False. With uid it runs as that user, who need not have an account."""
        line = command
        if uid is not None:
            line = f"setpriv --reuid={uid} --regid={uid} --clear-groups env HOME=/ bash -c {shlex.quote(command)}"
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self.wait_ssh(CONNECT_AGAIN_SECONDS)
        result = self.ssh.run(line, stdin=data, timeout=timeout)
        self.trace(f"{self.name} {result}")
        if check and not result.ok:
            raise Failed(f"{self.name}: exit status {result.status} of: {command}", result.stdout + result.stderr)
        return result

    def run_last(self, command, timeout=60):
        """Runs what takes the machine down, and its connection with it before or after it has ended."""
        with contextlib.suppress(Broken):
            self.run(command, check=False, timeout=timeout)

    def put(self, path, content, mode="0644"):
        """Writes CONTENT to the file PATH on the node."""
        quoted = shlex.quote(str(path))
        self.run(f"install -D -m {mode} /dev/stdin {quoted}", stdin=content)

    def read(self, path):
        return self.run(f"cat {shlex.quote(str(path))}").stdout

    def status(self):
        """`penstock status --json` as a dictionary."""
        result = self.run("penstock status --json", check=False)
        try:
            return json.loads(result.stdout)
        except ValueError:
            return {"ok": False, "problems": [f"status printed no JSON: {result.stdout}{result.stderr}".strip()]}

    def boot_id(self):
        return self.read("/proc/sys/kernel/random/boot_id").strip()

    def wait_rebooted(self, old_boot_id, seconds=SSH_SECONDS):
        """Waits until the node runs another boot than OLD_BOOT_ID and answers by ssh."""
        deadline = time.monotonic() + seconds
        while True:
            self.wait_ssh(max(1, deadline - time.monotonic()))
            try:
                if self.boot_id() != old_boot_id:
                    return
            except LabError:
                pass  # the old system was just going down
            if time.monotonic() > deadline:
                raise LabError(f"{self.name}: did not boot again within {seconds} s", paths.tail(self.console_log))
            time.sleep(0.5)

    def collect(self, directory):
        """Saves the journal (all boots, kernel included) for a person to read later."""
        if self.pid() is None or not self.ssh.connect():
            return
        with open(directory / f"{self.name}.journal.log", "w", encoding="utf-8") as log:
            log.write(self.ssh.run("journalctl -q --no-pager -o short-monotonic", timeout=60).stdout)
