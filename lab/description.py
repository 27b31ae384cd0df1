# SPDX-License-Identifier: MIT
"""Reads the description of a lab (lab/nodes/*.toml) and checks it, so that a typing error is
answered with the file and the key instead of a QEMU that does not start."""

import re
import string
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from lab import paths
from lab.errors import LabError

# As many as there are slots for in lab/qemu.py.
MAX_CABLES = 4
UNITS = {"M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class NodeSpec:
    """One node as described."""

    name: str
    profile: str
    config: Path
    cpus: int = 1
    memory_bytes: int = 2 << 30
    disk_bytes: tuple = field(default=())

    def configuration(self, **values):
        """The node's penstock.yaml, with the ${names} in it replaced."""
        return string.Template(self.config.read_text()).substitute(values)


@dataclass(frozen=True)
class LabSpec:
    """A whole lab as described."""

    name: str
    fabric_mtu: int
    cables: int
    nodes: tuple

    def node(self, name):
        for node in self.nodes:
            if node.name == name:
                return node
        raise LabError(f"no node '{name}': this lab has {', '.join(n.name for n in self.nodes)}")


# For scenarios that make virtual machines of their own.
EMPTY = LabSpec(name="none", fabric_mtu=9000, cables=0, nodes=())


def parse_size(text):
    """Bytes of '512M' or '2G'."""
    match = re.fullmatch(r"([1-9][0-9]*)([MG])", str(text))
    if not match:
        raise ValueError(f"'{text}' is not a size such as 512M or 2G")
    return int(match[1]) * UNITS[match[2]]


def _only(table, allowed, where):
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        raise ValueError(f"{where}: unknown key '{unknown[0]}' (known: {', '.join(allowed)})")


def _node(table, number, folder):
    where = f"node {number}"
    _only(table, ("name", "profile", "config", "cpus", "memory", "disks"), where)
    for key in ("name", "profile", "config"):
        if key not in table:
            raise ValueError(f"{where}: '{key}' is missing")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", table["name"]):
        raise ValueError(f"{where}: name '{table['name']}' is not a short host name")
    config = folder / table["config"]
    if not config.is_file():
        raise ValueError(f"{where}: config: there is no {paths.shown(config)}")
    disks = []
    for entry in table.get("disks", []):
        _only(entry, ("count", "size"), f"{where}: disks")
        disks += [parse_size(entry["size"])] * int(entry.get("count", 1))
    return NodeSpec(
        name=table["name"],
        profile=table["profile"],
        config=config,
        cpus=int(table.get("cpus", 1)),
        memory_bytes=parse_size(table.get("memory", "2G")),
        disk_bytes=tuple(disks),
    )


def parse(text, name, folder):
    """The LabSpec in TEXT; ValueError says which key is wrong."""
    table = tomllib.loads(text)
    _only(table, ("fabric", "node"), "top level")
    fabric = table.get("fabric", {})
    _only(fabric, ("mtu", "cables"), "fabric")
    nodes = tuple(_node(t, i, folder) for i, t in enumerate(table.get("node", []), 1))
    names = [node.name for node in nodes]
    if len(set(names)) != len(names):
        raise ValueError("two nodes have the same name")
    # A stream between two virtual machines is a cable, not a switch.
    if len(nodes) not in (1, 2):
        raise ValueError(f"the fabric is a cable with two ends; {len(nodes)} nodes are described")
    cables = int(fabric.get("cables", 1))
    if not 1 <= cables <= MAX_CABLES:
        raise ValueError(f"fabric: cables: 1 to {MAX_CABLES}, not {cables}")
    return LabSpec(name=name, fabric_mtu=int(fabric.get("mtu", 9000)), cables=cables, nodes=nodes)


def load(name):
    """The LabSpec of lab/nodes/NAME.toml."""
    if name == EMPTY.name:
        return EMPTY
    path = paths.DESCRIPTIONS / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in paths.DESCRIPTIONS.glob("*.toml"))
        raise LabError(f"no description '{name}' in lab/nodes: there is {', '.join(known)}")
    try:
        return parse(path.read_text(), name, path.parent)
    except (ValueError, TypeError, KeyError) as error:
        raise LabError(f"{paths.shown(path)}: {error}") from error
