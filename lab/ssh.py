# SPDX-License-Identifier: MIT
"""Commands on a node by ssh. One master connection is held and shared, because under TCG a key
exchange takes seconds and a command over the master a fraction of one."""

import os
import shlex
import socket
import subprocess
import time
from dataclasses import dataclass

from lab.errors import Broken, LabError

CONTROL_SOCKET = "ssh.sock"
CONNECT_SECONDS = 20
# ssh's own failures exit with 255; what a command exits with is its own affair.
SSH_FAILED = 255


@dataclass(frozen=True)
class Result:
    """What a command on a node did."""

    command: str
    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self):
        return self.status == 0

    def __str__(self):
        text = f"$ {self.command}\n{self.stdout}"
        if self.stderr:
            text += f"{'' if text.endswith(chr(10)) else chr(10)}{self.stderr}"
        return f"{text.rstrip()}\n[exit status {self.status}, {self.seconds:.1f} s]"


def make_key(path):
    """Makes the lab's own key pair; returns the public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "penstock-lab", "-f", str(path)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        raise LabError("ssh-keygen failed", made.stderr)
    return path.with_name(path.name + ".pub").read_text().strip()


def free_port():
    """A TCP port of this computer that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Ssh:
    """ssh to one node. DIRECTORY holds the control socket, which is named without a path: like all
    socket addresses it must be short."""

    def __init__(self, directory, port, key):
        self.directory = directory
        self.port = port
        self.key = key
        self._master = None

    def options(self):
        """Host keys are not checked: the node was made a moment ago and is behind 127.0.0.1."""
        settings = (
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "IdentitiesOnly=yes",
            "PreferredAuthentications=publickey",
            "PasswordAuthentication=no",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=8",
            f"ConnectTimeout={CONNECT_SECONDS}",
        )
        words = ["-F", "none", "-i", str(self.key), "-p", str(self.port)]
        for setting in settings:
            words += ["-o", setting]
        return words

    def shell(self, command=()):
        """Replaces this program by an interactive ssh, without the shared master."""
        words = ["ssh", *self.options(), "root@127.0.0.1"]
        if command:
            words.append(command[0] if len(command) == 1 else shlex.join(command))
        os.execvp("ssh", words)

    def answers(self):
        """Whether an ssh server, and not only QEMU's port forwarding, is at the other end."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as sock:
                sock.settimeout(3)
                return sock.recv(4) == b"SSH-"
        except OSError:
            return False

    def connected(self):
        if self._master is None or self._master.poll() is not None:
            return False
        command = ["ssh", "-F", "none", "-S", CONTROL_SOCKET, "-O", "check", "root@127.0.0.1"]
        return subprocess.run(command, cwd=self.directory, capture_output=True).returncode == 0

    def connect(self):
        """Tries once to have a master connection; says whether there is one."""
        if self.connected():
            return True
        self.close()
        if not self.answers():
            return False
        (self.directory / CONTROL_SOCKET).unlink(missing_ok=True)
        command = ["ssh", *self.options(), "-M", "-N", "-S", CONTROL_SOCKET, "root@127.0.0.1"]
        with open(self.directory / "ssh.log", "ab") as log:
            # A session of its own: after Ctrl-C the journals are still fetched over this connection.
            self._master = subprocess.Popen(
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + CONNECT_SECONDS
        while time.monotonic() < deadline and self._master.poll() is None:
            if (self.directory / CONTROL_SOCKET).exists() and self.connected():
                return True
            time.sleep(0.1)
        self.close()
        return False

    def close(self):
        if self._master is not None:
            self._master.kill()
            self._master.wait()
            self._master = None

    def arguments(self, command):
        """The words of an ssh over the master, for callers that run it themselves."""
        return ["ssh", "-F", "none", "-S", CONTROL_SOCKET, "-o", "LogLevel=ERROR", "root@127.0.0.1", command]

    def run(self, command, stdin=b"", timeout=60):
        """Runs COMMAND by the node's shell; returns a Result whatever its exit status."""
        if not self.connect():
            raise LabError(f"no ssh connection to port {self.port} to run: {command}")
        began = time.monotonic()
        try:
            done = subprocess.run(
                self.arguments(command), cwd=self.directory, input=stdin, capture_output=True, timeout=timeout
            )
        except subprocess.TimeoutExpired as expired:
            seen = (expired.stdout or b"") + (expired.stderr or b"")
            raise LabError(f"no end after {timeout} s: {command}", seen.decode("utf-8", "replace")) from expired
        if done.returncode == SSH_FAILED and not self.connected():
            raise Broken(f"the ssh connection broke while running: {command}")
        return Result(
            command=command,
            status=done.returncode,
            stdout=done.stdout.decode("utf-8", "replace"),
            stderr=done.stderr.decode("utf-8", "replace"),
            seconds=time.monotonic() - began,
        )

    def refusal(self, methods):
        """What ssh says when it may only use these authentication METHODS."""
        without_key = ["-o", f"PreferredAuthentications={methods}", "-o", "PubkeyAuthentication=no"]
        prompts = ["-o", "PasswordAuthentication=yes", "-o", "NumberOfPasswordPrompts=0"]
        # The first value of an ssh option counts, so these go before our own.
        command = ["ssh", *without_key, *prompts, *self.options(), "root@127.0.0.1", "true"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return f"{done.stderr}[exit status {done.returncode}]"

    def greeting(self):
        """What a person sees on logging in."""
        command = ["ssh", "-tt", *self.options(), "root@127.0.0.1"]
        done = subprocess.run(command, input=b"exit\n", capture_output=True, timeout=60)
        return done.stdout.decode("utf-8", "replace").replace("\r", "")
