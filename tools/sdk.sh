# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154  # top, build and cache are set by ./do
# The SDK, and building parts in it only when their inputs changed. Read in by ./do.

host_packages() {
	if command -v mmdebstrap >/dev/null && command -v bwrap >/dev/null; then return; fi
	echo "Installing mmdebstrap and bubblewrap on this machine (nothing else is ever installed)."
	progress_total=$((progress_total + 1))
	progress_run "packages of this machine" "$build/log/host.log" \
		sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap bubblewrap debian-archive-keyring' ||
		die "could not install mmdebstrap and bubblewrap"
}

# hash: the first 16 digits of the SHA-256 of standard input.
hash() {
	sha256sum | cut -c 1-16
}

# inputs_of PATH...: one line per file that git would keep below PATH: mode, hash and name.
inputs_of() {
	find "$@" -type f ! -name '*.pyc' ! -name '.*' 2>/dev/null | LC_ALL=C sort |
		while IFS= read -r file; do
			if [ -x "$file" ]; then printf 'x '; fi
			sha256sum "$file"
		done
}

sdk_id() {
	cat tools/sdk.packages tools/sdk-make | hash
}

sdk_make() {
	sdk=$cache/sdk-$(sdk_id)
	if [ ! -d "$sdk" ]; then
		rm -rf "$sdk.new"
		progress_run "SDK (Debian trixie)" "$build/log/sdk.log" tools/sdk-make "$sdk.new" ||
			die "the SDK could not be made"
		mv "$sdk.new" "$sdk"
	elif [ "$progress_total" -gt 1 ]; then
		progress_note "SDK (Debian trixie): ready"
	fi
	ln -sfn "$sdk" "$build/sdk"
}

# part NAME INPUTS TITLE BUILDER...: runs BUILDER in the SDK if what INPUTS prints has changed.
part() {
	part=$1
	title=$3
	id=$("$2" | hash)
	shift 3
	if [ "$(cat "$build/$part.id" 2>/dev/null)" = "$id" ]; then
		progress_note "$title: unchanged"
		return
	fi
	rm -f "$build/$part.id"
	progress_run "$title" "$build/log/$part.log" tools/sdk-run --build "$@" || die "building failed: $title"
	echo "$id" >"$build/$part.id"
}

# part_cached: as part, for what is expensive: BUILDER makes the directory that it is given as its
# argument, which is kept in the cache under its id. build/NAME leads to it.
part_cached() {
	id=$("$2" | hash)
	out=$cache/$1-$id
	if [ ! -d "$out" ]; then
		rm -rf "$out.new"
		progress_run "$3" "$build/log/$1.log" tools/sdk-run --build "$4" "$out.new" || die "building failed: $3"
		mv "$out.new" "$out"
	else
		progress_note "$3: ready"
	fi
	ln -sfn "$out" "$build/$1"
}
