#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Five workloads, learned under one load and enforced under another with AppArmor, seccomp and capabilities
# together: the same answers, and nothing denied but clone3, which is answered ENOSYS by design. Then an
# intruder in each one's place.

load ../live/helpers

# The recorder is loaded once, which takes 10 s here, and stays while anybody is learned.
setup_file() {
	[ "$(id -u)" = 0 ] && missing_apparmor | grep -q . && return
	T=$BATS_FILE_TMPDIR
	mkdir "$T/store"
	bundle "$T/holder" /bin/sleep 3600
	hooked "$T/holder" holder
	crun run --detach --bundle "$T/holder" snug-holder < /dev/null > /dev/null 2>&1 3>&-
}

teardown_file() {
	crun delete --force snug-holder > /dev/null 2>&1 || :
}

setup() {
	need root crun jq curl bpf apparmor strace
	# shellcheck source=tests/vm/workloads.bash
	source "$REPO/tests/vm/workloads.bash"
	live_setup
	B=$T/bundle
	SINCE=$EPOCHREALTIME
}

teardown() {
	local id
	for id in $(crun list -q 2> /dev/null | grep -- "${TEST_ID:-none}"); do
		crun delete --force "$id" > /dev/null 2>&1
	done
	mountpoint -q "$T/bundle/rootfs" && umount "$T/bundle/rootfs"
	live_teardown
}

# All tests have one store: the recorder's pins are one store's.
snug() { "$SNUG" --root "$BATS_FILE_TMPDIR/store" "$@"; }
learned_as() { T=$BATS_FILE_TMPDIR hooked "$B" "$1"; }

took() {
	local now=$EPOCHREALTIME
	echo "# note: $1: $(((${now/./} - ${SINCE/./}) / 1000)) ms" >&3
	SINCE=$now
}

is_running() { [ "$(crun state "$1" | jq -r .status)" = running ]; }

# until_it COMMAND...: waits for what a container does, while there is one ($RUNNER).
until_it() { until_true gone_or "$@" && kill -0 "$RUNNER" 2> /dev/null; }
gone_or() { ! kill -0 "$RUNNER" 2> /dev/null || "$@"; }

# served WORKLOAD KIND OUT ID: the container that runs as ID answers a load, and ends.
served() {
	until_it is_running "$4" || return 1
	INIT=$(crun state "$4" | jq .pid)
	# Under strace it is the first one's child.
	[ "$(cat "/proc/$INIT/comm")" != strace ] || { until_true child_of "$INIT" && INIT=$(child_of "$INIT"); }
	until_it "$1_ready" "$B/rootfs" || return 1
	"$1_load" "$2" "$B/rootfs" > "$3"
	kill -TERM "$INIT"
}
child_of() { tr ' ' '\n' < "/proc/$1/task/$1/children" | grep -m 1 .; }

# run_as WORKLOAD KIND OUT: the bundle's container answers a load.
run_as() {
	crun run --bundle "$B" "$(id_of run)" > "$T/log" 2>&1 < /dev/null 3>&- &
	RUNNER=$!
	served "$@" "$(id_of run)" || { cat "$T/log" && return 1; }
	wait "$RUNNER" || :
	[ -s "$3" ]
}

denied() { dmesg | grep -E 'type=1400.*DENIED|type=1326' || :; }

# What the enforced run was refused: seccomp's errors are in no log.
refused() {
	jq -r '.syscalls[][] | select(.refused) | .name // .nr' \
		"$BATS_FILE_TMPDIR/store/var/lib/snug/recordings/$1-enforced"/*.json
}

serves_the_same() { # WORKLOAD
	vm_bundle "$1" "$B"
	cp "$B/config.json" "$T/plain.json"
	took "$1: bundle"
	learned_as "$1"
	run_as "$1" learn "$T/learn.answers"
	took "$1: learned"

	# The reference, and the truth about files.
	fresh "$1" "$B"
	install -m 666 /dev/null "$B/rootfs/trace"
	cp "$T/plain.json" "$B/config.json"
	config "$B" '.process.args = ["strace", "--seccomp-bpf", "-f", "-y", "-qq", "-s", "1", "-e", "trace=%file",
		"-e", "signal=none", "-o", "/trace"] + .process.args'
	run_as "$1" other "$T/plain.answers"
	opened "$B/rootfs/trace" > "$T/opened"
	[ -s "$T/opened" ]
	took "$1: reference"

	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	snug generate "$1"
	snug harden "$B" --profile "$1"
	learned_as "$1-enforced"
	dmesg -C
	took "$1: hardened"
	run_as "$1" other "$T/hard.answers" || { denied && false; }
	took "$1: enforced"
	run denied
	echo "denied: $output"
	[ -z "$output" ]
	diff "$T/plain.answers" "$T/hard.answers"
	run refused "$1"
	echo "refused: $output"
	[ -z "$output" ] || [ "$output" = clone3 ]
}

@test "nginx serves another load as before under its profile" {
	serves_the_same nginx
}

@test "redis serves another load as before under its profile" {
	serves_the_same redis
}

@test "PostgreSQL serves another load as before under its profile" {
	serves_the_same postgres
}

@test "an application in Python serves another load as before under its profile" {
	serves_the_same python
}

@test "a job of a shell's does as before under its profile" {
	serves_the_same job
}
