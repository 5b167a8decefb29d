#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of learn, its hook and flush, failed, with a real container: it is not harmed by what it was let start,
# recordings are whole, and after the next command nothing is left.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root runc bpf jq busybox
	live_setup
	faults_setup
	start_bpffs
	mkdir -p "$T/store/var" "$T/store/run/snug"
	bundle "$T/b" sh -c 'uname; exit 7'
	cp "$T/b/config.json" "$T/plain.json"
}
teardown() {
	[ -z "${BPFFS_HOLDER:-}" ] || for id in $(in_bpffs runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_bpffs runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	live_teardown
}

fault() { in_bpffs timeout -k 10 300 env FAULT_FOLLOW=1 "$PROGRAMS/fault" "$SPEC" "$@"; }
run_folder() { find "$T/store/run/snug" -mindepth 1 ! -name failures; }
recordings() { find "$T/store/var" -name '*.json'; }
whole() {
	local file
	for file in $(recordings); do
		jq -e '.snugRecording == 1 and (.syscalls.SCMP_ARCH_X86_64 | any(.name == "uname"))' "$file" > /dev/null || return 1
	done
}
left_by() { # COMMAND: one that is killed has its container go on; then the next command clears away
	local id left
	for id in /run/runc/*"$TEST_ID"*/; do
		[ ! -d "$id" ] || { [ "$mode" = KILL ] && runc delete --force "$(basename "$id")"; } || found "runc's: $id"
	done
	until_true nobody
	# Nor does one take its folder away that is kept from it.
	if [ "$mode" = KILL ] || [ -n "$(run_folder)" ]; then
		in_bpffs "$SNUG" --root "$T/store" status > "$T/status" 2>&1 || [ $? = 1 ] || # 1: somebody else's drift
			found "the next one: $(cat "$T/status")"
	fi
	! left=$(pins) || found "pinned: $left"
	[ -z "$(run_folder)" ] || found "left: $(run_folder)"
	[ -z "$(find "$T/store/var" -type f ! -name '*.json')" ] || [ "$mode" = KILL ] || found "left: $(find "$T/store/var" -type f)"
	cmp -s "$T/b/config.json" "$T/plain.json" || found 'the bundle was changed'
	whole || found 'a torn recording'
}

learning() {
	before() {
		rm -rf "$T/store/var"
		mkdir "$T/store/var"
		NUMBER=$((${NUMBER:-0} + 1))
	}
	act() { fault "$SNUG" --root "$T/store" learn "$T/b" --name web --id "$(id_of "$NUMBER")"; }
	after() {
		[ "$result" != 124 ] || found 'it does not end'
		left_by learn
		[ "$mode" = KILL ] && return
		# Done: learned. Else nobody is told that there is a recording.
		if [ "$result" = 0 ]; then
			[ "$(recordings | wc -l)" = 1 ] || found 'it says learned, and there is no recording'
		else
			grep -q '^snug: ' "$T/err" || found 'no line says why'
		fi
	}
	walk "$1"
	# Where nothing is left the next one learns.
	hit='no fault' mode=none
	before
	result=0
	act > "$T/out" 2> "$T/err" || result=$?
	after
	[ "$result" = 0 ] && [ ! -s "$T/found" ]
}

@test "learn, and its hook in the runtime" {
	learning 3
	# Interrupted while it waits for hook, runtime and signals, in each run of the tests.
	walking='learn, poll(2)' only=poll MODES=(EINTR)
	learning 20
}

# start_waiting: a container whose program waits for /tmp/end; $behind is its runtime's pid.
start_waiting() {
	config "$T/b" '.process.args = ["sh", "-c", "uname; while [ ! -e /tmp/end ]; do uname; sleep 0.1; done; exit 7"]'
	behind in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of run)" > "$T/said" 2>&1
	until_true grep -q Linux "$T/said"
}
has_ended() { ! kill -0 "$1"; }
has_begun_or_ended() { compgen -G "$T/store/run/snug/record-*/arm" || has_ended "$1"; }

@test "record" {
	local pid asks=
	start_waiting
	cp "$T/b/config.json" "$T/plain.json"
	pid=$(in_bpffs runc --root "$RUNC_ROOT" state "$(id_of run)" | jq .pid)
	# It ends as soon as it has begun, and may have seen nothing.
	whole() { recordings | xargs -r jq -e '.snugRecording == 1' > /dev/null; }
	before() { rm -rf "$T/store/var"; mkdir "$T/store/var"; }
	# Until it is told to end. Deaf to that it is killed.
	act() {
		local it
		nsenter --target "$BPFFS_HOLDER" --mount "$PROGRAMS/fault" "$SPEC" "$SNUG" --root "$T/store" record --pid "$pid" --name web &
		it=$!
		until_true has_begun_or_ended "$it"
		[ -z "$asks" ] || snug status --runtime-root "$RUNC_ROOT"
		kill "$it" 2> /dev/null || :
		until_true has_ended "$it" || kill -KILL "$it"
		wait "$it"
	}
	after() {
		[ "$result" != 137 ] || [ "$mode" = KILL ] || found 'it does not end'
		kill -0 "$behind" 2> /dev/null || found 'the container has ended'
		left_by record
		[ "$mode" = KILL ] && return
		if [ "$result" = 0 ]; then
			[ "$(recordings | wc -l)" = 1 ] || found 'it says recorded, and there is no recording'
		else
			grep -q '^snug: ' "$T/err" || found 'no line says why'
		fi
	}
	walk 2
	# Interrupted while it waits, before and after somebody has asked it, in each run of the tests.
	asks=yes walking='record, poll(2)' only=poll MODES=(EINTR)
	walk 20
	touch "$T/b/rootfs/tmp/end"
}

@test "flush" {
	hooked "$T/b" web
	start_waiting
	in_bpffs "$SNUG" --root "$T/store" flush > /dev/null # the first one does more
	before() { rm -rf "$T/store/var"; mkdir "$T/store/var"; }
	act() { fault "$SNUG" --root "$T/store" flush; }
	after() {
		[ "$result" != 124 ] || found 'it does not end'
		kill -0 "$behind" 2> /dev/null || found 'the container has ended'
		[ -n "$(pinned)" ] || found 'its recorder is gone'
		whole || found 'a torn recording'
		[ "$result" != 0 ] || [ "$(recordings | wc -l)" = 1 ] || found 'it says done, and there is no recording'
		[ "$result" = 0 ] || [ "$mode" = KILL ] || grep -q '^snug: ' "$T/err" || found 'no line says why'
		[ -z "$(find "$T/store/var" -type f ! -name '*.json')" ] || [ "$mode" = KILL ] || found "left: $(find "$T/store/var" -type f)"
	}
	walk 3
	# Nothing of what was seen before is lost.
	before
	touch "$T/b/rootfs/tmp/end"
	result=0
	wait "$behind" || result=$?
	[ "$result" = 7 ]
	[ "$(recordings | wc -l)" = 1 ] && whole
	[ -z "$(pinned)" ]
}
