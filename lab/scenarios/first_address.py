# SPDX-License-Identifier: MIT
"""A new machine gets its first address from a volume, a cloud-init seed, a credential or DHCP, and its console says so."""

import json
import subprocess

from lab import bare

FIRMWARE = "none"
SOAK = True
SECONDS = 900
# Where QEMU's network forwards ssh to, unless it is told otherwise; DHCP gives the same.
ADDRESS = "10.0.2.15"
GATEWAY = "10.0.2.2"
SECOND_MAC = "52:54:00:77:f0:02"
SECOND_ADDRESS = "198.51.100.7"
FILE = "/etc/penstock/penstock.yaml"


def pack(t, name, files):
    """A directory with FILES, whose disk is made beside it."""
    directory = t.lab.directory / f"seed-{name}"
    directory.mkdir()
    for file, text in files.items():
        (directory / file).write_text(text)
    return directory


def command(t, *words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    t.check(done.returncode == 0, f"{words[0]} failed", done.stdout + done.stderr)


def fat(t, name, label, files):
    """A disk with a FAT file system LABEL, and FILES in it."""
    directory = pack(t, name, files)
    disk = directory.with_suffix(".img")
    disk.write_bytes(b"")
    with open(disk, "r+b") as image:
        image.truncate(2 << 20)
    command(t, "mkfs.vfat", "-n", label, disk)
    command(t, "mcopy", "-i", disk, *sorted(directory.iterdir()), "::")
    return disk


def iso(t, name, label, files):
    directory = pack(t, name, files)
    image = directory.with_suffix(".iso")
    command(t, "xorriso", "-as", "mkisofs", "-joliet", "-rock", "-volid", label, "-o", image, directory)
    return image


def machine(t, name, disks=(), **how):
    root = bare.Disk("root", file=t.images("storage").raw)
    # Root's key comes by the seed, or not at all.
    how.setdefault("credentials", {"ssh.authorized_keys.root": ""})
    return t.bare(
        name,
        firmware="direct",
        images=t.images("storage"),
        disks=(root, *(bare.Disk(n, file=file, how="copy") for n, file in disks)),
        **how,
    )


def key(t):
    return bare.public_key(t.lab.directory / "key")


def address_of(t, node, mac):
    """The interface with MAC, and its addresses of IPv4."""
    for link in json.loads(node.run("ip -j addr show").stdout):
        if link.get("address") == mac:
            return link["ifname"], [a for a in link["addr_info"] if a["family"] == "inet"]
    t.check(False, f"{node.name}: no interface has the address {mac}")


def check_console(t, node, address, state):
    """What stands above the login prompt, last."""
    fingerprint = node.run("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[1]
    t.eventually(f"{node.name}: '{state}' is on the console", 120, lambda: state in text_of(node))
    text = text_of(node)
    t.contains(text, rf"^Log in by +ssh root@{address}$", f"{node.name}: /run/issue.d/penstock.issue")
    t.check(f"ED25519 {fingerprint}\n" in text, f"{node.name}: no fingerprint {fingerprint} on the console", text)
    node.wait_console(rf"Penstock [0-9.]+, storage node +\S+ +\(\S+\)[\s\S]*?{state}", 60)


def text_of(node):
    return node.run("cat /run/issue.d/penstock.issue", check=False).stdout


def check_applied(t, node, name, mac):
    """The seed was turned into the network in the same boot. Returns the interface's name."""
    node.wait_ssh()
    t.eventually(
        f"{node.name}: apply has ended",
        120,
        lambda: node.run("systemctl is-active penstock-apply.service", check=False).stdout == "active\n",
    )
    t.equal(node.run("hostname").stdout.strip(), name, f"{node.name}: host name")
    interface, addresses = address_of(t, node, mac)
    t.equal([a["local"] for a in addresses], [ADDRESS], f"{node.name}: addresses of {interface}")
    t.check("dynamic" not in addresses[0], f"{node.name}: {ADDRESS} is from DHCP", addresses)
    t.contains(node.run("ip route").stdout, f"^default via {GATEWAY} dev {interface}", f"{node.name}: routes")
    t.contains(node.run(f"resolvectl dns {interface}").stdout, r": 10\.0\.2\.3$", f"{node.name}: name servers")
    t.check(key(t) in node.read("/etc/ssh/authorized_keys.d/root"), f"{node.name}: the key is not root's")
    t.equal(node.run(f"stat -c '%a %U' {FILE}").stdout, "644 root\n", f"{node.name}: {FILE}")
    return interface


def cloud_init(t):
    """A CD with a seed: by MAC, and with parts that have no place here."""
    seed = iso(
        t,
        "nocloud",
        "cidata",
        {
            "meta-data": "instance-id: lab-1\nlocal-hostname: cloudy\n",
            "user-data": f"#cloud-config\nssh_authorized_keys:\n- {key(t)}\nruncmd:\n- [touch, /run/never]\n",
            "network-config": "version: 2\nethernets:\n  lan:\n"
            f"    match: {{macaddress: '{bare.MAC}'}}\n    addresses: [{ADDRESS}/24]\n"
            f"    routes: [{{to: default, via: {GATEWAY}}}]\n    nameservers: {{addresses: [10.0.2.3]}}\n",
        },
    )
    node = machine(t, "cloudy", media=(bare.Medium(seed),))
    node.power_on()
    node.wait_console(r"warning: cidata/user-data:4: runcmd: is not used", 240)
    interface = check_applied(t, node, "cloudy", bare.MAC)
    node.run("test ! -e /run/never")
    check_console(t, node, ADDRESS, "State          ok")
    # networkd says nothing of a second address; the timer would show it within five minutes.
    node.run(f"ip addr add 192.0.2.77/24 dev {interface}; systemctl start penstock-issue.service")
    node.wait_console(rf"{interface} .*{ADDRESS}.* 192\.0\.2\.77", 60)
    mounts = node.read("/proc/self/mounts")
    t.check("iso9660" not in mounts, f"{node.name}: the seed is still mounted", mounts)
    node.power_off()
    return interface


def configuration(t, interface, name):
    return (
        f"# by hand\nnode: {{name: {name}, role: storage}}\nssh:\n  authorized_keys:\n  - {key(t)}\nnetwork:\n"
        f"- interface: {interface}\n  addresses: [{ADDRESS}/24]\n  gateway: {GATEWAY}\n  dns: [10.0.2.3]\n"
    )


def volume(t, interface):
    """A disk with a penstock.yaml, which comes before the seed that is there too."""
    text = configuration(t, interface, "labelled")
    disk = fat(t, "good", "PENSTOCKCFG", {"penstock.yaml": text})
    other = iso(t, "other", "CIDATA", {"meta-data": "local-hostname: other\n"})
    node = machine(t, "labelled", disks=(("config", disk),), media=(bare.Medium(other),))
    node.power_on()
    node.wait_console("warning: CIDATA: is not used: there is PENSTOCKCFG", 240)
    check_applied(t, node, "labelled", bare.MAC)
    t.equal(node.read(FILE), text, f"{node.name}: {FILE}")
    again = node.run("penstock seed")
    t.contains(again.stderr, f"{FILE} is there, and stays as it is", f"{node.name}: penstock seed")
    node.power_off()


def refused(t, interface):
    """A disk with a mistake: nothing of it is taken, one port asks by DHCP, and another has its address by a
    credential. Then a person puts the mistake right."""
    text = configuration(t, interface, "mended")
    disk = fat(t, "bad", "PENSTOCKCFG", {"penstock.yaml": text.replace(f"gateway: {GATEWAY}", "gateway: 10.9.9.9")})
    node = machine(
        t,
        "refused",
        disks=(("config", disk),),
        credentials={
            "ssh.authorized_keys.root": key(t),
            "network.network.50-second": f"[Match]\nMACAddress={SECOND_MAC}\n[Network]\nAddress={SECOND_ADDRESS}/24\n",
        },
        extra=(
            *("-netdev", "user,id=second,restrict=on,ipv6=off"),
            *("-device", f"virtio-net-pci,netdev=second,mac={SECOND_MAC},romfile="),
        ),
    )
    node.power_on()
    wrong = r"PENSTOCKCFG/penstock\.yaml:9: network\[0\]\.gateway: \"10\.9\.9\.9\" is in none of the networks"
    node.wait_console(wrong, 240)
    node.wait_ssh()
    t.contains(node.run("journalctl -b -u penstock-seed.service").stdout, wrong, f"{node.name}: the journal")
    node.run(f"test ! -e {FILE}")
    _, addresses = address_of(t, node, bare.MAC)
    t.equal([(a["local"], a.get("dynamic")) for a in addresses], [(ADDRESS, True)], f"{node.name}: by DHCP")
    t.eventually(
        f"{node.name}: the address by a credential",
        60,
        lambda: [a["local"] for a in address_of(t, node, SECOND_MAC)[1]] == [SECOND_ADDRESS],
    )
    # All addresses are shown; the way to log in is that of the first interface.
    check_console(t, node, SECOND_ADDRESS, "not configured yet")
    t.contains(text_of(node), rf" {ADDRESS}$", f"{node.name}: the console")
    mend(t, node, text)
    node.power_off()


def mend(t, node, text):
    device = node.run("realpath /dev/disk/by-label/PENSTOCKCFG").stdout.strip()
    node.run(f"mount -t vfat {device} /mnt")
    node.put("/mnt/penstock.yaml", text)
    node.run("umount /mnt")
    found = json.loads(node.run("penstock --dry-run --json seed").stdout)
    t.equal((found["label"], found["device"], found["written"]), ("PENSTOCKCFG", device, False), f"{node.name}: seed")
    t.equal(found["configuration"], text, f"{node.name}: what would be written")
    node.run(f"test ! -e {FILE}")
    node.run("systemctl restart penstock-seed.service")
    t.equal(node.read(FILE), text, f"{node.name}: {FILE}")
    # Not confirmed: the address stays the same, and apply asks nobody at boot.
    node.run("systemctl start penstock-apply.service", timeout=180)
    t.equal(node.run("hostname").stdout.strip(), "mended", f"{node.name}: host name")
    check_console(t, node, SECOND_ADDRESS, "State          ok")


def run(t):
    t.note("a cloud-init seed on a CD")
    interface = cloud_init(t)
    t.note("a disk with a penstock.yaml, and a seed beside it")
    volume(t, interface)
    t.note("a disk with a mistake, DHCP and a credential")
    refused(t, interface)
