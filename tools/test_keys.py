# SPDX-License-Identifier: MIT
"""Tests of tools/keys, sign-efi, sign-sums and sign-module, with the real programs. Run in the SDK: ./do test."""

import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
LOADER = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
# EFI_CERT_X509_GUID and EFI_CERT_TYPE_PKCS7_GUID as they lie in memory.
X509 = bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072")
PKCS7 = bytes.fromhex("9dd2af4adf68ee498aa9347d375665a7")
TIME = 1750000000
MODULE_END = b"~Module signature appended~\n"


def call(*words, keys=None, **environment):
    environment = {"PENSTOCK_KEYS": str(keys or ""), **environment}
    words = [str(word) for word in words]
    known = {name: value for name, value in os.environ.items() if name not in ("PENSTOCK_KEYS", "SOURCE_DATE_EPOCH")}
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**known, **environment})


def setUpModule():
    """One pair of keys for all tests: making one takes seconds."""
    global FOLDER, KEYS, OTHER
    FOLDER = tempfile.TemporaryDirectory()
    KEYS, OTHER = Path(FOLDER.name) / "keys", Path(FOLDER.name) / "other"
    for folder in (KEYS, OTHER):
        made = call(TOOLS / "keys", "make", folder)
        if made.returncode:
            raise RuntimeError(made.stderr)


def tearDownModule():
    FOLDER.cleanup()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def tool(self, name, *words, keys=None, fails=None, **environment):
        done = call(TOOLS / name, *words, keys=keys or KEYS, **environment)
        if fails is None:
            self.assertEqual(done.returncode, 0, done.stderr)
        else:
            self.assertNotEqual(done.returncode, 0, done.stdout)
            self.assertRegex(done.stderr, fails)
        return done

    def copy(self):
        keys = self.folder / "keys"
        shutil.copytree(KEYS, keys)
        return keys


def contents(folder):
    return {
        path.relative_to(folder): (path.stat().st_mode, path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    }


class Keys(Case):
    def test_nobody_else_reads_them(self):
        public = {"release.gpg", "secure-boot.crt"}
        for path in (KEYS, *KEYS.rglob("*")):
            with self.subTest(path.name):
                self.assertEqual(path.stat().st_mode & 0o077, 0o044 if path.name in public else 0)

    def test_made_twice_they_stay(self):
        before = contents(KEYS)
        self.tool("keys", "make", KEYS)
        self.assertEqual(contents(KEYS), before)

    def test_only_what_is_missing_is_made(self):
        keys = self.copy()
        (keys / "secure-boot.key").unlink()
        (keys / "secure-boot.crt").unlink()
        self.tool("keys", "make", keys)
        self.assertNotEqual((keys / "secure-boot.crt").read_bytes(), (KEYS / "secure-boot.crt").read_bytes())
        self.assertEqual((keys / "release.gpg").read_bytes(), (KEYS / "release.gpg").read_bytes())

    def test_show(self):
        shown = self.tool("keys", "show", KEYS).stdout
        for expected in ("Fingerprint=", "valid until", "fingerprint [0-9A-F]{40}\n", "Keep a copy of"):
            self.assertRegex(shown, expected)

    def test_show_says_what_others_can_read(self):
        keys = self.copy()
        (keys / "secure-boot.key").chmod(0o644)
        self.assertIn("secure-boot.key", self.tool("keys", "show", keys).stderr)

    def test_half_a_pair(self):
        keys = self.copy()
        (keys / "secure-boot.crt").unlink()
        self.tool("keys", "make", keys, fails="there is .*/secure-boot.key, but no ")
        self.assertFalse((keys / "secure-boot.crt").exists())

    def test_pair_that_does_not_match(self):
        keys = self.copy()
        shutil.copy(OTHER / "secure-boot.crt", keys)
        self.tool("keys", "make", keys, fails="secure-boot.crt is not the certificate of .*secure-boot.key")

    def test_damaged(self):
        keys = self.copy()
        (keys / "secure-boot.key").write_text("x\n")
        self.tool("keys", "show", keys, fails="secure-boot.key is no private key in PEM")

    def test_release_ring_of_another(self):
        keys = self.copy()
        shutil.copy(OTHER / "release.gpg", keys)
        self.tool("keys", "make", keys, fails="release.gpg is not the public half")
        self.tool("sign-sums", keys, keys=keys, fails="release.gpg is not the public half")

    def test_kinds_of_key(self):
        keys = self.copy()
        made = call("openssl", "req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                    "-subj", "/CN=x", "-keyout", keys / "secure-boot.key", "-out", keys / "secure-boot.crt")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.tool("keys", "make", keys, fails="no RSA key")

    def test_usage(self):
        self.tool("keys", "make", fails="usage")
        self.tool("keys", "show", self.folder / "none", fails="there is no directory")

    def test_deep_directory(self):
        """The address of gpg-agent's socket holds about a hundred bytes."""
        keys = self.folder / ("x" * 120)
        shutil.copytree(KEYS, keys)
        (self.folder / "d").mkdir()
        (self.folder / "d" / "a").write_text("a")
        self.tool("sign-sums", self.folder / "d", keys=keys)


class Enrol(Case):
    def test_variables(self):
        certificate = call("openssl", "x509", "-in", KEYS / "secure-boot.crt", "-outform", "DER", "-out", self.folder / "der")
        self.assertEqual(certificate.returncode, 0)
        der = (self.folder / "der").read_bytes()
        self.tool("keys", "enrol", KEYS, self.folder / "auto")
        for name in ("PK", "KEK", "db"):
            with self.subTest(name):
                auth = (self.folder / "auto" / f"{name}.auth").read_bytes()
                # EFI_TIME, then WIN_CERTIFICATE_UEFI_GUID (UEFI specification 8.2.2 and 32.2.4), then the list.
                length, revision, kind = struct.unpack_from("<IHH", auth, 16)
                self.assertEqual((revision, kind, auth[24:40]), (0x0200, 0x0EF1, PKCS7))
                entries = auth[16 + length :]
                self.assertEqual(entries[:16], X509)
                self.assertEqual(entries[28 + 16 :], der)

    def test_same_keys_same_bytes(self):
        for name in ("one", "two"):
            self.tool("keys", "enrol", KEYS, self.folder / name)
        self.assertEqual(contents(self.folder / "one"), contents(self.folder / "two"))


class SignEfi(Case):
    def sign(self, **environment):
        path = self.folder / "signed.efi"
        self.tool("sign-efi", LOADER, path, **environment)
        return path

    def verify(self, path, keys=None):
        return call("sbverify", "--cert", (keys or KEYS) / "secure-boot.crt", path).returncode == 0

    def test_signed(self):
        path = self.sign()
        self.assertTrue(self.verify(path))
        self.assertFalse(self.verify(path, OTHER))
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        self.assertEqual([each.name for each in self.folder.iterdir()], ["signed.efi"])

    def test_altered(self):
        path = self.sign()
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        self.assertFalse(self.verify(path))

    def test_same_time_same_bytes(self):
        first = self.sign(SOURCE_DATE_EPOCH=str(TIME)).read_bytes()
        self.assertTrue(self.verify(self.folder / "signed.efi"))
        self.assertEqual(self.sign(SOURCE_DATE_EPOCH=str(TIME)).read_bytes(), first)
        self.assertNotEqual(self.sign(SOURCE_DATE_EPOCH=str(TIME + 1)).read_bytes(), first)
        self.assertTrue(self.verify(self.folder / "signed.efi"))

    def test_refused(self):
        text = self.folder / "text"
        text.write_text("MZ" + "x" * 200)
        signed = self.sign()
        for source, why in (
            (text, "text is no EFI program"),
            (signed, "is signed already"),
            (self.folder / "none", "cannot read .*none"),
        ):
            with self.subTest(why):
                self.tool("sign-efi", source, self.folder / "out", fails=why)
        self.tool("sign-efi", LOADER, self.folder / "out", keys=self.folder / "none", fails="cannot read .*secure-boot.key")
        self.tool("sign-efi", LOADER, self.folder / "none" / "out", fails="no directory")
        self.assertFalse((self.folder / "out").exists())


class SignSums(Case):
    def setUp(self):
        super().setUp()
        self.release = self.folder / "release"
        (self.release / "loader").mkdir(parents=True)
        (self.release / "b b").write_text("b")
        (self.release / "loader" / "a").write_text("a")

    def verify(self, keys=None):
        ring = (keys or KEYS) / "release.gpg"
        home = self.folder / "gpg"
        home.mkdir(mode=0o700, exist_ok=True)
        words = ("gpg", "--batch", "--homedir", home, "--no-default-keyring", "--trust-model", "always", "--keyring", ring)
        return call(*words, "--verify", self.release / "SHA256SUMS.gpg", self.release / "SHA256SUMS").returncode == 0

    def test_sums(self):
        self.tool("sign-sums", self.release)
        want = "".join(
            f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in (("b b", b"b"), ("loader/a", b"a"))
        )
        self.assertEqual((self.release / "SHA256SUMS").read_text(), want)
        self.assertTrue(self.verify())
        self.assertFalse(self.verify(OTHER))
        with open(self.release / "SHA256SUMS", "a", encoding="ascii") as sums:
            sums.write("x\n")
        self.assertFalse(self.verify())

    def test_same_time_same_bytes(self):
        made = []
        for _ in range(2):
            self.tool("sign-sums", self.release, SOURCE_DATE_EPOCH=str(TIME))
            made.append(contents(self.release))
        self.assertEqual(made[0], made[1])

    def test_older_than_the_key(self):
        self.tool("sign-sums", self.release, SOURCE_DATE_EPOCH="1000000000")
        self.assertTrue(self.verify())

    def test_refused(self):
        (self.folder / "empty").mkdir()
        self.tool("sign-sums", self.folder / "empty", fails="there is no file in")
        self.tool("sign-sums", self.folder / "none", fails="there is no directory")
        self.tool("sign-sums", self.release, keys=self.folder / "none", fails="./do keys makes them")
        self.assertEqual(sorted(path.name for path in self.release.iterdir()), ["b b", "loader"])
        self.assertEqual(list((self.folder / "empty").iterdir()), [])


class SignModule(Case):
    def setUp(self):
        super().setUp()
        self.module = self.folder / "m.ko"
        self.module.write_bytes(b"\x7fELF" + bytes(range(256)) * 4)

    def test_signed(self):
        self.tool("sign-module", self.module, self.folder / "out.ko")
        signed = (self.folder / "out.ko").read_bytes()
        plain = self.module.read_bytes()
        magic = MODULE_END
        self.assertTrue(signed.startswith(plain) and signed.endswith(magic))
        end = signed[: -len(magic)]
        kind, length = end[-12 + 2], struct.unpack(">I", end[-4:])[0]
        self.assertEqual((kind, len(plain) + length + 12), (2, len(end)))
        (self.folder / "signature").write_bytes(end[len(plain) : -12])
        words = ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.folder / "signature", "-content",
                 self.module, "-noverify", "-out", "/dev/null", "-certfile")
        self.assertEqual(call(*words, KEYS / "secure-boot.crt").returncode, 0)
        self.assertNotEqual(call(*words, OTHER / "secure-boot.crt").returncode, 0)

    def test_in_place(self):
        self.tool("sign-module", self.module, self.module)
        self.tool("sign-module", self.module, self.folder / "x.ko", fails="is signed already")

    def test_refused(self):
        packed = self.folder / "m.ko.xz"
        packed.write_bytes(b"\xfd7zXZ\0")
        self.tool("sign-module", packed, self.folder / "x.ko", fails="unpack it first")
        self.tool("sign-module", self.folder / "none", self.folder / "x.ko", fails="cannot read .*none")
        self.tool("sign-module", self.module, self.folder / "x.ko", keys=self.folder / "none", fails="secure-boot.key")


if __name__ == "__main__":
    unittest.main()
