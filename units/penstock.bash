# SPDX-License-Identifier: MIT
# Completion of penstock(8) for bash.
_penstock()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	case $prev in
	-c | --config)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W \
		"apply plan status history revert confirm access version help --config --json --verbose --wait --yes --confirm --network --client --write --version --help" -- "$cur")
}
complete -o filenames -F _penstock penstock
