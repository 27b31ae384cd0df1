# SPDX-License-Identifier: MIT
"""What is different in two builds of the same thing, said as precisely as the kind of file allows: the section of a UKI, the
file of a tree, the partition of a disk, the first byte of anything else."""

import os
import stat
from pathlib import Path

import common
import pe
from errors import FormError


def same(one, other):
    if one.stat().st_size != other.stat().st_size:
        return False
    return common.sha256_of(one) == common.sha256_of(other)


def first_difference(one, other):
    """The offset of the first byte that differs."""
    at = 0
    with open(one, "rb") as a, open(other, "rb") as b:
        while True:
            left, right = a.read(common.BLOCK_BYTES), b.read(common.BLOCK_BYTES)
            if left != right:
                return at + next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), min(len(left), len(right)))
            if not left:
                return None
            at += len(left)


def in_uki(one, other):
    left, right = pe.sections(one), pe.sections(other)
    names = [name for name in {**left, **right} if left.get(name) != right.get(name)]
    return "sections " + ", ".join(names) if names else "the signature or the PE header"


def in_file(one, other):
    """Where ONE and OTHER, which are not the same, differ."""
    if one.suffix == ".efi":
        try:
            return in_uki(one, other)
        except FormError:
            pass
    return f"from byte {first_difference(one, other)} on; {one.stat().st_size} and {other.stat().st_size} bytes"


def properties(path):
    """What of a file goes into an image; the content apart."""
    state = path.lstat()
    kind = stat.S_IFMT(state.st_mode)
    target = os.readlink(path) if kind == stat.S_IFLNK else ""
    size = state.st_size if kind == stat.S_IFREG else 0
    return {"mode": state.st_mode, "owner": (state.st_uid, state.st_gid), "size": size, "link": target}


def names_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def in_tree(one, other):
    """Lines for each file of two directories that is not the same in both."""
    left, right = names_below(one), names_below(other)
    for name in sorted(left | right):
        if name not in left or name not in right:
            yield f"{name}: only in the {'second' if name not in left else 'first'}"
            continue
        a, b = one / name, other / name
        before, after = properties(a), properties(b)
        changed = [key for key in before if before[key] != after[key]]
        if not changed and stat.S_ISREG(before["mode"]) and not same(a, b):
            changed = [in_file(a, b)]
        if changed:
            yield f"{name}: {', '.join(changed)}"


def artefacts(images, roles):
    """The files of build/image that a build hands out, by name."""
    found = []
    for role in roles:
        found += [images / f"{role}{suffix}" for suffix in (".raw", ".vmlinuz", ".initrd", ".cmdline")]
        found += [path for path in (images / "release" / role).rglob("*") if path.is_file()]
    found += [path for path in (images / "forms").rglob("*") if path.is_file()]
    return {str(path.relative_to(images)): path for path in sorted(found) if path.is_file()}


def report(one, other, roles):
    """Compares two directories build/image; returns (lines, how many artefacts are not the same)."""
    left, right = artefacts(one, roles), artefacts(other, roles)
    lines, bad = [], 0
    for name in sorted(left | right):
        if name not in left or name not in right:
            lines.append(f"DIFFERS    {name}: only in the {'second' if name not in left else 'first'} build")
        elif same(left[name], right[name]):
            lines.append(f"identical  {name}")
            continue
        else:
            lines.append(f"DIFFERS    {name}: {in_file(left[name], right[name])}")
        bad += 1
    if bad:
        for role in roles:
            lines += [f"           tree-{role}/{line}" for line in in_tree(Path(one, f"tree-{role}"), Path(other, f"tree-{role}"))]
    return lines, bad
