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
from dataclasses import dataclass
from pathlib import Path

from lab import paths
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
    """The files of one image profile as ./do image leaves them; initrd is for stock kernels."""

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

    def arguments(self):
        return [
            *self._base(),
            *self._boot(),
            *self._root_disk(),
            *self._nvme(),
            *self._network(),
            *[word for name in CREDENTIAL_FILES.values() for word in ("-smbios", f"type=11,path={name}")],
        ]

    def _base(self):
        spec = self.spec
        return [
            "qemu-system-x86_64",
            *("-name", f"penstock-{spec.name}"),
            *("-pidfile", str(self.directory / "pid")),
            *("-machine", "q35"),
            *("-accel", ACCELERATION[self.accel], "-cpu", CPU[self.accel]),
            *("-smp", str(spec.cpus), "-m", f"{spec.memory_bytes >> 20}M"),
            *("-nodefaults", "-no-user-config", "-display", "none", "-rtc", "base=utc"),
            *("-qmp", "unix:qmp.sock,server=on,wait=off"),
            *("-chardev", "socket,id=console,path=console.sock,server=on,wait=off,logfile=console.log,logappend=on"),
            *("-serial", "chardev:console"),
            *("-device", f"virtio-rng-pci,addr={SLOT_RANDOM:#x}"),
        ]

    def _boot(self):
        if self.firmware == "uefi":
            return [
                *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={paths.OVMF_CODE}"),
                *("-drive", "if=pflash,format=raw,unit=1,file=uefi-variables.fd"),
            ]
        initrd = ["-initrd", str(self.images.initrd)] if self.images.initrd.is_file() else []
        return ["-kernel", str(self.images.kernel), *initrd, "-append", self.images.cmdline.read_text().strip()]

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
            words += ["-drive", f"if=none,id=nvme{i},format=raw,cache=unsafe,discard=unmap,file=nvme{i}.raw"]
            serial = f"ps-{self.spec.name}-{i}"
            words += ["-device", f"nvme,drive=nvme{i},serial={serial},addr={SLOT_FIRST_NVME + i:#x}"]
        return words

    def _network(self):
        # restrict=on: a node sees this computer's network only through the forwarded ssh port.
        management = f"user,id=management,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22"
        mac = f"52:54:00:77:{self.number:02x}"
        return [
            *("-netdev", management),
            *("-device", f"virtio-net-pci,netdev=management,mac={mac}:01,addr={SLOT_MANAGEMENT:#x},romfile="),
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
        backing = ["-b", str(self.images.raw.resolve()), "-F", "raw"]
        command = ["qemu-img", "create", "-q", "-f", "qcow2", *backing, str(self.directory / "root.qcow2")]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            raise LabError("the overlay of the boot disk could not be made", made.stderr)
        for i, count in enumerate(self.spec.disk_bytes):
            with open(self.directory / f"nvme{i}.raw", "wb") as disk:
                disk.truncate(count)
        if self.firmware == "uefi":
            shutil.copy(paths.OVMF_VARS, self.directory / "uefi-variables.fd")
        self.console_log.parent.mkdir(parents=True, exist_ok=True)
        self.console_log.write_bytes(b"")
        (self.directory / "console.log").symlink_to(self.console_log)
        for name, value in credentials.items():
            encoded = base64.b64encode(value.encode()).decode()
            text = f"io.systemd.credential.binary:{name}={encoded}"
            (self.directory / CREDENTIAL_FILES[name]).write_text(text)
