#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The exec boundary: config.json says nothing of snug but a prestart hook, and the container is confined
# before its program's first instruction.
# shellcheck disable=SC2030,SC2031 # bats: each test is a subshell of its own
# shellcheck disable=SC2154 # helpers.bash: behind

load helpers

setup() {
	need root runc crun cgroup2 bpf jq busybox
	live_setup
	start_bpffs
	mkdir -p "$T/store/etc/snug/profiles"
	bundle "$T/b" sh -c 'exit 7'
	cp "$PROGRAMS"/{atonce,sequence} "$T/b/rootfs/bin/"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	policy strict '.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["exit", "exit_group"], action: "SCMP_ACT_ALLOW"}]}
		| .capabilities = [] | .noNewPrivileges = true'
	policy web '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}
		| .capabilities = ["CAP_CHOWN", "CAP_KILL"] | .noNewPrivileges = true'
	confined web
}
teardown() {
	live_teardown
	find /sys/fs/cgroup -depth -type d -path "*/$TEST_ID*" -exec rmdir {} + 2> /dev/null || : # below
}

# policy NAME JQ: a profile of the store's.
policy() {
	jq -n --arg name "$1" "{snugProfile: 1, name: \$name, origin: \"hand\"} | $2" > "$T/store/etc/snug/profiles/$1.json"
}

# confined PROFILE [OPTION...]: the bundle's hooks: nothing else of it is snug's.
confined() {
	config "$T/b" --arg hook "$HOOK" --arg store "$T/store" '.hooks = {
		prestart: [{path: $hook, args: (["snug-hook", "--root", $store, "prestart", "--profile"] + $ARGS.positional)}],
		poststop: [{path: $hook, args: ["snug-hook", "--root", $store, "poststop"]}]}' --args -- "$@"
}
args() { config "$T/b" '.process.args = $ARGS.positional' --args -- "$@"; }

with_runc() { in_bpffs runc --root "$RUNC_ROOT" "$@"; }
with_crun() { in_bpffs "${WITH_CGROUP2[@]}" crun --root "$T/crun" --cgroup-manager=disabled "$@"; }
# start RUNTIME: the bundle; its exit status in $status, what it said in $output.
start() {
	run "with_$1" run --bundle "$T/b" "$(id_of x)"
	echo "$1: $status $output"
}
snug_here() { in_bpffs "$SNUG" --root "$T/store" "$@"; }

# starter HOW PROFILE PROGRAM: the runtime that is as small as can be (tests/live/programs/starter.c).
starter() {
	in_bpffs "$PROGRAMS/starter" "$1" "$HOOK" --root "$T/store" prestart --profile "$2" -- "$3"
}

# Nobody pays for a guard that guards nobody.
detached() { [ -z "$(in_bpffs find /sys/fs/bpf -name 'link_*')" ]; }

nothing_left() {
	snug_here status > /dev/null
	[ -z "$(pinned)" ] || { pinned && return 1; }
	! pgrep -f "snug-hook --root $T/store" || return 1
}

# field NAME: of what /proc/1/status said in $output.
field() { awk -v name="$1:" '$1 == name { print $2 }' <<< "$output"; }

@test "what the profile says is what the kernel says, and config.json stays as it was" {
	args cat /proc/1/status
	cp "$T/b/config.json" "$T/before"
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 0 ]
		[ "$(field Seccomp)" = 2 ]
		[ "$(field Seccomp_filters)" = 1 ]
		[ "$(field NoNewPrivs)" = 1 ]
		[ "$(field TracerPid)" = 0 ]
		detached
		[ -n "$(pinned)" ] # loaded, for the next
		# CAP_CHOWN and CAP_KILL
		[ "$(field CapPrm) $(field CapEff) $(field CapBnd)" = '0000000000000021 0000000000000021 0000000000000021' ]
		[ "$(field CapInh) $(field CapAmb)" = '0000000000000000 0000000000000000' ]
		[ -z "$(failures)" ]
	done
	cmp "$T/before" "$T/b/config.json"
	nothing_left
}

@test "runAsNonRoot: root is killed before its first instruction, in a user namespace of its own too" {
	policy user '.runAsNonRoot = true | .noNewPrivileges = true'
	confined user
	args sh -c 'echo ran as $(id -u)'
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" != 0 ]
		[[ $output != *ran* ]]
		[[ $(failures) == *'profile user: it runs as root, which runAsNonRoot forbids'* ]]
		config "$T/b" '.process.user = {uid: 1000, gid: 1000}'
		start "$runtime"
		[ "$status" = 0 ]
		[ "$output" = 'ran as 1000' ]
		config "$T/b" '.process.user = {uid: 0, gid: 0}'
	done
	config "$T/b" '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1001}] | .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$T/b/rootfs"
	chmod 711 "$T" "$T/b"
	: > "$T/store/run/snug/failures"
	start runc
	[ "$status" != 0 ]
	[[ $output != *ran* ]]
	[[ $(failures) == *'it runs as root'* ]]
	config "$T/b" '.process.user = {uid: 1000, gid: 1000}'
	start runc
	[ "$output" = 'ran as 1000' ]
	nothing_left
}

@test "masked and read-only paths are nothing for the boundary: refused" {
	for paths in maskedPaths readonlyPaths; do
		policy paths ".$paths = [\"/proc/keys\"]"
		confined paths
		start runc
		[ "$status" != 0 ]
		[[ $output == *'profile paths masks paths or has them read-only'*'hardened before'* ]]
	done
	policy paths '.maskedPaths = []'
	start runc
	[ "$status" = 7 ]
	nothing_left
}

@test "a filter, capabilities and no_new_privs of the container's own stay" {
	args cat /proc/1/status
	config "$T/b" '.process.noNewPrivileges = true | .process.capabilities |= map_values(["CAP_KILL", "CAP_MKNOD"])
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{names: ["seccomp", "capset"], action: "SCMP_ACT_KILL_PROCESS"}]}'
	policy open '.capabilities = ["CAP_KILL"]'
	confined open
	for runtime in runc crun; do
		# Killed for these calls, if its filter were not suspended. (crun needs them behind it.)
		[ "$runtime" = runc ] || config "$T/b" 'del(.linux.seccomp)'
		start "$runtime"
		[ "$status" = 0 ]
		[ "$(field NoNewPrivs)" = 1 ]
		[ "$(field Seccomp_filters)" = "$([ "$runtime" = runc ] && echo 1 || echo 0)" ]
		[ "$(field CapPrm)" = 0000000000000020 ]
		# Without CAP_SETPCAP it cannot be made smaller; with no_new_privs nothing can come of it.
		[ "$(field CapBnd)" = 0000000008000020 ]
	done
}

@test "the first instruction is a forbidden call, and it is refused" {
	confined strict
	args atonce
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 38 ]
	done
	# The test can fail: without the hook the call runs.
	config "$T/b" 'del(.hooks)'
	start runc
	[ "$status" = 0 ]
}

@test "an exec at once: the filter holds, and execve is one of the calls that it judges" {
	confined strict
	args atonce /bin/atonce
	start runc
	[ "$status" = 38 ]
	policy execs '.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["exit", "execve"], action: "SCMP_ACT_ALLOW"}]} | .noNewPrivileges = true'
	confined execs
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 38 ] # the second one's first call
	done
	[ -z "$(failures)" ]
}

@test "a learned profile: what is in it for the runtime alone is not at the boundary" {
	args atonce
	config "$T/b" 'del(.hooks)'
	in_bpffs "$SNUG" --root "$T/store" learn "$T/b" --name once 2> /dev/null
	snug generate once 2> /dev/null
	[ "$(jq -c '[.provenance.syscalls | .read, .execve | .why] | sort' "$T/store/var/lib/snug/profiles/once.json")" != '["seen"]' ]
	args atonce /bin/atonce
	# By config.json execve has to be allowed, since the runtime calls it behind the filter.
	cp -a "$T/b" "$T/c"
	snug harden "$T/c" --profile once 2> /dev/null
	run with_runc run --bundle "$T/c" "$(id_of c)"
	[ "$status" = 0 ]
	confined once
	start runc
	[ "$status" = 38 ]
}

@test "programs of all kinds run under it: a script, sh -c chains, a dynamic one, Go" {
	need go
	local file
	printf '#!/bin/sh\nmkdir /tmp/d; echo script $?\n' > "$T/b/rootfs/bin/script"
	chmod 755 "$T/b/rootfs/bin/script"
	for file in $(ldd /usr/bin/true | grep -oE '/[^ ]+'); do
		mkdir -p "$T/b/rootfs$(dirname "$file")"
		cp -L "$file" "$T/b/rootfs$file"
	done
	cp /usr/bin/mkdir "$T/b/rootfs/bin/dynamic"
	for file in $(ldd /usr/bin/mkdir | grep -oE '/[^ ]+'); do cp -L "$file" "$T/b/rootfs$file"; done
	cp "$PROGRAMS/busy" "$T/b/rootfs/bin/"
	for runtime in runc crun; do
		args script
		start "$runtime"
		[[ $output == *'script 1'* ]]
		args sh -c 'sh -c "exec sh -c \"mkdir /tmp/d\"; echo no" || exec sh -c "echo chain"'
		start "$runtime"
		[ "$status" = 0 ] && [[ $output == *chain* ]]
		args dynamic /tmp/d
		start "$runtime"
		[ "$status" = 1 ] && [[ $output == *'Operation not permitted'* ]]
		args busy
		start "$runtime"
		[ "$status" = 0 ]
	done
	[ ! -e "$T/b/rootfs/tmp/d" ]
	[ -z "$(failures)" ]
	nothing_left
}

@test "i386: killed where the profile does not list it, confined where it does" {
	need i386
	cp "$PROGRAMS/sequence32" "$T/b/rootfs/bin/"
	args sequence32 1
	start runc
	[ "$status" != 0 ]
	policy both '.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
		syscalls: [{names: ["exit", "exit_group"], action: "SCMP_ACT_ALLOW"},
			{names: ["getppid"], action: "SCMP_ACT_KILL_PROCESS"}]} | .noNewPrivileges = true'
	confined both
	for runtime in runc crun; do
		args sequence32 24 # getuid
		start "$runtime"
		[ "$status" = 0 ]
		args sequence32 64 # getppid
		start "$runtime"
		[ "$status" = 159 ]
	done
	[ -z "$(failures)" ]
}

@test "without no_new_privs it takes CAP_SYS_ADMIN: refused before the start, or killed at the boundary" {
	policy loose '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]} | .capabilities = ["CAP_KILL"]'
	confined loose
	start runc
	[ "$status" = 1 ]
	[[ "$(failures)" == *"container $(id_of x): "*'CAP_SYS_ADMIN'*noNewPrivileges* ]]
	# config.json says that it has the capability, and is changed behind the runtime's back: what
	# counts is what the kernel says.
	rm "$T/store/run/snug/failures"
	with_runc create --bundle "$T/b" "$(id_of y)" > "$T/out" 2>&1 || :
	[[ "$(failures)" == *CAP_SYS_ADMIN* ]]
	config "$T/b" '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	args cat /proc/1/status
	start runc
	[ "$status" = 0 ]
	[ "$(field NoNewPrivs) $(field Seccomp) $(field CapPrm) $(field CapBnd)" = '0 2 0000000000000020 0000000000000020' ]
	nothing_left
}

@test "the runtime has other privileges than the bundle says: killed at the boundary" {
	policy loose '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
	confined loose
	args touch /tmp/ran
	# A hook ahead of ours that changes the file after the runtime has read it.
	config "$T/b" '.hooks.prestart |= [{path: "/bin/sh", args: ["sh", "-c", $swap]}] + .' --arg swap \
		"sed -i 's/\"CAP_KILL\"/\"CAP_SYS_ADMIN\",\"CAP_KILL\"/' $T/b/config.json"
	start runc
	[ "$status" = 137 ]
	[[ "$(failures)" == *"container $(id_of x): killed at its exec boundary: profile loose: "*CAP_SYS_ADMIN* ]]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
}

@test "an exec from any thread: traced ones are confined, one that hides is killed" {
	for how in leader thread later hooks; do
		run starter "$how" strict "$PROGRAMS/atonce"
		echo "$how: $status $output"
		[ "$status" = 38 ]
	done
	run starter unseen strict "$PROGRAMS/atonce"
	[ "$status" = 137 ]
	# Without the guard the tracer sees its leader end, and its process live.
	run in_bpffs "$PROGRAMS/starter" unseen "$HOOK" --root "$T/store" prestart --profile strict --without-guard -- /bin/sleep 60
	[ "$status" = 137 ]
	[[ "$(failures)" == *'in a thread that was not traced'* ]]
	nothing_left
}

@test "an execve that fails past the point of no return: killed, and nobody waits" {
	# Less than the new stack has to hold.
	args sh -c 'exit 7' "$(head -c 3500 /dev/zero | tr '\0' a)"
	config "$T/b" '.process.rlimits = [{type: "RLIMIT_STACK", soft: 4096, hard: 4096}]'
	run in_bpffs timeout --kill-after=1 60 runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of x)"
	echo "$status $output"
	[ "$status" = 137 ] || [ "$status" = 139 ]
	until_true nothing_left
}

@test "an execve that fails, a leader that ends: nothing runs unconfined" {
	run starter leader strict "$T/none"
	[ "$status" = 126 ]
	run starter forked strict "$PROGRAMS/atonce"
	[ "$status" = 0 ]
	nothing_left
}

@test "the container is not made, and the reason is told: refusals" {
	refused_with() { # WORDS
		start runc
		[ "$status" = 1 ] || { echo "$status $output" && return 1; }
		[[ $output == *"$1"* ]] || { echo "$output" && return 1; }
		[[ "$(failures)" == *"$1"* ]] || { failures && return 1; }
	}
	confined nobody
	refused_with nobody
	confined ../web
	refused_with "no profile's NAME"
	policy half '.incomplete = ["events were lost"]'
	confined half
	refused_with 'events were lost'
	confined half --accept-incomplete
	start runc
	[ "$status" = 7 ]
	confined web
	config "$T/b" '.annotations["run.oci.handler"] = "wasm"'
	refused_with run.oci.handler
	config "$T/b" 'del(.annotations)'
	# Somebody else traces it: here the same hook, for another profile.
	config "$T/b" '.hooks.prestart |= . + [.[0] | .args[-1] = "strict"]'
	refused_with 'cannot trace'
	nothing_left
}

@test "who did not start the container cannot have it traced" {
	local pid
	# shellcheck disable=SC2016
	behind sh -c 'sleep 3600 & echo $! > "$0"; trap "kill $!" TERM; wait' "$T/pid"
	until_true test -s "$T/pid"
	for pid in 1 "$(cat "$T/pid")"; do # whose parent nobody else has
		run in_bpffs sh -c 'printf %s "$2" | "$1" --root "$3" prestart --profile web' sh "$HOOK" \
			"{\"ociVersion\":\"1.0.2\",\"id\":\"x\",\"status\":\"created\",\"pid\":$pid,\"annotations\":{}}" "$T/store"
		[ "$status" = 3 ]
		[[ $output == *'was not started by'* ]]
		grep -q '^TracerPid:.*[^0-9]0$' "/proc/$pid/status"
	done
}

@test "created and not started: one tracer waits; started it is confined, deleted it is gone" {
	args cat /proc/1/status
	with_runc create --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
	[ "$(pgrep -fc "snug-hook --root $T/store")" = 1 ]
	snug_here status | grep -q "^$(id_of x) .* web .* waiting"
	with_runc start "$(id_of x)"
	until_true grep -q Seccomp "$T/out"
	output=$(cat "$T/out")
	[ "$(field Seccomp) $(field NoNewPrivs)" = '2 1' ]
	with_runc delete --force "$(id_of x)"
	with_runc create --bundle "$T/b" "$(id_of y)" > "$T/out" 2>&1 < /dev/null 3>&-
	with_runc delete --force "$(id_of y)"
	[ ! -s "$T/out" ]
	until_true nothing_left
	[ -z "$(failures)" ]
}

@test "the tracer dies: so does the container" {
	args touch /tmp/ran
	with_runc create --bundle "$T/b" "$(id_of x)" > /dev/null 2>&1 < /dev/null 3>&-
	kill -9 "$(pgrep -f "snug-hook --root $T/store")"
	stopped() { [ "$(with_runc state "$(id_of x)" | jq -r .status)" = stopped ]; }
	until_true stopped
	run with_runc start "$(id_of x)"
	[ "$status" != 0 ]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	KILL=hook run starter leader strict "$PROGRAMS/atonce"
	[ "$status" = 137 ]
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

@test "the guard kills what exec brings in, unless the hook allows it; status shows either" {
	args sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	for runtime in runc crun; do
		confined web
		"with_$runtime" run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
		until_true grep -q up "$T/out"
		run "with_$runtime" exec "$(id_of x)" touch /tmp/ran
		[ "$status" = 137 ]
		[ ! -e "$T/b/rootfs/tmp/ran" ]
		[ "$(snug_here status --format json | jq -c '.boundary[] | [.container, .profile, .confined, .execsKilled, .execsAllowed]')" = \
			"[\"$(id_of x)\",\"web\",true,1,0]" ]
		"with_$runtime" delete --force "$(id_of x)"
		until_true nothing_left

		confined web --allow-exec
		"with_$runtime" run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
		until_true grep -q up "$T/out"
		run "with_$runtime" exec "$(id_of x)" touch /tmp/ran
		[ "$status" = 0 ]
		rm "$T/b/rootfs/tmp/ran"
		snug_here status | grep -qE "^$(id_of x) .* confined +0 +1\$"
		"with_$runtime" delete --force "$(id_of x)"
	done
	until_true nothing_left
}

# up: starts the bundle, whose program waits.
up() {
	with_runc run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
	until_true grep -q up "$T/out"
}

@test "the guard: each part of a promise by itself, and what keeps it" {
	local part
	args sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	local -A parts=(
		[nnp]='.noNewPrivileges = true'
		[caps]='.capabilities = ["CAP_CHOWN"]'
		[filter]='.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
		[kept]='.noNewPrivileges = true | .capabilities = ["CAP_CHOWN", "CAP_KILL"]')
	for part in "${!parts[@]}"; do
		policy "$part" "${parts[$part]}"
		confined "$part"
		config "$T/b" --arg part "$part" '.process.noNewPrivileges = ($part != "nnp")
			| .process.capabilities |= map_values(["CAP_KILL"] | select($part == "kept") // ["CAP_KILL", "CAP_MKNOD"])'
		up
		run with_runc exec "$(id_of x)" true
		echo "$part: $status $output"
		[ "$status" = "$([ "$part" = kept ] && echo 0 || echo 137)" ]
		with_runc delete --force "$(id_of x)"
	done
	until_true nothing_left
}

@test "the guard: who is in the container's cgroup, and not in the container, is none of its business" {
	local cgroup
	args sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	up
	for cgroup in /sys/fs/cgroup/{,unified/,pids/}"$(id_of x)"; do
		[ -d "$cgroup" ] || continue
		# shellcheck disable=SC2016
		sh -c 'echo $$ > "$0/cgroup.procs"; exec true' "$cgroup"
	done
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

@test "the guard: in the host's pid namespace, when the first process took mounts of its own" {
	local cgroup
	args unshare -m sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	policy web '.noNewPrivileges = true'
	config "$T/b" '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) | .linux.namespaces |= map(select(.type != "pid"))'
	up
	run with_runc exec "$(id_of x)" touch /tmp/ran
	[ "$status" = 137 ]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	# One that is in the runtime's mounts is outside.
	for cgroup in /sys/fs/cgroup/{,unified/,pids/}"$(id_of x)"; do
		[ -d "$cgroup" ] || continue
		# shellcheck disable=SC2016
		in_bpffs sh -c 'echo $$ > "$0/cgroup.procs"; exec true' "$cgroup"
	done
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

@test "the guard: without a cgroup, when the first process took mounts of its own" {
	args unshare -m sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	policy web '.noNewPrivileges = true'
	config "$T/b" '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	with_crun run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
	until_true grep -q up "$T/out"
	run with_crun exec "$(id_of x)" touch /tmp/ran
	[ "$status" = 137 ]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	with_crun delete --force "$(id_of x)"
	until_true nothing_left
}

@test "the guard: as many filters as were promised, and not that one" {
	policy filter '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]} | .noNewPrivileges = true'
	args sh -c 'trap exit TERM; echo up; while :; do sh -c ":"; sleep 0.1; done'
	config "$T/b" '.process.noNewPrivileges = true'
	confined filter
	up
	run in_bpffs "$PROGRAMS/filtered" runc --root "$RUNC_ROOT" exec "$(id_of x)" touch /tmp/ran
	[ "$status" = 137 ]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	[ "$(with_runc state "$(id_of x)" | jq -r .status)" = running ]
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

# Where version 2's hierarchy is not to be seen, runc leaves the container in its root.
by_pids() { in_bpffs sh -c '! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified'; }

@test "exec into a cgroup below the container's, or below many others: killed by the guard" {
	local deep how deepest
	args sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	deep=/$TEST_ID$(printf '/d%.0s' {1..40})
	for how in cgroup2 pids; do
		[ "$how" = cgroup2 ] || by_pids
		for deepest in "/$(id_of x)" "$deep/$(id_of x)"; do
			config "$T/b" --arg path "$deepest" '.linux.cgroupsPath = $path'
			with_runc run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
			until_true grep -q up "$T/out"
			divide "$(id_of x)"
			run with_runc exec "$(id_of x)" touch /tmp/ran
			[ "$status" = 137 ]
			run with_runc exec --cgroup sub "$(id_of x)" touch /tmp/ran
			[ "$status" = 137 ]
			[ ! -e "$T/b/rootfs/tmp/ran" ]
			[ "$(snug_here status --format json | jq -c '.boundary[] | [.confined, .execsKilled]')" = '[true,2]' ]
			with_runc delete --force "$(id_of x)"
		done
	done
	until_true nothing_left
}

@test "containers without a promise are none of the guard's business" {
	args sh -c 'echo up; sleep 60'
	with_runc run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
	until_true grep -q up "$T/out"
	cp -a "$T/b" "$T/c"
	config "$T/c" 'del(.hooks) | .process.args = ["mkdir", "/tmp/free"]'
	for runtime in runc crun; do
		"with_$runtime" run --bundle "$T/c" "$(id_of c)"
		rmdir "$T/c/rootfs/tmp/free"
	done
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

@test "both stages: the second does nothing" {
	config "$T/b" '.hooks.createRuntime = [.hooks.prestart[0] | .args[3] = "createRuntime"]'
	args cat /proc/1/status
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 0 ]
		[ "$(field Seccomp_filters)" = 1 ]
	done
	[ -z "$(failures)" ]
	nothing_left
}

@test "a promise that nobody took away, of a process that had the same number: the container is confined" {
	local guard
	args sh -c 'trap exit TERM; echo up; while :; do sleep 0.1; done'
	up
	guard=$(in_bpffs find /sys/fs/bpf -name '*-guard*')
	# A hook ahead of ours: the promise that there is once more, of this container's process.
	cat > "$T/stale" <<- 'EOF'
		#!/bin/sh
		pid=$(jq .pid)
		dump=$("$BPFTOOL" -j map dump pinned "$GUARD/promises")
		value() { echo "$dump" | jq -r --argjson from "$1" --argjson to "$2" '.[0].value[$from:$to] | map(ltrimstr("0x")) | join(" ")'; }
		four=$(printf '%08x' "$pid" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4 \3 \2 \1/')
		# its first process: behind two numbers of eight bytes
		exec "$BPFTOOL" map update pinned "$GUARD/promises" key hex 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
			value hex $(value 0 16) $four $(value 20 1000)
	EOF
	chmod 755 "$T/stale"
	cp -a "$T/b" "$T/c"
	config "$T/c" --arg stale "$T/stale" --arg guard "$guard" --arg bpftool "$(command -v "${BPFTOOL:-bpftool}")" '
		.process.args = ["cat", "/proc/1/status"] | .hooks.prestart |= [{path: $stale, args: ["stale"],
			env: ["GUARD=" + $guard, "BPFTOOL=" + $bpftool, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}] + .'
	run with_runc run --bundle "$T/c" "$(id_of c)"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(field Seccomp) $(field NoNewPrivs)" = '2 1' ]
	with_runc delete --force "$(id_of x)"
	until_true nothing_left
}

@test "startContainer hooks run, and are not what is confined" {
	config "$T/b" '.hooks.startContainer = [{path: "/bin/mkdir", args: ["mkdir", "/tmp/hooked"]}]'
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 7 ]
		rmdir "$T/b/rootfs/tmp/hooked"
	done
	[ -z "$(failures)" ]
	nothing_left
}

@test "a hook behind ours that takes too long: the container is not made, and nobody waits" {
	config "$T/b" '.hooks.prestart += [{path: "/bin/sleep", args: ["sleep", "60"], timeout: 1}] | .process.args = ["touch", "/tmp/ran"]'
	for runtime in runc crun; do
		start "$runtime"
		[ "$status" = 1 ]
		[ ! -e "$T/b/rootfs/tmp/ran" ]
	done
	until_true nothing_left
}

@test "in user namespaces" {
	args cat /proc/1/status
	chmod -R a+rX "$T/b"
	config "$T/b" '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.destination != "/sys" and .destination != "/sys/fs/cgroup"))'
	chown -R 100000:100000 "$T/b/rootfs"
	start runc
	[ "$status" = 0 ]
	[ "$(field Seccomp) $(field NoNewPrivs) $(field CapPrm)" = '2 1 0000000000000021' ]
	[ -z "$(failures)" ]
}

@test "no bpf file system: refused, unless the hook does without the guard" {
	in_bpffs sh -c 'while umount /sys/fs/bpf 2> /dev/null; do :; done'
	start runc
	[ "$status" = 1 ]
	[[ "$(failures)" == *'/sys/fs/bpf is no bpf file system'* ]]
	confined web --without-guard
	start runc
	[ "$status" = 7 ]
}

@test "a plan serves as long as the profile is the same; what others could write is none" {
	local plan=$T/store/run/snug/boundary/web.plan
	args atonce
	confined web
	start runc
	start runc
	[ "$status" = 0 ]
	[ "$(stat -c %a "$plan")" = 600 ]
	policy web '.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 2, architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["exit"], action: "SCMP_ACT_ALLOW"}]} | .noNewPrivileges = true'
	start runc
	[ "$status" = 2 ]
	chmod 666 "$plan"
	start runc
	[ "$status" = 2 ]
	[ "$(stat -c %a "$plan")" = 600 ]
	head -c 100 "$plan" > "$T/cut" && cat "$T/cut" > "$plan"
	start runc
	[ "$status" = 2 ]
}

@test "learning and the boundary at once" {
	confined web
	config "$T/b" '.annotations["io.snug.learn"] = "seen"'
	args atonce
	start runc
	[ "$status" = 0 ]
	[ -e "$T/store/var/lib/snug/recordings/seen" ]
	nothing_left
}

@test "options that nobody can have meant" {
	run "$HOOK" prestart --allow-exec < /dev/null
	[ "$status" = 2 ]
	[[ $output == *'--profile'* ]]
	run "$HOOK" poststop --profile web < /dev/null
	[ "$status" = 2 ]
	run "$HOOK" prestart --profil web < /dev/null
	[ "$status" = 2 ]
	run "$SNUG" hook prestart --profile < /dev/null
	[ "$status" = 2 ]
}
