# SPDX-License-Identifier: MIT
"""The folder for booting over the network: kernel, initrd with the whole release in it, iPXE script, one signed file for
UEFI HTTP boot, and a README with the settings of the usual servers."""

import os
import shutil
import tempfile
from pathlib import Path
from string import Template

import common
import cpio
import pe

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
SIGN = Path(__file__).resolve().parents[2] / "tools/sign-efi"
MEDIUM = "medium/penstock"

IPXE = """\
#!ipxe
# {name}: boots the live system, from which the node can be installed. Files are taken from where this script is.
kernel vmlinuz initrd=initrd {cmdline}
initrd initrd
boot
"""


def write_initrd(release, initrd, target):
    """The image's initrd, and behind it an archive with the release: the kernel unpacks both."""
    with open(target, "wb") as out:
        out.write(initrd)
        out.write(bytes(-len(initrd) % 512))
        cpio.tree(out, MEDIUM, release.directory, release.epoch)


def uki_options(parts, work):
    """What ukify is given of the live system's own UKI."""
    options = []
    for section, option in ((".linux", "linux"), (".cmdline", "cmdline"), (".osrel", "os-release"), (".ucode", "microcode")):
        if section in parts:
            path = work / option
            path.write_bytes(parts[section])
            options.append(f"--{option}={'@' if option in ('cmdline', 'os-release') else ''}{path}")
    if ".uname" in parts:
        options.append("--uname=" + parts[".uname"].rstrip(b"\0\n").decode())
    return options


def write_uki(parts, initrd, target, epoch):
    """One file: the kernel and the initrd with the release, signed if the clone can sign."""
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        work = Path(name)
        unsigned = work / "unsigned.efi"
        common.run("ukify", "build", *uki_options(parts, work), f"--initrd={initrd}", f"--stub={STUB}",
                   f"--output={unsigned}")
        if SIGN.is_file():
            common.run(SIGN, unsigned, target, epoch=epoch)
        else:
            shutil.copyfile(unsigned, target)


def write_readme(release, cmdline, directory):
    text = Template((Path(__file__).parent / "pxe-readme.in").read_text())
    size = (directory / "initrd").stat().st_size
    (directory / "README").write_text(text.substitute(
        name=release.name, cmdline=cmdline, mib=size >> 20, memory_gib=max(4, -(-4 * size // (1 << 30)))))


def make(release, directory):
    """Fills the new DIRECTORY."""
    common.fresh_directory(directory)
    parts = pe.kernel_of(release.live)
    cmdline = parts[".cmdline"].rstrip(b"\0\n").decode()
    (directory / "vmlinuz").write_bytes(parts[".linux"])
    write_initrd(release, parts.get(".ucode", b"") + parts[".initrd"], directory / "initrd")
    (directory / "boot.ipxe").write_text(IPXE.format(name=release.name, cmdline=cmdline))
    # The stub hands on its own microcode section first, so the file need not have it in its initrd again.
    initrd = directory / "initrd.uki"
    write_initrd(release, parts[".initrd"], initrd)
    write_uki(parts, initrd, directory / f"{release.name}.http.efi", release.epoch)
    initrd.unlink()
    write_readme(release, cmdline, directory)
    for path in directory.iterdir():
        os.utime(path, (release.epoch, release.epoch))
