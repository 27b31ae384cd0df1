# SPDX-License-Identifier: MIT
"""Where the lab finds and leaves things. All that it writes is below build/."""

from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "build"
STATE = BUILD / "lab"
LOGS = BUILD / "log" / "lab"
RESULTS = BUILD / "results"
IMAGES = BUILD / "image"
DESCRIPTIONS = TOP / "lab" / "nodes"
SCENARIOS = TOP / "lab" / "scenarios"

OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_CODE_SECURE = Path("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd")
# Without any key: with it a secure firmware is in setup mode, where the first key that comes is taken.
OVMF_VARS = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")


def shown(path):
    """PATH as a person at the top of the clone would type it."""
    path = Path(path)
    return str(path.relative_to(TOP)) if path.is_relative_to(TOP) else str(path)


def tail(path, lines=25):
    """The last LINES lines of a log, without the carriage returns of a serial console."""
    try:
        text = Path(path).read_bytes()[-65536:].decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(line.rstrip("\r") for line in text.splitlines()[-lines:])
