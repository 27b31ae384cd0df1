# SPDX-License-Identifier: MIT
"""The bill of materials: reading Debian's copyright files and dpkg's status, and the rules of SPDX documents."""

import copy
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import dep5
import dpkg
import fixture
import sbom
import spdx
from errors import FormError

FORMAT = "Format: https://www.example.org/copyright-format/1.0/\n\n"
STATUS = """\
Package: alpha
Status: install ok installed
Installed-Size: 12
Maintainer: Some One <one@example.org>
Architecture: amd64
Source: alpha-source (1.0)
Version: 1:1.0+b1
Description: first
 more of it

Package: beta
Status: install ok installed
Architecture: all
Version: 2
Description: second

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 3
"""


class Dep5(unittest.TestCase):
    def expression(self, short):
        return dep5.expression(short, "p", {})

    def test_names(self):
        for short, want in (
            ("GPL-2+", "GPL-2.0-or-later"), ("GPL-2", "GPL-2.0-only"), ("GPL-2.0-only", "GPL-2.0-only"),
            ("LGPL-2.1+", "LGPL-2.1-or-later"), ("LGPL-2.1-or-later", "LGPL-2.1-or-later"), ("GFDL-1.3+", "GFDL-1.3-or-later"),
            ("Expat", "MIT"), ("BSD-3-clause", "BSD-3-Clause"), ("Apache-2.0", "Apache-2.0"),
            ("public-domain", "LicenseRef-public-domain"), ("GPL-3+ with Bison exception", "GPL-3.0-or-later WITH Bison-exception-2.2"),
            ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
            ("GPL-2+ with OpenSSL exception", "LicenseRef-p-GPL-2-with-OpenSSL-exception"), ("my own", "LicenseRef-p-my-own"),
        ):
            self.assertEqual(self.expression(short), want, short)

    def test_binding(self):
        for short, want in (
            ("Artistic or GPL-1+", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
            ("GPL-2+ and Expat", "GPL-2.0-or-later AND MIT"),
            ("GPL-2+ or Expat, and Zlib", "(GPL-2.0-or-later OR MIT) AND Zlib"),
            ("Zlib and ISC or Expat", "(Zlib AND ISC) OR MIT"),
            ("Expat, or Zlib and ISC", "MIT OR (Zlib AND ISC)"),
            ("GPL-2 | Expat", "GPL-2.0-only OR MIT"),
        ):
            self.assertEqual(self.expression(short), want, short)

    def test_whole_file(self):
        text = FORMAT + ("Files: *\nCopyright: 2020 A\nLicense: GPL-2+ or Expat\n\nFiles: b\nLicense: own\n Do what you like,\n"
                         " but say so.\n\nFiles: c\nLicense: Zlib\n\nLicense: GPL-2+\n text\n")
        found = dep5.licences(text, "p+q")
        self.assertTrue(found.dep5)
        self.assertEqual(found.expression, "(GPL-2.0-or-later OR MIT) AND LicenseRef-p-q-own AND Zlib")
        self.assertEqual(found.texts, {"LicenseRef-p-q-own": "Do what you like,\nbut say so."})

    def test_free_text(self):
        text = "You may use it under version 2, or any later version.\nSee /usr/share/common-licenses/GPL-2.\n"
        found = dep5.licences(text, "p")
        self.assertFalse(found.dep5)
        self.assertEqual(found.expression, "GPL-2.0-or-later AND LicenseRef-p-copyright")
        self.assertEqual(found.texts, {"LicenseRef-p-copyright": text})

    def test_expressions_can_be_read_again(self):
        for short in ("a or b, and c", "GPL-2+ with Bison exception or x | y", "A, B, C and D", "GPL-1+ / Artistic"):
            spdx.licences_in(self.expression(short))


def make_deb(folder, name, version, **files):
    """A .deb with a file copyright, or a link in the place of its directory."""
    tree = folder / "tree" / name
    (tree / "DEBIAN").mkdir(parents=True)
    plain = version.replace("%3a", ":")
    (tree / "DEBIAN/control").write_text(f"Package: {name}\nVersion: {plain}\nArchitecture: all\nMaintainer: x <x@example.org>\n"
                                         "Description: x\n")
    docs = tree / "usr/share/doc"
    docs.mkdir(parents=True)
    if "link" in files:
        (docs / name).symlink_to(files["link"])
    else:
        (docs / name).mkdir()
        (docs / name / "copyright").write_text(files["text"])
    target = folder / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, target], check=True, capture_output=True)


class Dpkg(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)

    def test_status(self):
        (self.base / "status").write_text(STATUS)
        alpha, beta = dpkg.installed(self.base / "status")
        self.assertEqual((alpha.name, alpha.version, alpha.source, alpha.source_version), ("alpha", "1:1.0+b1", "alpha-source", "1.0"))
        self.assertEqual((alpha.summary, alpha.installed_kib), ("first", 12))
        self.assertEqual((beta.source, beta.source_version), ("beta", "2"))
        (self.base / "status").write_text("")
        with self.assertRaisesRegex(FormError, "no installed package"):
            dpkg.installed(self.base / "status")

    def package(self, name, version="1"):
        return dpkg.Package(name, version, "all", name, version, "", "", "", 0)

    def test_copyright_files(self):
        make_deb(self.base, "alpha", "1%3a1", text="alpha's")
        make_deb(self.base, "beta", "1", link="alpha")
        packages = [self.package("alpha", "1:1"), self.package("beta")]
        self.assertEqual(dpkg.copyrights(packages, self.base), {"alpha": "alpha's", "beta": "alpha's"})
        with self.assertRaisesRegex(FormError, "gamma_1_all.deb is not there"):
            dpkg.copyrights([self.package("gamma")], self.base)


class Document(fixture.FormTest):
    def make(self):
        (self.out / "tree/var/lib/dpkg").mkdir(parents=True)
        (self.out / "tree/usr/bin").mkdir(parents=True)
        (self.out / "tree/usr/bin/penstock").write_text("program")
        module = self.out / "tree/usr/lib/modules/6.12.0/extra/zfs.ko"
        module.parent.mkdir(parents=True)
        module.write_text("module")
        (self.out / "kernel/usr/lib/modules/6.12.0").mkdir(parents=True)
        (self.out / "kernel/usr/lib/modules/6.12.0/vmlinuz").write_text("kernel")
        (self.out / "kernel/release").write_text("6.12.0\n")
        (self.out / "kernel/zfs-version").write_text("2.3.4\n")
        status = STATUS.replace("Architecture: amd64", "Architecture: all").replace("1:1.0+b1", "1.0")
        (self.out / "tree/var/lib/dpkg/status").write_text(status)
        make_deb(self.out, "alpha", "1.0", text=FORMAT + "Files: *\nLicense: GPL-2+\n")
        make_deb(self.out, "beta", "2", text="Free for all.")
        sources = sbom.Sources(tree=self.out / "tree", archives=self.out, kernel=self.out / "kernel")
        sbom.make(self.release, sources, self.out / "x.spdx.json")
        return json.loads((self.out / "x.spdx.json").read_text())

    def test_document(self):
        document = self.make()
        self.assertEqual(spdx.problems(document), [])
        found = {package["name"]: package for package in document["packages"]}
        self.assertEqual(set(found), {"penstock-storage", "penstock", "linux", "zfs-modules", "alpha", "beta"})
        self.assertEqual(found["alpha"]["licenseConcluded"], "GPL-2.0-or-later")
        self.assertIn("alpha-source 1.0", found["alpha"]["sourceInfo"])
        self.assertEqual(found["beta"]["licenseConcluded"], "LicenseRef-beta-copyright")
        self.assertEqual(found["zfs-modules"]["licenseConcluded"], "CDDL-1.0")
        contained = [entry["relatedSpdxElement"] for entry in document["relationships"]
                     if (entry["spdxElementId"], entry["relationshipType"]) == ("SPDXRef-image", "CONTAINS")]
        self.assertEqual(len(contained), 5)
        self.assertEqual(len(document["files"]), 3)
        self.assertEqual(document["creationInfo"]["created"], "2023-11-14T22:13:20Z")

    def test_what_breaks_the_rules_is_seen(self):
        good = self.make()
        for change, said in (
            (lambda d: d.update(spdxVersion="SPDX-2.2"), "spdxVersion"),
            (lambda d: d.update(documentNamespace="no uri"), "documentNamespace"),
            (lambda d: d["creationInfo"].update(created="today"), "created"),
            (lambda d: d["packages"][0].pop("downloadLocation"), "downloadLocation is missing"),
            (lambda d: d["packages"][1].update(SPDXID="SPDXRef-a b"), "no SPDX identifier"),
            (lambda d: d["packages"][4].update(licenseConcluded="GPL-2.0-only OR"), "licenseConcluded"),
            (lambda d: d["packages"][4].update(licenseConcluded="(MIT"), "bracket"),
            (lambda d: d["packages"][4].update(licenseConcluded="LicenseRef-unknown"), "no text"),
            (lambda d: d["packages"][4]["checksums"][0].update(checksumValue="12"), "bad checksum"),
            (lambda d: d["packages"].append(d["packages"][4]), "only element"),
            (lambda d: d["relationships"][2].update(relatedSpdxElement="SPDXRef-nothing"), "not in the document"),
            (lambda d: d["relationships"].pop(0), "DESCRIBES nothing"),
        ):
            document = copy.deepcopy(good)
            change(document)
            self.assertIn(said, "\n".join(spdx.problems(document)))

    def test_a_package_without_copyright_is_refused(self):
        self.make()
        with self.assertRaisesRegex(FormError, "no file copyright"):
            sbom.add_debian(None, None, "x.deb", None)
