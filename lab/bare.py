# SPDX-License-Identifier: MIT
"""Virtual machines that a scenario makes for itself, to install on, to update, or to try firmware with: t.bare() in
lab/scenario.py. A machine's Hardware is declared once; making the command line of it is pure. All that it writes is in
its directory and goes with it: disks, the firmware's variables, the TPM's state. They stay over resets and over power
cycles.

    machine = t.bare("target", firmware="secure", tpm=True, disks=(bare.Disk("root", size_bytes=8 << 30),),
                     media=(bare.Medium(iso),))
    machine.power_on()
    machine.wait_console("Welcome to", 120)
"""

import contextlib
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab import paths, process, qemu, qmp, volatile
from lab.errors import Failed, LabError
from lab.node import SSH_SECONDS, Node
from lab.ssh import free_port

MAC = "52:54:00:77:f0:01"
FIRMWARE_CODE = {"uefi": paths.OVMF_CODE, "secure": paths.OVMF_CODE_SECURE}
FIRMWARES = ("direct", "bios", *FIRMWARE_CODE)
DISK_BUSES = ("virtio", "nvme")
MEDIUM_BUSES = ("scsi", "ide", "usb")
HOW = ("overlay", "copy", "itself")
# What a terminal does not show: colours, cursor movements and the like, which firmware prints a lot of.
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|[()][0-9A-B]|[=>78cDEHM])")
UNFINISHED_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?= -/]*|[()])?$")
NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")


@dataclass(frozen=True)
class Disk:
    """A disk. Without a `file` it is empty. With one it is an overlay of it, a raw copy of it (which a scenario may change
    from outside), or the file itself. With both `file` and `size_bytes` the disk is larger than the file."""

    name: str
    size_bytes: int | None = None
    file: Path | None = None
    format: str = "raw"
    how: str = "overlay"
    bus: str = "virtio"
    serial: str | None = None
    volatile: bool = False  # Node.lose_power() takes what it was not told to flush

    @property
    def path(self):
        """Its file in the machine's directory."""
        return f"disk-{self.name}.{self.file_format}"

    @property
    def log(self):
        """The log of a volatile one."""
        return f"disk-{self.name}.log"

    @property
    def file_format(self):
        if self.file is None or self.how == "copy":
            return "raw"
        return "qcow2" if self.how == "overlay" else self.format

    def check(self):
        if not NAME.fullmatch(self.name):
            raise LabError(f"disk name '{self.name}': lower-case letters, digits and dashes")
        if self.volatile and (self.file_format, self.bus) != ("raw", "virtio"):
            raise LabError(f"disk {self.name}: only raw ones of virtio can be volatile")
        if self.bus not in DISK_BUSES or self.how not in HOW:
            raise LabError(f"disk {self.name}: bus is one of {', '.join(DISK_BUSES)}; how one of {', '.join(HOW)}")
        if self.file is None and self.size_bytes is None:
            raise LabError(f"disk {self.name}: it has neither a size nor a file")
        if self.file is not None and not Path(self.file).is_file():
            raise LabError(f"disk {self.name}: there is no {paths.shown(self.file)}")

    def make(self, directory):
        """Makes its file, unless it is there."""
        path = directory / self.path
        if path.exists():
            return
        if self.file is None:
            qemu.make_disk(path, size_bytes=self.size_bytes)
        elif self.how == "overlay":
            qemu.make_disk(path, size_bytes=self.size_bytes, backing=self.file, backing_format=self.format)
        elif self.how == "copy":
            _qemu_img("convert", "-f", self.format, "-O", "raw", str(self.file), str(path))
            if self.size_bytes:
                _qemu_img("resize", "-q", "-f", "raw", str(path), str(self.size_bytes))
        else:
            path.symlink_to(Path(self.file).resolve())

    def arguments(self, bootindex):
        serial = self.serial or f"ps-{self.name}"[:20]
        device = {"virtio": "virtio-blk-pci", "nvme": "nvme"}[self.bus]
        drive = f"if=none,id=disk-{self.name},format={self.file_format},cache=unsafe,discard=unmap,file={self.path}"
        volatile_drive = volatile.arguments(f"disk-{self.name}", self.path, self.log)
        return [
            *(volatile_drive if self.volatile else ("-drive", drive)),
            *("-device", f"{device},drive=disk-{self.name},serial={serial},bootindex={bootindex}"),
        ]


@dataclass(frozen=True)
class Medium:
    """A CD-ROM drive (bus scsi or ide) or a USB stick with the file in it. A CD cannot be written to; neither can a stick,
    unless it is `writable`."""

    file: Path
    bus: str = "scsi"
    writable: bool = False

    def check(self):
        if self.bus not in MEDIUM_BUSES:
            raise LabError(f"medium: bus is one of {', '.join(MEDIUM_BUSES)}, not '{self.bus}'")
        if not Path(self.file).is_file():
            raise LabError(f"there is no {paths.shown(self.file)}")

    def make(self, directory):
        link = directory / f"medium-{self.bus}"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.file).resolve())

    def arguments(self, bootindex):
        read_only = "off" if self.writable and self.bus == "usb" else "on"
        end = f"drive=medium-{self.bus},bootindex={bootindex}"
        device = {
            "scsi": ["-device", "virtio-scsi-pci,id=scsi", "-device", f"scsi-cd,bus=scsi.0,{end}"],
            "ide": ["-device", f"ide-cd,bus=ide.0,{end}"],
            "usb": ["-device", "qemu-xhci,id=usb", "-device", f"usb-storage,bus=usb.0,removable=on,{end}"],
        }[self.bus]
        kind = "disk" if self.bus == "usb" else "cdrom"
        drive = f"if=none,id=medium-{self.bus},media={kind},format=raw,readonly={read_only},file=medium-{self.bus}"
        return ["-drive", drive, *device]


@dataclass(frozen=True)
class Hardware:
    """What a machine has. It boots from what comes first: its disks in their order, then its media, then the network;
    with medium_first from the media before the disks."""

    firmware: str = "uefi"  # "direct", "bios", "uefi", or "secure": with Secure Boot, at first without keys (setup mode)
    cpus: int = 2
    memory_bytes: int = 2 << 30
    disks: tuple = ()
    media: tuple = ()
    medium_first: bool = False
    tpm: bool = False
    images: qemu.Images | None = None  # what "direct" boots: t.images("storage")
    append: str = ""  # more for the command line of "direct"
    credentials: dict = field(default_factory=dict)  # beside root's ssh key
    network: str = ""  # more options for the network, for instance ",bootfile=URL"
    network_boot: bool = False  # under "bios" by iPXE, in the card's ROM
    extra: tuple = ()  # more words for QEMU

    def check(self):
        if self.firmware not in FIRMWARES:
            raise LabError(f"firmware '{self.firmware}' is none of {', '.join(FIRMWARES)}")
        if self.firmware == "direct" and self.images is None:
            raise LabError("firmware 'direct' needs images: t.images(ROLE)")
        for path in (self.images.kernel, self.images.cmdline) if self.firmware == "direct" else ():
            if not path.is_file():
                raise LabError(f"there is no {paths.shown(path)}: build the images with ./do image")
        for names, what in (([d.name for d in self.disks], "disk"), ([m.bus for m in self.media], "medium on bus")):
            for name in names:
                if names.count(name) > 1:
                    raise LabError(f"there are two of {what} '{name}'")
        for part in (*self.disks, *self.media):
            part.check()


@dataclass(frozen=True)
class BareMachine:
    """All that the command line depends on; what Machine of lab/qemu.py is to a node of a lab."""

    name: str
    hardware: Hardware
    directory: Path
    ssh_port: int
    accel: str
    console_log: Path
    cables: int = 0

    def arguments(self):
        hardware = self.hardware
        board = "q35,smm=on" if hardware.firmware == "secure" else "q35"
        # What has a slot of its own comes before what QEMU finds a slot for.
        return [
            *qemu.base_arguments(self.name, self.directory, hardware.cpus, hardware.memory_bytes, self.accel, board),
            *qemu.management_arguments(self.ssh_port, MAC, hardware.network, self._card()),
            *self._boot(),
            *self._drives(),
            *self._tpm(),
            *[word for i in range(len(self.credentials({}))) for word in ("-smbios", f"type=11,path=credential-{i}")],
            *hardware.extra,
        ]

    def _boot(self):
        firmware = self.hardware.firmware
        if firmware == "direct":
            return qemu.direct_arguments(self.hardware.images, self.hardware.append)
        if firmware == "bios":
            return []
        words = [
            *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE_CODE[firmware]}"),
            *("-drive", "if=pflash,format=raw,unit=1,file=uefi-variables.fd"),
        ]
        if firmware == "secure":
            # The variables can be written in system management mode only, so that no kernel can change db. That build
            # of the firmware does not resume from S3.
            words += ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
        return words

    def _drives(self):
        first, second = self.hardware.disks, self.hardware.media
        if self.hardware.medium_first:
            first, second = second, first
        return [word for i, part in enumerate((*first, *second), 1) for word in part.arguments(i)]

    def _card(self):
        last = len(self.hardware.disks) + len(self.hardware.media) + 1
        return f",bootindex={last}" if self.hardware.network_boot else ",romfile="

    def _tpm(self):
        if not self.hardware.tpm:
            return []
        return [
            *("-chardev", "socket,id=tpm,path=tpm.sock", "-tpmdev", "emulator,id=tpm,chardev=tpm"),
            *("-device", "tpm-crb,tpmdev=tpm"),
        ]

    def tpm_arguments(self):
        """The TPM ends with QEMU. Its program is a link in the directory, by which process.is_ours recognises it."""
        return [
            *(str(self.directory / "swtpm"), "socket", "--tpm2", "--tpmstate", "dir=tpm", "--pid", "file=tpm.pid"),
            *("--ctrl", "type=unixio,path=tpm.sock", "--terminate"),
        ]

    def volatile_files(self):
        """Each volatile disk's file, and the log of what is written to it."""
        return [(self.directory / disk.path, self.directory / disk.log) for disk in self.hardware.disks if disk.volatile]

    def made_volatile(self):
        """The same: which of its disks are volatile is declared."""
        return self

    def credentials(self, others):
        """All credentials of the machine; OTHERS go under those that the hardware declares."""
        return {"ssh.authorized_keys.root": "", **others, **self.hardware.credentials}

    def make_files(self, public_key):
        """Makes what is not there yet: after a change of hardware the rest stays as it is."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for part in (*self.hardware.disks, *self.hardware.media):
            part.make(self.directory)
        variables = self.directory / "uefi-variables.fd"
        if self.hardware.firmware in FIRMWARE_CODE and not variables.exists():
            shutil.copyfile(paths.OVMF_VARS, variables)
        if self.hardware.tpm:
            (self.directory / "tpm").mkdir(mode=0o700, exist_ok=True)
            if not (self.directory / "swtpm").is_symlink():
                (self.directory / "swtpm").symlink_to(shutil.which("swtpm") or "/usr/bin/swtpm")
        if not (self.directory / "console.log").is_symlink():
            qemu.make_console_log(self.directory, self.console_log)
        for i, item in enumerate(self.credentials({"ssh.authorized_keys.root": public_key}).items()):
            qemu.write_credential(self.directory / f"credential-{i}", *item)


class Transcript:
    """What a serial console has shown, as text without a terminal's commands. find() goes on behind what it found last, as
    a person reads."""

    def __init__(self):
        self.text = ""
        self.position = 0
        self._pending = ""

    def feed(self, data):
        text = self._pending + data.decode("latin-1")
        unfinished = UNFINISHED_ESCAPE.search(text)
        self._pending = text[unfinished.start() :] if unfinished else ""
        if unfinished:
            text = text[: unfinished.start()]
        self.text += ESCAPE.sub("", text).replace("\r", "")

    def find(self, pattern):
        """The match of PATTERN behind the last one found, or None."""
        match = re.compile(pattern, re.MULTILINE).search(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def forget(self):
        """What was shown so far is not to be found any more."""
        self.position = len(self.text)


class Bare(Node):
    """One such machine: a Node whose power, disks and console a scenario has in its own hands."""

    def __init__(self, machine, key):
        super().__init__(machine, key)
        self.transcript = Transcript()
        self._read = 0
        self._since = 0

    @property
    def hardware(self):
        return self.machine.hardware

    def disk(self, name):
        """The file of the disk NAME, which may be changed while the power is off."""
        for disk in self.hardware.disks:
            if disk.name == name:
                return self.directory / disk.path
        raise LabError(f"{self.name}: there is no disk '{name}'")

    def change(self, **changes):
        """Other hardware, while the power is off: change(media=()), change(disks=...). What has the same name stays."""
        if self.pid() is not None:
            raise LabError(f"{self.name}: its hardware cannot change while it runs")
        hardware = replace(self.hardware, **changes)
        hardware.check()
        self.machine = replace(self.machine, hardware=hardware)
        self.machine.make_files(public_key(self.ssh.key))

    # Power

    def power_on(self):
        if self.pid() is not None:
            raise LabError(f"{self.name}: it is on already")
        self._forget_console()
        if self.hardware.tpm:
            self._tpm_on()
        return super().power_on()

    def _tpm_on(self):
        self._tpm_off()
        (self.directory / "tpm.sock").unlink(missing_ok=True)
        tpm = process.start(self.machine.tpm_arguments(), self.directory, self.directory / "tpm.log")
        deadline = time.monotonic() + 10
        while not (self.directory / "tpm.sock").exists():
            if tpm.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"{self.name}: the TPM did not start", paths.tail(self.directory / "tpm.log"))
            time.sleep(0.05)

    def _tpm_off(self):
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int((self.directory / "tpm.pid").read_text())
            # QEMU's end is its end too; it is given the time to write its state.
            if not process.wait_gone(pid, self.directory, 3):
                process.end(pid, self.directory)

    def power_off(self):
        super().power_off()
        self._tpm_off()

    def reset(self):
        """The reset button, or a power cut so short that nothing but memory is lost: power_cut() of any node."""
        self._forget_console()
        self.power_cut()

    def wait_off(self, seconds=120):
        """Waits until the machine has switched itself off."""
        deadline = time.monotonic() + seconds
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise LabError(f"{self.name}: still on after {seconds} s", self.console_end())
            time.sleep(0.3)
        self.power_off()

    def remove(self, logs=None):
        """Ends the machine and removes all that it wrote but its logs; with LOGS, its journal is put there before."""
        if logs is not None:
            with contextlib.suppress(LabError, OSError):
                self.collect(logs)
        self.power_off()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Console

    def console(self):
        """All that the console has shown, since the machine was made."""
        with open(self.console_log, "rb") as log:
            log.seek(self._read)
            data = log.read()
        self._read += len(data)
        self.transcript.feed(data)
        return self.transcript.text

    def console_end(self, lines=25):
        """The last LINES lines that are not empty, for people."""
        return "\n".join([line for line in self.console().splitlines() if line.strip()][-lines:])

    def _forget_console(self):
        self._since = len(self.console())
        self.transcript.forget()

    def shown(self):
        """What the console has shown since the power came on or the machine was reset."""
        return self.console()[self._since :]

    def wait_console(self, pattern, seconds):
        """Waits until the console shows what the regular expression PATTERN matches, since the power came on or behind
        what was found last; returns the match."""
        deadline = time.monotonic() + seconds
        while True:
            alive = self.pid() is not None
            self.console()
            if match := self.transcript.find(pattern):
                self.trace(f"{self.name}: the console shows {match[0]!r}")
                return match
            if not alive:
                raise Failed(f"{self.name}: it went off, and the console did not show {pattern!r}", self.console_end())
            if time.monotonic() > deadline:
                raise Failed(f"{self.name}: not within {seconds} s on the console: {pattern!r}", self.console_end())
            time.sleep(0.2)

    def type(self, text):
        """Types TEXT on the serial console. QEMU hands it on as fast as the guest reads."""
        self.trace(f"{self.name}: typing {text!r}")
        try:
            with qmp.connect_unix(self.directory / "console.sock", timeout=10) as sock:
                sock.sendall(text.encode())
                # QEMU throws away what it has not read when the other end is gone.
                time.sleep(0.5 + len(text) / 200)
        except OSError as error:
            raise LabError(f"{self.name}: nothing can be typed on its console: {error}") from error

    # Waiting

    def check_alive(self):
        """A kernel that panicked may be one that a scenario wants to see start again: hopeless is only no power."""
        if self.pid() is None:
            raise LabError(f"{self.name}: QEMU has ended", paths.tail(self.directory / "qemu.log"))

    def wait_ssh(self, seconds=SSH_SECONDS):
        if self.pid() is None:
            raise LabError(f"{self.name}: it is off")
        super().wait_ssh(seconds)


def public_key(key):
    return key.with_name(key.name + ".pub").read_text().strip()


def create(lab, name, hardware):
    """A machine NAME in the directory of LAB, whose ssh key it takes. Not yet powered on."""
    if not NAME.fullmatch(name):
        raise LabError(f"machine name '{name}': lower-case letters, digits and dashes")
    hardware.check()
    directory = lab.directory / name
    if directory.exists():
        raise LabError(f"there is a machine '{name}' already")
    key = lab.directory / "key"
    machine = BareMachine(
        name=name,
        hardware=hardware,
        directory=directory,
        ssh_port=free_port(),
        accel=lab.state["accel"],
        console_log=_new_log(lab.logs, name),
    )
    try:
        machine.make_files(public_key(key))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Bare(machine, key)


def _new_log(logs, name):
    """A log's path that no machine before had: they are for a person to read after the run."""
    path, number = logs / f"{name}.console.log", 1
    while path.exists():
        number += 1
        path = logs / f"{name}-{number}.console.log"
    return path


def _qemu_img(*words):
    done = subprocess.run(["qemu-img", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"qemu-img {words[0]} failed", done.stderr)
