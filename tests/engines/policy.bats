#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# One policy through each engine: a container is learned, then the same policy enforces what came of it, and an intruder
# in its place is stopped. Podman by precreate, Docker and containerd by snug-runtime. In the VM alone: these are the
# host's own policy and store.
# shellcheck disable=SC2154,SC2030,SC2031 # bats: run sets output

bats_require_minimum_version 1.5.0
load ../live/helpers

SHOW=(/bin/busybox cat /etc/passwd /proc/self/status /proc/self/attr/current)
SOCKET=/run/docker/containerd/containerd.sock

setup_file() {
	[ "${SNUG_VM:-}" = 1 ] || return 0
	local dir
	mkdir -p /etc/docker /etc/snug /usr/local/bin "$BATS_FILE_TMPDIR/hooks.d" /var/lib/docker
	mount -t tmpfs docker /var/lib/docker
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" /usr/local/bin/snug-runc
	echo '{"runtimes": {"snug": {"path": "/usr/local/bin/snug-runc"}}, "bridge": "none", "iptables": false, "ip6tables": false}' \
		> /etc/docker/daemon.json
	dockerd > "$BATS_FILE_TMPDIR/dockerd.log" 2>&1 3>&- < /dev/null &
	echo $! > "$BATS_FILE_TMPDIR/dockerd.pid"
	for dir in plain bad; do
		mkdir -p "$BATS_FILE_TMPDIR/$dir"/{bin,dev,etc,proc,sys,tmp,root/.ssh,var/log}
		echo secret | tee "$BATS_FILE_TMPDIR/$dir"/{etc/shadow,root/.ssh/id_ed25519} > "$BATS_FILE_TMPDIR/$dir/etc/passwd"
	done
	cp "$(command -v busybox)" "$BATS_FILE_TMPDIR/plain/bin/busybox"
	cp "$PROGRAMS/intruder" "$BATS_FILE_TMPDIR/bad/bin/busybox"
	hook precreate precreate
	until_true docker version
	for dir in plain bad; do
		tar -C "$BATS_FILE_TMPDIR/$dir" -c . | docker import - "$dir" > /dev/null
	done
}

teardown_file() {
	[ "${SNUG_VM:-}" = 1 ] || return 0
	local pid
	read -r pid < "$BATS_FILE_TMPDIR/dockerd.pid"
	kill "$pid"
	until_true test ! -e "/proc/$pid"
	umount -R /var/lib/docker
	rm -rf /etc/docker /etc/snug /var/lib/snug /var/cache/snug /usr/local/bin/snug-runc
}

setup() {
	need root podman crun runc docker ctr jq apparmor
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
	live_setup
}
teardown() {
	docker rm -f "$(id_of x)" > /dev/null 2>&1 || :
	live_teardown
}

snug() { "$SNUG" "$@"; }
hook() { # NAME STAGE...
	jq -n --arg hook "$REPO/$SNUG_BUILD/snug-hook" '{version: "1.0.0", hook: {path: $hook, args: ["snug-hook", $ARGS.positional[0]]},
		when: {always: true}, stages: $ARGS.positional}' --args "${@:2}" > "$BATS_FILE_TMPDIR/hooks.d/$1.json"
}
policy() { printf '{"snugPolicy": 1, "default": %s}\n' "$1" > /etc/snug/policy.json; }

# fresh WHICH: $T/root holds it as on the first day; intruders leave nothing as it was.
fresh() {
	rm -rf "$T/root"
	cp -a "$BATS_FILE_TMPDIR/$1" "$T/root"
}

# by_ENGINE WHICH WORD...: the container, of what plain or bad holds.
by_podman() {
	fresh "$1"
	shift
	podman_here run --rm --network none --rootfs "$T/root" "$@"
}
podman_here() {
	podman --root "$T/podman" --runroot "$T/podman-run" --tmpdir "$T/podman-tmp" --storage-driver vfs \
		--cgroup-manager cgroupfs --events-backend none --runtime "$RUNTIME" --hooks-dir "$BATS_FILE_TMPDIR/hooks.d" "$@"
}
by_docker() { docker run --rm --network none --runtime snug "$@"; }
by_ctr() {
	fresh "$1"
	shift
	ctr --address "$SOCKET" run --rm --runc-binary /usr/local/bin/snug-runc --rootfs "$T/root" "$(id_of c)" "$@"
}

# says NAME: what the enforced container says of itself.
says() {
	echo "$output"
	[[ $output == *$'NoNewPrivs:\t1'* ]]
	[[ $output == *$'Seccomp:\t2'* ]]
	[[ $output == *$'CapBnd:\t0000000000000000'* ]]
	[[ $output == *"snug-$1-"*"(enforce)"* ]]
}

# through ENGINE NAME: learned, enforced, attacked.
through() {
	policy '{"mode": "learn", "profile": "'"$2"'"}'
	"$1" plain "${SHOW[@]}"
	[ "$1" != by_docker ] || "$1" plain /bin/busybox sleep 0.1 # for what is exec'ed into
	until_true test -e "/var/lib/snug/recordings/$2"
	snug generate "$2"

	policy '{"mode": "off"}'
	"$1" bad /bin/busybox /bin/busybox /tmp/drop > "$T/before" || :
	[ "$(grep -c ': worked' "$T/before")" -ge 5 ]

	policy '{"mode": "enforce", "profile": "'"$2"'"}'
	run -0 "$1" plain "${SHOW[@]}"
	says "$2"
	"$1" bad /bin/busybox /bin/busybox /tmp/drop > "$T/after" || :
	[ "$(wc -l < "$T/after")" -ge 25 ]
	run grep ': worked' "$T/after"
	echo "not stopped: $output"
	[ -z "$output" ]
}

@test "Podman with crun, by precreate" { RUNTIME=crun through by_podman podman; }

@test "Podman with runc: the same profile holds, and the same attacks are stopped" {
	[ -e /var/lib/snug/profiles/podman.json ] || skip 'not learned'
	policy '{"mode": "enforce", "profile": "podman"}'
	RUNTIME=runc run -0 by_podman plain "${SHOW[@]}"
	says podman
	RUNTIME=runc by_podman bad /bin/busybox /bin/busybox /tmp/drop > "$T/after" || :
	[ "$(wc -l < "$T/after")" -ge 25 ]
	run ! grep ': worked' "$T/after"
}

# confined: baseline's, though the container is privileged.
confined() {
	echo "$output"
	[[ $output == *$'Seccomp:\t2'* && $output == *$'CapBnd:\t00000000a80425fb'* ]]
}

@test "Podman: --init, pods, exec, restart, health checks, user namespaces, under a default profile" {
	export RUNTIME=crun
	mkdir -p /etc/snug/profiles
	cp "$REPO"/profiles/*.json /etc/snug/profiles/
	policy '{"mode": "enforce", "profile": "baseline"}'
	fresh plain
	local common=(--privileged --network none) show=(/bin/busybox cat /proc/self/status) id
	id=$(id_of p)
	run -0 podman_here run --rm "${common[@]}" --init --rootfs "$T/root" "${show[@]}"
	confined
	podman_here pod create --infra=false --name "$id-pod" > /dev/null
	run -0 podman_here run --rm "${common[@]}" --pod "$id-pod" --rootfs "$T/root" "${show[@]}"
	confined
	podman_here pod rm --force "$id-pod" > /dev/null
	run -0 podman_here run --rm "${common[@]}" --uidmap 0:100000:1000 --gidmap 0:100000:1000 --rootfs "$T/root" "${show[@]}"
	confined
	podman_here run --detach "${common[@]}" --name "$id" --health-cmd '["/bin/busybox", "grep", "-q", "^Seccomp:.2", "/proc/self/status"]' \
		--health-interval disable --rootfs "$T/root" /bin/busybox sleep 1000 > /dev/null
	run -0 podman_here exec --privileged "$id" "${show[@]}"
	echo "exec --privileged: $output"
	[[ $output == *$'Seccomp:\t2'* ]]
	run -0 podman_here exec "$id" "${show[@]}"
	confined
	podman_here healthcheck run "$id"
	podman_here restart --time 0 "$id" > /dev/null
	run -0 podman_here exec "$id" "${show[@]}"
	confined
	run ! podman_here container checkpoint "$id"
	podman_here rm --force --time 0 "$id" > /dev/null
}

@test "Docker, by snug-runc: exec, restart and --privileged included" {
	through by_docker docker
	run -0 by_docker --privileged plain "${SHOW[@]}"
	says docker
	docker run --detach --name "$(id_of x)" --network none --runtime snug plain /bin/busybox sleep 1000 > /dev/null
	run -0 docker exec --privileged "$(id_of x)" "${SHOW[@]}"
	says docker
	docker restart --time 1 "$(id_of x)" > /dev/null
	run -0 docker exec "$(id_of x)" "${SHOW[@]}"
	says docker
	run ! docker checkpoint create "$(id_of x)" one
	docker rm -f "$(id_of x)" > /dev/null
	# What is refused tells why, through the engine.
	policy '{"mode": "enforce", "profile": "nowhere"}'
	run ! by_docker plain "${SHOW[@]}"
	echo "$output"
	[[ $output == *nowhere* ]]
}

@test "containerd's ctr, by snug-runc" { through by_ctr ctr; }
