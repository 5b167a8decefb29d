#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doctor: what it says of this host, and of a real container in the engines that run here.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root jq
	live_setup
	mkdir "$T/bin"
	cp "$REPO/$SNUG_BUILD/snug" "$REPO/$SNUG_BUILD/snug-hook" "$T/bin/"
	[ ! -x "$REPO/$SNUG_BUILD/snug-runtime" ] || cp "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/"
	SNUG=$T/bin/snug
	R=$T/store
	mkdir -p "$R/run/snug" "$R/etc/snug/profiles"
}
teardown() { live_teardown; }

# A Podman of the test's own: storage, state, and the hooks below the root.
own_podman() {
	need podman runc static
	export CONTAINERS_CONF=$T/containers.conf CONTAINERS_STORAGE_CONF=$T/storage.conf
	cat > "$CONTAINERS_CONF" <<- EOF
		[engine]
		runtime = "runc"
		tmp_dir = "$T/podman"
		hooks_dir = ["$R/etc/containers/oci/hooks.d"]
	EOF
	cat > "$CONTAINERS_STORAGE_CONF" <<- EOF
		[storage]
		driver = "vfs"
		graphroot = "$T/storage"
		runroot = "$T/runroot"
	EOF
	mkdir -p "$R/etc/containers/oci/hooks.d"
}

policy() { # MODE
	cat > "$R/etc/snug/profiles/web.json" <<- 'EOF'
		{"snugProfile": 1, "name": "web", "capabilities": ["CAP_CHOWN"], "noNewPrivileges": true,
		 "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		  {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}}
	EOF
	echo "{\"snugPolicy\": 1, \"default\": {\"mode\": \"$1\", \"profile\": \"web\"}}" > "$R/etc/snug/policy.json"
}

# found STATE SUBJECT TEXT: one of the findings is that.
found() {
	jq -e --arg state "$1" --arg subject "$2" --arg text "$3" \
		'.checks | any(.state == $state and .subject == $subject and (.what | contains($text)))' "$T/found"
}

doctor() { # STATUS ENGINE...
	local want=$1 status=0
	shift
	snug doctor "$@" --format json > "$T/found" || status=$?
	[ "$status" = "$want" ] || { cat "$T/found" && return 1; }
	jq -e ".sound == ($want == 0)" "$T/found"
}

@test "a host where snug is nowhere: what there is, what to do, and no promise" {
	mkdir -p "$R/var/lib"
	doctor 0
	found ok kernel 'seccomp filters'
	found ok kernel 'Landlock' || found missing kernel 'Landlock'
	found ok programs snug-hook
	found missing install "no engine's configuration"
	found missing policy "there is none"
	jq -e '.checks | all(.state == "ok" or .remedy != null)' "$T/found"
	[ -z "$(ls "$R/var/lib")" ]
	# The same for people.
	run -0 snug doctor
	[ "${#lines[@]}" = "$(jq '.checks | length' "$T/found")" ]
	run -2 snug doctor rkt
}

@test "a policy that others can write, and a profile that is not there" {
	policy enforce
	chmod 666 "$R/etc/snug/policy.json"
	doctor 1
	found broken policy 'others can write it'
	chmod 644 "$R/etc/snug/policy.json"
	rm "$R/etc/snug/profiles/web.json"
	doctor 1
	found broken policy web
}

@test "podman: the profile arrives, and nothing is left" {
	own_podman
	policy enforce
	snug install podman > /dev/null
	doctor 0
	found ok podman 'a container ran as promised'
	found ok podman 'Seccomp: 2, NoNewPrivs: 1'
	[ -z "$(podman ps --all --quiet)" ]
	[ "$(ls "$R/var/lib/snug")" = install ]
}

@test "podman: audit and off promise less" {
	own_podman
	snug install podman > /dev/null
	policy audit
	doctor 0
	found ok podman 'a container ran as promised'
	found ok podman 'NoNewPrivs: 0'
	echo '{"snugPolicy": 1, "default": {"mode": "off"}}' > "$R/etc/snug/policy.json"
	doctor 0
	found ok podman 'promised nothing'
}

@test "podman: a hook whose program is gone, which Podman skips in silence" {
	own_podman
	policy enforce
	snug install podman > /dev/null
	cp -r "$T/bin" "$T/elsewhere"
	rm "$T/bin/snug-hook"
	# shellcheck disable=SC2030 # each test is a subshell, and snug() is called in this one
	SNUG=$T/elsewhere/snug
	doctor 1
	found broken hooks "$T/bin/snug-hook: No such file"
	found broken podman 'not as promised'
	found broken podman 'NoNewPrivs: 0'
}

@test "podman: without its hooks what the policy says does not hold" {
	own_podman
	policy enforce
	doctor 1 podman
	found missing podman 'not installed'
	found broken podman 'not as promised'
	policy audit
	doctor 1 podman
	found broken podman 'as if snug had not seen it'
}

@test "podman: a policy by which no container starts is told from a Podman that does not work" {
	own_podman
	policy enforce
	snug install podman > /dev/null
	rm "$R/etc/snug/profiles/web.json"
	doctor 1
	found broken podman 'with snug it starts no container'
	sed -i 's/"runc"/"nothing"/' "$CONTAINERS_CONF"
	doctor 1 # the policy
	found untried podman 'without snug either'
	policy enforce
	doctor 0
	[ -z "$(podman --runtime runc ps --all --quiet)" ]
}

@test "podman: hooks in a folder of the operator's, and a file of somebody's that is none" {
	own_podman
	policy enforce
	snug install podman --hooks-dir "$T/hooks" > /dev/null
	echo '{"version": "1.0.0", "hook": {"path": "/nowhere/at-all"}, "when": {}, "stages": ["prestart"]}' > "$T/hooks/a.json"
	echo '{' > "$T/hooks/b.json"
	doctor 1 # Podman does not know of this folder
	found missing hooks "$T/hooks/a.json: /nowhere/at-all"
	found missing hooks "$T/hooks/b.json"
	found broken podman 'not as promised'
	rm "$T/hooks/b.json"
	sed -i "s,^hooks_dir.*,hooks_dir = [\"$T/hooks\"]," "$CONTAINERS_CONF"
	doctor 0
	found ok podman 'a container ran as promised'
}

@test "podman: by the gate alone, at the exec boundary" {
	need bpf
	own_podman
	policy enforce
	snug install podman > /dev/null
	mkdir "$T/kept" && cp "$R"/etc/containers/oci/hooks.d/snug-[cp]o*.json "$R"/etc/containers/oci/hooks.d/snug-create*.json "$T/kept/"
	snug uninstall podman > /dev/null
	mkdir -p "$R/etc/containers/oci/hooks.d" && cp "$T"/kept/*.json "$R/etc/containers/oci/hooks.d/"
	# Its guard is pinned in a bpf file system.
	# shellcheck disable=SC2016,SC2031 # for the shell in there; as setup set it
	unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /sys/fs/bpf && exec "$@"' sh \
		"$SNUG" --root "$R" doctor podman --format json > "$T/found" && return 1
	found broken podman 'is no bpf file system'
	start_bpffs
	# shellcheck disable=SC2031
	in_bpffs "$SNUG" --root "$R" doctor podman --format json > "$T/found"
	found ok podman 'a container ran as promised, confined at the exec boundary'
	found ok podman 'NoNewPrivs: 1'
}

# Beside Podman's own filter the container has the one that who asks is under, and snug has not seen it.
@test "podman: filters that somebody else brought along are no exec boundary" {
	own_podman
	policy enforce
	jq 'del(.capabilities, .noNewPrivileges)' "$R/etc/snug/profiles/web.json" > "$T/web.json"
	cp "$T/web.json" "$R/etc/snug/profiles/web.json"
	# shellcheck disable=SC2031 # as setup set it
	run -1 --separate-stderr "$PROGRAMS/filtered" "$SNUG" --root "$R" doctor podman --format json
	# shellcheck disable=SC2154 # bats: run sets it
	echo "$output" > "$T/found"
	found broken podman 'as if snug had not seen it'
}

@test "what snug install wrote, and somebody changed" {
	printf '#!/bin/sh\n' > "$T/bin/snug-runtime"
	chmod 755 "$T/bin/snug-runtime"
	mkdir "$T/path"
	printf '#!/bin/sh\necho "no daemon here" >&2; exit 1\n' > "$T/path/docker"
	chmod 755 "$T/path/docker"
	PATH=$T/path:$PATH
	snug install docker > /dev/null
	doctor 0
	found ok docker daemon.json
	found untried docker 'no daemon here'
	# What was added by hand is no harm; what was taken away is.
	jq '.debug = true' "$R/etc/docker/daemon.json" > "$T/new" && cp "$T/new" "$R/etc/docker/daemon.json"
	doctor 0
	echo '{}' > "$R/etc/docker/daemon.json"
	doctor 1
	found broken docker 'daemon.json: not any more'
	rm "$T/bin/snug-runtime"
	doctor 1
	found broken docker 'snug-runc'
}

# places COMMAND...: in a mount namespace where /etc and the like are the test's.
places() {
	# shellcheck disable=SC2016 # for the shell in there
	unshare --mount --propagation private sh -ec 'mount --bind "$0/etc" /etc && mount --bind "$0/local" /usr/local
		mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /var/cache && mount -t tmpfs tmpfs /run && exec "$@"' "$T" "$@"
}

@test "runc, crun: the wrapper in its place, and the profile arrives" {
	need runc crun cgroup2 static
	[ -x "$T/bin/snug-runtime" ] || skip 'needs snug-runtime'
	policy enforce
	mkdir -p "$T/local"
	cp -a /etc "$T/etc"
	rm -rf "$T/etc/snug"
	cp -r "$R/etc/snug" "$T/etc/snug"
	# crun wants cgroup v2 alone.
	# shellcheck disable=SC2016,SC2031 # for the shell in there; as setup set it
	places "${WITH_CGROUP2[@]}" sh -ec '
		for engine in runc crun; do "$0" install $engine > /dev/null; done
		"$0" doctor --format json
		for engine in runc crun; do "$0" uninstall $engine > /dev/null; done
		[ -z "$(find /usr/local -mindepth 1; find /var/lib -name "snug-doctor*" -o -name install)" ]' \
		"$SNUG" > "$T/found"
	found ok runc 'a container ran as promised'
	found ok crun 'a container ran as promised'
}
