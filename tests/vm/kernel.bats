#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the test VM is for: the parts of a kernel that the build machine lacks.

load ../live/helpers

setup() {
	need root
	live_setup
}
teardown() { live_teardown; }

@test "AppArmor confines a program, and its denials are in the kernel log" {
	need apparmor apparmor_parser
	printf 'profile snug-%s {\n capability, /** rmix,\n}\n' "$TEST_ID" > "$T/profile"
	apparmor_parser --replace --skip-cache "$T/profile"
	run aa-exec -p "snug-$TEST_ID" -- cp /etc/passwd "$T/copy"
	echo "$output"
	[ "$status" != 0 ]
	[ ! -s "$T/copy" ]
	denied() { dmesg | grep -q "apparmor=\"DENIED\".*profile=\"snug-$TEST_ID\".*name=\"$T/copy\""; }
	until_true denied
	apparmor_parser --remove "$T/profile"
}

@test "BPF LSM, fentry programs and kprobes" {
	need bpflsm fentry kprobe
}

@test "cgroup v2 is all there is" {
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
	[ "$(wc -l < /proc/self/cgroup)" = 1 ]
	for controller in cpu memory pids; do grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers; done
}
