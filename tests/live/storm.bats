#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 200 containers, 24 at a time, by hooks alone: each recording holds what its container did, to the call,
# and nothing stays.

load helpers
load storm

# shellcheck disable=SC2034 # storm.bash uses them
COUNT=200 AT_ONCE=24

setup() {
	need root runc bpf jq
	storm_setup
}

teardown() { live_teardown; }

# Runs container N under crun; one that waits is killed then.
crun_or_kill() {
	local run pid call=
	local command=(crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/b/$1" --pid-file
		"$T/b/$1/pid" "$TEST_ID-$1")
	[ $(($1 % 2)) = 1 ] || exec "${command[@]}"
	"${command[@]}" & run=$!
	until [[ $call == '7 0x0 0x0 0xffffffff '* ]]; do
		kill -0 "$run" || return 1
		sleep 0.05
		{ pid=$(< "$T/b/$1/pid") && call=$(< "/proc/$pid/syscall"); } 2> /dev/null
	done
	kill -KILL "$pid"
	wait "$run" || [ $? = 137 ]
}

# again COMMAND...: over and over, until $T/over is there; what goes wrong is in $T/again.
again() {
	until [ -e "$T/over" ]; do
		in_bpffs "$SNUG" --root "$T/store" "$@" 2>> "$T/again" > /dev/null || echo "$*: $?" >> "$T/again"
		sleep 0.05
	done
}

@test "a storm under runc" {
	bundles 0
	each runc --root "$T/runc" run --bundle "$T/b/{}" "$TEST_ID-{}"
	exact
	nothing_left
}

@test "a storm under crun, half of it killed, flush and status meanwhile" {
	need crun cgroup2
	local flush status failed=0
	bundles 1
	behind again flush
	# shellcheck disable=SC2154 # helpers.bash sets it
	flush=$behind
	behind again status; status=$behind
	export T TEST_ID
	# sh, which WITH_CGROUP2 starts, hands no functions on.
	each "${WITH_CGROUP2[@]}" bash -c "$(declare -f crun_or_kill)"'; crun_or_kill "$1"' bash {} || failed=1
	touch "$T/over"
	wait "$flush" "$status"
	[ "$failed" = 0 ]
	[ ! -s "$T/again" ] || { cat "$T/again" && return 1; }
	in_bpffs "$SNUG" --root "$T/store" status
	exact
	nothing_left
}
