#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers as fast as the machine can, learned and enforced side by side, and ones that do without end what costs
# others something: what the good ones did is exact, what was promised of them holds, and nothing stays.
# SNUG_FLOOD containers (80).

load helpers
load storm
# shellcheck disable=SC2034 # storm.bash uses them

COUNT=$((${SNUG_FLOOD:-80} / 2)) AT_ONCE=24 KEPT=$'boundary\ngate'
[ "${SNUG_VM:-}" != 1 ] || COUNT=6

setup() {
	need root runc bpf jq
	storm_setup
	export T TEST_ID
	AA=$([ -n "$(missing_apparmor)" ] && echo false || echo true)
	mkdir -p "$T/store/etc/snug/profiles" "$T/e/rootfs/bin" "$T/e/rootfs"/{proc,dev,sys}
	cp "$PROGRAMS/atonce" "$PROGRAMS/flood" "$T/e/rootfs/bin/"
	profile 38
	policy
}

teardown() {
	live_teardown
	[ "$AA" = false ] || unload_ours
}

# profile ERRNO: what atonce tries first is refused, with that errno.
profile() {
	jq -n --argjson errno "$1" --argjson aa "$AA" '{snugProfile: 1, name: "first", seccomp: {
		defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"], syscalls: [{names: ["read"],
		action: "SCMP_ACT_ERRNO", errnoRet: $errno, args: [{index: 1, op: "SCMP_CMP_EQ", value: 0}]}]},
		capabilities: ["CAP_KILL"], noNewPrivileges: true}
		+ if $aa then {apparmor: {files: [{path: "/bin/*", access: "rm"}], signals: [{access: ["receive"]}]}} else {} end' \
		> "$T/profile.new"
	mv "$T/profile.new" "$T/store/etc/snug/profiles/first.json"
}

# policy [RULE...]: who says that he is to be enforced is; the rules before that are others'.
policy() {
	jq -n '{snugPolicy: 1, annotations: ["io.snug.learn"], default: {mode: "off"},
		rules: ($ARGS.positional + [{match: {annotations: {enforced: "yes"}}, mode: "enforce", profile: "first"}])}' \
		--jsonargs "$@" > "$T/policy.new"
	mv "$T/policy.new" "$T/store/etc/snug/policy.json"
}

# enforced_bundles: $T/b/eN, each confined at its exec boundary, since its config says nothing of a profile.
enforced_bundles() {
	local n
	jq -c --arg rootfs "$T/e/rootfs" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.root = {path: $rootfs, readonly: true} | .process.terminal = false | .process.args = ["/bin/atonce"]
		| .linux.namespaces |= map(select(.type != "network")) | .annotations = {enforced: "yes"}
		| .hooks = (["prestart", "poststop"] | map({(.): [{path: $hook, args: ["snug-hook", "--root", $store, .]}]}) | add)' \
		"$T/config.json" > "$T/e.json"
	for ((n = 1; n <= COUNT; n++)); do
		mkdir "$T/b/e$n"
		cp "$T/e.json" "$T/b/e$n/config.json"
	done
}

# one_of_each N: a learned and an enforced one. (xargs' bash knows no functions of ours.)
one_of_each() {
	local result=0
	runc --root "$T/runc" run --bundle "$T/b/$1" "$TEST_ID-$1" || { echo "learned $1: $?" && return 1; }
	runc --root "$T/runc" run --bundle "$T/b/e$1" "$TEST_ID-e$1" || result=$?
	[ "$result" = 38 ] || [ "$result" = 5 ] || { echo "enforced $1: $result" && return 1; }
}
both() { each bash -c "$(declare -f one_of_each)"'; one_of_each "$1"' bash {}; }

# again COMMAND...: over and over, until $T/over is there; what goes wrong is in $T/again.
again() {
	until [ -e "$T/over" ]; do
		"$@" > "$T/$BASHPID.again" 2>> "$T/again" || { cat "$T/$BASHPID.again" && echo "$*: $?"; } >> "$T/again"
		sleep 0.05
	done
}
snug_again() { again in_bpffs "$SNUG" --root "$T/store" "$@"; }
# Another errno, another rule ahead: what these containers are promised stays.
edit() {
	policy '{"match": {"annotations": {"other": "x'$RANDOM'"}}, "mode": "off"}'
	profile "$((RANDOM % 2 ? 38 : 5))"
	policy
}

# flood WHAT: a container that does this without end, and is learned; its runc is $behind.
flood() {
	mkdir "$T/b/$1"
	jq --arg what "$1" --arg rootfs "$T/e/rootfs" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.root = {path: $rootfs, readonly: true} | .process.terminal = false | .process.args = ["/bin/flood", $what]
		| .process.user = {uid: 54321, gid: 54321} | .process.rlimits = [{type: "RLIMIT_NPROC", hard: 60, soft: 60}]
		| .linux.namespaces |= map(select(.type != "network")) | .annotations = {"io.snug.learn": $what}
		| .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmp", options: ["mode=1777", "size=16m"]}]
		| .hooks = (["prestart", "poststop"] | map({(.): [{path: $hook, args: ["snug-hook", "--root", $store, .]}]}) | add)' \
		"$T/config.json" > "$T/b/$1/config.json"
	behind in_bpffs runc --root "$T/runc" run --bundle "$T/b/$1" "$TEST_ID-$1" > "$T/$1.out" 2>&1
	until_true grep -qx on "$T/$1.out"
}
stop_flood() { # WHAT PID
	in_bpffs runc --root "$T/runc" kill "$TEST_ID-$1" KILL
	wait "$2" || [ $? = 137 ]
}
recording_of() { echo "$T/store/var/lib/snug/recordings/$1"/*.json; }

# The kernel holds no AppArmor profile of these any more, and no container is noted.
no_labels() {
	[ "$AA" = true ] || return 0
	[ -z "$(loaded)" ]
	[ -z "$(find "$T/store/run/snug/apparmor" -mindepth 2 -not -name loaded -not -name policy)" ]
	KEPT=$'apparmor\n'$KEPT
}

@test "half learned, half enforced, with flush, status and edits of policy and profile meanwhile" {
	local pids=() failed=0
	bundles 0
	enforced_bundles
	behind snug_again flush; pids+=("$behind")
	behind snug_again status; pids+=("$behind")
	behind again edit; pids+=("$behind")
	both || failed=1
	touch "$T/over"
	wait "${pids[@]}"
	[ "$failed" = 0 ]
	[ ! -s "$T/again" ] || { sort "$T/again" | uniq -c && return 1; }
	in_bpffs "$SNUG" --root "$T/store" status > /dev/null
	exact
	no_labels
	nothing_left
}

@test "beside containers that fork, make names and call without end: others are exact, they are counted" {
	local what pids=()
	COUNT=12
	mkdir -m 1777 "$T/e/rootfs/tmp" # runc gives what is mounted there its mode
	for what in forks names calls; do
		flood "$what"
		pids+=("$behind")
	done
	bundles 0
	enforced_bundles
	both
	in_bpffs "$SNUG" --root "$T/store" status > "$T/status"
	cat "$T/status"
	for what in forks names calls; do
		grep -q "$what" "$T/status"
		stop_flood "$what" "${pids[0]}"
		pids=("${pids[@]:1}")
	done
	# Its names have no end: what there was no room for is counted, and nothing of it is enforced unless asked.
	jq -c '[(.files | length), .lost, .observed]' "$(recording_of names)"
	jq -e '(.files | length) <= 16384 and .lost.files > 0' "$(recording_of names)"
	snug generate names
	mkdir "$T/names" && cp "$T/config.json" "$T/names/"
	run snug harden "$T/names" --profile names
	[ "$status" = 3 ]
	[[ $output == *incomplete* ]]
	# Numbers end at 1,023, and past 64 tuples of a call's there is one for all.
	jq -e '[.lost | del(.files) | add] == [0]' "$(recording_of names)"
	jq -e '[.lost | add] == [0]
		and ([.syscalls[][] | select(.name == "socket") | .args // [] | length] | max <= 64)
		and ([.syscalls.SCMP_ARCH_X86_64[] | select(.nr)] | length) == 400' "$(recording_of calls)"
	jq -e '[.lost | add] == [0] and ([.syscalls.SCMP_ARCH_X86_64[].name] | (index("clone") or index("fork")))' "$(recording_of forks)"
	rm -r "$T/store/var/lib/snug/recordings"/{forks,names,calls}
	exact
	nothing_left
}
