# SPDX-License-Identifier: MIT
"""The ISO: boots by UEFI from a DVD or a virtual drive (El Torito) and, copied to a USB stick, from that (GPT). Both
start the same EFI partition, which is in the file once; the release lies in the directory penstock/."""

import common

VOLUME = "PENSTOCK"
MIB = 1 << 20
# FAT32 has at least 65525 clusters; with clusters of a sector that is 33 MiB with its tables.
ESP_LEAST_BYTES = 36 * MIB

LOADER_CONF = """\
# The medium's boot menu. With the firmware in setup mode it offers to enrol the owner's keys.
timeout 5
console-mode keep
editor no
secure-boot-enroll if-safe
"""


def esp_bytes(files):
    """How large an EFI partition for FILES is: some more than they, in whole MiB."""
    need = sum(path.stat().st_size for path in files) * 33 // 32 + 2 * MIB
    return max(ESP_LEAST_BYTES, -(-need // MIB) * MIB)


def esp_contents(release, directory):
    """What goes into the EFI partition: name in it → file."""
    conf = directory / "loader.conf"
    conf.write_text(LOADER_CONF)
    contents = {
        "EFI/BOOT/BOOTX64.EFI": release.loader,
        f"EFI/Linux/{release.live.name}": release.live,
        "loader/loader.conf": conf,
    }
    for key in sorted((release.directory / "loader/keys/auto").glob("*.auth")):
        contents[f"loader/keys/auto/{key.name}"] = key
    return contents


def make_esp(contents, target, serial, epoch):
    """A FAT32 file system of CONTENTS in the file TARGET."""
    with open(target, "wb") as file:
        file.truncate(esp_bytes(contents.values()))
    common.run("mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-i", serial, "-n", "PENSTOCKEFI", target)
    made = set()
    for name, source in contents.items():
        parts = name.split("/")[:-1]
        for i in range(1, len(parts) + 1):
            folder = "/".join(parts[:i])
            if folder not in made:
                made.add(folder)
                common.run("mmd", "-i", target, f"::{folder}", epoch=epoch)
        common.run("mcopy", "-i", target, source, f"::{name}", epoch=epoch)


def make(release, target, work):
    esp = work / "esp.img"
    contents = esp_contents(release, work)
    make_esp(contents, esp, f"{common.derived_uuid('esp', release.root.name).fields[0]:08x}", release.epoch)
    common.run(
        "xorriso", "-as", "mkisofs", "-quiet", "-o", target,
        "-V", VOLUME, "-A", f"{release.name}", "-publisher", "PENSTOCK", "-iso-level", "3", "-r",
        "--gpt_disk_guid", common.derived_uuid("iso", release.root.name),
        "-append_partition", "2", "0xef", esp, "-appended_part_as_gpt", "-partition_offset", "16",
        "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
        "-graft-points", f"/penstock={release.directory}",
        epoch=release.epoch,
    )
    esp.unlink()
