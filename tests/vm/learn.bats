#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Recording on Linux 6.1 and cgroup v2, with the cgroups that runtimes make there by themselves: crun refuses the
# build machine's hybrid ones, so that what `crun exec` adds is proved here alone.

load ../live/helpers

setup() {
	need root runc crun bpf jq busybox
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
	live_setup
	ID=$(id_of x)
}

teardown() {
	for runtime in runc crun; do
		"$runtime" delete --force "$ID" > /dev/null 2>&1 || :
	done
	live_teardown
}

recording() { echo "$T/store/var/lib/snug/recordings/web/"*.json; }
calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.phase | index("workload")) | .name] | sort | join(" ")' "$1"; }
nothing_attached() { [ -z "$(bpftool link list)" ]; }

# waiting BUNDLE: a container that calls sched_yield now and then, and ends with /tmp/end.
waiting() {
	bundle "$1" sh -c 'touch /tmp/ready; while [ ! -e /tmp/end ]; do sleep 0.2; done'
	cp "$PROGRAMS/sequence" "$1/rootfs/bin/"
}

# joined RUNTIME: what its exec adds is recorded; what the host does, and who is in the namespaces alone, not.
joined() {
	local runtime=$1 pid
	waiting "$T/b"
	behind snug learn "$T/b" --name web --id "$ID" --runtime "$runtime"
	until_true test -e "$T/b/rootfs/tmp/ready"
	"$runtime" exec "$ID" /bin/sequence 110 95:18
	pid=$("$runtime" state "$ID" | jq .pid)
	nsenter --target "$pid" --mount --pid /bin/sequence 102
	"$PROGRAMS/sequence" 104
	touch "$T/b/rootfs/tmp/end"
	# shellcheck disable=SC2154 # set by behind
	wait "$behind"
	[[ " $(calls "$(recording)") " == *' getppid '*' umask '* ]]
	[[ " $(calls "$(recording)") " != *' getgid '* ]]
	jq -e '.observed | index("joiners")' "$(recording)"
	jq -e '.lost.syscalls == 0' "$(recording)"
	[ "$(jq -r '.sources[0].runtime' "$(recording)")" = "$("$runtime" --version | head -n 1 | sed 's/ version / /')" ]
}

@test "learn, generate and harden under runc: what is recorded is exact" {
	bundle "$T/b" sequence 110 95:18
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
	snug learn "$T/b" --name web --id "$ID"
	[ "$(calls "$(recording)")" = 'exit getppid umask' ]
	# It does not wait for the kernel to detach what notes files, and leaves nothing behind.
	until_true nothing_attached
	snug generate web
	snug harden "$T/b" --profile web
	runc run --bundle "$T/b" "$ID"
}

@test "learn, generate and harden under crun: what is recorded is exact" {
	bundle "$T/b" sequence 110 95:18
	cp "$PROGRAMS/sequence" "$T/b/rootfs/bin/"
	snug learn "$T/b" --name web --id "$ID" --runtime crun
	[ "$(calls "$(recording)")" = 'exit getppid umask' ]
	snug generate web
	snug harden "$T/b" --profile web
	crun run --bundle "$T/b" "$ID"
}

@test "runc exec joins" { joined runc; }

@test "crun exec joins" { joined crun; }
