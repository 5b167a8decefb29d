#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A recorder that is pointed at a container that runs already: from then on it records what each of its
# tasks does, and nobody else.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	mkfifo "$T/in"
}

teardown() { live_teardown; }

calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.refused | not) | .name] | sort | join(" ")' "$T/recording"; }
refused() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.refused) | .name] | sort | join(" ")' "$T/recording"; }

# start [JQ-FILTER]: a container of company, whose init's pid is $INIT.
start() {
	bundle "$T/b" company
	cp "$PROGRAMS/company" "$T/b/rootfs/bin/"
	config "$T/b" "${1:-.}"
	runc_here run --detach --bundle "$T/b" "$(id_of x)" < /dev/null > "$T/out" 2>&1 3>&-
	INIT=$(runc_here state "$(id_of x)" | jq .pid)
	until_true grep -qx ready "$T/out"
}

adopt() {
	"$PROGRAMS/adopt" "$INIT" "$@" < "$T/in" > "$T/recording" 2> "$T/err" 3>&- &
	ADOPT=$!
	exec 7> "$T/in"
	until_true grep -q adopted "$T/err"
}

collect() {
	exec 7>&-
	wait "$ADOPT"
}

# Has all of the company make its calls.
tell() {
	kill -USR1 "$INIT"
	until_true grep -qx 'done' "$T/out"
}
CALLS='getppid getsid kill rt_sigtimedwait tgkill umask write'

@test "threads and children; not the dead, nor a stranger whose leader is dead" {
	start
	behind "$PROGRAMS/deadleader"
	until_true grep -q '^State:.*Z' "/proc/${BEHIND[-1]}/status"
	adopt
	[ "$(cat "$T/err")" = 'adopted 4' ]
	tell
	collect
	[ "$(jq -c '[.gates, (.lost | add)]' "$T/recording")" = '[["attach"],0]' ]
	[ "$(calls)" = "$CALLS" ]
}

@test "a container in the host's pid namespace" {
	start '.linux.namespaces |= map(select(.type != "pid"))'
	adopt
	[ "$(cat "$T/err")" = 'adopted 4' ]
	tell
	collect
	[ "$(calls)" = "$CALLS" ]
}

@test "what its filter refuses is marked" {
	start '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["umask"], action: "SCMP_ACT_ERRNO"}]}'
	adopt refusals
	tell
	collect
	[ "$(calls)" = 'getppid getsid kill rt_sigtimedwait tgkill write' ]
	[ "$(refused)" = umask ]
}

@test "exec after the attach is in it, nsenter from the host is not" {
	start
	adopt
	runc_here exec "$(id_of x)" chroot / true
	nsenter --target "$INIT" --mount --pid --root busybox mkdir /tmp/stranger
	collect
	[[ " $(calls) " == *' chroot '* ]]
	[[ " $(calls) " != *' mkdir '* ]]
}

@test "exec into a cgroup below the container's, before and after the attach" {
	start
	divide "$(id_of x)"
	mkfifo "$T/b/rootfs/tmp/go"
	behind runc_here exec --cgroup sub "$(id_of x)" sh -c 'echo here; read -r _ < /tmp/go; mkdir /tmp/a' > "$T/joined"
	until_true grep -q here "$T/joined"
	adopt
	echo > "$T/b/rootfs/tmp/go"
	until_true test -d "$T/b/rootfs/tmp/a"
	runc_here exec --cgroup sub "$(id_of x)" chroot / true
	collect
	[[ " $(calls) " == *' mkdir '* ]]
	[[ " $(calls) " == *' chroot '* ]]
}
