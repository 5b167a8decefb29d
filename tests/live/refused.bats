#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Calls that a container's own filter refuses: all of them are recorded as refused, and none else.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
}

teardown() {
	live_teardown
}

recording() { echo "$T/store/var/lib/snug/recordings/x/"*.json; }

# container ARG...: runs ARG... with the programs at hand; getpgrp is refused, as more_rules adds to.
container() {
	bundle "$T/b" "$@"
	cp "$PROGRAMS"/{sequence,refused} "$T/b/rootfs/bin/"
	[ ! -e "$PROGRAMS/sequence32" ] || cp "$PROGRAMS/sequence32" "$T/b/rootfs/bin/"
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
		syscalls: [{names: ["getpgrp"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
}

more_rules() { config "$T/b" --argjson rules "$1" '.linux.seccomp.syscalls += $rules'; }
action() { config "$T/b" --arg action "$1" '.linux.seccomp.syscalls[0] = {names: ["getpgrp"], action: $action}'; }

learn() { snug learn "$T/b" --name x --id "$(id_of x)" "$@"; }
exit_of() { jq '.sources[0].exit' "$(recording)"; }

# ABI/call of what was refused, and of what was made by the workload, sorted, on one line.
refused() { jq -r '[.syscalls | to_entries[] | .key[10:] as $abi | .value[] | select(.refused)
	| "\($abi)/\(.name // .nr)"] | sort | join(" ")' "$(recording)"; }
made() { jq -r '[.syscalls | to_entries[] | .key[10:] as $abi | .value[] | select(.refused | not)
	| select(.phase | index("workload")) | "\($abi)/\(.name // .nr)"] | sort | join(" ")' "$(recording)"; }

# Learns, and the program found what it expects; refused are exactly the calls named.
learn_refused() {
	learn
	[ "$(exit_of)" = 0 ] || { echo "exit $(exit_of)" && return 1; }
	is_refused "$@"
}
is_refused() {
	[ "$(refused)" = "$*" ] || { echo "refused: $(refused); made: $(made)" && return 1; }
	[ "$(jq '.lost | add' "$(recording)")" = 0 ]
}
is_made() {
	[ "$(made)" = "$*" ] || { echo "made: $(made)" && return 1; }
}
has_made() { [[ " $(made) " == *" X86_64/$1 "* ]]; }

@test "by errno 1, 38 and another; by an argument" {
	container sequence 111 100 95:18 124:0 41:1:1:0 41:2:1:0 39
	more_rules '[{"names":["times"],"action":"SCMP_ACT_ERRNO","errnoRet":38},
		{"names":["umask"],"action":"SCMP_ACT_ERRNO","errnoRet":95},
		{"names":["getsid"],"action":"SCMP_ACT_ERRNO","errnoRet":0},
		{"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"SCMP_CMP_NE"}]}]'
	learn_refused X86_64/getpgrp X86_64/getsid X86_64/socket X86_64/times X86_64/umask
	is_made X86_64/exit X86_64/getpid X86_64/socket
	[ "$(jq -c '.syscalls[][] | select(.name == "socket" and (.refused | not)) | .args' "$(recording)")" = \
		'[{"0":1,"1":1,"2":0}]' ]
}

@test "what is only logged is not refused" {
	container sequence 111
	action SCMP_ACT_LOG
	learn_refused
	is_made X86_64/exit X86_64/getpgrp
}

@test "TRACE with no tracer" {
	container sequence 111 110
	action SCMP_ACT_TRACE
	learn_refused X86_64/getpgrp
	is_made X86_64/exit X86_64/getppid
}

@test "in an i386 program" {
	need i386
	container sequence32 65 64
	learn_refused X86/getpgrp
	is_made X86/exit X86/getppid
}

@test "by int 0x80 in 64-bit code, and not the call that has its number" {
	need i386
	# 65 is getpgrp there and semop here.
	container sequence i65 i20 65:9 111
	learn_refused X86/getpgrp X86_64/getpgrp
	is_made X86/getpid X86_64/exit X86_64/semop
}

@test "exec from one ABI into the other and back" {
	need i386
	container sh -c 'sequence32 65 20; sequence 111; sequence32 64; exec sequence 110'
	learn
	[ "$(exit_of)" = 0 ]
	has_made getppid
	[[ " $(made) " == *' X86/getppid '* ]]
	is_refused X86/getpgrp X86_64/getpgrp
}

@test "an x32 call is one of x32, allowed or not" {
	container sequence 0x40000027
	config "$T/b" '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"]'
	learn_refused
	is_made X32/getpid X86_64/exit
	container sequence 0x40000027
	learn --fresh
	[ "$(exit_of)" = $((128 + 31)) ]
	is_refused X32/getpid
	is_made ''
}

# WAY [WHAT-IS-REFUSED...]: one of refused.c's.
way() {
	container refused "$1"
	learn_refused "${@:2}"
}

@test "in threads" {
	way thread X86_64/getpgrp
	[[ " $(made) " != *getpgrp* ]]
}

@test "in children of fork, clone and clone3" { way forked X86_64/getpgrp; }

@test "the first return of children of fork, clone, clone3 and vfork is none" {
	way born
	for call in fork clone clone3 vfork; do has_made "$call"; done
}

@test "fork itself refused" {
	container sh -c '(true); true'
	more_rules '[{"names":["fork","vfork","clone","clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":11}]'
	learn
	[[ $(refused) =~ ^X86_64/(clone|fork|vfork)$ ]]
	if has_made clone; then return 1; fi
}

@test "execve refused, and the program that goes on" {
	# The third argument tells runc's own execve apart: this one has none.
	container sequence 59:0:0:0 110
	more_rules '[{"names":["execve"],"action":"SCMP_ACT_ERRNO","args":[{"index":2,"value":0,"op":"SCMP_CMP_EQ"}]}]'
	learn_refused X86_64/execve
	is_made X86_64/exit X86_64/getppid
}

@test "exit_group refused: libc takes exit" {
	container sequence 231 111
	more_rules '[{"names":["exit_group"],"action":"SCMP_ACT_ERRNO"}]'
	learn_refused X86_64/exit_group X86_64/getpgrp
	is_made X86_64/exit
}

@test "signal frames: rt_sigreturn is no refusal" {
	way signals
	has_made rt_sigreturn
}

@test "a call that is restarted after a stop" {
	way restart
	has_made restart_syscall
}

@test "a restart that is refused" {
	container refused norestart
	more_rules '[{"names":["restart_syscall"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]'
	learn_refused X86_64/restart_syscall
}

@test "a call that SA_RESTART restarts" { way sarestart; }

@test "TRAP, with a handler of SIGSYS" {
	container refused trap
	action SCMP_ACT_TRAP
	learn_refused X86_64/getpgrp
	has_made rt_sigreturn
}

@test "KILL_THREAD of one thread among others" {
	container refused killed-thread
	action SCMP_ACT_KILL_THREAD
	learn_refused X86_64/getpgrp
}

@test "KILL_THREAD and KILL_PROCESS of a process, its own and a child's" {
	local how
	for how in SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS; do
		container refused killed
		action "$how"
		rm -rf "$T/store/var"
		learn_refused X86_64/getpgrp
		container sequence 110 111
		action "$how"
		learn --fresh
		[ "$(exit_of)" = $((128 + 31)) ]
		is_refused X86_64/getpgrp
		is_made X86_64/getppid
	done
}

@test "a tracer that emulates calls, that takes them away, that holds what is killed" {
	local how
	for how in sysemu skip held; do
		container refused "$how"
		rm -rf "$T/store/var"
		learn_refused
		if has_made getppid; then return 1; fi
	done
}

@test "a second filter, of the program's own" { way second X86_64/getpgrp X86_64/getppid; }

@test "calls that the program dispatches itself" {
	way dispatch
	if has_made getppid; then return 1; fi
}

@test "strace in the container" {
	need strace
	container /host/strace
	config "$T/b" --arg strace "$(command -v strace)" '.process.args = [$strace, "-f", "-o", "/dev/null",
		"/bin/sh", "-c", "sequence 111 110; refused thread"]
		| .process.env = ["PATH=/bin"]
		| .mounts += [("/usr", "/lib", "/lib64") | {destination: ., type: "bind", source: ., options: ["rbind", "ro"]}]'
	learn_refused X86_64/getpgrp
	has_made getppid
	has_made ptrace
}

@test "a Go program, preempted by signals" {
	need go
	container busy
	cp "$PROGRAMS/busy" "$T/b/rootfs/bin/"
	more_rules '[{"names":["setsockopt"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]'
	learn_refused X86_64/setsockopt
	has_made socket
}

@test "a shell script with many short children" {
	container sh -c 'i=0; while [ $i -lt 150 ]; do (sequence 110); i=$((i + 1)); done; mkdir /tmp/x; sequence 111; true'
	more_rules '[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]'
	learn_refused X86_64/getpgrp X86_64/mkdir
	has_made getppid
}

@test "what runc exec adds" {
	local learn
	container sh -c 'touch /tmp/ready; while sleep 0.1; [ ! -e /tmp/end ]; do :; done'
	learn & learn=$!
	until_true test -e "$T/b/rootfs/tmp/ready"
	runc exec "$(id_of x)" sequence 111 124:0
	touch "$T/b/rootfs/tmp/end"
	wait "$learn"
	is_refused X86_64/getpgrp
	has_made getsid
}

@test "under crun" {
	need crun cgroup2
	container refused forked
	cat > "$T/crun-here" <<-END
		#!/bin/sh
		exec crun --root "$T/crun" --cgroup-manager=disabled "\$@"
	END
	chmod 755 "$T/crun-here"
	with_cgroup2 "$SNUG" --root "$T/store" learn "$T/b" --name x --id "$(id_of x)" --runtime "$T/crun-here"
	[ "$(exit_of)" = 0 ]
	is_refused X86_64/getpgrp
}
