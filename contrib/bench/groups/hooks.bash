# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# hooks: the learning hook as a process: warm, and the first one after boot.

title='The hook that learns'
readonly WAITING=4 # containers that wait for the hook, in a round
ways=(empty warm cold)

prepare() {
	bundle_of sleep /bin/sleep 600 && config "$T/sleep" '.annotations["io.snug.learn"] = "sleep"' || return 1
	recordings=$T/store/var/lib/snug/recordings/sleep
}
# written COUNT: so many recordings were. Who learned nothing was fast for nothing.
written() {
	local files=("$recordings"/*.json)
	rm -rf "$recordings"
	[ "${#files[@]}" = "$1" ] && [ "${files[0]}" != "$recordings/*.json" ]
}

# created ID: a container that waits to start, and its state as a hook is told it.
created() {
	runc --root "$T/runc" create --bundle "$T/sleep" "$1" < /dev/null > "$T/log" 2>&1 &&
		runc --root "$T/runc" state "$1" | jq '{ociVersion, id, pid, bundle, annotations} + {status: "creating"}' > "$T/$1.state"
}
stage() { env -i "$hook" --root "$T/store" "$1" < "$T/$2.state"; }
deleted() {
	runc --root "$T/runc" delete --force "$1"
	stage poststop "$1"
}
learned_by_hook() { env -i "$bin/spawn" 1 "$hook" --root "$T/store" prestart < "$T/$1.state"; }

# warm: while another container is learned, all the while.
warm() {
	local i took=()
	created "$id-0" && stage prestart "$id-0" || return 1
	for ((i = 1; i <= WAITING; i++)); do
		created "$id-$i" && took+=("$(learned_by_hook "$id-$i")")
	done
	for ((i = 0; i <= WAITING; i++)); do
		runc --root "$T/runc" start "$id-$i" > "$T/log" 2>&1
		deleted "$id-$i"
	done
	written $((WAITING + 1)) && printf '%s\n' "${took[@]}" | sort -n | sed -n "$((WAITING / 2))s/ .*//p"
}

# cold: nothing is loaded.
cold() {
	local took
	[ -z "$(find /sys/fs/bpf -mindepth 1 -name 'snug*')" ] || return 1
	created "$id" && took=$(learned_by_hook "$id") && runc --root "$T/runc" start "$id" > "$T/log" 2>&1
	deleted "$id"
	written 1 && echo "${took% *}"
}

one() {
	case $1 in
	empty) env -i "$bin/spawn" "$WAITING" "$bin/empty" < /dev/null | cut -d ' ' -f 1 ;;
	*) "$1" ;;
	esac
}

rows() {
	cat << 'ROWS'
# | a hook, as a process from spawn to exit | times the empty program | takes
an empty static C program | | empty | ms |
`snug-hook prestart`, another container being learned | warm / empty | warm | ms | R <= 1.5
`snug-hook prestart`, the first: it loads the recorder | | cold | ms | F <= 25
ROWS
}
