# SPDX-License-Identifier: MIT
"""What `penstock update` takes on a machine that is installed: of a release the signed sums, the root with its hash tree and
the kernel image, in one tar; the boot files of media stay out."""

import common


def make(release, target):
    sums = release.directory / "SHA256SUMS"
    files = (sums, sums.with_name(f"{sums.name}.gpg"), release.kernel, release.root, release.verity)
    common.run("tar", "--directory", release.directory, "--format=ustar", f"--mtime=@{release.epoch}", "--owner=0", "--group=0",
               "--numeric-owner", "--mode=0644", "--use-compress-program=zstd -q -10 -T0", "--create", "--file", target,
               *(path.name for path in files))
