# SPDX-License-Identifier: MIT
"""A person's terminal on a node's serial console."""

import os
import select
import sys
import termios
import tty

from lab import qmp

LEAVE = b"\x1d"  # Ctrl-]


def attach(path):
    """Joins the terminal and the console socket PATH until Ctrl-] or the end of either."""
    with qmp.connect_unix(path, timeout=5) as sock:
        sock.settimeout(None)
        terminal = sys.stdin.fileno()
        is_terminal = os.isatty(terminal)
        saved = termios.tcgetattr(terminal) if is_terminal else None
        print("console: Ctrl-] leaves", flush=True)
        try:
            if is_terminal:
                tty.setraw(terminal)
            _pump(sock, terminal)
        finally:
            if saved:
                termios.tcsetattr(terminal, termios.TCSADRAIN, saved)
                print()


def _pump(sock, terminal):
    while True:
        readable, _, _ = select.select([sock, terminal], [], [])
        if sock in readable:
            data = sock.recv(4096)
            if not data:
                return
            os.write(sys.stdout.fileno(), data)
        if terminal in readable:
            data = os.read(terminal, 1024)
            if not data or LEAVE in data:
                return
            sock.sendall(data)
