# SPDX-License-Identifier: MIT
"""The bill of materials of an image, in SPDX 2.3: every Debian package of it with version, source and licences, the kernel,
the ZFS modules and Penstock's own programs."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import common
import dep5
import dpkg
import spdx
from errors import FormError

IMAGE = "SPDXRef-image"
KERNEL = "SPDXRef-kernel"
ZFS = "SPDXRef-zfs-modules"
PENSTOCK = "SPDXRef-penstock"
OWN = ("usr/bin/penstock", "usr/lib/libcufile.so.*", "usr/lib/*/libcufile.so.*", "usr/lib/*/libpenstock.so.*", "usr/lib/penstock/*")


@dataclass(frozen=True)
class Sources:
    """Where what is in the image came from."""

    tree: Path
    archives: Path
    kernel: Path


class Document:
    """A document in the making."""

    def __init__(self, release, root_hash):
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(release.epoch))
        self.texts = {}
        self.content = {
            "spdxVersion": spdx.SPEC, "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": release.name,
            "documentNamespace": f"urn:uuid:{common.derived_uuid('sbom', release.name, root_hash)}",
            "creationInfo": {"created": created, "creators": ["Tool: penstock-forms"]},
            "packages": [], "files": [], "relationships": [],
        }

    def package(self, parent, identity, *words, **more):
        self.content["packages"].append(spdx.package(identity, *words, **more))
        self.relate(parent, "DESCRIBES" if parent == "SPDXRef-DOCUMENT" else "CONTAINS", identity)

    def file(self, parent, path, name, licence):
        identity = spdx.identifier("file", name)
        digests = [common.digest_of(path, algorithm) for algorithm in ("sha1", "sha256")]
        self.content["files"].append(spdx.file(identity, f"./{name}", *digests, licence))
        self.relate(parent, "CONTAINS", identity)

    def relate(self, *words):
        self.content["relationships"].append(spdx.relation(*words))

    def text(self):
        self.content["hasExtractedLicensingInfos"] = [
            {"licenseId": name, "name": name.removeprefix("LicenseRef-"), "extractedText": text}
            for name, text in sorted(self.texts.items())
        ]
        return json.dumps(self.content, indent=1, ensure_ascii=False) + "\n"


def add_debian(document, package, archive, copyright_text):
    """One Debian package, and the source package that it was built from."""
    if copyright_text is None:
        raise FormError(f"{archive}: no file copyright in it, nor in a package that its own leads to")
    licences = dep5.licences(copyright_text, package.name)
    document.texts.update(licences.texts)
    identity = spdx.identifier("deb", package.name)
    place = f"pkg:deb/debian/{package.name}@{package.version.replace(':', '%3A')}?arch={package.architecture}"
    more = {"sourceInfo": f"built from the Debian source package {package.source} {package.source_version}",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": place}]}
    if package.maintainer:
        more["supplier"] = f"Organization: {package.maintainer}"
    if package.homepage:
        more["homepage"] = package.homepage
    if package.summary:
        more["summary"] = package.summary
    if not licences.dep5:
        more["licenseComments"] = ("The package's file copyright is free text; the licences are those of "
                                   "/usr/share/common-licenses that it names, and its own words.")
    document.package(IMAGE, identity, package.name, package.version, licences.expression, licences.expression,
                     checksum=common.sha256_of(archive), **more)


def add_kernel(document, sources):
    version = (sources.kernel / "release").read_text().strip()
    modules = sources.kernel / "usr/lib/modules" / version
    document.package(IMAGE, KERNEL, "linux", version, "GPL-2.0-only WITH Linux-syscall-note",
                     "GPL-2.0-only WITH Linux-syscall-note", primaryPackagePurpose="OPERATING-SYSTEM",
                     sourceInfo="built by kernel/build from the Debian package linux-source-6.12 and the patches in kernel/patches")
    document.file(KERNEL, modules / "vmlinuz", f"usr/lib/modules/{version}/vmlinuz", "GPL-2.0-only WITH Linux-syscall-note")
    installed = sources.tree / "usr/lib/modules" / version / "extra"
    zfs = sorted(installed.rglob("*.ko*")) if installed.is_dir() else []
    if zfs:
        document.package(IMAGE, ZFS, "zfs-modules", (sources.kernel / "zfs-version").read_text().strip(), "CDDL-1.0", "CDDL-1.0",
                         sourceInfo="built by kernel/build from the Debian package zfs-dkms")
        for path in zfs:
            document.file(ZFS, path, str(path.relative_to(sources.tree)), "CDDL-1.0")
        document.relate(ZFS, "DEPENDS_ON", KERNEL)


def add_penstock(document, sources, version):
    document.package(IMAGE, PENSTOCK, "penstock", version, "MIT", "MIT", primaryPackagePurpose="APPLICATION")
    paths = {path for pattern in OWN for path in sources.tree.glob(pattern) if path.is_file() and not path.is_symlink()}
    if not paths:
        raise FormError(f"{sources.tree}: none of Penstock's programs is in it")
    for path in sorted(paths):
        document.file(PENSTOCK, path, str(path.relative_to(sources.tree)), "MIT")


def make(release, sources, target):
    """Writes the document to TARGET; refuses to write one that breaks SPDX's rules."""
    packages = dpkg.installed(sources.tree / "var/lib/dpkg/status")
    texts = dpkg.copyrights(packages, sources.archives)
    root_hash = common.sha256_of(release.root)
    document = Document(release, root_hash)
    document.package("SPDXRef-DOCUMENT", IMAGE, f"penstock-{release.role}", release.version, "NOASSERTION", "NOASSERTION",
                     checksum=root_hash, primaryPackagePurpose="OPERATING-SYSTEM", packageFileName=release.root.name)
    add_penstock(document, sources, release.version)
    add_kernel(document, sources)
    for package in packages:
        add_debian(document, package, dpkg.archive_of(package, sources.archives), texts.get(package.name))
    text = document.text()
    found = spdx.problems(document.content)
    if found:
        raise FormError(f"{target}: not a valid SPDX document:\n" + "\n".join(found[:20]))
    target.write_text(text, encoding="utf-8")
