# SPDX-License-Identifier: MIT
"""A Kerberos realm for as long as a scenario needs one: its server on the storage node, both nodes in it.

The images have no Kerberos server. The SDK's is put on the storage node; what the programs and the NFS daemons read lies
under PLACE, except for what they look for only in /etc.
"""

import subprocess
from pathlib import Path

from lab.errors import LabError

REALM = "LAB.PENSTOCK"
DOMAIN = "lab.penstock"
PLACE = "/run/penstock-kerberos"
PROGRAMS = ("krb5kdc", "kadmin.local", "kdb5_util")
LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
# Of the programs' libraries those that only the server has; and what they load.
OWN = ("libkadm5srv_mit.so.12", "libkdb5.so.10", "libgssrpc.so.4", "libss.so.2", "libverto.so.1", "libverto-libev.so.1")
LOADED = ("libev.so.4",)
DATABASE = "krb5/plugins/kdb/db2.so"
ETC = ("/etc/krb5.conf", "/etc/krb5.keytab", "/etc/hosts")

CONFIG = f"""[libdefaults]
	default_realm = {REALM}
	dns_lookup_kdc = false
	dns_canonicalize_hostname = false
	rdns = false
[realms]
	{REALM} = {{
		kdc = 10.77.0.1
	}}
[domain_realm]
	.{DOMAIN} = {REALM}
[dbmodules]
	db_module_dir = {PLACE}
"""
SERVER_CONFIG = f"""[realms]
	{REALM} = {{
		database_name = {PLACE}/principal
		key_stash_file = {PLACE}/stash
	}}
"""
HOSTS = f"127.0.0.1 localhost\n10.77.0.1 storage.{DOMAIN} storage\n10.77.0.2 gpu.{DOMAIN} gpu\n"
# The NFS programs look at a keytab only when they start.
DAEMONS = {"storage": "rpc-svcgssd", "gpu": "rpc-gssd"}


def _files():
    found = [Path("/usr/sbin") / name for name in PROGRAMS]
    found += [LIBRARIES / name for name in (*OWN, *LOADED, DATABASE)]
    missing = [str(path) for path in found if not path.exists()]
    if missing:
        raise LabError(f"the SDK has no {', '.join(missing)}")
    return found


def _serve(storage):
    """Starts the realm's server, with a principal for each node."""
    files = [str(path) for path in _files()]
    packed = subprocess.run(
        ["tar", "--create", "--dereference", "--transform=s,.*/,,", "--absolute-names", *files],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    storage.put(f"{PLACE}/programs.tar", packed)
    storage.put(f"{PLACE}/kdc.conf", SERVER_CONFIG)
    storage.run(
        f"""set -e
cd {PLACE}
tar xf programs.tar
export LD_LIBRARY_PATH={PLACE} KRB5_KDC_PROFILE={PLACE}/kdc.conf
./kdb5_util create -s -r {REALM} -P lab > /dev/null
for node in storage gpu; do
	./kadmin.local -q "addprinc -randkey nfs/$node.{DOMAIN}"
	./kadmin.local -q "ktadd -k {PLACE}/$node.keytab nfs/$node.{DOMAIN}"
done > /dev/null
systemd-run -q --unit=penstock-kdc --setenv=LD_LIBRARY_PATH=$LD_LIBRARY_PATH \\
	--setenv=KRB5_KDC_PROFILE=$KRB5_KDC_PROFILE ./krb5kdc -n
""",
        timeout=120,
    )


def start(storage, gpu):
    """Makes the realm, and has both nodes' NFS use it. To be undone by stop()."""
    for node in (storage, gpu):
        node.run(f"mkdir -p {PLACE}; cp -a --parents {' '.join(ETC)} {PLACE} 2>/dev/null; true")
        node.put("/etc/krb5.conf", CONFIG)
        node.put("/etc/hosts", HOSTS)
    _serve(storage)
    for node in (storage, gpu):
        keytab = storage.run(f"base64 {PLACE}/{node.name}.keytab").stdout
        node.run("base64 -d | install -m 0600 /dev/stdin /etc/krb5.keytab", stdin=keytab)
        node.run(f"modprobe rpcsec_gss_krb5; systemctl start {DAEMONS[node.name]}")


def stop(storage, gpu):
    """Leaves nothing of the realm; /etc is as it was."""
    for node in (storage, gpu):
        node.run(
            f"systemctl stop {DAEMONS[node.name]} penstock-kdc; rm -f {' '.join(ETC)}; "
            f"cp -a {PLACE}/etc/. /etc/; rm -rf {PLACE}",
            check=False,
        )
