#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Five workloads, learned under one load and enforced under another with AppArmor, seccomp and capabilities
# together: the same answers, and nothing denied but clone3, which is answered ENOSYS by design.

load ../live/helpers

setup() {
	need root runc crun jq curl bpf apparmor strace
	# shellcheck source=tests/vm/workloads.bash
	source "$REPO/tests/vm/workloads.bash"
	live_setup
	B=$T/bundle
}

teardown() {
	stop_crun
	mountpoint -q "$T/bundle/rootfs" && umount "$T/bundle/rootfs"
	live_teardown
}

stop_crun() {
	local id
	for id in $(crun list -q 2> /dev/null | grep -- "${TEST_ID:-none}"); do
		crun delete --force "$id" > /dev/null 2>&1
	done
}

# started ID: waits for its first process, and sets INIT; under strace it is that one's child.
started() { # RUNTIME ID
	until_true eval "$1 state $2 | jq -e '.status == \"running\"'" || return 1
	INIT=$("$1" state "$2" | jq .pid)
}

# served WORKLOAD KIND OUT ID: has the load answered by the container that runs as ID, and ends it.
served() {
	started crun "$4" || return 1
	[ -z "${TRACED:-}" ] || { until_true traced_child && INIT=$(traced_child); }
	until_true "$1_ready" "$B/rootfs" || return 1
	"$1_load" "$2" "$B/rootfs" > "$3"
	kill -TERM "$INIT"
}
traced_child() { tr ' ' '\n' < "/proc/$INIT/task/$INIT/children" | grep .; }

@test "x" {
	for w in ${W:-$WORKLOADS}; do
		T0=$EPOCHREALTIME
		B=$T/$w
		vm_bundle "$w" "$B"
		echo "# $w bundle $(bc <<< "$EPOCHREALTIME - $T0")" >&3
		T0=$EPOCHREALTIME
		crun run --bundle "$B" "$(id_of $w)" > "$T/log" 2>&1 < /dev/null 3>&- &
		runner=$!
		served "$w" learn "$T/answers" "$(id_of $w)" || { cat "$T/log" >&3; false; }
		wait $runner || echo "# status $?" >&3
		echo "# $w run $(bc <<< "$EPOCHREALTIME - $T0")" >&3
		sed 's/^/# /' "$T/answers" >&3
		sed 's/^/# log: /' "$T/log" >&3
		umount "$B/rootfs"
	done
}
