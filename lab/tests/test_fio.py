# SPDX-License-Identifier: MIT
import json
import unittest

from lab import fio
from lab.errors import Failed, LabError

LDD = """\
\tlinux-vdso.so.1 (0x00007ffd0a5f2000)
\tlibaio.so.1t64 => /lib/x86_64-linux-gnu/libaio.so.1t64 (0x00007f33bd9d1000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f33bd6f0000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f33bd9f0000)
"""


def said(error=0, **side):
    side = {"io_bytes": 4096, "runtime": 2000, **side}
    return json.dumps({"jobs": [{"error": error, "read": side, "write": {"io_bytes": 0, "runtime": 0}}]})


class Ldd(unittest.TestCase):
    def test_libraries_and_loader(self):
        self.assertEqual(
            fio.parse_ldd(LDD),
            {
                "libaio.so.1t64": "/lib/x86_64-linux-gnu/libaio.so.1t64",
                "libc.so.6": "/lib/x86_64-linux-gnu/libc.so.6",
                "ld-linux-x86-64.so.2": "/lib64/ld-linux-x86-64.so.2",
            },
        )

    def test_a_library_that_is_missing(self):
        with self.assertRaisesRegex(LabError, "librbd.so.1"):
            fio.parse_ldd(LDD + "\tlibrbd.so.1 => not found\n")

    def test_no_loader(self):
        with self.assertRaises(LabError):
            fio.parse_ldd("\tstatically linked\n")


class Parse(unittest.TestCase):
    def test_bytes_and_seconds(self):
        done = fio.parse(said(), reads=True)
        self.assertEqual((done.bytes, done.seconds, done.rate), (4096, 2.0, 2048.0))

    def test_notes_before_it(self):
        self.assertEqual(fio.parse("fio: a note\n" + said(), reads=True).bytes, 4096)

    def test_refused(self):
        for text in ("", "fio: no\n", "{}", '{"jobs": []}', '{"jobs": [{"error": 0}]}', said(runtime="x")):
            with self.subTest(text=text), self.assertRaises(Failed):
                fio.parse(text, reads=True)

    def test_an_error_or_nothing_done(self):
        for text, reads in ((said(error=28), True), (said(), False), (said(io_bytes=0), True)):
            with self.subTest(text=text), self.assertRaises(Failed):
                fio.parse(text, reads=reads)


class Arguments(unittest.TestCase):
    def test_only_random_jobs_end_early(self):
        sequential = fio.Job("s", "read", "1M").arguments("/f", 1024, 7)
        self.assertFalse([word for word in sequential if word.startswith(("--runtime", "--fsync", "--end_fsync"))])
        self.assertIn("--size=1024", sequential)
        self.assertIn("--runtime=7", fio.Job("r", "randread", "4k", 4).arguments("/f", 1024, 7))

    def test_writes_end_on_the_disks(self):
        random = fio.Job("r", "randwrite", "4k", 4, fsync=32).arguments("/f", 1024, 7)
        for word in ("--end_fsync=1", "--fsync=32", "--numjobs=4"):
            self.assertIn(word, random)


if __name__ == "__main__":
    unittest.main()
