#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 200 containers, 24 at a time, by hooks alone: each recording holds what its container did, to the call,
# and nothing stays.

load helpers

COUNT=200 AT_ONCE=24

setup() {
	need root runc bpf jq
	live_setup
	SEED=${SNUG_SEED:-$RANDOM}
	echo "seed $SEED (SNUG_SEED)"
	RANDOM=$SEED
	mkdir "$T/rootfs" "$T/b" "$T/want"
	gcc -O2 -Wall -static -nostdlib -fno-stack-protector "$REPO/tests/live/programs/sequence.c" \
		-o "$T/rootfs/sequence"
	mkdir "$T/rootfs"/{proc,dev,sys}
	(cd "$T" && runc spec)
}

teardown() { live_teardown; }

# Without effect when all arguments are 0, and their numbers.
CALLS=(getpid:39 getuid:102 getgid:104 geteuid:107 getegid:108 getppid:110 getpgrp:111 getsid:124
	gettid:186 sched_yield:24 umask:95 uname:63 times:100 time:201 getcwd:79 access:21 stat:4 dup:32
	lseek:8 fcntl:72 flock:73 fsync:74 getrlimit:97 getrusage:98 sysinfo:99 getgroups:115 getpgid:121
	capget:125 sched_getparam:143 getpriority:140 readlink:89 chmod:90 mkdir:83 chdir:80 rmdir:84)

# container N: a bundle with a random set, which goes to $T/want/N as "ABI NAME-OR-NUMBER [TYPE]".
container() {
	local i nr one args type=$((RANDOM % 5 + 1))
	{
		echo 'SCMP_ARCH_X86_64 exit'
		echo "SCMP_ARCH_X86_64 socket $type"
		for one in "${CALLS[@]}"; do
			[ $((RANDOM % 2)) = 0 ] || continue
			echo "SCMP_ARCH_X86_64 ${one%:*}"
		done
		for ((i = 0; i < 8; i++)); do
			nr=$((RANDOM % 400 + 600))
			[ $((i % 2)) = 0 ] && echo "SCMP_ARCH_X86_64 $nr" && continue
			echo "SCMP_ARCH_X86 $nr"
		done
	} | LC_ALL=C sort -u > "$T/want/$1"
	mapfile -t args < <(awk -v calls="${CALLS[*]}" '
		BEGIN { n = split(calls, c, " "); for (i = 1; i <= n; i++) { split(c[i], p, ":"); nr[p[1]] = p[2] } }
		$2 == "exit" { next } $2 == "socket" { print "41:1:" $3; next }
		{ print ($1 == "SCMP_ARCH_X86" ? "i" : "") ($2 in nr ? nr[$2] : $2) }' "$T/want/$1" | shuf)
	mkdir "$T/b/$1"
	jq --arg root "$T/rootfs" --arg name "s$1" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" \
		'.root = {path: $root, readonly: true} | .process.terminal = false
		| .process.args = ["/sequence"] + $ARGS.positional | .linux.namespaces |= map(select(.type != "network"))
		| .annotations["io.snug.learn"] = $name | .hooks = {
			prestart: [{path: $hook, args: ["snug-hook", "--root", $store, "prestart"]}],
			poststop: [{path: $hook, args: ["snug-hook", "--root", $store, "poststop"]}]}' \
		--args "${args[@]}" < "$T/config.json" > "$T/b/$1/config.json"
}

# storm: runs them all in a mount namespace with a bpf file system; what is pinned then goes to $T/pins.
storm() {
	unshare --mount --propagation private bash -c 'mount -t bpf bpf /sys/fs/bpf || exit 1
		seq "$1" | xargs -P "$2" -I{} runc --root "$3/runc" run --bundle "$3/b/{}" "$4-{}" || exit 1
		find /sys/fs/bpf -mindepth 1 -name "snug*" > "$3/pins"' sh "$COUNT" "$AT_ONCE" "$T" "$TEST_ID"
}

@test "a storm under runc" {
	local i file
	for ((i = 1; i <= COUNT; i++)); do container "$i"; done
	storm || { cat "$T/store/run/snug/failures"; return 1; }
	[ ! -s "$T/pins" ]
	[ ! -e "$T/store/run/snug/failures" ]
	for ((i = 1; i <= COUNT; i++)); do
		file=$(echo "$T/store/var/lib/snug/recordings/s$i/"*.json)
		jq -r '.syscalls | to_entries[] | .key as $abi | .value[] | select(.phase | index("workload"))
			| [$abi, .name // (.nr | tostring)] + ((.args // []) | map(.["1"] | tostring)) | join(" ")' \
			"$file" | LC_ALL=C sort -u | diff "$T/want/$i" - || { echo "container $i" && return 1; }
		[ "$(jq '.lost | add' "$file")" = 0 ]
	done
}
