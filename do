#!/bin/sh
# SPDX-License-Identifier: MIT
# do: the front door of Penstock. Needs a Debian 12 or 13 machine, root or sudo, and nothing else.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$top/build
cache=${PENSTOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/penstock}
keys=${PENSTOCK_KEYS:-$top/keys}

. "$top/tools/progress.sh"
. "$top/tools/sdk.sh"

help() {
	cat <<'END'
Penstock: from a ZFS pool of SSDs straight into GPU memory, over NFS on RDMA.

    ./do run [--keep]        build what is missing, boot a storage node and a GPU node, move one
                             file over NFS/RDMA, verify it, print the table; --keep leaves them up
    ./do test [SCENARIO...]  build what is missing, run lint, unit tests, fuzzers and the lab's scenarios; or only those named
    ./do soak [SCENARIO...]  the same in its long form: more power cuts, longer fuzzing, and the scenarios that boot the
                             forms, install, update and reset
    ./do image               build the disk images build/image/{storage,gpu}.raw
    ./do image minimal       build an image without compiler, and toolchain.raw, the system extension that has it
    ./do forms [ROLE...]     build what the images are given out as: disks for QEMU, VMware and Hyper-V, OVA, ISO, network
                             boot, bill of materials, in build/image/forms; those of other roles are removed
    ./do forms --check       build images and forms once more, and compare every file
    ./do forms --size [ROLE...]   what takes the place in the images
    ./do keys                make the keys that sign images and updates, or say which there are
    ./do kernel              build the kernel and the ZFS modules
    ./do program             build the C programs
    ./do lint                check the form of all sources
    ./do bench NAME          measure: one of the programs in bench/
    ./do lab VERB...         the lab's virtual machines: up, down, list, ssh, ... (./do lab --help)
    ./do shell [COMMAND...]  a shell, or one command, inside the SDK
    ./do explain SYMBOL...   what a kernel configuration symbol is, and why we set it
    ./do clean [--cache]     remove build/; with --cache the cached SDKs and kernels too
    ./do help                this text

Everything is made under build/ and, to be used again by other clones, in
$PENSTOCK_CACHE (~/.cache/penstock). Logs are in build/log. The keys are in $PENSTOCK_KEYS (keys/).
END
}

die() {
	printf 'do: %s\n' "$*" >&2
	exit 1
}

become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || die "needs root, and sudo is not installed: run it as root"
	exec sudo PENSTOCK_CACHE="$cache" PENSTOCK_KEYS="$keys" "$top/do" "$@"
}

# What each part is made from; a part is built again when the hash of these changes.
kernel_inputs() {
	inputs_of kernel/*.config kernel/patches kernel/configure kernel/build
	ls "$build/sdk/usr/src/deb"
	dpkg-query --admindir="$build/sdk/var/lib/dpkg" -W -f '${Package} ${Version}\n' linux-source-6.12 gcc-14 binutils
}

# What of the programs is installed in the images; the rest are tests and the lab's own.
installed_inputs() {
	inputs_of meson.build meson.options src include man completions units
	sdk_id
}

program_inputs() {
	installed_inputs
	inputs_of bench fuzz tests
}

image_inputs() {
	inputs_of image | grep -v ' image/forms/'
	inputs_of tools/keys tools/sign-efi tools/sign-sums
	cat "$keys/secure-boot.crt" "$keys/release.gpg"
	kernel_inputs
	installed_inputs
}

forms_inputs() {
	echo "$roles"
	image_inputs
	inputs_of image/forms
}

# One builds at a time: clones share the cache.
lock() {
	exec 9>"$cache/lock"
	flock --nonblock 9 && return
	echo "Waiting for another ./do that builds."
	flock 9
}

# enter COMMAND...: COMMAND in the SDK takes the place of this shell, without its lock.
enter() {
	exec 9>&-
	exec tools/sdk-run "$@"
}

# need_X brings X up to date, with all that X is made from.
need_sdk() {
	[ -z "${have_sdk:-}" ] || return 0
	lock
	host_packages
	sdk_make
	have_sdk=yes
}

need_kernel() {
	need_sdk
	part_cached kernel kernel_inputs "kernel and ZFS modules" kernel/build
}

need_program() {
	need_sdk
	part program program_inputs "C programs" tools/program-build
}

need_keys() {
	need_sdk
	tools/sdk-run tools/keys make "$keys" || die "the keys could not be made"
}

need_image() {
	[ -z "${have_image:-}" ] || return 0
	need_keys
	need_kernel
	need_program
	part image image_inputs "images storage and gpu" image/build storage gpu
	have_image=yes
}

need_minimal() {
	need_image
	part minimal image_inputs "image minimal, and its toolchain" image/build minimal
}

# need_roles ROLE...: the images of these, storage and gpu in any case. Sets $roles.
need_roles() {
	for role in "$@"; do
		case $role in storage | gpu | minimal) ;; *) die "forms: no role '$role': storage, gpu or minimal" ;; esac
	done
	roles=$*
	case $roles in
	*minimal*) need_minimal ;;
	*) need_image ;;
	esac
}

need_forms() {
	need_image
	: "${roles:=storage gpu}"
	# shellcheck disable=SC2086 # the roles are words
	part forms forms_inputs "forms of the images $roles" image/forms/make $roles
}

need_stock() {
	need_image
	part stock image_inputs "image stock, for comparison" image/build stock
}

# check_lab VERB OPTION...: refuses what the lab would refuse, before anything long is built. Sets $needed to what has to
# be built beyond the images.
check_lab() {
	case " $* " in
	*" -h "* | *" --help "*)
		help
		exit
		;;
	esac
	need_sdk
	needed=$(tools/sdk-run lab/lab --check "$@") || exit
}

# no_more OPTION...: for verbs that take nothing.
no_more() {
	[ $# -eq 0 ] || die "$verb: unknown option '$1': see ./do help"
}

verb_run() {
	progress_steps 5
	check_lab run "$@"
	need_image
	progress_note "the lab: two nodes, one file"
	enter lab/lab run "$@"
}

verb_test() {
	progress_steps 6
	check_lab test "$@"
	need_image
	for part in $needed; do
		"need_$part"
	done
	enter tools/test "$@"
}

verb_forms() {
	progress_steps 6
	case ${1:-} in
	--check)
		shift
		no_more "$@"
		need_forms
		enter image/forms/check storage gpu
		;;
	--size)
		shift
		need_roles "$@"
		# shellcheck disable=SC2086 # the roles are words
		enter image/forms/size ${roles:-storage gpu}
		;;
	-*) no_more "$@" ;;
	*)
		need_roles "$@"
		need_forms
		;;
	esac
}

verb_soak() {
	verb_test --soak "$@"
}

verb_bench() {
	if [ $# -eq 0 ] || [ ! -f "$top/bench/$1" ] || [ ! -x "$top/bench/$1" ]; then
		die "bench: name one of: $(find "$top/bench" -type f -perm -u+x -exec basename {} \; | sort | paste -sd' ' -)"
	fi
	bench=$1
	shift
	progress_steps 6
	case $bench in
	boot) need_stock ;;
	apply | engine) need_sdk ;;
	*) need_image ;;
	esac
	enter "bench/$bench" "$@"
}

verb_clean() {
	case ${1:-} in
	--cache) rm -rf "$cache" ;;
	'') ;;
	*) die "clean: unknown option $1" ;;
	esac
	rm -rf "$build"
}

main() {
	verb=${1:-help}
	[ $# -eq 0 ] || shift
	case $verb in
	help | --help | -h)
		help
		return
		;;
	run | test | soak | image | forms | keys | kernel | program | lint | bench | lab | shell | explain | clean) ;;
	*) die "unknown verb '$verb': see ./do help" ;;
	esac
	become_root "$verb" "$@"
	cd "$top"
	mkdir -p "$build/log" "$cache"
	case $verb in
	kernel | program)
		no_more "$@"
		progress_steps 2
		"need_$verb"
		;;
	image)
		progress_steps 4
		case ${1:-} in
		minimal)
			shift
			no_more "$@"
			progress_steps 5
			need_minimal
			;;
		*)
			no_more "$@"
			need_image
			;;
		esac
		;;
	keys)
		no_more "$@"
		progress_steps 1
		need_keys
		enter tools/keys show "$keys"
		;;
	lint)
		no_more "$@"
		# clang-tidy asks how each file is compiled; the page and the completion that are checked are made.
		progress_steps 2
		need_program
		enter tools/lint
		;;
	lab)
		progress_steps 1
		need_sdk
		enter lab/lab "$@"
		;;
	explain)
		progress_steps 2
		need_sdk
		progress_run "kernel configuration" "$build/log/configure.log" tools/sdk-run --build kernel/configure ||
			die "the kernel could not be configured"
		enter kernel/explain "$@"
		;;
	shell)
		progress_steps 1
		need_sdk
		[ $# -gt 0 ] || set -- bash -l
		enter "$@"
		;;
	*) "verb_$verb" "$@" ;;
	esac
}

main "$@"
