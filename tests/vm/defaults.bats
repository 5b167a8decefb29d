#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# profiles/restricted.json on a kernel that has AppArmor: contrib/vm/run -- bats --tap tests/vm/defaults.bats

load ../live/helpers


setup() {
	need root runc crun jq busybox apparmor_parser apparmor
	live_setup
	mkdir -p "$T/store/usr/share/snug/profiles" "$T/b/rootfs"/{bin,dev,etc,proc,sys,tmp}
	cp "$REPO"/profiles/*.json "$T/store/usr/share/snug/profiles/"
	# Hundreds of links take their time in an emulated machine: these applets will do.
	cp "$(command -v busybox)" "$T/b/rootfs/bin/"
	for applet in sh cat head wc ln id; do ln -s busybox "$T/b/rootfs/bin/$applet"; done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$T/b/rootfs/etc/passwd"
	chmod 1777 "$T/b/rootfs/tmp"
}

teardown() {
	live_teardown
	unload_ours
}

@test "restricted, by name: the whole of it, under runc and crun" {
	local runtime
	bundle "$T/b" /bin/sh -c 'cat /proc/self/attr/current /proc/1/status; echo x > /tmp/a && ln /tmp/a /tmp/b && cat /tmp/b; cat /etc/passwd
		head -c 9 /proc/version; head -c 1 /sys/devices/system/cpu/online'
	config "$T/b" '.process.user = {uid: 65534, gid: 65534}'
	snug harden "$T/b" --profile restricted
	for runtime in runc_here crun_here; do
		rm -f "$T/b/rootfs/tmp"/*
		run "$runtime" run --bundle "$T/b" "$(id_of "$runtime")" < /dev/null
		echo "$output"
		[ "$status" = 0 ]
		[[ $output =~ snug-restricted-[0-9a-f]{16}' (enforce)' ]]
		[[ $output == *$'NoNewPrivs:\t1\nSeccomp:\t2'* ]]
		[[ $output == *$'CapEff:\t0000000000000000'* ]]
		[[ $output == *$'\nx\nroot:x:0:0'*'Linux ver0' ]]
	done
}

@test "its AppArmor part alone keeps root out of /proc and /sys" {
	# Without what would refuse the same: paths, the user, dropped capabilities.
	jq '{snugProfile, name, origin, apparmor, capabilities: ["CAP_DAC_OVERRIDE"]}' "$REPO/profiles/restricted.json" > "$T/aa.json"
	bundle "$T/b" /bin/sh -c 'cat /proc/self/attr/current
		for file in /proc/sysrq-trigger /proc/sys/kernel/shm_rmid_forced /sys/kernel/mm/ksm/run; do
			true > "$file" || echo "$file: refused"
		done
		cat /sys/kernel/security/lsm > /dev/null || echo "security: refused"
		cat /sys/firmware/memmap/0/type > /dev/null || echo "firmware: refused"
		echo 1 > /proc/self/oom_score_adj && echo "oom: open"; echo a > /tmp/a && ln -f /tmp/a /procx && cat /procx
		/bin/id -u; busybox sleep 9 & kill $! && echo "signal: open"'
	config "$T/b" 'del(.linux.maskedPaths, .linux.readonlyPaths) | .mounts |= map(select(.destination != "/sys/fs/cgroup")
		| if .destination == "/sys" then .options -= ["ro"] else . end)
		| .mounts += [{destination: "/sys/kernel/security", type: "securityfs", source: "securityfs"}]'
	run runc_here run --bundle "$T/b" "$(id_of before)" < /dev/null
	echo "$output"
	[[ $output != *refused* ]]
	snug harden "$T/b" --profile "$T/aa.json"
	run runc_here run --bundle "$T/b" "$(id_of run)" < /dev/null
	echo "$output"
	[[ $output == *'(enforce)'* ]]
	[ "$(grep -c ': refused$' <<< "$output")" = 5 ]
	[[ $output == *'oom: open'*$'\na\n0\n'*'signal: open'* ]]
}
