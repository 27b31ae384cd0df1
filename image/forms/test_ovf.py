# SPDX-License-Identifier: MIT
"""The OVA: its descriptor by the schema, the order of the tar, and the sums of the manifest."""

import subprocess
import tarfile
import xml.etree.ElementTree as tree
from pathlib import Path

import common
import fixture
import ovf

SCHEMA = Path(__file__).parent / "schema/ovf.xsd"


class Ova(fixture.FormTest):
    def make(self, name):
        disk = self.out / f"{self.release.name}.vmdk"
        disk.write_bytes(b"disk" * 1000)
        ovf.make(self.release, disk, 1 << 30, 1 << 20, self.out / name)
        return self.out / name

    def validate(self, text):
        command = ["xmllint", "--nonet", "--noout", "--schema", SCHEMA, "-"]
        return subprocess.run(command, input=text, capture_output=True)

    def descriptor(self):
        with tarfile.open(self.make("x.ova")) as archive:
            return archive.extractfile(archive.next()).read()

    def test_descriptor_is_valid(self):
        done = self.validate(self.descriptor())
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_schema_refuses_what_is_wrong(self):
        text = self.descriptor()
        for old, new in ((b'fileRef="file1"', b'fileRef="file2"'), (b"<rasd:Parent>3<", b"<rasd:Parent>9<"),
                         (b">vmx-17</vssd:VirtualSystemType>", b">vmx-17</vssd:VirtualSystem>"),
                         (b"ovf:/disk/", b"disk/"), (b'ovf:capacity="', b'ovf:capacity="x'),
                         (b">network</rasd:Connection>", b">other</rasd:Connection>")):
            self.assertEqual(text.count(old), 1, old)
            self.assertNotEqual(self.validate(text.replace(old, new)).returncode, 0, new)

    def test_machine(self):
        envelope = tree.fromstring(self.descriptor())
        found = {}
        for node in envelope.iter(f"{{{ovf.OVF}}}Item"):
            value = {child.tag.partition("}")[2]: child.text for child in node}
            found[int(value["ResourceType"])] = value
        self.assertEqual(found[ovf.PROCESSOR]["VirtualQuantity"], "4")
        self.assertEqual((found[ovf.MEMORY]["VirtualQuantity"], found[ovf.MEMORY]["AllocationUnits"]), ("8192", "byte * 2^20"))
        self.assertEqual(found[ovf.SCSI]["ResourceSubType"], "VirtualSCSI")
        self.assertEqual(found[ovf.ETHERNET]["ResourceSubType"], "VmxNet3")
        settings = {node.get(f"{{{ovf.VMW}}}key"): node.get(f"{{{ovf.VMW}}}value")
                    for node in envelope.iter(f"{{{ovf.VMW}}}Config")}
        self.assertEqual(settings["firmware"], "efi")
        self.assertEqual(envelope.find(f".//{{{ovf.OVF}}}Version").text, "1.2.3")

    def test_tar(self):
        with tarfile.open(self.make("x.ova")) as archive:
            members = archive.getmembers()
            name = self.release.name
            self.assertEqual([m.name for m in members], [f"{name}.ovf", f"{name}.mf", f"{name}.vmdk"])
            self.assertEqual({(m.uid, m.gid, m.mode, m.mtime) for m in members}, {(0, 0, 0o644, self.release.epoch)})
            sums = archive.extractfile(members[1]).read().decode().splitlines()
            for line, member in zip(sums, (members[0], members[2]), strict=True):
                digest = common.sha256_of_bytes(archive.extractfile(member).read())
                self.assertEqual(line, f"SHA256({member.name})= {digest}")

    def test_same_bytes_again(self):
        self.same_bytes(self.make("one.ova"), self.make("two.ova"))
