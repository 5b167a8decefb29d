#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The exec boundary many times: SNUG_BOUNDARY_STARTS starts (60) of programs of all kinds, and
# SNUG_BOUNDARY_KILLS (25) tracers killed at random moments, through real runtimes and as many again through
# tests/live/programs/starter.c, which hits closer.

load helpers

: "${SNUG_BOUNDARY_STARTS:=60}" "${SNUG_BOUNDARY_KILLS:=25}"

setup() {
	need root runc crun cgroup2 bpf jq busybox go
	live_setup
	SEED=${SNUG_SEED:-$RANDOM}
	echo "seed $SEED (SNUG_SEED)"
	RANDOM=$SEED
	start_bpffs
	mkdir -p "$T/store/etc/snug/profiles"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	# What a program may do but for its first call, read: that tells atonce, and all others do without.
	policy first '{names: ["read"], action: "SCMP_ACT_ERRNO", errnoRet: 38, args: [{index: 1, op: "SCMP_CMP_EQ", value: 0}]}'
	policy web '{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38}'
	bundle "$T/b" true
	cp "$PROGRAMS"/{atonce,busy} "$T/b/rootfs/bin/"
	dynamic mkdir
	printf '#!/bin/sh\nmkdir /tmp/d && exit 99\nexit 38\n' > "$T/b/rootfs/bin/script"
	printf '#!/bin/sh\nbusy || exit 98\nexec mkdir /tmp/d\n' > "$T/b/rootfs/bin/go"
	chmod 755 "$T/b/rootfs/bin/"{script,go}
}
teardown() { live_teardown; }

policy() { # NAME ENTRY
	jq -n --arg name "$1" "{snugProfile: 1, name: \$name, seccomp: {defaultAction: \"SCMP_ACT_ALLOW\",
		architectures: [\"SCMP_ARCH_X86_64\"], syscalls: [$2]}, capabilities: [\"CAP_KILL\"], noNewPrivileges: true}" \
		> "$T/store/etc/snug/profiles/$1.json"
}

# dynamic PROGRAM: one of the host's, with its libraries.
dynamic() {
	local file
	cp "/usr/bin/$1" "$T/b/rootfs/bin/dynamic"
	for file in $(ldd "/usr/bin/$1" | grep -oE '/[^ ]+'); do
		mkdir -p "$T/b/rootfs$(dirname "$file")"
		cp -L "$file" "$T/b/rootfs$file"
	done
}

# confined PROFILE ARG...
confined() {
	local profile=$1
	shift
	config "$T/b" --arg hook "$HOOK" --arg store "$T/store" --arg profile "$profile" '
		.process.args = $ARGS.positional
		| .hooks.prestart = [{path: $hook, args: ["snug-hook", "--root", $store, "prestart", "--profile", $profile]}]' --args -- "$@"
}

with_runc() { in_bpffs runc --root "$RUNC_ROOT" "$@"; }
with_crun() { in_bpffs "${WITH_CGROUP2[@]}" crun --root "$T/crun" --cgroup-manager=disabled "$@"; }
tracers() { pgrep -f "snug-hook --root $T/store" || :; }
# The container may end ahead of its tracer, which only has to go.
no_tracers() { [ -z "$(tracers)" ]; }

# Kinds of programs, and how each ends where a call is refused: the last word.
KINDS=(
	'first atonce 38'
	'web sh|-c|mkdir /tmp/d && exit 99; exit 38 38'
	'web script 38'
	'web dynamic|/tmp/d 1'
	'web go 1'
	'web sh|-c|exec sh -c "exec sh -c \"mkdir /tmp/d\"" 1'
	'first atonce|/bin/atonce 38'
)

# one_start RUNTIME KIND NUMBER
one_start() {
	local profile=${2%% *} wanted=${2##* } words result=0
	words=${2#* }
	IFS='|' read -ra words <<< "${words% *}"
	confined "$profile" "${words[@]}"
	"with_$1" run --bundle "$T/b" "$(id_of "$3")" > "$T/out" 2>&1 < /dev/null || result=$?
	[ "$result" = "$wanted" ] || { echo "$1, $2: $result" && cat "$T/out" && failures && return 1; }
	[ ! -e "$T/b/rootfs/tmp/d" ] || { echo "$1, $2: it did it" && return 1; }
}

@test "every start is confined before the first instruction, and nobody is left traced" {
	local i runtimes=(runc crun)
	for ((i = 0; i < SNUG_BOUNDARY_STARTS; i++)); do
		one_start "${runtimes[i % 2]}" "${KINDS[i / 2 % ${#KINDS[@]}]}" "$i" || return 1
		until_true no_tracers || { echo "a tracer is left after start $i" && return 1; }
	done
	[ -z "$(failures)" ]
	in_bpffs "$SNUG" --root "$T/store" status > /dev/null
	[ -z "$(pinned)" ]
}

# kill_one PID: the tracer, a while after it is there; nothing if it has done its work by then.
kill_one() {
	local tracer=
	until [ -n "$tracer" ] || ! kill -0 "$1" 2> /dev/null; do tracer=$(tracers); done
	sleep "0.0$((RANDOM % 30000 + 10000))"
	[ -z "$tracer" ] || kill -9 "$tracer" 2> /dev/null || :
}

# came_to RESULT: 38, it was confined; else it has not run, or was killed. 0 is what it says unconfined.
came_to() {
	case $1 in
	38) lived=$((lived + 1)) ;;
	137 | 1) dead=$((dead + 1)) ;;
	*) echo "result $1" && failures && return 1 ;;
	esac
}

@test "tracers killed at random moments: their containers are dead or confined, never neither" {
	local i result dead=0 lived=0
	confined first atonce
	for ((i = 0; i < SNUG_BOUNDARY_KILLS; i++)); do
		with_runc run --bundle "$T/b" "$(id_of "$i")" > /dev/null 2>&1 < /dev/null 3>&- &
		kill_one $!
		result=0 && wait $! || result=$?
		came_to "$result"
		with_runc delete --force "$(id_of "$i")" > /dev/null 2>&1 || :
		result=0
		KILL=$((RANDOM % 2000)) in_bpffs "$PROGRAMS/starter" leader "$HOOK" --root "$T/store" prestart \
			--profile first -- "$PROGRAMS/atonce" || result=$?
		came_to "$result"
	done
	echo "# killed $dead, confined $lived" >&3
	[ -z "$(tracers)" ]
}
