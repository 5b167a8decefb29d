#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The demo does what it promises: every request served after hardening, every attack stopped.

load helpers

setup() {
	need root runc jq busybox curl mmdebstrap bpf netns engines
	live_setup
}

teardown() {
	live_teardown
}

demo() {
	run "$REPO/contrib/demo/run" "$1"
	printf '%s\n' "$output"
	[ "$status" = 0 ]
	[[ ${lines[-1]} == *'every request served, every attack stopped'* ]]
}

@test "httpd" {
	demo httpd
}

@test "nginx" {
	demo nginx
}

@test "redis" {
	demo redis
}

@test "an attack that is not stopped fails the demo" {
	# A profile that allows too much: harden by a wrapper that then puts the filter out.
	printf '%s\n' '#!/bin/bash' '"'"$SNUG"'" "$@" || exit' \
		'[ "$3" = harden ] || exit 0' \
		'text=$(jq "del(.linux.seccomp)" "$4/config.json") && printf "%s\n" "$text" > "$4/config.json"' > "$T/snug"
	chmod +x "$T/snug"
	SNUG=$T/snug run "$REPO/contrib/demo/run" httpd
	[ "$status" != 0 ]
	[[ $output == *'FAILED: attack not stopped after hardening: unshare'* ]]
}
