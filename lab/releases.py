# SPDX-License-Identifier: MIT
"""Releases of other versions, made of the tree of this build, for a node to be updated to."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import paths
from lab.errors import LabError

IMAGES = paths.TOP / "build/image"
# Where a release is put on a node; it stays over reboots.
PLACE = "/srv/releases"
# Where QEMU answers in a machine's network for served().
SERVER = "10.0.2.100"
URL = f"http://{SERVER}"
MAKE_SECONDS = 600
COPY_SECONDS = 600
UPDATE_SECONDS = 900
# What a version does without that is never to come up: it is all the smaller.
NOT_IN_BROKEN = ("usr/bin/penstock", "usr/lib/gcc", "usr/libexec/gcc", "usr/share", "usr/include", "usr/src", "usr/lib/firmware")


@contextlib.contextmanager
def workplace():
    """A directory for releases, beside the images: trees are copied there by hard links."""
    with tempfile.TemporaryDirectory(prefix="releases.", dir=IMAGES) as directory:
        yield paths.TOP / directory


def call(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=MAKE_SECONDS)
    if result.returncode:
        raise LabError(f"failed: {' '.join(map(str, command))}", result.stdout + result.stderr)


def make(directory, role, version, tree=None):
    """The release VERSION for ROLE, in a directory below DIRECTORY."""
    out = directory / f"{role}-{version}"
    call(paths.TOP / "image/release", role, version, tree or IMAGES / f"tree-{role}", out)
    return out


def make_broken(directory, role, version):
    """One that starts, and never comes up as declared: it has no penstock."""
    tree = directory / "broken-tree"
    call("cp", "-al", IMAGES / f"tree-{role}", tree)
    for path in NOT_IN_BROKEN:
        if (tree / path).is_dir():
            shutil.rmtree(tree / path)
        else:
            (tree / path).unlink()
    return make(directory, role, version, tree)


def make_named(directory, role, version):
    """A signed one that is nothing but names: for what is refused by these."""
    out = directory / f"named-{role}-{version}"
    out.mkdir()
    for end in (f"_{'1' * 8}-1111-1111-1111-{'1' * 12}.root.raw", f"_{'2' * 8}-2222-2222-2222-{'2' * 12}.verity.raw", ".efi"):
        (out / f"penstock-{role}_{version}{end}").write_text(f"{role} {version}\n" * 100)
    call(paths.TOP / "tools/sign-sums", out)
    return out


def signed_by_another(release):
    """The signature of its SHA256SUMS by a key that no node knows."""
    with tempfile.TemporaryDirectory() as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet")
        try:
            call(*gpg, "--passphrase", "", "--quick-generate-key", "another", "ed25519", "sign", "never")
            call(*gpg, "--detach-sign", "--output", f"{home}/signature", release / "SHA256SUMS")
            return (Path(home) / "signature").read_bytes()
        finally:
            call("gpgconf", "--homedir", home, "--kill", "all")


def medium(directory, *releases):
    """A CD with them, as a person brings an update to a machine without a network: its file."""
    iso = directory / "releases.iso"
    grafts = [f"/{release.name}={release}" for release in releases]
    call("xorriso", "-as", "mkisofs", "-quiet", "-R", "-iso-level", "3", "-V", "RELEASES", "-o", iso, "-graft-points", *grafts)
    return iso


def mount(node):
    """Mounts that CD on the node; returns where."""
    node.run("mkdir -p /run/releases && mount -o ro LABEL=RELEASES /run/releases")
    return "/run/releases"


def served(release):
    """For a machine's network: the release is at URL."""
    return f",guestfwd=tcp:{SERVER}:80-cmd:{sys.executable} {paths.TOP / 'lab/serve.py'} {release}"


def put(node, release):
    """Copies a release to the node; returns where it is there."""
    place = f"{PLACE}/{release.name}"
    files = [path.name for path in sorted(release.iterdir()) if path.is_file() and ".live." not in path.name]
    tar = subprocess.run(["tar", "-C", str(release), "-cf", "-", *files], capture_output=True, check=True).stdout
    node.run(f"mkdir -p {place} && tar -xf - -C {place}", stdin=tar, timeout=COPY_SECONDS)
    return place


def state(node):
    """`penstock update --json` as a dictionary; None where it says nothing."""
    result = node.run("penstock update --json", check=False)
    return json.loads(result.stdout) if result.ok else None


def slot(node, version):
    """The state of a version on the node's disk, or None."""
    shown = state(node)
    return next((slot["state"] for slot in shown["slots"] if slot["version"] == version), None) if shown else None


def later(version, by=1):
    """A version after VERSION: 0.1.0 becomes 0.1.1."""
    head, _, last = version.rpartition(".")
    return f"{head}.{int(last) + by}"
