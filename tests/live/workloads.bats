#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nginx and redis, learned under one load and enforced under another: the same answers, and no
# refused call but clone3, which is answered ENOSYS by design.

load helpers

setup() {
	need root runc jq busybox curl mmdebstrap bpf netns auditlog
	# shellcheck source=contrib/demo/workloads.bash
	source "$REPO/contrib/demo/workloads.bash"
	live_setup
	start_net
}

teardown() {
	live_teardown
}

# A function of workloads.bash, in the test's network.
work() {
	in_net bash -c 'source "$0/contrib/demo/workloads.bash"; "$@"' "$REPO" "$@"
}

# ended ID PROCESS [RUNC-OPTION...]: asks it to end, and waits: what it does at its end is learned too. An
# init without a handler (busybox's httpd) never sees SIGTERM.
ended() {
	local init caught signal=KILL
	init=$(runc "${@:3}" state "$1" | jq .pid)
	caught=$(sed -n 's/^SigCgt:\t/0x/p' "/proc/$init/status")
	[ $((caught >> 14 & 1)) = 0 ] || signal=TERM
	runc "${@:3}" kill "$1" "$signal"
	wait "$2"
}

# answers_of WORKLOAD DIR OUT: runs the bundle under the other load.
answers_of() {
	local runner
	workload_reset "$1" "$T/plain/rootfs"
	in_net runc --root "$RUNC_ROOT" run --bundle "$2" "$(id_of run)" > "$T/log" 2>&1 < /dev/null 3>&- &
	runner=$!
	until_true work "$1_ready" "$T/plain/rootfs" || { cat "$T/log" && return 1; }
	work "$1_load" "$T/plain/rootfs" other | sort > "$3"
	ended "$(id_of run)" "$runner" --root "$RUNC_ROOT" || :
	[ -s "$3" ]
}

# learned WORKLOAD: $T/plain is its bundle, with no_new_privs, and the recording is made.
learned() {
	local learner
	workload_fetch "$1" "$REPO/build/cache"
	workload_bundle "$1" "$T/plain" "$REPO/build/cache"
	config "$T/plain" --arg path "$T/plain/rootfs" '.root.path = $path | .process.noNewPrivileges = true'
	in_net "$SNUG" --root "$T/store" learn "$T/plain" --name "$1" --id "$(id_of learn)" \
		> "$T/log" 2>&1 < /dev/null 3>&- &
	learner=$!
	until_true work "$1_ready" "$T/plain/rootfs" || { cat "$T/log" && return 1; }
	work "$1_load" "$T/plain/rootfs" learn > /dev/null
	ended "$(id_of learn)" "$learner" || { cat "$T/log" && return 1; }
}

# hardened DIR: a copy of the plain bundle with the profile applied.
hardened() { # WORKLOAD DIR
	mkdir "$2"
	cp "$T/plain/config.json" "$2/"
	snug generate "$1"
	snug harden "$2" --profile "$1"
}

allowed() { jq '[.seccomp.syscalls[] | select(.action == "SCMP_ACT_ALLOW") | .names[]] | unique | length'; }

enforced_serves_the_same() { # WORKLOAD COMM
	learned "$1"
	answers_of "$1" "$T/plain" "$T/plain.answers"
	hardened "$1" "$T/hard"
	answers_of "$1" "$T/hard" "$T/hard.answers"
	diff "$T/plain.answers" "$T/hard.answers"

	# SCMP_ACT_ERRNO leaves no trace in the audit log: once more, with LOG in place of every deny.
	mkdir "$T/logged"
	cp "$T/hard/config.json" "$T/logged/"
	log_denials "$T/logged"
	listen_denials
	answers_of "$1" "$T/logged" "$T/logged.answers"
	diff "$T/plain.answers" "$T/logged.answers"
	run denials "$2"
	echo "denied: $output"
	[ "$status" = 0 ]
	[ -z "$output" ] || [ "$output" = 435 ]
}

is_tight() { # WORKLOAD MOST
	local tight exact wide
	learned "$1"
	tight=$(snug generate "$1" --exact --runtime-only runc --output - | allowed)
	exact=$(snug generate "$1" --exact --output - | allowed)
	wide=$(snug generate "$1" --output - | allowed)
	echo "# note: $1: $tight calls exactly (at most $2); other runtimes' floors add $((exact - tight)), widening $((wide - exact))" >&3
	[ "$tight" -gt 20 ]
	[ "$tight" -le "$2" ]
	[ "$tight" -le "$exact" ]
	[ "$exact" -le "$wide" ]
}

@test "nginx serves another load as before under its profile, and is refused clone3 alone" {
	enforced_serves_the_same nginx nginx
}

@test "redis serves another load as before under its profile, and is refused clone3 alone" {
	enforced_serves_the_same redis redis
}

@test "a denied call does show in the log run, in a storm of others too" {
	learned httpd
	hardened httpd "$T/hard"
	cp "$REPO/$SNUG_BUILD/attack" "$T/plain/rootfs/httpd-attack"
	config "$T/hard" '.process.args = ["/httpd-attack", "userfaultfd"]'
	log_denials "$T/hard"
	listen_denials
	for _ in {1..50}; do "$PROGRAMS/auditlog" storm; done
	in_net runc --root "$RUNC_ROOT" run --bundle "$T/hard" "$(id_of run)"
	run denials httpd-attack
	[ "$output" = 323 ]
}

@test "nginx's exact profile for runc is tight" {
	is_tight nginx 75
}

@test "redis' exact profile for runc is tight" {
	is_tight redis 65
}
