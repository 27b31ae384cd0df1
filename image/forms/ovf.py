# SPDX-License-Identifier: MIT
"""OVF and OVA, the virtual machine of VMware as a file: descriptor, manifest and disk in one tar.

Source: DMTF DSP0243 1.1, Open Virtualization Format: 5 packaging, 7 to 9 sections; the vmw: settings are VMware's own.
"""

import io
import tarfile
import xml.etree.ElementTree as tree

import common

OVF = "http://schemas.dmtf.org/ovf/envelope/1"
RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
VSSD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
VMW = "http://www.vmware.com/schema/ovf"
FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
PREFIXES = {"ovf": OVF, "rasd": RASD, "vssd": VSSD, "vmw": VMW}

CPUS = 4
MEMORY_MIB = 8192
# vSphere 7.0; the operating system is CIM's «Debian 64-Bit».
HARDWARE = "vmx-17"
SYSTEM_ID = 96
SYSTEM_TYPE = "debian11_64Guest"
# CIM_ResourceAllocationSettingData.ResourceType
PROCESSOR, MEMORY, SCSI, ETHERNET, DISK = 3, 4, 6, 10, 17


def element(parent, name, text=None, /, **attributes):
    """A child PREFIX:NAME; attributes are of the same name space."""
    space = PREFIXES[name.partition(":")[0]]
    child = tree.SubElement(parent, f"{{{space}}}{name.partition(':')[2]}")
    for key, value in attributes.items():
        child.set(f"{{{space}}}{key}", str(value))
    child.text = text
    return child


def item(hardware, **values):
    """A device; the schema wants its properties in the order of their names."""
    node = element(hardware, "ovf:Item")
    for name in sorted(values):
        element(node, f"rasd:{name}", str(values[name]))


def _devices(hardware, network):
    item(hardware, AllocationUnits="hertz * 10^6", Description="Number of virtual CPUs", ElementName=f"{CPUS} virtual CPUs",
         InstanceID=1, ResourceType=PROCESSOR, VirtualQuantity=CPUS)
    item(hardware, AllocationUnits="byte * 2^20", Description="Memory", ElementName=f"{MEMORY_MIB} MiB of memory",
         InstanceID=2, ResourceType=MEMORY, VirtualQuantity=MEMORY_MIB)
    item(hardware, Address=0, Description="SCSI controller", ElementName="SCSI controller 0", InstanceID=3,
         ResourceSubType="VirtualSCSI", ResourceType=SCSI)
    item(hardware, AddressOnParent=0, Description="Boot disk", ElementName="Hard disk 1", HostResource="ovf:/disk/disk1",
         InstanceID=4, Parent=3, ResourceType=DISK)
    item(hardware, AddressOnParent=7, AutomaticAllocation="true", Connection=network, Description="Network adapter",
         ElementName="Network adapter 1", InstanceID=5, ResourceSubType="VmxNet3", ResourceType=ETHERNET)


def _hardware(system, name):
    hardware = element(system, "ovf:VirtualHardwareSection")
    element(hardware, "ovf:Info", "What the virtual machine needs")
    family = element(hardware, "ovf:System")
    for key, value in (("ElementName", "Virtual hardware family"), ("InstanceID", "0"),
                       ("VirtualSystemIdentifier", name), ("VirtualSystemType", HARDWARE)):
        element(family, f"vssd:{key}", value)
    _devices(hardware, "network")
    for key, value in (("firmware", "efi"), ("bootOptions.efiSecureBootEnabled", "false")):
        config = element(hardware, "vmw:Config", key=key, value=value)
        config.set(f"{{{OVF}}}required", "false")


def _system(envelope, release):
    system = element(envelope, "ovf:VirtualSystem", id=release.name)
    element(system, "ovf:Info", "A Penstock node")
    element(system, "ovf:Name", release.name)
    os = element(system, "ovf:OperatingSystemSection", id=SYSTEM_ID)
    os.set(f"{{{VMW}}}osType", SYSTEM_TYPE)
    element(os, "ovf:Info", "The operating system")
    element(os, "ovf:Description", "Debian 13 (64-bit)")
    _hardware(system, release.name)
    product = element(system, "ovf:ProductSection")
    element(product, "ovf:Info", "What this is")
    element(product, "ovf:Product", f"Penstock {release.role} node")
    element(product, "ovf:Vendor", "Penstock")
    element(product, "ovf:Version", release.version)
    element(product, "ovf:FullVersion", f"{release.name} {release.root.name.split('_')[2].removesuffix('.root.raw')}")


def descriptor(release, disk, capacity_bytes, populated_bytes):
    """The OVF descriptor of a machine with the disk file DISK, as bytes."""
    for prefix, space in PREFIXES.items():
        tree.register_namespace(prefix, space)
    envelope = tree.Element(f"{{{OVF}}}Envelope")
    files = element(envelope, "ovf:References")
    element(files, "ovf:File", id="file1", href=disk.name, size=disk.stat().st_size)
    disks = element(envelope, "ovf:DiskSection")
    element(disks, "ovf:Info", "The virtual disks")
    element(disks, "ovf:Disk", capacity=capacity_bytes, capacityAllocationUnits="byte", diskId="disk1", fileRef="file1",
            format=FORMAT, populatedSize=populated_bytes)
    networks = element(envelope, "ovf:NetworkSection")
    element(networks, "ovf:Info", "The networks")
    element(element(networks, "ovf:Network", name="network"), "ovf:Description", "Management network")
    _system(envelope, release)
    tree.indent(envelope)
    return tree.tostring(envelope, encoding="utf-8", xml_declaration=True) + b"\n"


def manifest(files):
    """FILES: name → hexadecimal SHA-256, in the order of the package."""
    return "".join(f"SHA256({name})= {digest}\n" for name, digest in files.items()).encode()


def _member(archive, name, size, data, epoch):
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mtime = epoch
    entry.mode = 0o644
    archive.addfile(entry, data)


def make(release, disk, capacity_bytes, populated_bytes, target):
    """The OVA: descriptor first, then the manifest, then the files in the order of the references."""
    text = descriptor(release, disk, capacity_bytes, populated_bytes)
    sums = manifest({f"{release.name}.ovf": common.sha256_of_bytes(text), disk.name: common.sha256_of(disk)})
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in ((f"{release.name}.ovf", text), (f"{release.name}.mf", sums)):
            _member(archive, name, len(data), io.BytesIO(data), release.epoch)
        with open(disk, "rb") as file:
            _member(archive, disk.name, disk.stat().st_size, file, release.epoch)
