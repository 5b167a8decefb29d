# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats and helpers.bash set these
# storm: many containers at once, of which each is known what it does; and that nothing of them is left.
# COUNT of them, AT_ONCE at a time. KEPT: what stays in the run folder: answers and plans of profiles.
KEPT=

storm_setup() {
	live_setup
	SEED=${SNUG_SEED:-$RANDOM}
	echo "seed $SEED (SNUG_SEED)"
	mkdir "$T/rootfs" "$T/rootfs"/{proc,dev,sys} "$T/b"
	cp "$PROGRAMS/sequence" "$T/rootfs/$TEST_ID"
	(cd "$T" && runc spec)
	start_bpffs
	recorders > "$T/before"
}

# Without effect when all arguments are 0, and their numbers.
CALLS='getpid:39 getuid:102 getgid:104 geteuid:107 getegid:108 getppid:110 getpgrp:111 getsid:124
	gettid:186 sched_yield:24 umask:95 uname:63 times:100 time:201 getcwd:79 access:21 stat:4 dup:32
	lseek:8 fcntl:72 flock:73 fsync:74 getrlimit:97 getrusage:98 sysinfo:99 getgroups:115 getpgid:121
	capget:125 sched_getparam:143 getpriority:140 readlink:89 chmod:90 mkdir:83 chdir:80 rmdir:84'

# bundles WAITING: $T/b/N, each with a random set of calls; all of them go to $T/want as "sN ABI
# NAME-OR-NUMBER [TYPE]". WAITING is 1 where those of an odd number end in a poll that lasts; every other
# one of these has no poststop hook.
bundles() {
	local n=0 one
	awk -v count="$COUNT" -v waiting="$1" -v seed="$SEED" -v calls="$CALLS" -v want="$T/want.unsorted" '
		function make(abi, name, call) {
			if (!((abi, call) in made))
				all[++total] = call
			made[abi, call] = 1
			print "s" n, abi, name > want
		}
		BEGIN {
			srand(seed)
			known = split(calls, call)
			for (n = 1; n <= count; n++) {
				total = 0
				delete made
				type = int(rand() * 5) + 1
				make("SCMP_ARCH_X86_64", "socket " type, "41:1:" type)
				for (i = 1; i <= known; i++)
					if (rand() < 0.5) {
						split(call[i], part, ":")
						make("SCMP_ARCH_X86_64", part[1], part[2])
					}
				for (i = 0; i < 8; i++) {
					nr = int(rand() * 400) + 600
					make("SCMP_ARCH_X86" (i % 2 ? "" : "_64"), nr, (i % 2 ? "i" : "") nr)
				}
				for (i = total; i > 1; i--) {
					j = int(rand() * i) + 1
					one = all[i]; all[i] = all[j]; all[j] = one
				}
				waits = waiting && n % 2
				if (waits)
					all[++total] = "7:0:0:0xffffffff"
				print "s" n, "SCMP_ARCH_X86_64", waits ? "poll" : "exit" > want
				printf "[%d,%s", n, (waits && n % 4 == 1 ? "false" : "true")
				for (i = 1; i <= total; i++)
					printf ",\"%s\"", all[i]
				print "]"
			}
		}' > "$T/sets"
	LC_ALL=C sort -u "$T/want.unsorted" > "$T/want"
	jq -c --slurpfile config "$T/config.json" --arg rootfs "$T/rootfs" --arg program "/$TEST_ID" \
		--arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		def hook: [{path: $hook, args: ["snug-hook", "--root", $store, .]}];
		.[0] as $n | .[1] as $ends | .[2:] as $calls | $config[0]
		| .root = {path: $rootfs, readonly: true} | .process.terminal = false
		| .process.args = [$program] + $calls | .linux.namespaces |= map(select(.type != "network"))
		| .annotations["io.snug.learn"] = "s\($n)"
		| .hooks = {prestart: ("prestart" | hook)}
			+ (if $ends then {poststop: ("poststop" | hook)} else {} end)' "$T/sets" |
		while read -r one; do
			mkdir "$T/b/$((++n))"
			echo "$one" > "$T/b/$n/config.json"
		done
	[ "$(wc -l < "$T/sets")" = "$COUNT" ]
}

# each COMMAND...: runs it with each number, many at once, where hooks can pin; all must succeed.
each() { in_bpffs xargs -P "$AT_ONCE" -I{} "$@" < <(seq "$COUNT"); }

# The programs and maps of recorders that the kernel holds, by id. A link holds its program.
recorders() {
	local bpftool=${BPFTOOL:-bpftool}
	{ "$bpftool" prog list -j; "$bpftool" map list -j; } | jq -r '.[] | select(.name as $name
		| ["on_sys_enter", "on_sys_exit", "on_fork", "on_exec", "on_exit", "on_attach", "on_cap_capable",
			"seed", "adopt", "heads", "slots", "tuples", "checks", "cgroups", "before", "seeding",
			"tasks", "owners", "askers"] | index($name)) | .id' | sort
}

# Another's, which somebody else has loaded meanwhile, ends too.
unloaded() { [ -z "$(recorders | comm -12 "$T/loaded" -)" ]; }

exact() {
	[ "$(find "$T/store/var/lib/snug/recordings" -type f | wc -l)" = "$COUNT" ]
	jq -r '.name as $run | .syscalls | to_entries[] | .key as $abi | .value[]
		| select(.phase | index("workload")) | [$run, $abi, .name // (.nr | tostring)]
			+ ((.args // []) | map(.["1"] | tostring)) | join(" ")' \
		"$T"/store/var/lib/snug/recordings/*/*.json | LC_ALL=C sort -u | diff "$T/want" -
	[ "$(jq -s 'map(.lost | add) | add' "$T"/store/var/lib/snug/recordings/*/*.json)" = 0 ]
	[ "$(jq -s 'map(.sources[0].ended) | all' "$T"/store/var/lib/snug/recordings/*/*.json)" = true ]
}

nothing_left() {
	[ -z "$(failures)" ] || { failures && return 1; }
	[ "$(ls "$T/store/run/snug")" = "$KEPT" ]
	[ -z "$(pinned)" ]
	run pgrep -af "$TEST_ID|$T"
	[ "$status" = 1 ]
	run in_bpffs grep -F "$T" /proc/self/mountinfo
	[ "$status" = 1 ]
	recorders | comm -13 "$T/before" - > "$T/loaded"
	until_true unloaded
}
