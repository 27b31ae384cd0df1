# SPDX-License-Identifier: MIT
"""The storage node is updated and goes back, with its pool and a client; bad releases are refused.

After each boot the file that the client wrote before is read by the client again.
"""

from lab import releases

FIRMWARE = "uefi"
SOAK = True
DISTURBS = True
SECONDS = 1800
BOOT_SECONDS = 400
FILE = "/mnt/data/over-updates"
LOADER = "/efi/EFI/systemd/systemd-bootx64.efi"
SIGNED_LOADER = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed"


def refused(t, place, *patterns):
    """The node does not take what is there, says why in one line, and changes nothing."""
    before = t.storage.run("penstock update --json; sfdisk --dump /dev/vda; find /efi -type f | sort").stdout
    result = t.storage.run(f"penstock update {place}", check=False, timeout=releases.UPDATE_SECONDS)
    t.equal(result.status, 1, f"exit status of an update from {place}")
    for pattern in patterns:
        t.contains(result.stderr, pattern, f"what it says of {place}")
    t.equal(len(result.stderr.splitlines()), 1, f"lines that it says of {place}")
    after = t.storage.run("penstock update --json; sfdisk --dump /dev/vda; find /efi -type f | sort").stdout
    t.equal(after, before, f"what is there after an update from {place} that was refused")


def refuse_bad_ones(t, directory, place, version):
    kernel = f"penstock-storage_{version}.efi"
    t.note("a release that is unsigned, altered, cut off, of another key, of the other role, or old")
    copy = f"rm -rf {releases.PLACE}/bad && cp -al {place} {releases.PLACE}/bad && cd {releases.PLACE}/bad"
    t.storage.run(f"{copy} && rm SHA256SUMS.gpg")
    refused(t, f"{releases.PLACE}/bad", r"it is not signed")
    t.storage.run(f"{copy} && rm SHA256SUMS && sed 's/^./0/' {place}/SHA256SUMS > SHA256SUMS")
    refused(t, f"{releases.PLACE}/bad", r"altered")
    for change in ("printf x | dd of=K bs=1 seek=100000 conv=notrunc status=none", "truncate -s -4096 K"):
        t.storage.run(f"{copy} && cp {kernel} K && {change} && mv K {kernel}")
        refused(t, f"{releases.PLACE}/bad", rf"{kernel} was altered or cut off")
    t.storage.run(f"{copy} && rm SHA256SUMS.gpg")
    t.storage.put(f"{releases.PLACE}/bad/SHA256SUMS.gpg", releases.signed_by_another(directory / f"storage-{version}"))
    refused(t, f"{releases.PLACE}/bad", r"signed by a key that is not in")
    t.storage.run(f"tar -C {place} -cf - . | head -c 5000000 > {releases.PLACE}/bad.tar")
    refused(t, f"{releases.PLACE}/bad.tar", r"is cut off")
    refused(t, releases.put(t.storage, releases.make_named(directory, "gpu", "9.9.9")), r"for the role gpu")
    refused(t, releases.put(t.storage, releases.make_named(directory, "storage", "0.0.1")), r"not newer than")
    refused(t, f"{releases.PLACE}/nothing", r"No such file")
    t.storage.run(f"rm -rf {releases.PLACE}/bad*")


def check_client(t, checksum):
    """The storage node serves what it served, and the client has its mount as before."""
    t.storage.wait_ready()
    got = t.gpu.run(f"echo 3 > /proc/sys/vm/drop_caches; sha256sum < {FILE}", timeout=300).stdout
    t.equal(got, checksum, "the file, as the client reads it")


def wait_good(t, version):
    """The node runs VERSION, and found it good."""
    t.eventually(f"{version} is found good", BOOT_SECONDS, lambda: releases.slot(t.storage, version) == "good")
    t.equal(releases.state(t.storage)["running"], version, "the version that runs")


def started(t, command, version):
    boot = t.storage.boot_id()
    t.storage.run_last(command, timeout=releases.UPDATE_SECONDS)
    t.storage.wait_rebooted(boot, BOOT_SECONDS)
    wait_good(t, version)


def run(t):
    old = releases.state(t.storage)["running"]
    new = releases.later(old)
    written = f"head -c 32M /dev/urandom > {FILE} && sync {FILE} && sha256sum < {FILE}"
    checksum = t.gpu.run(written, timeout=180, uid=1000).stdout
    with releases.workplace() as directory:
        t.note(f"the release {new}")
        place = releases.put(t.storage, releases.make(directory, "storage", new))
        refuse_bad_ones(t, directory, place, new)

        t.note(f"from {old} to {new}, and from an older boot loader")
        t.storage.run(f"sed -i 's/LoaderInfo: systemd-boot 2../LoaderInfo: systemd-boot 100/' {LOADER}")
        t.check(not t.storage.run(f"cmp -s {LOADER} {SIGNED_LOADER}", check=False).ok, "the boot loader is no other one")
        t.contains(t.storage.run(f"penstock --check update {place}").stdout, rf"{new} can be installed", "--check")
        t.storage.run(f"tar -C {place} -cf - . | zstd -q -1 -o {place}.tar.zst", timeout=releases.COPY_SECONDS)
        t.storage.run(f"penstock update {place}.tar.zst", timeout=releases.UPDATE_SECONDS)
        t.equal(releases.slot(t.storage, new), "new", f"the state of {new} before it is started")
        for version in (old, new):
            t.storage.run("penstock --rollback update")
            t.equal(releases.state(t.storage)["next"], version, "what is started next, as the update is called off, and not")
        started(t, "systemctl reboot", new)
        check_client(t, checksum)
        t.storage.run(f"cmp {LOADER} {SIGNED_LOADER}")

        t.note(f"back to {old}")
        started(t, "penstock --rollback --reboot update", old)
        check_client(t, checksum)
    t.storage.run(f"rm -rf {releases.PLACE}")
    t.gpu.run(f"rm {FILE}", uid=1000)
