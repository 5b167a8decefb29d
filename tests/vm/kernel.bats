#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the test VM is for: the parts of a kernel that the build machine lacks, and each runtime under them.

load ../live/helpers

setup() {
	need root
	live_setup
}
teardown() { live_teardown; }

# A profile under which hostname cannot be read; its name is $PROFILE.
load_profile() {
	need apparmor apparmor_parser
	PROFILE=snug-$TEST_ID
	cat > "$T/profile" <<-END
		profile $PROFILE flags=(attach_disconnected) {
			capability, file, mount, umount, pivot_root, network, signal, ptrace,
			deny /etc/hostname r,
		}
	END
	apparmor_parser --replace --skip-cache "$T/profile"
}

# A bundle under that profile, which says its label and tries to read the file.
confined() {
	load_profile
	bundle "$T/b" /bin/sh -c 'cat /proc/self/attr/current; cat /etc/hostname'
	echo secret > "$T/b/rootfs/etc/hostname"
	config "$T/b" --arg profile "$PROFILE" '.process.apparmorProfile = $profile'
}

# run_confined COMMAND...: the label is on, the file is not read, and the kernel log says so.
run_confined() {
	run "$@"
	echo "$output"
	[[ $output == *"$PROFILE (enforce)"* ]]
	[[ $output == *'Permission denied'* ]]
	[[ $output != *secret* ]]
	apparmor_parser --remove "$T/profile"
}

@test "AppArmor confines a program, and its denials are in the kernel log" {
	load_profile
	# Of what is denied outright nothing is said, so: what is not allowed.
	sed -i 's/ file,/ \/** rmix,/' "$T/profile"
	apparmor_parser --replace --skip-cache "$T/profile"
	run aa-exec -p "$PROFILE" -- cp /etc/passwd "$T/copy"
	echo "$output"
	[ "$status" != 0 ]
	[ ! -s "$T/copy" ]
	denied() { dmesg | grep -q "apparmor=\"DENIED\".*profile=\"$PROFILE\".*name=\"$T/copy\""; }
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

@test "runc confines a container, in a cgroup of its own" {
	need runc jq busybox
	confined
	run_confined runc_here run --bundle "$T/b" "$(id_of x)"
}

@test "crun confines a container, in a cgroup of its own" {
	need crun runc jq busybox
	confined
	run_confined crun --root "$T/crun" run --bundle "$T/b" "$(id_of x)"
}

@test "podman runs a container, by crun and by runc" {
	need podman apparmor runc crun busybox
	rootfs "$T/rootfs"
	for runtime in crun runc; do
		run podman --root "$T/podman" --runroot "$T/run" --runtime "$runtime" run --rm --network none \
			--rootfs "$T/rootfs" /bin/sh -c 'cat /proc/self/attr/current; echo done'
		echo "$output"
		[ "$status" = 0 ]
		[[ $output == *'containers-default'*'(enforce)'* ]]
		[[ $output == *done ]]
	done
}
