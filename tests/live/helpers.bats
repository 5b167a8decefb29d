#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The live tests' own tools work here.

load helpers

setup() {
	live_setup
}

teardown() {
	live_teardown
}

@test "a bundle runs under runc with the engines' capabilities" {
	need root runc jq busybox
	bundle "$T/b" /bin/grep -E 'CapBnd|CapAmb|NoNewPrivs|Seccomp:' /proc/self/status
	run runc_here run --bundle "$T/b" "$(id_of one)"
	[ "$status" = 0 ]
	[[ $output == *'CapBnd:'*00000000a80425fb* ]]
	[[ $output == *'CapAmb:'*0000000000000000* ]]
	[[ $output =~ NoNewPrivs:.0 ]]
	[[ $output =~ Seccomp:.0 ]]
}

@test "a bundle runs under crun" {
	need root crun jq busybox runc cgroup2
	bundle "$T/b" /bin/echo hello
	run crun_here run --bundle "$T/b" "$(id_of one)"
	[ "$output" = hello ]
}

@test "the engines' default profile becomes a linux.seccomp that runc takes" {
	need root runc jq busybox engines
	bundle "$T/b" /attack call personality 0x40000 # ADDR_NO_RANDOMIZE
	cp "$REPO/$SNUG_BUILD/attack" "$T/b/rootfs/"
	engines_default "$(engines_seccomp)" "$ENGINE_CAPS" > "$T/default.json"
	run runc_here run --bundle "$T/b" "$(id_of before)"
	[[ $output == *'personality worked'* ]]
	config "$T/b" --slurpfile default "$T/default.json" '.linux.seccomp = $default[0]'
	run runc_here run --bundle "$T/b" "$(id_of after)"
	[[ $output == *'personality stopped 38'* ]]
}

@test "needs that this machine meets do not skip" {
	need i386
	need auditlog
	need netns
	need bpf
	need go
}
