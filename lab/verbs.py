# SPDX-License-Identifier: MIT
"""What each verb of the command line does."""

import io
import json
import os
import sys
import unittest
from pathlib import Path

from lab import cluster, job, kernellog, observe, paths, report, runner, scenario, simgpu
from lab import console as serial_console
from lab.errors import LabError
from lab.say import Progress


# Of the host's memory: two nodes, and what QEMU adds to them.
LAB_BYTES = 8 << 30


def _images(arguments):
    return Path(arguments.images) if arguments.images else paths.IMAGES


def _how_to_use(lab):
    """What a person can do with a lab that stays up."""
    other = "" if lab.name == cluster.DEFAULT_NAME else f" --name {lab.name}"
    lines = [f"The nodes are running. To use them{':' if lab.running else ' (stopped):'}"]
    lines += [f"    ./do lab ssh{other} {node.name}" for node in lab.nodes]
    lines.append(f"To stop them: ./do lab down{'' if not other else ' ' + lab.name}")
    return "\n".join(lines)


def up(arguments):
    progress = Progress()
    with cluster.temporary(
        arguments.name,
        keep=True,
        progress=progress,
        firmware=arguments.firmware,
        layout=arguments.layout,
        images=_images(arguments),
        wanted_accel=arguments.accel,
    ) as lab:
        if not arguments.no_wait:
            lab.wait_ready(progress)
    print(_how_to_use(lab))
    return 0


def down(arguments):
    known = cluster.names()
    if arguments.all:
        wanted = known
    elif arguments.name:
        wanted = [arguments.name]
    else:
        wanted = [cluster.pick().name] if len(known) != 1 else known
    for name in wanted:
        with cluster.locked(name):
            cluster.open_lab(name).down()
        print(f"lab '{name}': stopped")
    return 0


def list_labs(_arguments):
    labs = [cluster.open_lab(name) for name in cluster.names()]
    if not labs:
        print("no labs; ./do lab up starts one")
    for lab in labs:
        state = lab.state
        use = ""
        if cluster.held(lab.name):
            use = ", in use by a command"
        elif not state["kept"]:
            use = ", left over from a command that was killed"
        print(f"{lab.name}: {state['description']}, {state['accel'].upper()}, firmware {state['firmware']}{use}")
        for node in lab.nodes:
            pid = node.pid()
            where = f"pid {pid}, ssh port {node.ssh.port}" if pid else "stopped"
            print(f"    {node.name:<10} {where}")
    return 0


def ssh(arguments):
    cluster.pick(arguments.name).node(arguments.node).ssh.shell(arguments.command)


def console(arguments):
    node = cluster.pick(arguments.name).node(arguments.node)
    serial_console.attach(node.directory / "console.sock")
    return 0


def logs(arguments):
    lab = cluster.pick(arguments.name)
    node = lab.node(arguments.node)
    if not arguments.console and node.ssh.answers():
        node.ssh.shell(["journalctl -q --no-pager -o short-monotonic"])
    sys.stdout.write(node.console_log.read_text(errors="replace"))
    return 0


def times(arguments):
    lab = cluster.pick(arguments.name)
    result = {"accel": lab.state["accel"], "firmware": lab.state["firmware"], "nodes": {}}
    for node in lab.nodes:
        _, uncertain = observe.boot_offset(node)
        result["nodes"][node.name] = {
            "ready_seconds": round(observe.seconds_from_power_on(lab, node, "penstock-apply.service"), 2),
            "uncertainty_seconds": round(uncertain, 2),
            "memory_used_bytes": observe.memory_used_bytes(node),
        }
        node.ssh.close()
    print(json.dumps(result, indent=2))
    return 0


def run(arguments):
    """The main job. Its exit status is that of the verification."""
    progress = Progress()
    images = _images(arguments)
    info = report.image_info(images)
    with cluster.temporary(
        cluster.DEFAULT_NAME,
        keep=arguments.keep,
        progress=progress,
        firmware=arguments.firmware,
        images=images,
        wanted_accel=arguments.accel,
    ) as lab:
        try:
            lab.wait_ready(progress)
            storage, gpu = lab.node("storage"), lab.node("gpu")
            outcome = job.transfer(
                storage,
                gpu,
                "/mnt/data",
                "/tank/data",
                progress,
                more=lambda file, sha256: simgpu.arrive(storage, gpu, file, sha256, job.UID, progress),
            )
            lines = report.full(lab, storage.status(), outcome, info)
            found = [line for node in lab.nodes for line in node.watch.new()]
            if found:
                raise LabError("the file is verified, but a kernel complained:", "\n".join(found))
        except LabError:
            if arguments.keep:
                print(_how_to_use(lab))
            raise
        if not arguments.keep:
            progress.step("stopping the nodes")
    print("\n" + "\n".join(lines) + "\n")
    if arguments.keep:
        print(_how_to_use(lab))
    return 0


def _lanes(arguments, scenarios):
    """How many labs run at a time: two, where there is work and room for them."""
    if arguments.on:
        return 1
    _, available = observe.memory_bytes(Path("/proc/meminfo").read_text(encoding="ascii"))
    room = os.cpu_count() > 1 and available > 2 * LAB_BYTES
    return max(1, min(arguments.lanes or (2 if room else 1), scenarios))


def test_needs(arguments):
    """What ./do has to build for a test, beyond the images."""
    return scenario.needed(scenario.select(scenario.load_all(), arguments.scenarios, arguments.soak))


def test(arguments):
    chosen = scenario.select(scenario.load_all(), arguments.scenarios, arguments.soak)
    if arguments.on and not arguments.scenarios:
        chosen = [each for each in chosen if each.firmware == cluster.open_running(arguments.on).state["firmware"]]
    progress = Progress()
    runs = runner.Runner(
        progress,
        kept=arguments.on,
        keep=arguments.keep,
        soak=arguments.soak,
        lanes=_lanes(arguments, len(chosen)),
        accel=arguments.accel,
        images=_images(arguments),
    )
    fine = runs.run(scenario.in_order(chosen))
    passed, failed, skipped = map(runs.count, runner.VERDICTS)
    print(f"{passed} passed, {failed} failed, {skipped} skipped in {progress.elapsed():.0f} s", flush=True)
    return 0 if fine else 1


def list_scenarios(_arguments):
    for each in scenario.in_order(scenario.load_all()):
        soak = " (only with --soak)" if each.soak else ""
        print(f"{each.name:<24} {each.title}{soak}")
    if kernellog.ALLOWED:
        print("\nLines of a kernel's log that fail no scenario:")
        for entry in kernellog.ALLOWED:
            print(f"    {entry.pattern}: {entry.reason}")
    return 0


def selftest(_arguments):
    suite = unittest.defaultTestLoader.discover(str(paths.TOP / "lab" / "tests"), top_level_dir=str(paths.TOP))
    shown = io.StringIO()
    result = unittest.TextTestRunner(stream=shown, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    runner.write_counts("lab-selftest", result.testsRun - failed - skipped, failed, skipped)
    print(shown.getvalue(), end="")
    return 1 if failed else 0
