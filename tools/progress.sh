# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Steps with a number, the elapsed time and the place of the log. Read in by ./do.

progress_total=1
progress_done=0

progress_steps() {
	progress_total=$1
	progress_done=0
}

progress_line() {
	progress_done=$((progress_done + 1))
	printf '[%d/%d] %s' "$progress_done" "$progress_total" "$1"
}

# progress_note NAME: a step that needs no work, or that shows its own progress.
progress_note() {
	progress_line "$1"
	printf '\n'
}

elapsed_since() {
	elapsed=$(($(date +%s) - $1))
	printf '%d:%02d' $((elapsed / 60)) $((elapsed % 60))
}

# progress_tick NAME START LOG: on a terminal, one line kept up to date; elsewhere a line a minute.
progress_tick() {
	if [ -t 1 ]; then
		last=$(tail -c 400 "$3" 2>/dev/null | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]' | cut -c 1-48)
		printf '\r\033[K%s  %s  %s' "$1" "$(elapsed_since "$2")" "$last"
	elif [ $((($(date +%s) - $2) % 60)) -eq 0 ]; then
		printf '      %s so far\n' "$(elapsed_since "$2")"
	fi
}

# progress_run NAME LOG COMMAND...: runs COMMAND with its output in LOG and shows that it goes on.
# On failure shows the log's end and returns COMMAND's status. COMMAND is a program, not a function:
# it runs in a session of its own, so that an interrupt reaches all that it started.
progress_run() {
	name=$(progress_line "$1")
	progress_done=$((progress_done + 1))
	log=$2
	shift 2
	start=$(date +%s)
	mkdir -p "$(dirname "$log")"
	: >"$log"
	printf '%s  (log: %s)\n' "$name" "${log#"$top"/}"
	setsid "$@" >"$log" 2>&1 </dev/null &
	child=$!
	trap 'kill -- "-$child" 2>/dev/null; wait "$child"; printf "\ninterrupted; log: %s\n" "$log"; exit 130' INT TERM HUP
	while kill -0 "$child" 2>/dev/null; do
		sleep 1
		progress_tick "$name" "$start" "$log"
	done
	trap - INT TERM HUP
	status=0
	wait "$child" || status=$?
	if [ -t 1 ]; then printf '\r\033[K'; fi
	if [ "$status" -ne 0 ]; then
		printf '%s  FAILED after %s; the end of %s:\n' "$name" "$(elapsed_since "$start")" "$log"
		tail -n 30 "$log" | sed 's/^/    /'
		return "$status"
	fi
	printf '%s  done in %s\n' "$name" "$(elapsed_since "$start")"
}
