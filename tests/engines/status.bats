#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# snug status, of what engines run, in the folders where they have it, and AppArmor's labels in it. On a kernel that has
# AppArmor: contrib/vm/run -- bats --tap tests/engines/status.bats
# shellcheck disable=SC2154 # bats: run sets output

bats_require_minimum_version 1.5.0
load ../live/helpers
load ../vm/helpers


setup() {
	need_vm
	live_setup
	mkdir -p "$T/rootfs"/{bin,dev,etc,proc,sys,tmp,run} "$T/hooks.d" "$T/store/etc/snug/profiles"
	cp "$(command -v busybox)" "$T/rootfs/bin/"
	for applet in sh sleep; do ln -s busybox "$T/rootfs/bin/$applet"; done
	profile
	policy enforce
}

teardown() {
	[ -z "${ENDS:-}" ] || eval "$ENDS"
	live_teardown
	unload_ours
}

profile() { # [JQ]
	jq -n '{snugProfile: 1, name: "web", origin: "hand", noNewPrivileges: true, apparmor: {
		files: [{path: "/bin/*", access: "rmx"}, {path: "/proc/**", access: "r"}, {path: "/dev/*", access: "rw"}],
		signals: [{access: ["receive"], peer: "unconfined"}]}}' | jq "${1:-.}" > "$T/store/etc/snug/profiles/web.json"
}
policy() { printf '{"snugPolicy":1,"default":{"mode":"%s","profile":"web"}}' "$1" > "$T/store/etc/snug/policy.json"; }
status_of() { snug status --format json | jq -r --arg id "$1" ".containers[] | select(.id == \$id) | $2"; }
snug() { "$SNUG" --root "$T/store" "$@"; }

@test "Podman, crun: the label of the profile, and drift when the profile is another" {
	need podman
	local words=(podman --root "$T/podman" --runroot "$T/podman-run" --tmpdir "$T/podman-tmp" --storage-driver vfs
		--cgroup-manager cgroupfs --events-backend none --runtime crun --hooks-dir "$T/hooks.d")
	jq -n --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '{version: "1.0.0",
		hook: {path: $hook, args: ["snug-hook", "--root", $store, "precreate"]}, when: {always: true},
		stages: ["precreate"]}' > "$T/hooks.d/snug.json"
	id=$("${words[@]}" run --detach --network none --security-opt apparmor=unconfined --rootfs "$T/rootfs" sleep 1000 3>&-)
	ENDS="$(printf '%q ' "${words[@]}") rm --force --time 0 $id > /dev/null 2>&1"
	run -0 snug status --deep
	echo "$output"
	[[ $output == *"$id podman "*" enforce "*" web "*snug-web-* ]]
	[ "$(status_of "$id" '[.engine, .runtime, .drift, .processes[0].apparmorMode] | tojson')" = '["podman","crun",false,"enforce"]' ]
	# Podman says itself what an exec is under, and crun does as it says: the container's filter is all that is left.
	"${words[@]}" exec --detach "$id" sleep 999
	until_true eval '[ "$(status_of "$id" ".processes | length")" = 2 ]'
	run -1 snug status
	echo "$output"
	[ "$(grep -c "^drift: $id: process .* (sleep): no no_new_privs, AppArmor has it under unconfined, not " <<< "$output")" = 1 ]
	[ "$(grep -c '^drift: ' <<< "$output")" = 1 ]
	profile '.apparmor.files += [{path: "/etc/*", access: "r"}]'
	run -1 snug status
	echo "$output"
	[ "$(grep -c "^drift: $id: process .* (sleep): AppArmor has it under snug-web-.*, not snug-web-" <<< "$output")" = 1 ]
}

@test "containerd and Docker: found, named, and not as the policy wants" {
	need ctr containerd dockerd docker
	behind containerd > "$T/containerd.log" 2>&1
	until_true ctr version
	ctr run --detach --rootfs "$T/rootfs" "$TEST_ID-c" /bin/sleep 1000
	ENDS="ctr task rm --force $TEST_ID-c > /dev/null 2>&1; ctr container rm $TEST_ID-c > /dev/null 2>&1"
	behind dockerd --storage-driver vfs --data-root "$T/docker" --bridge none --iptables=false --ip6tables=false \
		--containerd /run/containerd/containerd.sock > "$T/dockerd.log" 2>&1
	until_true docker version || { tail -n 20 "$T/dockerd.log" && false; }
	tar -C "$T/rootfs" -c . | docker import - small > /dev/null
	id=$(docker run --detach --network none small sleep 1000)
	ENDS="docker rm --force $id > /dev/null 2>&1; $ENDS"
	run -1 snug status
	echo "$output"
	[[ $output == *"drift: $TEST_ID-c: process "*"(sleep): AppArmor has it under "*", not snug-web-"* ]]
	[[ $output == *"drift: $id: process "*"(sleep): no no_new_privs, AppArmor has it under "*", not snug-web-"* ]]
	[ "$(status_of "$TEST_ID-c" '[.engine, .runtime, .drift] | tojson')" = '["containerd","runc",true]' ]
	[ "$(status_of "$id" '[.engine, .runtime, .drift] | tojson')" = '["docker","runc",true]' ]
	policy audit
	run -0 snug status
	[[ $output == *"audit: $id: process "* ]]
}
