# SPDX-License-Identifier: Apache-2.0
# Learning by hooks alone.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	start_bpffs
}
teardown() { live_teardown; }

run_here() { in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of x)"; }
recording() { echo "$T/store/var/lib/snug/recordings/$1/"*.json; }
calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.phase | index("workload")) | .name] | sort | join(" ")' "$1"; }

# Its calls: getppid, umask and exit.
exact_bundle() {
	bundle "$T/b" sequence 110 95:18
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
}

@test "prestart and poststop: the recording is exact, and nothing is left" {
	exact_bundle
	hooked "$T/b" web
	run_here
	[ "$(calls "$(recording web)")" = 'exit getppid umask' ]
	[ "$(jq -c '.sources[0] | [.gate, .ended, .runtime, .args]' "$(recording web)")" = \
		'["execve",true,"runc",["sequence","110","95:18"]]' ]
	[ -z "$(pinned)" ]
	[ -z "$(failures)" ]
	[ "$(ls "$T/store/run/snug")" = '' ]
}

@test "both stages: the second does nothing" {
	exact_bundle
	hooked "$T/b" web prestart createRuntime poststop
	run_here
	[ "$(calls "$(recording web)")" = 'exit getppid umask' ]
	[ -z "$(pinned)" ]
}

@test "createRuntime, and a filter of its own: the gate is its load, what it refuses is marked" {
	exact_bundle
	hooked "$T/b" web createRuntime poststop
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["umask"], action: "SCMP_ACT_ERRNO"}]}'
	run_here
	[ "$(jq -r '.sources[0].gate' "$(recording web)")" = filter-load ]
	[ "$(jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.refused) | .name] | join(" ")' "$(recording web)")" = umask ]
	[ -z "$(pinned)" ]
}

@test "under crun" {
	need crun cgroup2
	exact_bundle
	hooked "$T/b" web prestart createRuntime poststop
	in_bpffs "${WITH_CGROUP2[@]}" crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/b" \
		"$(id_of x)"
	[ "$(calls "$(recording web)")" = 'exit getppid umask' ]
	[ "$(jq -r '.sources[0].runtime' "$(recording web)")" = crun ]
	[ -z "$(pinned)" ]
	[ -z "$(failures)" ]
}

@test "without the annotation hooks do nothing" {
	exact_bundle
	hooked "$T/b" web
	config "$T/b" 'del(.annotations)'
	run_here
	[ ! -e "$T/store/var" ]
	[ -z "$(pinned)" ]
}

@test "a name that is none: the container runs on, and it is noted" {
	exact_bundle
	hooked "$T/b" ../etc
	run_here
	[ -z "$(pinned)" ]
	[[ "$(failures)" == *"container $(id_of x): "*"'../etc' is no name"* ]]
	[[ "$(snug status)" == *"is no name"* ]]
}

@test "a name that would be a path is none; nor is a state that is not there" {
	exact_bundle
	hooked "$T/b" web.json
	run_here
	[[ "$(failures)" == *"'web.json' is no name"* ]]
	run "$REPO/$SNUG_BUILD/snug-hook" prestart < /dev/null
	[ "$status" = 3 ]
	[[ $output == *"no container's state"* ]]
}

@test "learn of a bundle that has the hooks records it once" {
	exact_bundle
	hooked "$T/b" web
	in_bpffs "$SNUG" --root "$T/store" learn "$T/b" --name web --id "$(id_of x)" 2> "$T/err"
	[ "$(wc -w <<< "$(recording web)")" = 1 ]
	grep -q '^run 1 of this name' "$T/err"
	[ -z "$(failures)" ]
}

@test "no bpf file system: the container runs on, and it is noted" {
	exact_bundle
	hooked "$T/b" web
	# Ours, and the host's below it.
	in_bpffs sh -c 'while umount /sys/fs/bpf 2> /dev/null; do :; done'
	run_here
	[[ "$(failures)" == *'could not load the recorder'* ]]
	[ "$(ls "$T/store/run/snug")" = failures ]
}

@test "no poststop: the next command writes the recording" {
	exact_bundle
	hooked "$T/b" web prestart
	run_here
	[ -n "$(pinned)" ]
	[ ! -e "$(recording web)" ]
	in_bpffs "$SNUG" --root "$T/store" status
	[ "$(calls "$(recording web)")" = 'exit getppid umask' ]
	[ -z "$(pinned)" ]
}

@test "status and flush: by hooks and by learn at once" {
	local ended flushed started i
	bundle "$T/b" sh -c 'touch /tmp/ready; while [ ! -e /tmp/end ]; do sleep 0.1; done; chroot / true'
	cp -a "$T/b" "$T/c"
	hooked "$T/b" web
	in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of b)" & ended=$!
	in_bpffs "$SNUG" --root "$T/store" learn "$T/c" --name other --id "$(id_of c)" 2> "$T/err" & started=$!
	until_true test -e "$T/b/rootfs/tmp/ready" -a -e "$T/c/rootfs/tmp/ready"
	in_bpffs "$SNUG" --root "$T/store" status --format json > "$T/status"
	[ "$(jq -c '.learning | map([.name, .container, .by, .gatePassed, .lost]) | sort' "$T/status")" = \
		"[[\"other\",\"$(id_of c)\",\"learn\",true,0],[\"web\",\"$(id_of b)\",\"hook\",true,0]]" ]
	[ "$(jq '[.learning[] | .calls > 10 and .pid > 1 and .tasks > 0] | all' "$T/status")" = true ]
	in_bpffs "$SNUG" --root "$T/store" status | grep -q "^web  .*hook"
	flushed=$(in_bpffs "$SNUG" --root "$T/store" flush)
	[ "$(wc -l <<< "$flushed")" = 2 ]
	for i in web other; do
		[[ "$flushed" == *"$(recording "$i")"* ]]
		[ "$(jq '.sources[0].ended' "$(recording "$i")")" = false ]
		[[ " $(calls "$(recording "$i")") " != *' chroot '* ]]
	done
	[ "$(in_bpffs "$SNUG" --root "$T/store" flush web)" = "$(recording web)" ]
	run in_bpffs "$SNUG" --root "$T/store" flush nobody
	[ "$status" = 1 ]
	touch "$T/b/rootfs/tmp/end" "$T/c/rootfs/tmp/end"
	wait "$ended"
	wait "$started"
	for i in web other; do
		[ "$(wc -w <<< "$(recording "$i")")" = 1 ] # the same file
		[ "$(jq '.sources[0].ended' "$(recording "$i")")" = true ]
		[[ " $(calls "$(recording "$i")") " == *' chroot '* ]]
	done
	# Of this test's containers alone.
	[ "$(in_bpffs "$SNUG" --root "$T/store" status --runtime-root "$RUNC_ROOT")" = 'nobody is learning' ]
	[ "$(in_bpffs "$SNUG" --root "$T/store" flush)" = 'nobody is learning' ]
	[ -z "$(pinned)" ]
}
