#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ground truth: a recording holds every call that strace sees after the gate in the very same run, in the
# same phase and with the same arguments, and none that it does not see.

load helpers

setup() {
	need root runc bpf strace jq busybox
	live_setup
	# runc under strace, for the run alone; the trace is $T/trace.
	cat > "$T/traced" <<-END
		#!/bin/sh
		[ "\$1" = run ] || exec runc "\$@"
		exec strace -f -n -X raw --decode-pids=pidns -e signal=none -s 0 -o "$T/trace" runc "\$@"
	END
	chmod 755 "$T/traced"
}

teardown() {
	live_teardown
}

# The one recording of a name.
recording() { echo "$T/store/var/lib/snug/recordings/$1/"*.json; }

# The calls of a phase, sorted, on one line.
calls() { # RECORDING PHASE [ARCH]
	jq -r --arg phase "$2" --arg arch "SCMP_ARCH_${3:-X86_64}" \
		'[.syscalls[$arch][]? | select(.phase | index($phase)) | .name // (.nr | tostring)] | sort | join(" ")' "$1"
}

# Learns $T/b under strace and holds the two against each other.
same_as_strace() {
	mkdir -p "$T/store"
	snug learn "$T/b" --name x --id "$(id_of x)" --runtime "$T/traced"
	"$PROGRAMS/compare" "$(recording x)" "$T/trace"
	[ "$(jq '.lost | add' "$(recording x)")" = 0 ]
}

program() { cp "$PROGRAMS/$1" "$T/b/rootfs/bin/"; }

# Host processes that make a call of their own all the time: umask.
stranger() { while :; do "$PROGRAMS/sequence" 95:18; done; }

# A container that says when its program runs, until it is told from outside to end. From outside, since the
# init's end kills what `runc exec` has in its pid namespace.
bundle_until_end() {
	bundle "$T/b" sh -c 'touch /tmp/ready; while sleep 0.1; [ ! -e /tmp/end ]; do :; done'
}
until_ready() { until_true test -e "$T/b/rootfs/tmp/ready"; }
end() { touch "$T/b/rootfs/tmp/end"; }

@test "a shell script with short-lived children" {
	bundle "$T/b" sh -c 'for i in 1 2 3 4 5; do echo $i | cat > /tmp/$i; (true); done; ls -l /tmp; find / -xdev -name sh
		kill -USR1 $$ & wait; rm /tmp/*; exec date'
	same_as_strace
}

@test "threads, and a thread that execs" {
	bundle "$T/b" threads
	program threads
	same_as_strace
	[[ " $(calls "$(recording x)" workload) " == *' getsid '* ]]
}

@test "a fork storm of a thousand processes" {
	bundle "$T/b" forks 3 10
	program forks
	same_as_strace
}

@test "a fork storm, unhindered: each leaf's call is there" {
	mkdir -p "$T/store"
	bundle "$T/b" forks 2 60
	program forks
	snug learn "$T/b" --name x --id "$(id_of x)"
	for call in getuid getgid geteuid getegid getppid getpgrp sched_yield times getsid alarm; do
		[[ " $(calls "$(recording x)" workload) " == *" $call "* ]]
	done
	[ "$(jq '.lost.syscalls' "$(recording x)")" = 0 ]
}

@test "an i386 program" {
	need i386
	bundle "$T/b" sequence32 20 24 199 13 122:0 102:1:0
	program sequence32
	same_as_strace
	[ "$(calls "$(recording x)" workload I386)" = '' ]
	[ "$(calls "$(recording x)" workload X86)" = 'exit getpid getuid getuid32 socketcall time uname' ]
	[ "$(calls "$(recording x)" workload X86_64)" = '' ]
}

@test "a 64-bit program that makes 32-bit calls" {
	need i386
	bundle "$T/b" sequence 39 i20 i24 102
	program sequence
	same_as_strace
	[ "$(calls "$(recording x)" workload X86)" = 'getpid getuid' ]
	[ "$(calls "$(recording x)" workload X86_64)" = 'exit getpid getuid' ]
}

@test "a static Go program" {
	need go
	bundle "$T/b" busy
	program busy
	same_as_strace
}

@test "a container that lives a few milliseconds" {
	mkdir -p "$T/store"
	bundle "$T/b" sequence 110 111
	program sequence
	for i in 1 2 3 4 5; do
		snug learn "$T/b" --name "x$i" --id "$(id_of "$i")"
		[ "$(calls "$(recording "x$i")" workload)" = 'exit getpgrp getppid' ]
	done
}

@test "eight containers at once, none mixed, and no host process in them" {
	local i pids=() set=(39 102 104 107 108 110 111 186) names=(getpid getuid getgid geteuid getegid getppid getpgrp gettid)
	mkdir -p "$T/store"
	rootfs "$T/rootfs"
	cp "$PROGRAMS/sequence" "$T/rootfs/bin/"
	behind stranger
	for i in {0..7}; do
		mkdir "$T/b$i"
		cp -a "$T/rootfs" "$T/b$i/rootfs"
		# Half a second each, so that all overlap.
		bundle "$T/b$i" sequence 35:0 "${set[i]}" 7:0:0:500 "${set[i]}"
	done
	for i in {0..7}; do
		snug learn "$T/b$i" --name "x$i" --id "$(id_of "$i")" & pids[i]=$!
	done
	for i in {0..7}; do
		wait "${pids[i]}"
	done
	for i in {0..7}; do
		[ "$(calls "$(recording "x$i")" workload)" = "$(printf '%s\n' exit nanosleep poll "${names[i]}" | sort | xargs)" ]
	done
}

# runc exec under strace, the trace in $T/$1.
traced_exec() {
	local trace=$T/$1
	shift
	strace -f -n -X raw --decode-pids=pidns -e signal=none -s 0 -o "$trace" runc exec "$(id_of x)" "$@"
}

@test "what runc exec adds" {
	local call learn
	bundle_until_end
	program sequence
	mkdir -p "$T/store"
	snug learn "$T/b" --name x --id "$(id_of x)" --runtime "$T/traced" & learn=$!
	until_ready
	traced_exec trace2 sequence 110 95:18
	traced_exec trace3 sh -c 'uname -a; (true | touch /tmp/seen)'
	end
	wait "$learn"
	"$PROGRAMS/compare" "$(recording x)" "$T/trace" "$T/trace2" "$T/trace3"
	for call in getppid umask uname; do
		[[ " $(calls "$(recording x)" workload) " == *" $call "* ]]
	done
	jq -e '.observed | index("joiners") != null' "$(recording x)"
}

@test "a nested pid namespace" {
	bundle "$T/b" unshare -p -f --mount-proc sh -c 'ps; (true) & wait'
	config "$T/b" '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	same_as_strace
	[[ " $(calls "$(recording x)" workload) " == *' unshare '* ]]
	jq -e '.capabilities | map(.name) | index("CAP_SYS_ADMIN") != null' "$(recording x)"
}

@test "a program whose exec raises credentials" {
	mkdir -p "$T/store"
	bundle "$T/b" sequence 102
	program sequence
	config "$T/b" '.process.user = {uid: 1000, gid: 1000}'
	snug learn "$T/b" --name x --id "$(id_of x)"
	[ "$(jq .raisedCredentials "$(recording x)")" = false ]
	chmod 4755 "$T/b/rootfs/bin/sequence"
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(jq .raisedCredentials "$(recording x)")" = true ]
	config "$T/b" '.process.args = ["sh", "-c", "sequence 102; true"]'
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(jq .raisedCredentials "$(recording x)")" = true ]
	config "$T/b" '.process.noNewPrivileges = true'
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(jq .raisedCredentials "$(recording x)")" = false ]
}

caps() { jq -r '[.capabilities[].name] | join(" ")' "$(recording x)"; }

@test "capabilities: what was needed, not what was held, probed, refused or held in a nested user namespace" {
	mkdir -p "$T/store"
	bundle "$T/b" sh -c 'ls /; (true)'
	config "$T/b" '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	snug learn "$T/b" --name x --id "$(id_of x)"
	[ "$(caps)" = '' ]
	bundle "$T/b" sh -c 'touch /tmp/a; chown 1:1 /tmp/a; chroot / true; mount -t tmpfs none /tmp; true'
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(caps)" = 'CAP_CHOWN CAP_SYS_CHROOT' ]
	[ "$(jq -c '.capabilities | map(.needed)' "$(recording x)")" = \
		'[[{"program":"chown","syscall":"chown"}],[{"program":"chroot","syscall":"chroot"}]]' ]
	snug generate x
	run snug explain x
	[[ $output == *$'  CAP_CHOWN\n    needed by chown in chown\n'* ]]
	[[ $output == *'1 run; how many new calls the next would make is unknown: learn more runs'* ]]
	bundle "$T/b" unshare -U -m true
	config "$T/b" '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(jq '.sources[0].exit' "$(recording x)")" = 0 ]
	[ "$(caps)" = '' ]
}

@test "arguments are kept by the table's width and mask, past 64 whole" {
	local i many=() all='.syscalls.SCMP_ARCH_X86_64[] | select(.name == $name)'
	mkdir -p "$T/store"
	for i in {1..80}; do many+=("16:9:$i"); done
	# socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0), its type and domain with dirty halves;
	# clone3 with SIGCHLD alone; ioctl with 80 requests.
	bundle "$T/b" sequence 41:2:0x80801:0 41:0x100000002:0xf00000001:0x500000000 54:9:1:2 435:s:88 435:0:0 "${many[@]}"
	program sequence
	snug learn "$T/b" --name x --id "$(id_of x)"
	[ "$(jq -c --arg name socket "$all | .args" "$(recording x)")" = '[{"0":2,"1":1,"2":0}]' ]
	[ "$(jq -c --arg name setsockopt "$all | .args" "$(recording x)")" = '[{"1":1,"2":2}]' ]
	[ "$(jq -c --arg name clone "$all | .args" "$(recording x)")" = '[{"0":0}]' ]
	[ "$(jq -c --arg name ioctl "$all | [.anyArgs, .args]" "$(recording x)")" = '[true,null]' ]
	[ "$(jq '.lost.syscalls' "$(recording x)")" = 0 ]
	[ "$(calls "$(recording x)" workload)" = 'clone clone3 exit ioctl setsockopt socket' ]
}

@test "a container with a filter of its own: the same gate, and what it refuses is listed apart" {
	bundle "$T/b" sh -c 'ls /; mkdir /tmp/x; (true) & kill -CHLD $$; sequence 41:1:1:0 41:2:1:0 110; wait'
	program sequence
	# mkdir and sockets but those of AF_UNIX; signal frames, forks and execs are no refusals.
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir"], action: "SCMP_ACT_ERRNO"},
		{names: ["socket"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_NE"}]}]}'
	same_as_strace
	[ "$(jq -c '[.syscalls[][] | select(.refused) | [.name, .phase]]' "$(recording x)")" = \
		'[["socket",["workload"]],["mkdir",["workload"]]]' ]
	[ "$(jq -c '.syscalls[][] | select(.name == "socket" and (.refused | not)) | .args' "$(recording x)")" = \
		'[{"0":1,"1":1,"2":0}]' ]
}

@test "a joiner beside strangers: the host's processes in the container's namespaces are none of it" {
	local learn pid
	bundle_until_end
	program sequence
	mkdir -p "$T/store"
	snug learn "$T/b" --name x --id "$(id_of x)" & learn=$!
	until_ready
	pid=$(runc state "$(id_of x)" | jq .pid)
	nsenter --target "$pid" --mount --pid --net --uts --ipc -- /bin/sequence 95:18
	runc exec "$(id_of x)" sequence 124:0
	end
	wait "$learn"
	[[ " $(calls "$(recording x)" workload) " == *' getsid '* ]]
	[[ " $(calls "$(recording x)" workload) " != *' umask '* ]]
}

@test "a host process that is moved into the container's cgroup is none of it" {
	local learn cgroup
	bundle_until_end
	config "$T/b" --arg path "/$(id_of shared)" '.linux.cgroupsPath = $path'
	mkdir -p "$T/store"
	snug learn "$T/b" --name x --id "$(id_of x)" & learn=$!
	until_ready
	for cgroup in /sys/fs/cgroup/{,unified,pids}/"$(id_of shared)"; do
		[ -d "$cgroup" ] || continue
		# shellcheck disable=SC2016
		sh -c 'echo $$ > "$0/cgroup.procs"; exec "$1" 95:18' "$cgroup" "$PROGRAMS/sequence"
	done
	end
	wait "$learn"
	[[ $(calls "$(recording x)" workload) == *nanosleep* ]]
	[[ " $(calls "$(recording x)" workload) " != *' umask '* ]]
}

@test "stacks are reused: what runs on a dead process's is none of it" {
	# shellcheck disable=SC2016
	bundle "$T/b" sh -c 'i=0; while [ $i -lt 300 ]; do (true); i=$((i + 1)); done; sleep 0.5'
	mkdir -p "$T/store"
	behind stranger
	snug learn "$T/b" --name x --id "$(id_of x)"
	[[ " $(calls "$(recording x)" workload) " != *' umask '* ]]
}

@test "below filters of an outer container the gate is the runtime's own" {
	bundle "$T/b" sh -c 'ls /; (true)'
	mkdir -p "$T/store"
	"$PROGRAMS/filtered" "$SNUG" --root "$T/store" learn "$T/b" --name x --id "$(id_of x)" --runtime "$T/traced"
	"$PROGRAMS/compare" "$(recording x)" "$T/trace"
}

@test "without no_new_privs and with: the runtime's calls after its filter are marked so" {
	bundle "$T/b" sequence 110
	program sequence
	config "$T/b" '.process.noNewPrivileges = true'
	same_as_strace
	[[ " $(calls "$(recording x)" runtime) " == *' execve '* ]]
	[[ " $(calls "$(recording x)" runtime) " != *' capset '* ]]
	rm -r "$T/store"
	config "$T/b" '.process.noNewPrivileges = false'
	same_as_strace
	[[ " $(calls "$(recording x)" runtime) " == *' capset '* ]]
}

@test "crun, without a cgroup of the container's own" {
	need crun cgroup2
	bundle "$T/b" sh -c 'ls /; (true) & wait'
	cat > "$T/traced" <<-END
		#!/bin/sh
		[ "\$1" = run ] || exec crun "\$@"
		exec strace -f -n -X raw --decode-pids=pidns -e signal=none -s 0 -o "$T/trace" \
			crun --root "$T/crun" --cgroup-manager=disabled "\$@"
	END
	mkdir -p "$T/store"
	with_cgroup2 "$SNUG" --root "$T/store" learn "$T/b" --name x --id "$(id_of x)" --runtime "$T/traced"
	"$PROGRAMS/compare" "$(recording x)" "$T/trace"
	[[ $(jq -r '.sources[0].runtime' "$(recording x)") == 'crun '* ]]
	jq -e '.observed | index("joiners") == null' "$(recording x)"
}
