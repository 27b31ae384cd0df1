# SPDX-License-Identifier: MIT
"""serve.py DIRECTORY: answers one request over HTTP, from standard input to standard output. QEMU starts it for each
connection of a guest to an address of its own network (guestfwd), so that a machine reaches this and nothing else."""

import sys
from http.server import SimpleHTTPRequestHandler


class Connection:
    """What the handler wants of a socket."""

    def makefile(self, mode, _buffering=None):
        return sys.stdin.buffer if "r" in mode else sys.stdout.buffer

    def sendall(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Standard error is QEMU's log."""


if __name__ == "__main__":
    Handler(Connection(), ("guest", 0), None, directory=sys.argv[1])
