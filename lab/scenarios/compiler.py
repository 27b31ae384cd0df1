# SPDX-License-Identifier: MIT
"""gcc, make and the kernel's headers are on the node: a C program and a kernel module are built."""

SECONDS = 300
PROGRAM = r"""
#include <stdio.h>
#include <threads.h>

static int work(void *answer)
{
	*(int *)answer = 42;
	return 0;
}

int main(void)
{
	thrd_t thread;
	int answer = 0;

	if (thrd_create(&thread, work, &answer) != thrd_success)
		return 1;
	thrd_join(thread, NULL);
	printf("the answer is %d\n", answer);
	return 0;
}
"""
MODULE = r"""
#include <linux/init.h>
#include <linux/module.h>

static int __init labmod_init(void)
{
	pr_info("labmod: built on %s\n", KBUILD_MODNAME);
	return 0;
}

static void __exit labmod_exit(void)
{
	pr_info("labmod: gone\n");
}

module_init(labmod_init);
module_exit(labmod_exit);
MODULE_DESCRIPTION("built on the node");
MODULE_LICENSE("GPL");
"""
FOLDER = "/root/labmod"


def run(t):
    for node in (t.storage, t.gpu):
        node.put("/root/program.c", PROGRAM)
        result = node.run("gcc -std=gnu17 -Wall -Wextra -Werror -O2 -o /root/program /root/program.c && /root/program")
        t.equal(result.stdout, "the answer is 42\n", f"{node.name}: what the program printed")
        node.run("rm /root/program /root/program.c")
    build_module(t, t.storage)


def build_module(t, node):
    node.put(f"{FOLDER}/labmod.c", MODULE)
    node.put(f"{FOLDER}/Makefile", "obj-m := labmod.o\n")
    try:
        node.run(f"make -C /lib/modules/$(uname -r)/build M={FOLDER} modules", timeout=200)
        node.run(f"insmod {FOLDER}/labmod.ko")
        node.run("rmmod labmod")
        log = node.run("dmesg | grep labmod:").stdout
        t.contains(log, r"labmod: built on labmod", "the module's message")
        t.contains(log, r"labmod: gone", "the module's last message")
    finally:
        node.run(f"rm -rf {FOLDER}")
