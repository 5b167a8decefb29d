# SPDX-License-Identifier: Apache-2.0
# Learning by hooks where things go wrong: containers that never start, full disks, killed and forced
# ends, too many at once.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	start_bpffs
}
teardown() { live_teardown; }

runc_in() { in_bpffs runc --root "$RUNC_ROOT" "$@"; }
# A container that is left running must not hold bats's pipes.
runc_behind() { runc_in "$@" < /dev/null > "$T/out" 2>&1 3>&-; }
snug_in() { in_bpffs "$SNUG" --root "$T/store" "$@"; }
recording() { echo "$T/store/var/lib/snug/recordings/$1/"*.json; }
calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.phase | index("workload")) | .name] | sort | join(" ")' "$1"; }

@test "created but never started: no recording" {
	bundle "$T/b" true
	hooked "$T/b" web
	# Without no_new_privs runc loads the filter, which is the gate, before it waits for the start.
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["umask"], action: "SCMP_ACT_ERRNO"}]}'
	runc_behind create --bundle "$T/b" "$(id_of x)"
	until_true eval '[ "$(snug_in status --format json | jq .learning[0].gatePassed)" = true ]'
	[ "$(snug_in flush)" = '0 of 1 containers have begun' ]
	runc_in delete --force "$(id_of x)"
	[ ! -e "$T/store/var/lib/snug/recordings" ]
	[ -z "$(pinned)" ]
	[ -z "$(failures)" ]
}

@test "a full disk: it is noted, the recording stays, and is written once there is room" {
	mkdir "$T/store/var"
	in_bpffs mount -t tmpfs -o size=64k,mode=755 none "$T/store/var"
	bundle "$T/b" sh -c true
	hooked "$T/b" web
	runc_behind create --bundle "$T/b" "$(id_of x)"
	in_bpffs sh -c 'head -c 128k /dev/zero > "$1"' sh "$T/store/var/fill" || :
	runc_in start "$(id_of x)"
	until_true eval '[ "$(runc_in state "$(id_of x)" | jq -r .status)" = stopped ]'
	runc_in delete "$(id_of x)" || :
	[[ "$(failures)" == *"container $(id_of x): "*"learned as web"*"No space left on device"* ]]
	[ -n "$(pinned)" ]
	run snug_in status
	[[ "$output" == *'No space left'* ]]
	[ -n "$(pinned)" ]
	in_bpffs rm "$T/store/var/fill"
	snug_in status
	in_bpffs sh -c 'cat "$1"/*.json' sh "$T/store/var/lib/snug/recordings/web" > "$T/recording"
	[ "$(jq '.sources[0].ended' "$T/recording")" = true ]
	[[ " $(calls "$T/recording") " == *' exit_group '* ]]
	[ -z "$(pinned)" ]
}
