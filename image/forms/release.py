# SPDX-License-Identifier: MIT
"""The release of a role (docs/FORMS.md): a directory with the root file system, its hash tree and the signed boot files,
from which media are made."""

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from errors import FormError

EROFS_OFFSET = 1024
EROFS_MAGIC = 0xE0F5E1E2
EROFS_BUILD_TIME = 24


@dataclass(frozen=True)
class Release:
    """The files of one version."""

    directory: Path
    role: str
    version: str
    root: Path
    verity: Path
    kernel: Path
    live: Path
    loader: Path
    epoch: int

    @property
    def name(self):
        return f"penstock-{self.role}_{self.version}"


def build_time(path):
    """When an erofs says that it was made: the one time that all forms of an image have."""
    with open(path, "rb") as file:
        file.seek(EROFS_OFFSET)
        block = file.read(EROFS_BUILD_TIME + 8)
    if len(block) < EROFS_BUILD_TIME + 8 or struct.unpack_from("<I", block)[0] != EROFS_MAGIC:
        raise FormError(f"{path}: not an erofs file system")
    return struct.unpack_from("<Q", block, EROFS_BUILD_TIME)[0]


def _one(directory, pattern):
    found = sorted(directory.glob(pattern))
    if len(found) != 1:
        raise FormError(f"{directory}: {len(found)} files match {pattern}, and not one: build it with ./do image")
    return found[0]


def read(directory, role):
    """The release in DIRECTORY. SOURCE_DATE_EPOCH in the environment goes before the image's own time."""
    root = _one(directory, f"penstock-{role}_*.root.raw")
    match = re.fullmatch(rf"penstock-{re.escape(role)}_(.+)_([0-9a-f-]{{36}})\.root\.raw", root.name)
    if not match:
        raise FormError(f"{root}: not named penstock-{role}_VERSION_UUID.root.raw")
    version = match[1]
    files = {name: directory / name for name in (f"penstock-{role}_{version}.efi", f"penstock-{role}_{version}.live.efi",
                                                 "systemd-bootx64.efi", "SHA256SUMS")}
    for path in files.values():
        if not path.is_file():
            raise FormError(f"{path}: missing: build it with ./do image")
    return Release(
        directory=directory, role=role, version=version, root=root,
        verity=_one(directory, f"penstock-{role}_{version}_*.verity.raw"),
        kernel=files[f"penstock-{role}_{version}.efi"], live=files[f"penstock-{role}_{version}.live.efi"],
        loader=files["systemd-bootx64.efi"],
        epoch=int(os.environ.get("SOURCE_DATE_EPOCH") or build_time(root)),
    )
