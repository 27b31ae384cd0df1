# SPDX-License-Identifier: MIT
"""The minimal image boots without a compiler; with the toolchain's system extension it compiles and links."""

from lab.bare import Disk

FIRMWARE = "none"
SOAK = True
NEEDS = ("minimal",)
SECONDS = 600
EXTENSION = "/var/lib/extensions/toolchain.raw"
PROGRAM = r"""
#include <stdio.h>
int main(void)
{
	puts("compiled");
	return 0;
}
"""


def run(t):
    images = t.images("minimal")
    # The extension comes on a second disk, byte by byte.
    disks = (Disk("root", file=images.raw), Disk("toolchain", file=images.raw.with_name("toolchain.raw")))
    machine = t.bare("minimal", firmware="direct", images=images, disks=disks)
    machine.power_on()
    machine.wait_ssh(300)
    machine.run("! command -v gcc && ! command -v make && ! test -e /usr/include/stdio.h")
    machine.run("zpool version && penstock version")
    machine.run("mkdir -p /var/lib/extensions")
    machine.run(f"cp /dev/vdb {EXTENSION}", timeout=120)
    machine.run("systemctl enable --now systemd-sysext.service", timeout=120)
    machine.put("/root/x.c", PROGRAM)
    t.equal(machine.run("cc -O2 -o /root/x /root/x.c && /root/x", timeout=180).stdout.strip(), "compiled", "its output")
    machine.run("make --version && test -e /usr/lib/modules/$(uname -r)/build/Makefile")
    machine.run("systemctl disable --now systemd-sysext.service", timeout=120)
    machine.run("! command -v gcc")
