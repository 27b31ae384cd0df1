# SPDX-License-Identifier: MIT
"""SHA256SUMS of a directory, as sha256sum writes and checks it, signed if the clone can sign."""

from pathlib import Path

import common

SIGN = Path(__file__).resolve().parents[2] / "tools/sign-sums"
NAMES = ("SHA256SUMS", "SHA256SUMS.gpg")


def lines(directory):
    """One line for each file below DIRECTORY, in the order of their names."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path.name not in NAMES)
    return "".join(f"{common.sha256_of(path)}  {path.relative_to(directory)}\n" for path in files)


def make(directory, epoch):
    if SIGN.is_file():
        # It writes the sums, too.
        common.run(SIGN, directory, epoch=epoch)
    else:
        (directory / "SHA256SUMS").write_text(lines(directory))
