# SPDX-License-Identifier: MIT
"""fio(1) of the SDK on a node: the images have none, so it is lent with its libraries until the node's next boot."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.errors import Failed, LabError

PLACE = "/run/penstock-fio"
LOADER = "ld-linux-x86-64.so.2"
SLOW = 1200


def parse_ldd(text):
    """What ldd(1) says: the name of each library, and where it lies."""
    found = {}
    for line in text.splitlines():
        missing = re.fullmatch(r"\s*(\S+) => not found", line)
        if missing:
            raise LabError(f"fio needs {missing[1]}, which is not there")
        named = re.fullmatch(r"\s*(\S+) => (/\S+) \(0x[0-9a-f]+\)", line)
        loader = re.fullmatch(r"\s*(/\S+) \(0x[0-9a-f]+\)", line)
        if named:
            found[named[1]] = named[2]
        elif loader:
            found[Path(loader[1]).name] = loader[1]
    if LOADER not in found:
        raise LabError(f"ldd does not name {LOADER}", text)
    return found


def install(node):
    """Puts fio on the node."""
    program = shutil.which("fio")
    if program is None:
        raise LabError("there is no fio here: the SDK has it, run this by ./do bench")
    ldd = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    if ldd.returncode:
        raise LabError(f"ldd {program} failed", ldd.stdout + ldd.stderr)
    for name, path in {**parse_ldd(ldd.stdout), "fio": program}.items():
        node.put(f"{PLACE}/{name}", Path(path).read_bytes(), "0755")


@dataclass(frozen=True)
class Job:
    """One measurement. `fsync`: after how many writes the data must be on the disks; 0 for only at the end."""

    title: str
    rw: str
    block: str
    threads: int = 1
    fsync: int = 0

    @property
    def reads(self):
        return self.rw.endswith("read")

    def arguments(self, file, size_bytes, seconds):
        """Of fio. A sequential job goes once through the file; a random one ends after SECONDS at the latest."""
        words = [
            "--name=bench", f"--filename={file}", f"--size={size_bytes}", f"--rw={self.rw}", f"--bs={self.block}",
            f"--numjobs={self.threads}", "--thread", "--group_reporting", "--ioengine=psync", "--fallocate=none",
            "--disk_util=0", "--output-format=json",
        ]  # fmt: skip
        if self.rw.startswith("rand"):
            words.append(f"--runtime={seconds}")
        if not self.reads:
            words.append("--end_fsync=1")
        if self.fsync:
            words.append(f"--fsync={self.fsync}")
        return words


@dataclass(frozen=True)
class Done:
    """What fio measured."""

    bytes: int
    seconds: float

    @property
    def rate(self):
        return self.bytes / self.seconds


def parse(text, reads):
    """The Done in fio's JSON, before which it may have printed notes."""
    try:
        (only,) = json.loads(text[text.index("{") :])["jobs"]
        side = only["read" if reads else "write"]
        done = Done(int(side["io_bytes"]), int(side["runtime"]) / 1000)
        error = int(only["error"])
    except (ValueError, KeyError, TypeError) as problem:
        raise Failed("fio did not print what it should", text) from problem
    if error or done.bytes <= 0 or done.seconds <= 0:
        raise Failed(f"fio moved {done.bytes} bytes in {done.seconds} s, error {error}", text)
    return done


def run(node, job, file, size_bytes, seconds, uid=None):
    """Runs JOB on FILE; returns what was Done."""
    words = " ".join(job.arguments(file, size_bytes, seconds))
    line = f"{PLACE}/{LOADER} --library-path {PLACE} {PLACE}/fio {words}"
    return parse(node.run(line, uid=uid, timeout=SLOW).stdout, job.reads)
