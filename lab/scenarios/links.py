# SPDX-License-Identifier: MIT
"""VLAN, bond and a second fabric: made as declared, read back, and used by mounts, also when a cable is pulled."""

from lab import job, observe

SECONDS = 480
# The second and third cable: a bond with a VLAN on it, as both nodes have it.
BOND = """network:
  - interface: bond0
    bond: {{mode: active-backup, interfaces: [enp0s17, enp0s18], primary: enp0s17}}
    addresses: [10.78.0.{host}/24]
    mtu: 9000
  - interface: bond0.77
    vlan: {{id: 77, interface: bond0}}
    addresses: [10.79.0.{host}/24]
"""
# The second cable as a fabric of its own.
FABRIC = """network:
  - interface: enp0s17
    addresses: [10.78.0.{host}/24]
    mtu: 9000
"""
RDMA = """rdma:
  - device: rxe1
    driver: soft-roce
    interface: enp0s17
"""
# NFS 4 would know the server by its other address, and use that.
OTHER_MOUNT = """mounts:
  - source: 10.79.0.1:/tank/data
    target: /mnt/vlan
    version: "3"
    transport: tcp
"""
TRUNK = "    target: /mnt/data\n", "    target: /mnt/data\n    servers: [10.78.0.1]\n"
ALSO = "      - host: 10.77.0.0/24\n        access: rw\n", "      - host: 10.77.0.0/24\n        access: rw\n" + "".join(
    f"      - host: 10.{net}.0.0/24\n        access: rw\n" for net in (78, 79)
)


def cable(t, number, up):
    """Pulls a cable, or plugs it in, at both ends."""
    for node in (t.storage, t.gpu):
        node.qmp("set_link", name=f"fabric{number}", up=up)


def with_links(t, node, host, links):
    return t.edited(t.config(node), "network:\n", links.format(host=host))


def active_port(node):
    return node.read("/sys/class/net/bond0/bonding/active_slave").strip()


def bonded(t):
    t.apply(t.storage, t.edited(with_links(t, t.storage, 1, BOND), *ALSO))
    t.apply(t.gpu, t.edited(with_links(t, t.gpu, 2, BOND), "mounts:\n", OTHER_MOUNT))
    for node in (t.storage, t.gpu):
        t.check(node.status()["ok"], f"{node.name} is not as declared", node.status())
        t.equal(active_port(node), "enp0s17", f"{node.name}: the bond's active port")
        shown = node.run("ip -d link show bond0.77").stdout
        t.contains(shown, r"vlan protocol 802.1Q id 77", f"{node.name}: the VLAN")
    t.gpu.run("ping -c 2 -W 5 -M do -s 8972 10.78.0.1")
    t.gpu.run("head -c 8M /dev/urandom > /mnt/vlan/lab-vlan && sync /mnt/vlan/lab-vlan", uid=job.UID)

    t.note("a cable is pulled")
    cable(t, 1, up=False)
    try:
        for node in (t.storage, t.gpu):
            t.eventually(f"{node.name} takes the other port", 30, lambda node=node: active_port(node) == "enp0s18")
        t.gpu.run("head -c 8M /dev/urandom > /mnt/vlan/lab-vlan && sync /mnt/vlan/lab-vlan", uid=job.UID)
    finally:
        cable(t, 1, up=True)
    t.gpu.run("rm /mnt/vlan/lab-vlan", uid=job.UID)

    t.note("what somebody changes by hand is seen, and put right")
    t.gpu.run("ip link set bond0 mtu 4000")
    t.contains("\n".join(t.gpu.status()["problems"]), r"bond0.*(4000|9000)", "the problems in status")
    t.gpu.run("penstock apply")
    t.check(t.gpu.status()["ok"], "apply did not put it right", t.gpu.status())


def trunked(t):
    t.apply(t.storage, t.edited(t.edited(with_links(t, t.storage, 1, FABRIC), "rdma:\n", RDMA), *ALSO))
    text = t.edited(t.edited(with_links(t, t.gpu, 2, FABRIC), "rdma:\n", RDMA), *TRUNK)
    t.apply(t.gpu, text)
    t.check(t.gpu.status()["ok"], "the GPU node is not as declared", t.gpu.status())
    before = [observe.rxe_packets(t.gpu, device) for device in ("rxe0", "rxe1")]
    t.gpu.run("dd if=/dev/zero of=/mnt/data/lab-trunk bs=1M count=32 conv=fsync status=none; rm /mnt/data/lab-trunk", uid=job.UID)
    for device, (sent, _) in zip(("rxe0", "rxe1"), before):
        used = observe.rxe_packets(t.gpu, device)[0] - sent
        t.check(used > 100, f"{device} sent only {used} packets")


def lost_address(t):
    """The address goes from under a mount: that can be unmounted all the same, and its RDMA device removed."""
    t.apply(t.storage, t.edited(t.edited(with_links(t, t.storage, 1, FABRIC), "rdma:\n", RDMA), *ALSO))
    t.apply(t.gpu, t.edited(with_links(t, t.gpu, 2, FABRIC), "rdma:\n", RDMA))
    t.gpu.run("mkdir -p /run/lost && mount -t nfs -o vers=3,proto=rdma,port=20049 10.78.0.1:/tank/data /run/lost")
    t.gpu.run("ls /run/lost && ip addr del 10.78.0.2/24 dev enp0s17 && umount /run/lost")
    t.gpu.run("rdma link del rxe1")


def run(t):
    originals = [(node, t.config(node)) for node in (t.gpu, t.storage)]
    before = [t.fingerprint(node) for node, _ in originals]
    for part in (bonded, trunked, lost_address):
        try:
            part(t)
        finally:
            for node, original in originals:
                t.apply(node, original)
                # It may be somebody's: apply leaves it.
                node.run("! rdma link show rxe1/1 2>/dev/null || rdma link del rxe1")
    for (node, _), old in zip(originals, before):
        t.same(node, old, "to take the links away again")
