#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Snug confines itself: a parser that does what a document says (tests/live/self/planted.c) gets nowhere, at each entry
# point, and does all of it in the same program that gives nothing up.
# shellcheck disable=SC2154 # bats: run sets output

bats_require_minimum_version 1.5.0
load helpers

SELF=$REPO/$SNUG_BUILD/self
ATTACKS=(shell read write setid chmod chown kill starve signal trace mount bpf network unshare)

setup() {
	need root jq
	live_setup
	start_host
	mkdir -p "$T"/{b/rootfs,elsewhere,bin,runc/it} "$T/store/etc/snug/profiles"
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: [], noNewPrivileges: true, seccomp: {
		defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["read", "write"], action: "SCMP_ACT_ALLOW"}]}}' > "$T/store/etc/snug/profiles/web.json"
	echo '{"snugPolicy":1,"default":{"mode":"enforce","profile":"web"}}' > "$T/store/etc/snug/policy.json"
	in_host sh -c 'mkdir -p /etc/snug/profiles && cp "$0"/policy.json /etc/snug/ && cp "$0"/profiles/web.json /etc/snug/profiles/' \
		"$T/store/etc/snug"
	MARK=''
}

teardown() { live_teardown; }

# ---- the documents ----

config_json() {
	jq -n --arg mark "$1" '{ociVersion: "1.0.2", root: {path: "rootfs"}, annotations: {note: $mark},
		process: {args: ["sh"], cwd: "/", user: {uid: 0, gid: 0}, capabilities: {bounding: ["CAP_CHOWN"]}}, linux: {}}'
}
state_json() { # MARK
	jq -n --arg mark "$1" --arg b "$T/b" --argjson pid $$ '{ociVersion: "1.0.2", id: "it", status: "created", pid: $pid,
		bundle: $b, annotations: {note: $mark}}'
}

# ---- the entry points: each reads a document that holds $MARK; $P is where the programs are ----

ours() { in_host "$P/snug" --root "$T/store" "$@"; }
hook() { in_host "$P/snug-hook" --root "$T/store" "$@"; }
document() { config_json "$MARK" > "$T/b/config.json"; }
enter_harden() { document && ours harden "$T/b" --profile web; }
enter_explain() { document && ours explain "$T/b"; }
enter_policy_test() { document && ours policy test "$T/b"; }
enter_learn() { document && ours learn "$T/b" --name web; }
enter_precreate() { config_json "$MARK" | hook precreate; }
enter_asked_precreate() { config_json "$MARK" | ours hook precreate; }
enter_createRuntime() { state_json "$MARK" | hook createRuntime; }
enter_prestart_config() { document && state_json none | hook prestart; }
enter_poststop() { state_json "$MARK" | hook poststop; }
enter_runtime() {
	document
	ln -sf "$P/snug-runtime" "$T/bin/snug-runc"
	in_host "$T/bin/snug-runc" --root "$T/runc" create --bundle "$T/b" it
}
enter_status() {
	jq -n --arg mark "$MARK" '{id: $mark}' > "$T/runc/it/state.json"
	ours status --runtime-root "$T/runc"
}
enter_profile() {
	jq --arg mark "$MARK" '.name = $mark' "$T/store/etc/snug/profiles/web.json" > "$T/p.json"
	ours simulate "$T/p.json" read
}
enter_recording() {
	jq -n --arg mark "$MARK" '{snugRecording: 1, name: $mark}' > "$T/r.json"
	ours generate "$T/r.json" --output "$T/b/out.json"
}
enter_merge() {
	jq -n --arg mark "$MARK" '{snugRecording: 1, name: $mark}' > "$T/r.json"
	ours merge "$T/r.json" --output "$T/b/out.json"
}
enter_policy_check() {
	jq -n --arg mark "$MARK" '{snugPolicy: 1, rules: [{name: $mark}]}' > "$T/policy.json"
	ours policy check "$T/policy.json"
}
GUESTS=(harden explain policy_test learn precreate asked_precreate createRuntime prestart_config poststop runtime status profile)
AT_HOME=(recording merge policy_check) # parsed by the command itself, which is confined

# try ENTRY ATTACK ARGUMENT: $output has what the parser says of it.
try() {
	MARK="snug-planted:$2:$3;"
	run "enter_$1"
	echo "$1 $2: $output"
}

# prepare ATTACK: its argument, in $argument.
prepare() {
	victim=
	case $1 in
	shell | write) rm -f "$T/elsewhere/file" && argument=$T/elsewhere/file ;;
	read) argument=/etc/shadow ;;
	setid) rm -f "$T/b/setid" && argument=$T/b/setid ;; # where an output may be written
	kill | starve | signal | trace)
		behind sleep 1000
		victim=$behind
		until_true grep -qx sleep "/proc/$victim/comm"
		argument=$victim
		;;
	chmod | chown) chown 0 "$T/elsewhere" && chmod 0755 "$T/elsewhere" && argument=$T/elsewhere ;;
	mount) argument=$T/elsewhere ;;
	*) argument=none ;;
	esac
}
is_running() { grep -q '^State:.[^Z]' "/proc/$1/status" 2> /dev/null; }
is_gone() { ! is_running "$1"; }
done_outside() {
	case $1 in
	shell | write) [ -s "$T/elsewhere/file" ] ;;
	kill | trace) until_true is_gone "$victim" ;;
	mount) in_host grep -q " $T/elsewhere " /proc/self/mountinfo && in_host umount "$T/elsewhere" ;;
	*) [[ $output == *"planted $1: got through"* ]] ;;
	esac
}
nothing_done() {
	[[ $output != *'got through'* ]]
	[ ! -e "$T/elsewhere/file" ]
	[ ! -u "$T/b/setid" ]
	[ "$(stat -c '%u %a' "$T/elsewhere")" = '0 755' ]
	[ -z "${victim:-}" ] || is_running "$victim"
	! in_host grep -q " $T/elsewhere " /proc/self/mountinfo
}

@test "a planted parser gets nowhere, at any entry point that has it in a process of its own" {
	need confined
	P=$SELF/planted
	for attack in "${ATTACKS[@]}"; do
		prepare "$attack"
		for entry in "${GUESTS[@]}"; do
			try "$entry" "$attack" "$argument"
			nothing_done
			# It was tried, and the system said no.
			[ "$entry" = status ] || [[ $output == *"planted $attack: "* ]]
		done
	done
}

@test "a planted parser gets nowhere in a command that is confined as a whole" {
	need confined
	P=$SELF/planted
	for attack in "${ATTACKS[@]}"; do
		[[ $attack != @(read|write) ]] || has_landlock || continue
		prepare "$attack"
		for entry in "${AT_HOME[@]}"; do
			try "$entry" "$attack" "$argument"
			nothing_done
			[[ $output == *"planted $attack: "* ]]
		done
	done
}

@test "a command that is confined leaves a file its mode and its owner" {
	P=$REPO/$SNUG_BUILD
	for mode in 600 640 664 666; do
		config_json none > "$T/b/config.json"
		chmod "$mode" "$T/b/config.json"
		[ "$mode" = 640 ] && chown 1234:1234 "$T/b/config.json"
		ours harden "$T/b" --profile web
		[ "$(stat -c %a "$T/b/config.json")" = "$mode" ]
		[ "$mode" != 640 ] || [ "$(stat -c %u:%g "$T/b/config.json")" = 1234:1234 ]
		rm "$T/b/config.json"
	done
}

@test "the control: in a program that gives nothing up each attack gets through, at each entry point" {
	P=$SELF/naked
	for entry in "${GUESTS[@]}" "${AT_HOME[@]}"; do
		prepare write
		try "$entry" write "$argument"
		done_outside write
	done
	for attack in "${ATTACKS[@]}"; do
		prepare "$attack"
		try harden "$attack" "$argument"
		done_outside "$attack"
	done
}

@test "the parser's process can use no descriptor of its program's" {
	need confined
	exec 7< "$T/store/etc/snug/policy.json"
	P=$SELF/planted
	for entry in harden precreate createRuntime status; do
		for number in 1 2 7; do
			try "$entry" descriptor "$number"
			[[ $output == *'planted descriptor: '* && $output != *'got through'* ]]
		done
	done
	P=$SELF/naked
	try harden descriptor 7
	[[ $output == *'planted descriptor: got through'* ]]
}

@test "a parser that says a document is another one is found out" {
	P=$SELF/planted
	for entry in harden explain learn precreate createRuntime prestart_config runtime; do
		try "$entry" lie none
		[ "$status" != 0 ]
		[[ $output == *'what was parsed of this document is not what it says'* ]]
	done
	# Without that look a hook would take the config for one that says nothing.
	P=$SELF/naked
	try explain lie none
	[[ $output != *'not what it says'* ]]
}

has_landlock() { "$SNUG" --root "$T/store" doctor 2> /dev/null | grep -q "^ok .*Landlock"; }
