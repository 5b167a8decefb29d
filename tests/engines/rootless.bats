#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Rootless Podman reads the files that `snug install podman` writes for all. Without a policy nothing changes for its
# users; with one, their containers have their profile too. In the VM alone: these are the host's own policy and user.
# shellcheck disable=SC2154 # bats: run sets output

bats_require_minimum_version 1.5.0
load ../live/helpers

SNUG=$REPO/$SNUG_BUILD/snug
USER_ID=1234 HOME_DIR=/tmp/rootless RUN=/run/user/1234

setup() {
	need root podman crun runc jq busybox
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
	mkdir -p "$RUN" "$HOME_DIR/root"/{bin,dev,proc,sys,etc,run,tmp} /etc/snug/profiles
	cp "$(command -v busybox)" "$HOME_DIR/root/bin/"
	chown -R "$USER_ID:$USER_ID" "$HOME_DIR" "$RUN"
	chmod 700 "$RUN"
	echo "rootless:x:$USER_ID:$USER_ID::$HOME_DIR:/bin/sh" >> /etc/passwd
	cp "$REPO/profiles/baseline.json" /etc/snug/profiles/
	"$SNUG" install podman > /dev/null
}

teardown() {
	[ "${SNUG_VM:-}" = 1 ] || return 0
	"$SNUG" uninstall podman > /dev/null
	sed -i '/^rootless:/d' /etc/passwd
	# Podman clears up behind the last container, and may make files meanwhile.
	until_true rm -rf "$HOME_DIR" "$RUN"
	rm -rf /etc/snug /var/lib/snug
}

podman_of_user() {
	(cd "$HOME_DIR" && setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups env -i PATH="$PATH" HOME="$HOME_DIR" \
		XDG_RUNTIME_DIR="$RUN" podman --log-level fatal --storage-driver vfs --cgroup-manager cgroupfs --events-backend none "$@")
}
policy() { echo "{\"snugPolicy\": 1, \"default\": $1}" > /etc/snug/policy.json; }
show=(/bin/busybox grep -E '^(NoNewPrivs|Seccomp|CapBnd):' /proc/self/status)

# round RUNTIME: a container, and what is exec'ed into it.
round() {
	run -0 podman_of_user --runtime "$1" run --rm --privileged --network none --rootfs "$HOME_DIR/root" "${show[@]}"
	echo "$1: $output"
	[[ $output == *$'Seccomp:\t2'* && $output == *$'CapBnd:\t00000000a80425fb'* ]]
	podman_of_user --runtime "$1" run --detach --privileged --name "$1" --network none --rootfs "$HOME_DIR/root" \
		/bin/busybox sleep 1000 > /dev/null
	run -0 podman_of_user exec --privileged "$1" "${show[@]}"
	echo "$1, exec: $output"
	[[ $output == *$'Seccomp:\t2'* && $output == *$'CapBnd:\t00000000a80425fb'* ]]
	podman_of_user rm --force --time 0 "$1" > /dev/null
}

@test "no policy: nothing changes; enforced: the profile arrives, and holds what exec adds" {
	run -0 podman_of_user run --rm --network none --rootfs "$HOME_DIR/root" /bin/busybox id -u
	[ "$output" = 0 ]
	policy '{"mode": "enforce", "profile": "baseline"}'
	round crun
	round runc
}

@test "what a user cannot have stops his container, and says why" {
	jq '.name = "web" | .apparmor = {files: [{path: "/**", access: "r"}]}' "$REPO/profiles/baseline.json" \
		> /etc/snug/profiles/web.json
	policy '{"mode": "enforce", "profile": "web"}'
	run ! podman_of_user run --rm --network none --rootfs "$HOME_DIR/root" /bin/busybox id -u
	run podman_of_user unshare "$SNUG" status
	echo "$output"
	[[ $output == *"could not begin"*/var/lib/snug/apparmor* ]]
	policy '{"mode": "enforce", "profile": "web", "apparmor": "off"}'
	run -0 podman_of_user run --rm --network none --rootfs "$HOME_DIR/root" /bin/busybox id -u
	# Somebody else's policy is nobody's.
	chown 4321 /etc/snug/policy.json
	chmod 666 /etc/snug/policy.json
	run ! podman_of_user run --rm --network none --rootfs "$HOME_DIR/root" /bin/busybox id -u
}
