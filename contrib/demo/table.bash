# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of run
# table: what `make demo` ends with. Uses $T, $profile, $origin, $workload of run.

readonly COLUMNS3='plain engines hard'

# served WHICH: "same/all" answers, against those of the plain run.
served() {
	echo "$(comm -12 <(sort "$T/plain.answers") <(sort "$T/$1.answers") | wc -l)/$(wc -l < "$T/plain.answers")"
}

stopped() { echo "$(grep -c '^stopped' "$T/$1.attacks")/$(wc -l < "$T/$1.attacks")"; }

row() { printf '  %-46s %-22s %-22s %s\n' "$@"; }

rows() { # LABEL FUNCTION
	local which
	local -a cells=()
	for which in $COLUMNS3; do
		cells+=("$("$2" "$which")")
	done
	row "$1" "${cells[@]}"
}

calls() { calls_permitted "$repo/src/model/syscalls.tsv" < "$T/$1/config.json"; }
capabilities() { jq '.process.capabilities.bounding // [] | length' "$T/$1/config.json"; }
new_privs() { jq -r 'if .process.noNewPrivileges then "yes" else "no" end' "$T/$1/config.json"; }

# How one attack fared in one run.
fared() { # WHICH ATTACK
	local status number line
	while read -r status number line; do
		[ "$line" = "$2" ] || continue
		[ "$number" = - ] || status="$status ($(errno_name "$number"))"
		# What this attack does is the workload's own work: no hole.
		[ "$1" = hard ] && [[ $status != stopped* ]] && needed "$2" && status="$status, needed"
		echo "$status"
		return
	done < "$T/$1.attacks"
}

errno_name() {
	case $1 in
	1) echo EPERM ;; 2) echo ENOENT ;; 9) echo EBADF ;; 13) echo EACCES ;; 14) echo EFAULT ;; 22) echo EINVAL ;;
	25) echo ENOTTY ;; 38) echo ENOSYS ;; 97) echo EAFNOSUPPORT ;; 107) echo ENOTCONN ;; *) echo "$1" ;;
	esac
}

# "call socket 38 5 0" as socket(38, 5, 0).
shown() {
	case $1 in
	'call '*) sed 's/^call \([^ ]*\) \(.*\)$/\1(\2)/; s/ /, /g; s/0xffffffffffffffff/-1/g' <<< "$1" ;;
	*) echo "$1" ;;
	esac
}

print_table() {
	local line
	step "$workload: before, under the engines' default, after"
	row '' before "engines' default" after
	rows "syscalls allowed, of $(calls_of_kernel "$repo/src/model/syscalls.tsv" | wc -l) of this kernel" calls
	rows 'capabilities (bounding)' capabilities
	rows 'no_new_privs' new_privs
	rows 'requests answered as before' served
	rows 'attacks stopped' stopped
	printf '\n'
	while read -r line; do
		row "  $(shown "$line")" "$(fared plain "$line")" "$(fared engines "$line")" "$(fared hard "$line")"
	done < "$T/vectors"
	printf '\n'
	printf '%s\n' "  engines' default: $origin$(package_of "$origin"), for Linux $(uname -r) and these capabilities" \
		"  reached: neither filter nor privilege check stood in the way, the object was missing"
}

package_of() {
	dpkg-query -S "$1" 2> /dev/null | cut -d : -f 1 | head -n 1 |
		xargs -r dpkg-query -W -f ' (${Package} ${Version})'
}

# verdict: 0 when all requests were served after hardening and no attack worked that should not.
verdict() {
	local status number line bad=0 but=
	if ! cmp -s <(sort "$T/plain.answers") <(sort "$T/hard.answers"); then
		echo 'demo: FAILED: answers differ after hardening:'
		diff <(sort "$T/plain.answers") <(sort "$T/hard.answers") | head -n 20
		bad=1
	fi
	[ -s "$T/plain.answers" ] || { echo 'demo: FAILED: no request was made' && bad=1; }
	while read -r status number line; do
		[ "$status" != stopped ] || continue
		needed "$line" && but="$but $line" && continue
		echo "demo: FAILED: attack not stopped after hardening: $line: $status $number"
		bad=1
	done < "$T/hard.attacks"
	[ "$bad" = 0 ] && echo "demo: every request served, every attack stopped${but:+ but what $workload itself does:$but}"
	return "$bad"
}
