#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# oci-seccomp-bpf-hook's annotation: a seccomp.json of a container's calls, where the hook allows it.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	start_bpffs
	D=$T/traces
	mkdir "$D"
	bundle "$T/b" sequence 111 95:18
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
}
teardown() { live_teardown; }

# traced ANNOTATION [OPTION...]: gives the bundle the hooks, with these options, and the annotation.
traced() {
	local annotation=$1
	shift
	config "$T/b" --arg a "$annotation" --arg options "$*" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.annotations["io.containers.trace-syscall"] = $a
		| .hooks = (["createRuntime", "poststop"] | map({(.): [{path: $hook,
			args: (["snug-hook", "--root", $store, .] + ($options | split(" ")))}]}) | add)'
}

run_here() { in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of x)"; }
allowed() { jq -r '[.syscalls[] | select(.action == "SCMP_ACT_ALLOW") | .names[]] | unique | .[]' "$1"; }

# refused ANNOTATION WORDS: the container runs, nothing is learned, and the words are noted.
refused() {
	rm -rf "$T/store/run"
	traced "$1" --allow-trace-syscall "$D"
	run -0 run_here
	[[ "$(failures)" == *"container $(id_of x): "*"$2"* ]] || { failures && return 1; }
	[ ! -e "$T/store/var" ]
	[ -z "$(pinned)" ]
}

@test "the annotation: a seccomp.json of what the container called, and nothing else is left" {
	traced "of:$D/x.json" --allow-trace-syscall "$D/"
	run_here
	[ -z "$(failures)" ]
	[ "$(stat -c '%a %u' "$D/x.json")" = '644 0' ]
	[ "$(ls -A "$D")" = x.json ]
	jq -e '(.comment | startswith("snug ")) and .defaultAction == "SCMP_ACT_ERRNO"' "$D/x.json"
	allowed "$D/x.json" | grep -qx getpgrp
	allowed "$D/x.json" | grep -qx umask
	[ "$(allowed "$D/x.json" | grep -cx keyctl)" = 0 ]
	[ -z "$(pinned)" ]
	[ -z "$(find "$T/store/var" -type f)" ]
}

@test "the file is a filter: the workload runs under it, another call is refused" {
	traced "of:$D/x.json" "--allow-trace-syscall=$D"
	run_here
	snug explain "$D/x.json" | grep -q getpgrp
	hooked "$T/b" web
	config "$T/b" --slurpfile s "$D/x.json" '.linux.seccomp = $s[0] | del(.annotations["io.containers.trace-syscall"])
		| .process.args = ["sequence", "111", "250", "95:18"]'
	run_here
	[ "$(jq -c '[.syscalls.SCMP_ARCH_X86_64[] | select(.phase | index("workload")) | [.name, .refused // false]] | sort' \
		"$T"/store/var/lib/snug/recordings/web/*.json)" = \
		'[["exit",false],["getpgrp",false],["keyctl",true],["umask",false]]' ]
	[ -z "$(failures)" ]
}

@test "again: snug's own file is replaced, and if: adds what another one allows" {
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	run_here
	config "$T/b" '.process.args = ["sequence", "102", "95:18"]'
	traced "if:$D/x.json;of:$D/y.json" --allow-trace-syscall "$D"
	run_here
	[ -z "$(failures)" ]
	for call in getpgrp getuid umask; do allowed "$D/y.json" | grep -qx "$call"; done
	[ "$(allowed "$D/x.json" | grep -cx getuid)" = 0 ]
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	run_here
	allowed "$D/x.json" | grep -qx getuid
	[ "$(allowed "$D/x.json" | grep -cx getpgrp)" = 0 ]
}

@test "a path elsewhere, by .. or by a symlink: not written, noted, and the container runs" {
	mkdir "$T/other" "$D/sub"
	ln -s "$T/other" "$D/link"
	ln -s "$T/other/x.json" "$D/x.json"
	refused "of:$T/other/x.json" 'does not lie below the folder'
	refused "of:$D/sub/../../other/x.json" 'does not lie below the folder'
	refused "of:$D" 'does not lie below the folder'
	refused "of:${D}2/x.json" 'does not lie below the folder'
	refused "of:$D/link/x.json" 'symlink'
	refused "of:$D/x.json" 'symlink'
	refused "of:$D/none/x.json" 'cannot open its folder'
	refused "of:$D/y.json;if:$T/other/z.json" 'does not lie below the folder'
	refused "of:$D/y.json;if:$D/z.json" 'no file'
	refused "$D/y.json" 'neither of: nor if:'
	[ -z "$(ls "$T/other")" ]
	[ ! -e "$D/y.json" ]
}

@test "somebody else's file, or a folder that others can write: left alone, noted" {
	echo '{"defaultAction":"SCMP_ACT_ERRNO"}' > "$D/x.json"
	refused "of:$D/x.json" 'snug did not write'
	[ "$(cat "$D/x.json")" = '{"defaultAction":"SCMP_ACT_ERRNO"}' ]
	mkdir -m 777 "$D/open"
	refused "of:$D/open/x.json" 'others can write it'
	[ -z "$(ls "$D/open")" ]
}

@test "what came into the file's place meanwhile stays; the recording too" {
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	config "$T/b" --arg f "$D/x.json" '.hooks.poststop |= [{path: "/bin/sh", args: ["sh", "-c", "echo mine > " + $f]}] + .'
	run_here
	[ "$(cat "$D/x.json")" = mine ]
	[[ "$(failures)" == *'snug did not write'* ]]
	[ "$(find "$T/store/var" -name '*.json' | wc -l)" = 1 ]
}

@test "an if: that is no seccomp.json: noted, nothing is written" {
	echo '{"snug":1' > "$D/base.json"
	traced "of:$D/x.json;if:$D/base.json" --allow-trace-syscall "$D"
	run_here
	[ ! -e "$D/x.json" ]
	[[ "$(failures)" == *base.json* ]]
}

@test "without the option the annotation does nothing; who is learned otherwise is not traced" {
	traced "of:$D/x.json"
	run_here
	[ ! -e "$T/store/var" ]
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	config "$T/b" '.annotations["io.snug.learn"] = "web"'
	run_here
	[ "$(find "$T/store/var/lib/snug/recordings/web" -type f | wc -l)" = 1 ]
	[ -z "$(ls "$D")" ]
	[ -z "$(failures)" ]
}

@test "a policy that leaves the container alone: traced, for the hook allows it" {
	mkdir -p "$T/store/etc/snug"
	echo '{"snugPolicy":1,"default":{"mode":"off"}}' > "$T/store/etc/snug/policy.json"
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	run_here
	allowed "$D/x.json" | grep -qx getpgrp
}

@test "under crun" {
	need crun cgroup2
	traced "of:$D/x.json" --allow-trace-syscall "$D"
	in_bpffs "${WITH_CGROUP2[@]}" crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/b" "$(id_of x)"
	[ -z "$(failures)" ]
	allowed "$D/x.json" | grep -qx getpgrp
}
