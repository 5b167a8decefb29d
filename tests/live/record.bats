# SPDX-License-Identifier: Apache-2.0
# snug record: a container that runs already.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
}
teardown() {
	[ -z "${RECORDER:-}" ] || kill -KILL "$RECORDER" 2> /dev/null || :
	live_teardown
}

recording() { echo "$T/store/var/lib/snug/recordings/web/"*.json; }
calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.refused | not) | .name] | sort | join(" ")' "$(recording)"; }
saw() { [[ " $(calls) " == *" $1 "* ]]; }
is_recorded() { "$SNUG" --root "$T/store" status --format json | jq -e '.learning[] | select(.by == "record" and .gatePassed)'; }

# start: a container that waits for /tmp/go, calls getppid and umask, and waits for /tmp/end.
start() {
	bundle "$T/b" sh -c 'touch /tmp/ready; while [ ! -e /tmp/go ]; do sleep 0.1; done
		sequence 110 95:18; touch /tmp/done; while [ ! -e /tmp/end ]; do sleep 0.1; done'
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
	[ -z "${1:-}" ] || config "$T/b" "$1"
	runc_here run -d --bundle "$T/b" "$(id_of x)" < /dev/null > /dev/null 2>&1
	until_true test -e "$T/b/rootfs/tmp/ready"
	PID=$(runc_here state "$(id_of x)" | jq .pid)
}

# record ARG...: in the background, until it has begun.
record() {
	"$SNUG" --root "$T/store" record "$@" --name web 2> "$T/err" & RECORDER=$!
	until_true is_recorded
}

@test "what is done from then on, by children and by exec too; nothing of the host's" {
	start
	# By the runtime: as `runc --root`, which record knows nothing of.
	printf '#!/bin/sh\nexec runc --root %s "$@"\n' "$RUNC_ROOT" > "$T/runtime"
	chmod 755 "$T/runtime"
	record --container "$(id_of x)" --runtime "$T/runtime"
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	runc_here exec "$(id_of x)" sequence 102
	nsenter --target "$PID" --mount --pid /bin/sequence 104
	"$PROGRAMS/sequence" 107
	touch "$T/b/rootfs/tmp/end"
	wait "$RECORDER"
	for call in getppid umask getuid; do saw "$call"; done
	for call in getgid geteuid; do
		if saw "$call"; then return 1; fi
	done
	[ "$(jq -c '.sources[0] | [.gate, .ended, .args[0]]' "$(recording)")" = '["attach",true,"sh"]' ]
	grep -q '^recorded web: .*gate attach' "$T/err"
	[ "$(ls "$T/store/run/snug")" = '' ]
}

@test "^C ends it, and the container lives on" {
	start
	record --pid "$PID"
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	kill -INT "$RECORDER"
	wait "$RECORDER"
	saw getppid
	[ "$(runc_here state "$(id_of x)" | jq -r .status)" = running ]
}

@test "killed: nothing stays attached, and the next command removes its folder" {
	start
	record --pid "$PID"
	kill -KILL "$RECORDER"
	wait "$RECORDER" || :
	[ "$(snug status | head -n 1)" = 'nobody is learning' ]
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	record --pid "$PID" # the folder is free
	kill -INT "$RECORDER"
	wait "$RECORDER"
	[ "$(ls "$T/store/run/snug")" = '' ]
}

@test "flush: the file is there at once, and the end replaces it" {
	local file
	start
	record --pid "$PID"
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	file=$(snug flush web)
	[ "$file" = "$(recording)" ]
	[ "$(jq '.sources[0].ended' "$file")" = false ]
	saw getppid
	touch "$T/b/rootfs/tmp/end"
	wait "$RECORDER"
	[ "$(recording)" = "$file" ]
	[ "$(jq '.sources[0].ended' "$file")" = true ]
}

@test "under a filter of its own, what that refuses is marked, and nothing else" {
	start '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["umask"], action: "SCMP_ACT_ERRNO"}]}'
	record --pid "$PID"
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	touch "$T/b/rootfs/tmp/end"
	wait "$RECORDER"
	[ "$(jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.refused) | .name] | join(" ")' "$(recording)")" = umask ]
}

@test "a container that shares the host's pid namespace, and threads" {
	start '.linux.namespaces |= map(select(.type != "pid"))'
	record --pid "$PID"
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	kill -INT "$RECORDER"
	wait "$RECORDER"
	saw umask
}

@test "its profile is incomplete, and harden says so" {
	start
	record --pid "$PID"
	runc_here exec "$(id_of x)" true # a gate of its own
	kill -INT "$RECORDER"
	wait "$RECORDER"
	snug generate web > "$T/out"
	[ "$(jq -r '.incomplete | length' "$T/store/var/lib/snug/profiles/web.json")" = 1 ]
	run snug harden "$T/b" --profile web
	[ "$status" = 3 ]
	[[ $output == *--accept-incomplete* ]]
}

@test "who is not there" {
	run snug record --pid 4194305 --name web
	[ "$status" = 3 ]
	run snug record --container nobody-there --name web
	[ "$status" = 3 ]
	[[ $output == *'has no container nobody-there'* ]]
	run snug record --name web
	[ "$status" = 2 ]
	[ ! -e "$T/store/var" ]
}
