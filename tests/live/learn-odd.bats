#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Odd workloads and unlucky operators.

# run sets output and status; learn is called by run, too.
# shellcheck disable=SC2119,SC2120,SC2154
load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	ID=$(id_of x)
}

teardown() {
	live_teardown
}

recording() { echo "$T/store/var/lib/snug/recordings/x/"*.json; }

learn() { snug learn "$T/b" --name x --id "$ID" "$@"; }

# In the background, until its program has made /tmp/ready; its pid is $learn.
learn_behind() {
	"$SNUG" --root "$T/store" learn "$T/b" --name x --id "$ID" 2> "$T/err" & learn=$!
	until_true test -e "$T/b/rootfs/tmp/ready"
}

has_call() { jq -e --arg name "$1" '.syscalls[][] | select(.name == $name)' "$(recording)"; }

@test "a joiner, after the init took mounts of its own" {
	bundle "$T/b" unshare -m sh -c 'touch /tmp/ready; until [ -e /tmp/end ]; do sleep 0.1; done'
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
	config "$T/b" '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	learn_behind
	runc exec "$ID" sequence 95:18
	touch "$T/b/rootfs/tmp/end"
	wait "$learn"
	has_call umask
}

@test "a joiner, after the init took mounts of its own, in the host's pid namespace" {
	local cgroup
	bundle "$T/b" unshare -m sh -c 'touch /tmp/ready; until [ -e /tmp/end ]; do sleep 0.1; done'
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
	config "$T/b" '.process.capabilities[] += ["CAP_SYS_ADMIN"] | .linux.namespaces |= map(select(.type != "pid"))'
	learn_behind
	runc exec "$ID" sequence 95:18
	# The host's processes are none of it.
	for cgroup in /sys/fs/cgroup/{,unified/,pids/}"$ID"; do
		[ -d "$cgroup" ] || continue
		# shellcheck disable=SC2016
		sh -c 'echo $$ > "$0/cgroup.procs"; exec "$1" 161:18' "$cgroup" "$PROGRAMS/sequence"
	done
	touch "$T/b/rootfs/tmp/end"
	wait "$learn"
	has_call umask
	run has_call chroot
	[ "$status" != 0 ]
}

@test "what a worker of io_uring needs is its process's need" {
	bundle "$T/b" uring /root/secret
	cp "$PROGRAMS/uring" "$T/b/rootfs/bin/"
	echo > "$T/b/rootfs/root/secret"
	chown -R 1000:1000 "$T/b/rootfs/root"
	chmod 700 "$T/b/rootfs/root"
	learn
	case $(jq .sources[0].exit "$(recording)") in
	1) skip 'no io_uring here' ;;
	0) ;;
	*) return 1 ;;
	esac
	[ "$(jq -c '[.capabilities[].name]' "$(recording)")" = '["CAP_DAC_OVERRIDE"]' ]
}

# runtime ACTION: a runtime that does that when it is to run a container, and then ends by SIGKILL.
# Its arguments are run --bundle BUNDLE ID.
runtime_that() {
	cat > "$T/killed" <<-END
		#!/bin/sh
		[ "\$1" = run ] || exec runc --root "$RUNC_ROOT" "\$@"
		$1
		kill -KILL \$\$
	END
	chmod 755 "$T/killed"
}

@test "a runtime that is killed as it starts: the half of a container that it left goes" {
	bundle "$T/b" true
	# What runc leaves before its container has a state.
	runtime_that "mkdir -p '$RUNC_ROOT/$ID'; mkfifo '$RUNC_ROOT/$ID/exec.fifo'"
	run learn --runtime "$T/killed"
	[ "$status" = 5 ]
	[[ $output == *'ended with status 137'* ]]
	[ ! -e "$RUNC_ROOT/$ID" ]
	[ -z "$(ls "$T/store/run/snug")" ]
}

@test "a runtime that is killed as it starts: another's container of that id stays" {
	bundle "$T/c" sleep 60
	runc_here run -d --bundle "$T/c" "$ID" < /dev/null > /dev/null 2>&1
	bundle "$T/b" true
	runtime_that :
	run learn --runtime "$T/killed"
	[ "$status" = 5 ]
	[ "$(runc_here state "$ID" | jq -r .status)" = running ]
}

@test "a signal that comes when the container has ended" {
	bundle "$T/b" true
	cat > "$T/late" <<-END
		#!/bin/sh
		[ "\$1" = --version ] && kill -TERM \$PPID
		exec runc "\$@"
	END
	chmod 755 "$T/late"
	run learn --runtime "$T/late"
	[ "$status" = 0 ]
	[[ $output == *'learned x: '*"$(recording)"* ]]
}

@test "who knocks once the container runs is refused, and disturbs nothing" {
	bundle "$T/b" sh -c 'touch /tmp/ready; until [ -e /tmp/end ]; do sleep 0.1; done'
	learn_behind
	run "$SNUG" hook arm "$T/store/run/snug/learn-$ID/arm" <<< "{\"id\":\"$ID\",\"pid\":$$}"
	[ "$status" = 5 ]
	[[ $output == *'being learned already'* ]]
	touch "$T/b/rootfs/tmp/end"
	wait "$learn"
	grep 'learned x: ' "$T/err"
}

@test "the container's terminal is its own: no line of ours on it" {
	need script
	bundle "$T/b" sh -c 'printf "name? "; sleep 0.6; tty'
	config "$T/b" '.process.terminal = true'
	run script -qec "'$SNUG' --root '$T/store' learn '$T/b' --name x --id '$ID'" /dev/null < /dev/null
	# script tells the terminal of the end of its own input, whose echo may come in between.
	[[ ${output//'^@'/} == *'name? /dev/pts/'* ]]
	[[ $output != *'learning: '* ]]
	config "$T/b" '.process.terminal = false'
	run script -qec "'$SNUG' --root '$T/store' learn '$T/b' --name x --id '$ID'" /dev/null < /dev/null
	[[ $output == *'learning: '* ]]
}
