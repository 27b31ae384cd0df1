# SPDX-License-Identifier: MIT
"""The QEMU command line of a node, and the files that it names. Making the arguments is pure, so
that unit tests can look at them.

QEMU runs in the node's directory and names its files without a path: socket addresses stay short
and no comma in the clone's path can break an option. Only -pidfile is absolute; process.is_ours
recognises a process by it.
"""

import base64
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from lab import paths, volatile
from lab.errors import LabError

# Slots on the root bus. systemd names interfaces after them: enp0s4 and, one for each cable, enp0s16, enp0s17...
SLOT_ROOT_DISK = 0x03
SLOT_MANAGEMENT = 0x04
SLOT_RANDOM = 0x05
SLOT_FIRST_NVME = 0x08
SLOT_FABRIC = 0x10
MAX_NVME = SLOT_FABRIC - SLOT_FIRST_NVME

FABRIC_SOCKET = "../fabric{}.sock"
CREDENTIAL_FILES = {"penstock.yaml": "credential-config", "ssh.authorized_keys.root": "credential-key"}

# max has every feature that TCG knows. Five-level page tables only make each of its walks longer.
CPU = {"kvm": "host", "tcg": "max,la57=off"}
ACCELERATION = {"kvm": "kvm", "tcg": "tcg,thread=multi,tb-size=512"}


@dataclass(frozen=True)
class Images:
    """The files of one image profile as ./do image leaves them."""

    raw: Path
    kernel: Path
    cmdline: Path
    initrd: Path

    @classmethod
    def of(cls, directory, profile):
        return cls(
            raw=directory / f"{profile}.raw",
            kernel=directory / f"{profile}.vmlinuz",
            cmdline=directory / f"{profile}.cmdline",
            initrd=directory / f"{profile}.initrd",
        )

    def check(self, firmware):
        """Refuses early and with advice when a file is missing."""
        needed = [self.raw] if firmware == "uefi" else [self.raw, self.kernel, self.cmdline]
        for path in needed:
            if not path.is_file():
                raise LabError(f"there is no {paths.shown(path)}: build the images with ./do image")


def base_arguments(name, directory, cpus, memory_bytes, accel, machine="q35"):
    """What every virtual machine of the lab has: its name, its clock, its QMP socket, its serial console."""
    return [
        "qemu-system-x86_64",
        *("-name", f"penstock-{name}"),
        *("-pidfile", str(directory / "pid")),
        *("-machine", machine),
        *("-accel", ACCELERATION[accel], "-cpu", CPU[accel]),
        *("-smp", str(cpus), "-m", f"{memory_bytes >> 20}M"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-rtc", "base=utc"),
        *("-qmp", "unix:qmp.sock,server=on,wait=off"),
        *("-chardev", "socket,id=console,path=console.sock,server=on,wait=off,logfile=console.log,logappend=on"),
        *("-serial", "chardev:console"),
        *("-device", f"virtio-rng-pci,addr={SLOT_RANDOM:#x}"),
    ]


def management_arguments(ssh_port, mac, network="", device=",romfile="):
    """The card through which ssh comes in. NETWORK and DEVICE are further options of QEMU, each with its comma;
    without a ROM the card has no iPXE, by which firmware would boot from it."""
    # restrict=on: a node sees this computer's network only through the forwarded ssh port.
    management = f"user,id=management,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:{ssh_port}-:22{network}"
    place = f"mac={mac},addr={SLOT_MANAGEMENT:#x}"
    return ["-netdev", management, "-device", f"virtio-net-pci,netdev=management,{place}{device}"]


def direct_arguments(images, more=""):
    """Booting without firmware; MORE is added to the kernel's command line."""
    initrd = ["-initrd", str(images.initrd)] if images.initrd.is_file() else []
    cmdline = f"{images.cmdline.read_text().strip()} {more}".strip()
    return ["-kernel", str(images.kernel), *initrd, "-append", cmdline]


def make_disk(path, *, size_bytes=None, backing=None, backing_format="raw"):
    """Makes the disk PATH: a qcow2 over the file BACKING, or an empty raw one of SIZE_BYTES."""
    if backing is None:
        with open(path, "wb") as disk:
            disk.truncate(size_bytes)
        return
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(Path(backing).resolve()), "-F", backing_format]
    command += [str(path), *([str(size_bytes)] if size_bytes else [])]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        raise LabError(f"the overlay of {paths.shown(backing)} could not be made", made.stderr)


def make_console_log(directory, log):
    """An empty console log where people look for logs, and a link to it where QEMU runs."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    (directory / "console.log").symlink_to(log)


def write_credential(path, name, value):
    """The SMBIOS string that gives a guest's systemd the credential NAME."""
    encoded = base64.b64encode(value.encode()).decode()
    path.write_text(f"io.systemd.credential.binary:{name}={encoded}")


@dataclass(frozen=True)
class Machine:
    """All that the command line depends on."""

    spec: object
    directory: Path
    number: int
    ssh_port: int
    accel: str
    firmware: str
    images: Images
    fabric_mtu: int
    cables: int
    console_log: Path
    volatile: bool = False  # the NVMe drives lose what they were not told to flush: Node.lose_power()

    @property
    def name(self):
        return self.spec.name

    def arguments(self):
        return [
            *base_arguments(self.name, self.directory, self.spec.cpus, self.spec.memory_bytes, self.accel),
            *self._boot(),
            *self._root_disk(),
            *self._nvme(),
            *self._network(),
            *[word for name in CREDENTIAL_FILES.values() for word in ("-smbios", f"type=11,path={name}")],
        ]

    def _boot(self):
        if self.firmware == "uefi":
            return [
                *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={paths.OVMF_CODE}"),
                *("-drive", "if=pflash,format=raw,unit=1,file=uefi-variables.fd"),
            ]
        return direct_arguments(self.images)

    def _root_disk(self):
        # cache=unsafe: a guest's flush need not wait for this computer's disk. What the guest wrote
        # still outlives a reset of the guest and an end of QEMU.
        return [
            *("-drive", "if=none,id=root,format=qcow2,cache=unsafe,discard=unmap,file=root.qcow2"),
            *("-device", f"virtio-blk-pci,drive=root,bootindex=1,addr={SLOT_ROOT_DISK:#x}"),
        ]

    def _nvme(self):
        words = []
        for i in range(len(self.spec.disk_bytes)):
            if self.volatile:
                words += volatile.arguments(f"nvme{i}", f"nvme{i}.raw", f"nvme{i}.log")
            else:
                words += ["-drive", f"if=none,id=nvme{i},format=raw,cache=unsafe,discard=unmap,file=nvme{i}.raw"]
            serial = f"ps-{self.spec.name}-{i}"
            words += ["-device", f"nvme,drive=nvme{i},serial={serial},addr={SLOT_FIRST_NVME + i:#x}"]
        return words

    def volatile_files(self):
        """Each volatile drive's file, and the log of what is written to it."""
        count = len(self.spec.disk_bytes) if self.volatile else 0
        return [(self.directory / f"nvme{i}.raw", self.directory / f"nvme{i}.log") for i in range(count)]

    def made_volatile(self):
        """The same with volatile drives."""
        return replace(self, volatile=True)

    def _network(self):
        mac = f"52:54:00:77:{self.number:02x}"
        return [
            *management_arguments(self.ssh_port, f"{mac}:01"),
            *[word for cable in range(self.cables) for word in self._cable(cable, f"{mac}:{cable + 2:02x}")],
        ]

    def _cable(self, cable, mac):
        # The first node is the cable's fixed end; the other plugs in again whenever it must.
        end = "server=on" if self.number == 0 else "server=off,reconnect-ms=500"
        place = f"mac={mac},addr={SLOT_FABRIC + cable:#x}"
        socket = FABRIC_SOCKET.format(cable)
        return [
            *("-netdev", f"stream,id=fabric{cable},addr.type=unix,addr.path={socket},{end}"),
            *("-device", f"virtio-net-pci,netdev=fabric{cable},host_mtu={self.fabric_mtu},{place},romfile="),
        ]

    def make_files(self, credentials):
        """Makes the disks, the UEFI variables and the credentials, all new."""
        if len(self.spec.disk_bytes) > MAX_NVME:
            raise LabError(f"{self.spec.name}: at most {MAX_NVME} disks fit into the slots of lab/qemu.py")
        self.directory.mkdir(parents=True)
        make_disk(self.directory / "root.qcow2", backing=self.images.raw)
        for i, count in enumerate(self.spec.disk_bytes):
            make_disk(self.directory / f"nvme{i}.raw", size_bytes=count)
        if self.firmware == "uefi":
            shutil.copy(paths.OVMF_VARS, self.directory / "uefi-variables.fd")
        make_console_log(self.directory, self.console_log)
        for name, value in credentials.items():
            write_credential(self.directory / CREDENTIAL_FILES[name], name, value)
