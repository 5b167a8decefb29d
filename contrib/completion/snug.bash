# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion for snug: commands and options as its own --help names them, so that none is forgotten.

_snug() {
	local word=${COMP_WORDS[COMP_CWORD]} command='' i
	local -a root=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root) root=(--root "${COMP_WORDS[++i]}") ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--root | --runtime-root | --output | --engines | --policy)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--hooks-dir | --allow-trace-syscall)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	--generalise)
		mapfile -t COMPREPLY < <(compgen -W 'none typed siblings' -- "$word")
		return
		;;
	--runtime | --runtime-only)
		mapfile -t COMPREPLY < <(compgen -W 'runc crun' -- "$word")
		return
		;;
	esac
	if [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "--root --version --help $("${COMP_WORDS[0]}" --help 2> /dev/null |
			sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "$command" --help 2> /dev/null |
			grep -oE -- '(^|[^-a-z])--[a-z-]+' | grep -oE -- '--[a-z-]+')" -- "$word")
	elif [[ $command == install || $command == uninstall || $command == doctor ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'podman docker containerd crio runc crun' -- "$word")
	elif [ "$command" = policy ] && [ "${COMP_WORDS[COMP_CWORD - 1]}" = policy ]; then
		mapfile -t COMPREPLY < <(compgen -W 'check test' -- "$word")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(
			compgen -f -- "$word"
			for dir in etc var/lib usr/local/share usr/share; do
				(cd "${root[1]:-}/$dir/snug/profiles" 2> /dev/null && compgen -G "$word*.json" | sed 's/\.json$//')
			done
			(cd "${root[1]:-}/var/lib/snug/recordings" 2> /dev/null && compgen -d -- "$word")
		)
	fi
}
complete -F _snug snug
