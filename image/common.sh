# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# What the scripts that make images share. Read in by them, after `top` is set.

out=$top/build/image
keys=${PENSTOCK_KEYS:-$top/keys}
# The same inputs give the same bytes: the time in all of them is that of the kernel's source.
SOURCE_DATE_EPOCH=$(stat -c %Y /usr/src/linux-source-6.12.tar.xz)
export SOURCE_DATE_EPOCH

say() {
	printf '==> %s\n' "$*"
}

# uuid_of TEXT: a UUID that follows from TEXT, and nothing else.
uuid_of() {
	dashed "$(printf %s "$1" | sha256sum | cut -c 1-32)"
}

# dashed DIGITS: 32 hexadecimal digits as a UUID.
dashed() {
	sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12})$/\1-\2-\3-\4-\5/' <<<"$1"
}

# same_time DIRECTORY: all in it is as old as the kernel's source.
same_time() {
	find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# pack OUT DIRECTORY: a cpio archive of what is in DIRECTORY, as the kernel unpacks an initramfs.
pack() {
	same_time "$2"
	(cd "$2" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) >"$1"
}
