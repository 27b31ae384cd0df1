# SPDX-License-Identifier: MIT
"""What Debian packages a tree has, and what their archives say of themselves."""

import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import dep5
from errors import FormError


@dataclass(frozen=True)
class Package:
    """One installed package, as dpkg's status has it."""

    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    maintainer: str
    homepage: str
    summary: str
    installed_kib: int


def installed(status):
    """The installed packages that the file STATUS lists, by name."""
    found = []
    for stanza in dep5.paragraphs(status.read_text(encoding="utf-8")):
        if not stanza.get("status", "").endswith(" installed"):
            continue
        # "Source: name (version)" where the source's version is another one.
        match = re.fullmatch(r"(\S+)(?: \((\S+)\))?", stanza.get("source", stanza["package"]))
        found.append(Package(
            name=stanza["package"], version=stanza["version"], architecture=stanza["architecture"],
            source=match[1], source_version=match[2] or stanza["version"],
            maintainer=stanza.get("maintainer", ""), homepage=stanza.get("homepage", ""),
            summary=stanza.get("description", "").partition("\n")[0],
            installed_kib=int(stanza.get("installed-size", 0)),
        ))
    if not found:
        raise FormError(f"{status}: no installed package in it")
    return sorted(found, key=lambda package: package.name)


def archive_of(package, folder):
    """The package's .deb somewhere below FOLDER, where mkosi keeps what it took from the archive."""
    name = f"{package.name}_{package.version.replace(':', '%3a')}_{package.architecture}.deb"
    for path in sorted(Path(folder).rglob(name)):
        return path
    raise FormError(f"{folder}: {name} is not there: build the image anew (rm build/image.id build/image/base.id, ./do image)")


def _members(archive):
    """name → text of each copyright file, or the name of the directory that its own is a link to."""
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    texts, links = {}, {}
    with subprocess.Popen(command, stdout=subprocess.PIPE) as unpack:
        with tarfile.open(fileobj=unpack.stdout, mode="r|") as tar:
            for entry in tar:
                match = re.fullmatch(r"(?:\./)?usr/share/doc/([^/]+)(/copyright)?", entry.name)
                if match and entry.issym():
                    links[match[1]] = [part for part in entry.linkname.split("/") if part not in ("..", "copyright")][-1]
                elif match and match[2] and entry.isfile():
                    texts[match[1]] = tar.extractfile(entry).read().decode("utf-8", "replace")
        unpack.stdout.read()
    if unpack.returncode != 0:
        raise FormError(f"{archive}: dpkg-deb could not unpack it")
    return texts, links


def copyrights(packages, folder):
    """package name → text of its copyright file; some packages share another one's by a link."""
    texts, links = {}, {}
    for package in packages:
        more_texts, more_links = _members(archive_of(package, folder))
        texts.update(more_texts)
        links.update(more_links)
    found = {}
    for package in packages:
        name, steps = package.name, 0
        while name not in texts and name in links and steps < 8:
            name, steps = links[name], steps + 1
        if name in texts:
            found[package.name] = texts[name]
    return found


def file_lists(info):
    """path → package, from dpkg's lists in the directory INFO."""
    owner = {}
    for path in sorted(info.glob("*.list")):
        for line in path.read_text(encoding="utf-8").splitlines():
            owner[line] = path.stem.partition(":")[0]
    return owner
