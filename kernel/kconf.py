# SPDX-License-Identifier: MIT
"""What kernel/check and kernel/explain share: our fragments, and the kernel's Kconfig tree."""

import os
import re
import subprocess
import sys
from pathlib import Path

import kconfiglib

KERNEL = Path(__file__).resolve().parent


class Request:
    """One line of a fragment: a symbol, the value asked for, where, and the comment above its group."""

    def __init__(self, symbol, value, place, reason):
        self.symbol = symbol
        self.value = value
        self.place = place
        self.reason = reason


def read_fragments():
    """All requests of all fragments, in order."""
    requests = []
    for path in sorted(KERNEL.glob("[0-9]*.config")):
        requests += read_fragment(path)
    return requests


def read_fragment(path):
    """A group is a comment, then its symbols; an empty line ends it."""
    requests, reason = [], []
    fresh = True
    for number, line in enumerate(path.read_text().splitlines(), 1):
        place = f"kernel/{path.name}:{number}"
        unset = re.fullmatch(r"# CONFIG_(\w+) is not set", line)
        if unset:
            requests.append(Request(unset[1], "n", place, " ".join(reason)))
        elif line.startswith("#"):
            reason = [] if fresh else reason
            reason.append(line.lstrip("# "))
            fresh = False
        elif not line.strip():
            fresh = True
        else:
            match = re.fullmatch(r"CONFIG_(\w+)=(.+)", line)
            if not match:
                sys.exit(f"{place}: neither a comment nor CONFIG_SYMBOL=value: {line}")
            requests.append(Request(match[1], match[2].strip('"'), place, " ".join(reason)))
    return requests


def load_tree(source):
    """The Kconfig tree of the kernel source directory, with its .config."""
    version = subprocess.run(["make", "-s", "kernelversion"], cwd=source, check=True,
                             capture_output=True, text=True).stdout.strip()
    os.environ.update(
        srctree=str(source), ARCH="x86_64", SRCARCH="x86", KERNELVERSION=version,
        CC="gcc", HOSTCC="gcc", LD="ld", RUSTC="rustc", PAHOLE="pahole",
        CC_VERSION_TEXT=subprocess.run(["gcc", "--version"], check=True, capture_output=True,
                                       text=True).stdout.splitlines()[0])
    os.chdir(source)
    tree = kconfiglib.Kconfig(warn=False)
    tree.load_config(str(Path(source) / ".config"))
    return tree
