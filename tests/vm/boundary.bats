#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The exec boundary where there is AppArmor, cgroup v2 alone and Linux 6.1:
# contrib/vm/run -- bats --tap tests/vm/boundary.bats

load ../live/helpers


setup() {
	need root runc crun jq busybox bpf apparmor_parser apparmor
	live_setup
	# Hundreds of links take their time in an emulated machine: these applets will do.
	mkdir -p "$T/b/rootfs"/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$T/b/rootfs/bin/"
	for applet in sh cat sleep touch; do ln -s busybox "$T/b/rootfs/bin/$applet"; done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$T/b/rootfs/etc/passwd"
	echo secret > "$T/b/rootfs/etc/shadow"
	bundle "$T/b" /bin/sh -c 'cat /proc/1/status /proc/1/attr/current; cat /etc/shadow; echo up; sleep 60 & wait'
	mkdir -p "$T/store/etc/snug/profiles"
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]},
		apparmor: {files: [{path: "/bin/*", access: "rmx"}, {path: "/proc/**", access: "r"},
			{path: "/dev/*", access: "rw"}, {path: "/tmp/**", access: "rw"}],
			signals: [{access: ["receive"], peer: "unconfined"}, {access: ["send", "receive"], peer: "self"}]}}' \
		> "$T/store/etc/snug/profiles/web.json"
	config "$T/b" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '.hooks = {
		prestart: [{path: $hook, args: ["snug-hook", "--root", $store, "prestart", "--profile", "web"]}],
		poststop: [{path: $hook, args: ["snug-hook", "--root", $store, "poststop"]}]}'
}
teardown() {
	crun --root "$T/crun" delete --force "$(id_of x)" > /dev/null 2>&1
	live_teardown
	unload_ours
}
pins() { find /sys/fs/bpf -path '*/snug*-guard*'; }

@test "the label, the filter, capabilities and no_new_privs; the guard; nothing is left" {
	local runtime label
	for runtime in runc crun; do
		"$runtime" --root "$T/$runtime" run --detach --bundle "$T/b" "$(id_of x)" > "$T/out" 2>&1 < /dev/null 3>&-
		until_true grep -qx up "$T/out" || { cat "$T/out" && failures && dmesg | grep DENIED | tail -3 && return 1; }
		label=$(loaded)
		[[ $label == snug-web-* ]]
		grep -qx "$label (enforce)" "$T/out"
		grep -qx 'Seccomp_filters:.1' "$T/out"
		grep -qx 'NoNewPrivs:.1' "$T/out"
		[ "$(sed -n 's/^Cap\(Prm\|Bnd\):\t//p' "$T/out" | sort -u)" = 0000000000000001 ]
		grep -q "can't open '/etc/shadow': Permission denied" "$T/out"
		run "$runtime" --root "$T/$runtime" exec "$(id_of x)" /bin/touch /tmp/ran
		[ "$status" = 137 ]
		[ ! -e "$T/b/rootfs/tmp/ran" ]
		[ "$(snug status --format json | jq -c '.boundary[] | [.profile, .confined, .execsKilled]')" = '["web",true,1]' ]
		"$runtime" --root "$T/$runtime" delete --force "$(id_of x)"
		[ -z "$(failures)" ]
		[ -z "$(loaded)" ]
		[ -z "$(find /sys/fs/bpf -path "*/snug*-guard*/link_*")" ]
		snug status > /dev/null
		[ -z "$(pins)" ]
	done
}

@test "a profile of the container's own that permits no other: killed at the boundary" {
	printf 'profile snug-other flags=(attach_disconnected) { file, capability, signal, }\n' | apparmor_parser --add
	config "$T/b" '.process.apparmorProfile = "snug-other" | .process.args = ["/bin/touch", "/tmp/ran"]'
	run crun --root "$T/crun" run --bundle "$T/b" "$(id_of x)"
	[ "$status" = 137 ]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	[[ "$(failures)" == *"killed at its exec boundary: profile web: entering its AppArmor profile"* ]]
}

@test "what the process writes its label to is no procfs: killed at the boundary" {
	local runtime
	# A hook that runs in the container's mounts puts a file there.
	head -c 4096 /dev/zero > "$T/fake"
	config "$T/b" --arg fake "$T/fake" --arg at "$T/b/rootfs/proc/1/attr/current" '.process.args = ["/bin/touch", "/tmp/ran"]
		| .hooks.createContainer = [{path: "/bin/mount", args: ["mount", "--bind", $fake, $at]}]'
	for runtime in runc crun; do
		run "$runtime" --root "$T/$runtime" run --bundle "$T/b" "$(id_of x)"
		echo "$runtime: $status $output"
		[ "$status" = 137 ]
		[ ! -e "$T/b/rootfs/tmp/ran" ]
		[[ "$(failures)" == *"AppArmor confines it by 'unconfined', not by snug-web-"* ]]
		rm "$T/store/run/snug/failures"
	done
	grep -qa '^changeprofile snug-web-' "$T/fake"
}
