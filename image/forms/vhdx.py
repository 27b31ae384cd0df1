# SPDX-License-Identifier: MIT
"""VHDX, the disk of Hyper-V. qemu-img writes it; what it takes by chance (four identifiers, a sequence number and what
is left in the log) is then replaced by what follows from the disk's content, with new checksums.

Source: [MS-VHDX], Virtual Hard Disk v2 (VHDX) File Format: 2.2 header section, 2.6.2 metadata items.
"""

import struct
import uuid

import common
from errors import FormError

HEADERS = (0x10000, 0x20000)
HEADER_BYTES = 0x1000
REGION_TABLES = (0x30000, 0x40000)
REGION_TABLE_BYTES = 0x10000
METADATA_REGION = uuid.UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
DISK_ID_ITEM = uuid.UUID("beca12ab-b2e6-4523-93ef-c309e000c746")
CRC32C_POLYNOMIAL = 0x82F63B78


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (CRC32C_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def checksum(block):
    """Of a header or region table: over all of it, the field of the checksum itself (bytes 4 to 7) taken as zero."""
    return crc32c(block[:4] + bytes(4) + block[8:])


def _read(file, offset, length):
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise FormError(f"{file.name}: ends before byte {offset + length}: not a whole VHDX")
    return data


def problems(path):
    """What is wrong with the signatures and checksums of the file; an empty list if nothing is."""
    found = []
    with open(path, "rb") as file:
        if _read(file, 0, 8) != b"vhdxfile":
            found.append("the file does not begin with vhdxfile")
        for offsets, size, signature in ((HEADERS, HEADER_BYTES, b"head"), (REGION_TABLES, REGION_TABLE_BYTES, b"regi")):
            for offset in offsets:
                block = _read(file, offset, size)
                if block[:4] != signature:
                    found.append(f"no {signature.decode()} at {offset:#x}")
                elif struct.unpack_from("<I", block, 4)[0] != checksum(block):
                    found.append(f"wrong checksum at {offset:#x}")
    return found


def _region(file, wanted):
    """Where the region is: (offset, length)."""
    table = _read(file, REGION_TABLES[0], REGION_TABLE_BYTES)
    (count,) = struct.unpack_from("<I", table, 8)
    for i in range(count):
        name, offset, length, _ = struct.unpack_from("<16sQII", table, 16 + 32 * i)
        if uuid.UUID(bytes_le=name) == wanted:
            return offset, length
    raise FormError(f"{file.name}: no region {wanted} in its region table")


def _disk_id_offset(file):
    start, _ = _region(file, METADATA_REGION)
    table = _read(file, start, 0x10000)
    (count,) = struct.unpack_from("<H", table, 10)
    for i in range(count):
        name, offset = struct.unpack_from("<16sI", table, 32 + 32 * i)
        if uuid.UUID(bytes_le=name) == DISK_ID_ITEM:
            return start + offset
    raise FormError(f"{file.name}: no disk identifier in its metadata")


def _write_header(file, offset, sequence, file_write, data_write):
    block = bytearray(_read(file, offset, HEADER_BYTES))
    if any(block[48:64]):
        raise FormError(f"{file.name}: its log is not empty: qemu-img did not close it")
    struct.pack_into("<Q", block, 8, sequence)
    block[16:32] = file_write.bytes_le
    block[32:48] = data_write.bytes_le
    struct.pack_into("<I", block, 4, checksum(bytes(block)))
    file.seek(offset)
    file.write(block)
    return struct.unpack_from("<I", block, 68)[0], struct.unpack_from("<Q", block, 72)[0]


def settle(path, *words):
    """Gives the file identifiers that follow from WORDS."""
    with open(path, "r+b") as file:
        sequences = [struct.unpack_from("<Q", _read(file, offset, 16), 8)[0] for offset in HEADERS]
        for offset, sequence in zip(HEADERS, sequences):
            # The header with the greater number is the current one, and stays it.
            log = _write_header(file, offset, 2 if sequence == max(sequences) else 1,
                                common.derived_uuid("vhdx file", *words), common.derived_uuid("vhdx data", *words))
        length, start = log
        file.seek(start)
        file.write(bytes(length))
        file.seek(_disk_id_offset(file))
        file.write(common.derived_uuid("vhdx disk", *words).bytes_le)


def make(raw, target, content_hash):
    common.run("qemu-img", "convert", "-f", "raw", "-O", "vhdx", "-o", "subformat=dynamic", raw, target)
    settle(target, content_hash)
