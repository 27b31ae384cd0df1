# SPDX-License-Identifier: MIT
"""A small client of QEMU's machine protocol: power and state of one virtual machine."""

import json
import os
import socket

from lab.errors import LabError


def connect_unix(path, timeout):
    """Connects to the Unix socket PATH, however long: the address holds 107 bytes only, and a clone
    may lie deep, so the directory is named through an open descriptor."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(f"/proc/self/fd/{directory}/{path.name}")
        except OSError:
            sock.close()
            raise
        return sock
    finally:
        os.close(directory)


def execute(path, command, timeout=10.0, **arguments):
    """Runs one QMP command on the socket PATH and returns its answer.

    QEMU serves one client at a time, so a connection is held for one command only.
    """
    try:
        with connect_unix(path, timeout) as sock, sock.makefile("rwb") as stream:
            _answer(stream)
            _send(stream, {"execute": "qmp_capabilities"})
            _answer(stream)
            _send(stream, {"execute": command, **({"arguments": arguments} if arguments else {})})
            answer = _answer(stream)
    except OSError as error:
        raise LabError(f"{path}: QEMU does not answer: {error}") from error
    if "error" in answer:
        raise LabError(f"QEMU refused {command}: {answer['error'].get('desc')}")
    return answer.get("return")


def _send(stream, message):
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def _answer(stream):
    """The next line that is no event."""
    while True:
        line = stream.readline()
        if not line:
            raise OSError("connection closed")
        message = json.loads(line)
        if "event" not in message:
            return message
