# SPDX-License-Identifier: MIT
"""The main job: one file of random bytes from the GPU node to the pool and back over NFS/RDMA,
with every claim checked: who carried the bytes, that no cache answered, and that they are the same.
"""

from dataclasses import dataclass

from lab import observe
from lab.errors import Failed
from lab.say import MIB

PAYLOAD_BYTES = 256 * MIB
# The dataset's owner. Not root: root_squash stays on, and a real program is nobody special either.
UID = 1000
WORK = "/dev/shm/penstock-lab"
# The largest payload of a RoCE packet; soft-RoCE takes it when the fabric has jumbo frames.
PACKET_BYTES = 4096
# A few records outlive all that drop_caches does, however large the file is. More than that, and a cache has answered.
MOST_FROM_ARC = 4 << 20
# Which records the ARC lets go is its own choice: now and then it keeps more, and the file is read once more.
MOST_READS = 3
SLOW = 600


@dataclass(frozen=True)
class Outcome:
    """What was measured. Bytes are those of the file unless said otherwise."""

    mount: observe.Mount
    payload_bytes: int
    write_seconds: float
    read_seconds: float
    carried: observe.Transport
    packets_sent: int
    packets_received: int
    disks_delivered_bytes: int
    sha256: str
    more: object = None


def _timed(node, command, uid=None):
    """Seconds that COMMAND took on the node by the node's own clock, without ssh."""
    line = f"begin=$EPOCHREALTIME; {command} || exit; echo $begin $EPOCHREALTIME"
    words = node.run(line, timeout=SLOW, uid=uid).stdout.split()
    return float(words[-1]) - float(words[-2])


def sha256(node, path, uid=None):
    return node.run(f"sha256sum < {path}", timeout=SLOW, uid=uid).stdout.split()[0]


# The ARC takes drop_caches as a hint, down to its least size, and outlives an unmount; only an export
# of the pool would empty it, and take the mount away. So it is made as small as ZFS allows, and so is the
# cache of dbufs, which holds on to some of it; it is told to shrink, and what is left is pushed out by
# other data, which is deleted. check() then counts what the drives delivered, so that none of this need
# be believed.
PUSH_OUT_ARC = """
stat() {{ awk -v name=$1 '$1 == name {{ print $3 }}' /proc/spl/kstat/zfs/arcstats; }}
parameters=/sys/module/zfs/parameters
least=$(stat c_min) most=$(stat c_max) other={served}/.lab-other
dbufs=$(cat $parameters/dbuf_cache_max_bytes)
echo 1 > $parameters/dbuf_cache_max_bytes
echo $((32 << 20)) > $parameters/zfs_arc_min
echo $((64 << 20)) > $parameters/zfs_arc_max
echo 3 > /proc/sys/vm/drop_caches
head -c 64M /dev/urandom > $other && sync $other && cat $other > /dev/null
echo 3 > /proc/sys/vm/drop_caches
cat $other > /dev/null
rm $other
echo $dbufs > $parameters/dbuf_cache_max_bytes
echo $most > $parameters/zfs_arc_max
echo $least > $parameters/zfs_arc_min
"""


def drop_caches(storage, gpu, served):
    """Makes both nodes forget file data. On the client, drop_caches drops the clean pages, and fsync
    has made them clean."""
    gpu.run("sync; echo 3 > /proc/sys/vm/drop_caches", timeout=SLOW)
    storage.run(PUSH_OUT_ARC.format(served=served), timeout=SLOW)


def _read_back(storage, gpu, path, back, served, progress):
    """Copies the file PATH of the GPU node to BACK, from the drives. Returns the seconds, and the bytes that the
    drives delivered."""
    progress.step("both: dropping caches")
    drop_caches(storage, gpu, served)
    before = observe.disk_bytes_read(storage)
    progress.step(f"gpu: reading it back from {path}")
    seconds = _timed(gpu, f"dd if={path} of={back} bs=1M status=none", uid=UID)
    return seconds, observe.disk_bytes_read(storage) - before


def transfer(storage, gpu, target, served, progress, payload_bytes=PAYLOAD_BYTES, more=None):
    """Runs the job over the mount TARGET of the GPU node, which the storage node has as SERVED.
    MORE(path, sha256) is called while the file is there; what it returns is the outcome's `more`.
    Raises Failed at the first thing that is not as it must be; returns the Outcome."""
    mount = observe.mount(gpu, target)
    if mount.proto != "rdma":
        raise Failed(f"{target} is mounted with proto={mount.proto}, not rdma")
    before = observe.transport(gpu, target)
    packets_before = observe.rxe_packets(gpu)

    source, name = f"{WORK}/payload", "lab-payload"
    try:
        progress.step(f"gpu: making {payload_bytes // MIB} MiB of random bytes")
        gpu.run(f"install -d -o {UID} -g {UID} {WORK}")
        gpu.run(f"head -c {payload_bytes} /dev/urandom > {source}", timeout=SLOW, uid=UID)

        progress.step(f"gpu: writing them to {target} as uid {UID}, to the end of fsync")
        write = f"dd if={source} of={target}/{name} bs=1M conv=fsync status=none"
        write_seconds = _timed(gpu, write, uid=UID)
        wrote = observe.transport(gpu, target).since(before)

        progress.step(f"storage: SHA-256 of {served}/{name}")
        want = sha256(storage, f"{served}/{name}")
        sent = sha256(gpu, source, uid=UID)
        if want != sent:
            raise Failed(f"the file on the storage node differs from what was written: {want}, not {sent}")
        gpu.run(f"rm {source}")

        back = f"{WORK}/back"
        for _ in range(MOST_READS):
            read_seconds, disks = _read_back(storage, gpu, f"{target}/{name}", back, served, progress)
            if disks >= payload_bytes - MOST_FROM_ARC:
                break
        carried = observe.transport(gpu, target).since(before)
        packets = observe.rxe_packets(gpu)

        progress.step("gpu: SHA-256 of what came back")
        got = sha256(gpu, back, uid=UID)
        gpu.run(f"rm {back}")
        added = more(f"{target}/{name}", want) if more else None
    finally:
        gpu.run(f"rm -f {target}/{name}", uid=UID, check=False)
        gpu.run(f"rm -rf {WORK}", check=False)

    outcome = Outcome(
        mount=mount,
        payload_bytes=payload_bytes,
        write_seconds=write_seconds,
        read_seconds=read_seconds,
        carried=carried,
        packets_sent=packets[0] - packets_before[0],
        packets_received=packets[1] - packets_before[1],
        disks_delivered_bytes=disks,
        sha256=got,
        more=added,
    )
    if got != want:
        raise Failed(f"what came back differs: SHA-256 {got}, on the storage node {want}")
    check(outcome, wrote)
    return outcome


def check(outcome, wrote):
    """Fails if RDMA carried less than the payload in either direction, or if a cache answered."""
    payload = outcome.payload_bytes
    if any(not protocol.startswith("rdma") for protocol in outcome.carried.protocols):
        raise Failed(f"the mount used {', '.join(sorted(outcome.carried.protocols))}, not only rdma")
    if wrote.write_bytes < payload or wrote.read_chunks == 0:
        raise Failed(f"WRITE calls carried {wrote.write_bytes} bytes in {wrote.read_chunks} chunks of {payload} bytes")
    if outcome.carried.read_bytes < payload:
        raise Failed(f"RDMA brought {outcome.carried.read_bytes} bytes from the server, of {payload}")
    for direction, packets in (("sent", outcome.packets_sent), ("received", outcome.packets_received)):
        if packets * PACKET_BYTES < payload:
            raise Failed(f"soft-RoCE {direction} only {packets} packets, too few for {payload} bytes")
    if outcome.disks_delivered_bytes < payload - MOST_FROM_ARC:
        raise Failed(
            f"the disks delivered only {outcome.disks_delivered_bytes} of {payload} bytes: the ARC answered the rest"
        )
