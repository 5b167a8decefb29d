#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install, doctor and uninstall on the engines themselves, in their own places: contrib/vm/run -- bats --tap tests/engines/install.bats
# The files of the engine are the same before and after, and in between the profile arrives.

bats_require_minimum_version 1.5.0
load ../live/helpers

SNUG=$REPO/$SNUG_BUILD/snug
# Whatever an engine's installation may touch.
PLACES=(/etc /usr/local /var/lib/snug)

setup_file() {
	[ "${SNUG_VM:-}" = 1 ] || return 0
	mkdir -p /etc/snug/profiles /var/lib/snug /etc/docker
	cp "$REPO/profiles/baseline.json" /etc/snug/profiles/
	# With something of every part, and room for any program.
	jq '.name = "web" | .noNewPrivileges = true | .capabilities = ["CAP_CHOWN", "CAP_SETUID"] | .apparmor = {
		files: [{path: "/**", access: "rwakm"}, {path: "/**", access: "x"}], signals: [{access: ["send", "receive"]}]}' \
		profiles/baseline.json > /etc/snug/profiles/web.json
	policy enforce
	command -v dockerd containerd > /dev/null || return 0
	echo '{"bridge": "none", "iptables": false, "ip6tables": false, "storage-driver": "vfs"}' > /etc/docker/daemon.json
	start containerd ctr
	start dockerd docker
}
teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/dockerd" ] || stop dockerd
	[ ! -e "$BATS_FILE_TMPDIR/containerd" ] || stop containerd
	# These were the machine's own: the next file's engines read them too.
	[ "${SNUG_VM:-}" != 1 ] || rm -rf /etc/docker /etc/snug /var/lib/snug /var/cache/snug
}

start() { # DAEMON CLIENT
	"$1" >> "/tmp/$1.log" 2>&1 3>&- &
	echo $! > "$BATS_FILE_TMPDIR/$1"
	until_true "$2" version
}
stop() { # DAEMON
	local pid
	pid=$(cat "$BATS_FILE_TMPDIR/$1")
	kill "$pid"
	until_true eval "! kill -0 $pid"
}

setup() {
	need root jq
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
	T=$BATS_TEST_TMPDIR
}

policy() { echo "{\"snugPolicy\": 1, \"default\": {\"mode\": \"$1\", \"profile\": \"web\"}}" > /etc/snug/policy.json; }

# What snug keeps of containers, and Podman of networks, is no engine's configuration.
tree() {
	find "${PLACES[@]}" \( -path /var/lib/snug/bundles -o -path /var/lib/snug/apparmor -o -path /etc/cni/net.d -o \
		-path /etc/containers/networks \) -prune -o -printf '%p %y %m %U:%G %l\n' | sort
	find "${PLACES[@]}" \( -path /var/lib/snug -o -path /etc/cni/net.d -o -path /etc/containers/networks \) -prune -o \
		-type f -print0 | sort -z | xargs -0 sha256sum
}

found() { # STATE SUBJECT TEXT
	jq -e --arg state "$1" --arg subject "$2" --arg text "$3" \
		'.checks | any(.state == $state and .subject == $subject and (.what | contains($text)))' "$T/found"
}

# round ENGINE [COMMAND]: command makes the engine read its configuration.
round() {
	local engine=$1 reread=${2:-true}
	tree > "$T/before"
	"$SNUG" install "$engine"
	"$SNUG" install "$engine" | grep -qx "$engine: installed already, unchanged"
	"$reread"
	"$SNUG" doctor "$engine" --format json > "$T/found" || { cat "$T/found" && return 1; }
	found ok "$engine" 'a container ran as promised'
	found ok "$engine" 'Seccomp: 2, NoNewPrivs: 1, AppArmor: '
	jq -e '.checks | any(.what | test("snug-web-[0-9a-f]{16} \\(enforce\\)|//&snug-web-[0-9a-f]{16}"))' "$T/found"
	"$SNUG" uninstall "$engine"
	tree | diff "$T/before" -
}

# A reload does not forget a runtime.
restart_docker() {
	stop dockerd
	start dockerd docker
}

@test "podman" {
	need podman
	round podman
	# Without it what the policy says does not hold, and that is seen.
	"$SNUG" doctor podman --format json > "$T/found" && return 1
	found broken podman 'not as promised'
}

# What exec adds Podman makes from its own database, where no hook comes by.
@test "podman exec and health checks are within the profile, of containers from before too" {
	need podman crun runc
	local name show=(/bin/busybox cat /proc/self/status /proc/self/attr/current) run=(run --detach --network none)
	mkdir -p "$T/root"/{bin,dev,proc,sys,etc,run,tmp}
	cp "$(command -v busybox)" "$T/root/bin/"
	policy off
	podman "${run[@]}" --name before --rootfs "$T/root" /bin/busybox sleep 1000 > /dev/null
	policy enforce
	"$SNUG" install podman > /dev/null
	podman "${run[@]}" --name crun --rootfs "$T/root" /bin/busybox sleep 1000 > /dev/null
	podman --runtime runc "${run[@]}" --name runc --rootfs "$T/root" /bin/busybox sleep 1000 > /dev/null
	for name in crun runc before; do
		run -0 podman exec --privileged "$name" "${show[@]}"
		echo "$name: $output"
		[[ $output == *$'NoNewPrivs:\t1'* && $output == *$'CapEff:\t0000000000000081'* && $output == *snug-web-* ]]
	done
	podman "${run[@]}" --name health --health-interval disable \
		--health-cmd '["/bin/busybox", "grep", "-q", "^CapBnd:.0000000000000081", "/proc/self/status"]' --rootfs "$T/root" /bin/busybox sleep 1000 > /dev/null
	podman healthcheck run health
	podman rm --force --time 0 before
	"$SNUG" status --format json > "$T/status" || { cat "$T/status" && return 1; }
	podman restart --time 0 crun > /dev/null
	run -0 podman exec --privileged crun "${show[@]}"
	[[ $output == *$'NoNewPrivs:\t1'* ]]
	podman rm --force --time 0 crun runc health
	"$SNUG" uninstall podman > /dev/null
}

@test "runc" {
	need runc
	round runc
}

@test "crun" {
	need crun
	round crun
}

@test "docker" {
	need dockerd
	round docker restart_docker
	restart_docker
	[ -z "$(docker ps --all --quiet)" ]
	[ -z "$(docker images --quiet)" ]
}

@test "docker --default: a container that names no runtime has the profile too" {
	need dockerd
	tree > "$T/before"
	"$SNUG" install docker --default
	kill -HUP "$(cat "$BATS_FILE_TMPDIR/dockerd")"
	until_true eval "docker info --format '{{.DefaultRuntime}}' | grep -qx snug-runc"
	tar -C "$REPO/$SNUG_BUILD" -c snug-hook | docker import - probe:latest > /dev/null
	docker run --rm --network none probe:latest /snug-hook probe < /dev/null > "$T/status"
	docker rmi --force probe:latest > /dev/null
	"$SNUG" uninstall docker
	restart_docker
	grep -qE '^NoNewPrivs:.*1' "$T/status"
	grep -qE '^CapEff:.0000000000000081' "$T/status"
	grep -qE 'snug-web-[0-9a-f]{16}' "$T/status"
	tree | diff "$T/before" -
}

@test "containerd: through ctr, and the runtime is in its whole configuration" {
	need containerd
	round containerd
	found ok containerd 'its whole configuration has the runtime'
	[ -z "$(ctr --namespace snug-doctor containers list --quiet)" ]
}

# cri CONFIG: does the CRI plugin load, in a containerd with places of its own?
cri() {
	local place=$T/cri
	mkdir "$place"
	containerd --config "$1" --root "$place/root" --state "$place/state" --address "$place/socket" > "$place/log" 2>&1 3>&- &
	echo $! > "$BATS_FILE_TMPDIR/cri"
	until_true ctr --address "$place/socket" version
	ctr --address "$place/socket" plugins ls > "$place/plugins"
	stop cri
	cat "$place/log"
	grep -E '^io\.containerd\.grpc\.v1 +cri .* ok *$' "$place/plugins"
	rm -rf "$place"
}

@test "containerd: its CRI plugin loads as before, with a file that names no runtime, with one that does, and without any" {
	need containerd
	local R=$T/root config=$T/root/etc/containerd/config.toml text
	for text in '' $'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\n  bin_dir = "/usr/lib/cni"\n' \
		$'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\ndefault_runtime_name = "a"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.a]\nruntime_type = "io.containerd.runc.v2"\n'; do
		rm -rf "$R"
		mkdir -p "$R/etc/containerd" "$R/var/lib"
		[ -z "$text" ] || { printf %s "$text" > "$config" && cri "$config"; }
		"$SNUG" --root "$R" install containerd
		cri "$config"
		"$SNUG" --root "$R" uninstall containerd
		[ -z "$text" ] || printf %s "$text" | cmp - "$config"
	done
}
