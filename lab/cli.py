# SPDX-License-Identifier: MIT
"""The command line of the lab: what the verbs are called and what they take."""

import argparse
import sys

from lab import cluster, process, say, scenario, signals, verbs
from lab.errors import Interrupted, LabError

DESCRIPTION = """\
Boots Penstock's storage node and GPU node as virtual machines, joined by a fabric with soft-RoCE,
and runs the end-to-end tests on them."""
EPILOG = """\
Examples:
  lab/lab up                     boot both nodes and wait until the GPU node has mounted
  lab/lab ssh gpu                a shell on the GPU node
  lab/lab ssh storage zpool list one command on the storage node
  lab/lab test reboot-storage    one scenario, on a lab of its own
  lab/lab test --on main bad-yaml   one scenario, on the lab that is up
  lab/lab down                   stop the nodes and forget their disks

State is in build/lab, logs are in build/log/lab."""


def scenario_name(text):
    """A scenario as the user may spell it; argparse refuses the others."""
    try:
        return scenario.select(scenario.load_all(), [text], soak=True)[0].name
    except LabError as error:
        raise argparse.ArgumentTypeError(error) from error


def parser():
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="lab/lab", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    verb = top.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(name, function, summary):
        sub = verb.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        sub.set_defaults(function=function)
        return sub

    def name_option(sub):
        sub.add_argument("--name", metavar="LAB", help="which lab, when more than one is running")

    def boot_options(sub, firmware=True):
        if firmware:
            sub.add_argument(
                "--firmware",
                choices=cluster.FIRMWARES,
                default="direct",
                help="boot the kernel directly (the default, quicker) or by UEFI from the disk image",
            )
        sub.add_argument("--accel", choices=("kvm", "tcg"), help="do not probe whether KVM works")
        sub.add_argument("--images", metavar="DIR", help="other disk images than those in build/image")

    up = add("up", verbs.up, "boot the nodes, wait until they are as declared, and leave them running")
    up.add_argument("--name", metavar="LAB", default=cluster.DEFAULT_NAME, help="a name, to have several labs")
    up.add_argument("--layout", metavar="NAME", default="pair", help="which description in lab/nodes (default pair)")
    up.add_argument("--no-wait", action="store_true", help="return as soon as the power is on")
    boot_options(up)

    down = add("down", verbs.down, "stop a lab and remove its disks; its logs stay")
    down.add_argument("name", metavar="LAB", nargs="?", help="which lab (default: the one that is running)")
    down.add_argument("--all", action="store_true", help="stop every lab")

    add("list", verbs.list_labs, "list the labs and their nodes")

    ssh = add("ssh", verbs.ssh, "a shell on a node, or one command")
    name_option(ssh)
    ssh.add_argument("node", metavar="NODE")
    ssh.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER)

    console = add("console", verbs.console, "the serial console of a node; Ctrl-] leaves")
    name_option(console)
    console.add_argument("node", metavar="NODE")

    logs = add("logs", verbs.logs, "print a node's journal, or its serial console if it does not answer")
    name_option(logs)
    logs.add_argument("--console", action="store_true", help="the serial console in any case")
    logs.add_argument("node", metavar="NODE")

    times = add("times", verbs.times, "print seconds from power-on and memory in use, as JSON")
    name_option(times)

    run = add("run", verbs.run, "the main job: one file over NFS/RDMA, verified, and a table of what was measured")
    run.add_argument("--keep", action="store_true", help="leave the nodes running at the end")
    boot_options(run)

    test = add("test", verbs.test, "run scenarios (all of them, or those named)")
    test.add_argument("--soak", action="store_true", help="the long forms too: more rounds, reboot loops")
    test.add_argument("--keep", action="store_true", help="leave the labs running at the end")
    test.add_argument("--on", metavar="LAB", help="use this lab, which is up already, and leave it up")
    test.add_argument(
        "--lanes",
        metavar="N",
        type=int,
        choices=range(1, 9),
        help="how many labs to run at a time (default 2 with two CPUs and 16 GiB of free memory, else 1)",
    )
    boot_options(test, firmware=False)
    test.set_defaults(needs=verbs.test_needs)
    test.add_argument("scenarios", metavar="SCENARIO", nargs="*", type=scenario_name)

    add("scenarios", verbs.list_scenarios, "list the scenarios with what each shows")
    add("selftest", verbs.selftest, "run the unit tests of the lab program itself")
    return top


def main(words):
    # ./do asks before it builds for half an hour what a mistyped option would make useless, and what else to build.
    only_check = words[:1] == ["--check"]
    arguments = parser().parse_args(words[only_check:])
    if only_check:
        print(*getattr(arguments, "needs", lambda _: ())(arguments))
        return 0
    process.die_with_parent()
    signals.install()
    try:
        return arguments.function(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        if error.details:
            print(say.indent(error.details), file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print("lab: interrupted; the nodes that this command started are stopped", file=sys.stderr)
        return 128 + interrupted.signum
