# SPDX-License-Identifier: MIT
"""Looks into a raw disk image and changes it, from outside and without mounting it: the boot disk of a machine whose power
is off."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab import paths
from lab.errors import LabError

ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"


@dataclass(frozen=True)
class Partition:
    """One partition of a GPT."""

    number: int
    label: str
    type: str
    uuid: str
    offset: int
    size: int


def _run(*words, stdin=None):
    done = subprocess.run([str(word) for word in words], input=stdin, capture_output=True)
    if done.returncode != 0:
        raise LabError(f"{words[0]} failed", done.stderr.decode("utf-8", "replace"))
    return done.stdout


def partitions(disk):
    """The partitions of the image DISK, in order."""
    table = json.loads(_run("sfdisk", "--json", disk))["partitiontable"]
    sector = table["sectorsize"]
    return [
        Partition(
            number=number,
            label=entry.get("name", ""),
            type=entry["type"],
            uuid=entry["uuid"].lower(),
            offset=entry["start"] * sector,
            size=entry["size"] * sector,
        )
        for number, entry in enumerate(table["partitions"], 1)
    ]


def partition(disk, uuid):
    """The one with this UUID."""
    for each in partitions(disk):
        if each.uuid == uuid:
            return each
    raise LabError(f"{paths.shown(disk)} has no partition {uuid}")


class Esp:
    """The EFI system partition of the image DISK, by mtools."""

    def __init__(self, disk):
        found = [each for each in partitions(disk) if each.type == ESP_TYPE]
        if not found:
            raise LabError(f"{paths.shown(disk)} has no EFI system partition")
        self._image = f"{disk}@@{found[0].offset}"

    def names(self, folder):
        """What is in FOLDER, which ends without a slash."""
        listed = _run("mdir", "-b", "-i", self._image, f"::{folder}/").decode().split("\n")
        return sorted(name.rstrip("/").rsplit("/", 1)[-1] for name in listed if name)

    def read(self, path):
        return _run("mcopy", "-i", self._image, f"::{path}", "-")

    def write(self, path, data):
        _run("mcopy", "-o", "-i", self._image, "-", f"::{path}", stdin=data)


def flip(disk, offset):
    """Changes the byte at OFFSET; doing it again restores it."""
    with open(Path(disk), "r+b") as image:
        image.seek(offset)
        byte = image.read(1)
        image.seek(offset)
        image.write(bytes([byte[0] ^ 0xFF]))
