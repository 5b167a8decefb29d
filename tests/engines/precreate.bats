#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The policy with AppArmor, through Podman's precreate: enforced, and audited. On a kernel that has
# AppArmor: contrib/vm/run -- bats --tap tests/engines/precreate.bats
# shellcheck disable=SC2154 # bats: run sets stderr

bats_require_minimum_version 1.5.0
load ../live/helpers


setup() {
	need root jq busybox apparmor_parser apparmor podman
	live_setup
	mkdir -p "$T/rootfs"/{bin,dev,etc,proc,sys,tmp,run} "$T/hooks.d" "$T/store/etc/snug/profiles"
	cp "$(command -v busybox)" "$T/rootfs/bin/"
	for applet in sh cat mkdir; do ln -s busybox "$T/rootfs/bin/$applet"; done
	echo secret > "$T/rootfs/etc/secret"
	jq -n '{snugProfile: 1, name: "web", origin: "hand", noNewPrivileges: true, apparmor: {
		files: [{path: "/bin/*", access: "rmx"}, {path: "/proc/**", access: "r"}, {path: "/dev/*", access: "rw"}],
		signals: [{access: ["receive"], peer: "unconfined"}]}}' > "$T/store/etc/snug/profiles/web.json"
	printf '{"snugPolicy":1,"default":{"mode":"enforce","profile":"web"},"rules":[
		{"match":{"annotations":{"m":"a"}},"mode":"audit","profile":"web"}]}' > "$T/store/etc/snug/policy.json"
	jq -n --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '{version: "1.0.0",
		hook: {path: $hook, args: ["snug-hook", "--root", $store, "precreate"]}, when: {always: true},
		stages: ["precreate"]}' > "$T/hooks.d/snug.json"
}

teardown() {
	live_teardown
	unload_ours
}


podman_here() {
	podman --root "$T/podman" --runroot "$T/podman-run" --tmpdir "$T/podman-tmp" --storage-driver vfs \
		--cgroup-manager cgroupfs --events-backend none --runtime "${RUNTIME:-crun}" --hooks-dir "$T/hooks.d" \
		run --rm --network none --security-opt apparmor=unconfined "$@"
}

@test "enforce: the label, no_new_privs, and what it denies; audit: the same is logged, and done" {
	local show='cat /proc/self/attr/current; cat /etc/secret; cat /proc/self/status'
	run podman_here --rootfs "$T/rootfs" /bin/sh -c "$show"
	echo "$output"
	[[ $output == *snug-web-*"(enforce)"* && $output == *$'NoNewPrivs:\t1'* ]]
	[[ $output == *"/etc/secret"*"Permission denied"* && $output != *$'\nsecret'* ]]
	run podman_here --annotation m=a --rootfs "$T/rootfs" /bin/sh -c "$show"
	echo "$output"
	[[ $output == *snug-web-*"(complain)"* && $output == *$'NoNewPrivs:\t0'* && $output == *secret* ]]
	dmesg | grep 'apparmor="ALLOWED"' | grep -q '/etc/secret'
	# poststop has let both go
	[ -z "$(loaded)" ]
}
