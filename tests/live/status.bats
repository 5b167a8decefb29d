#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# snug status: the running containers of a host, as the kernel confines them, beside what the policy promises.
# shellcheck disable=SC2030,SC2031,SC2154 # bats: run sets output; each test is a subshell of its own

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox
	live_setup
	CRUN_IDS=()
	bundle "$T/b" /bin/sleep 1000
	profile web '["mkdir", "mkdirat"]'
}

teardown() {
	for id in "${CRUN_IDS[@]}"; do
		crun_here delete --force "$(id_of "$id")" > /dev/null 2>&1
	done
	live_teardown
}

# profile NAME DENIED: all but these calls, CAP_CHOWN alone, no_new_privs.
profile() {
	mkdir -p "$T/store/etc/snug/profiles"
	jq -n --arg name "$1" --argjson denied "$2" '{snugProfile: 1, name: $name, origin: "hand", capabilities: ["CAP_CHOWN"],
		noNewPrivileges: true, seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: $denied, action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' > "$T/store/etc/snug/profiles/$1.json"
}
policy() { # MODE [JQ]
	jq -n --arg mode "$1" '{snugPolicy: 1, default: {mode: $mode, profile: "web"}}' | jq "${2:-.}" > "$T/store/etc/snug/policy.json"
}

start() { runc_here run --detach --bundle "$T/b" "$(id_of "$1")" < /dev/null > /dev/null 2>&1; }
start_crun() {
	CRUN_IDS+=("$1")
	crun_here run --detach --bundle "$T/b" "$(id_of "$1")" < /dev/null > /dev/null 2>&1
}
# Of this test's containers alone.
look() {
	mkdir -p "$RUNC_ROOT" "$T/crun"
	snug status --runtime-root "$RUNC_ROOT" --runtime-root "$T/crun" "$@"
}
# of ID JQ: of a container's object.
of() { look --format json | jq -r --arg id "$(id_of "$1")" ".containers[] | select(.id == \$id) | $2"; }

@test "no policy: runc's and crun's containers are listed, and nothing is promised" {
	need crun
	run -0 look
	[ "$output" = 'nobody is learning' ]
	start r
	start_crun c
	run -0 look
	echo "$output"
	[[ $output == *"$(id_of r) "* && $output == *"$(id_of c) "* ]]
	[[ $output != *drift* ]]
	run -0 of r '[.engine, .runtime, .bundle, .started, .drift, .mode, .profiles] | tojson'
	[ "$output" = "[\"runc\",\"runc\",\"$T/b\",true,false,null,[]]" ]
	run -0 of c '[.engine, .runtime, .bundle] | tojson'
	[ "$output" = "[\"crun\",\"crun\",\"$T/b\"]" ]
	pid=$(runc_here state "$(id_of r)" | jq .pid)
	run -0 of r '.processes | tojson'
	jq -e --argjson pid "$pid" 'length == 1 and (.[0] | .pid == $pid and .name == "sleep" and .filters == 0 and .seccomp == 0
		and .noNewPrivileges == false and (.permitted | index("CAP_CHOWN")))' <<< "$output"
	# The kernel says the same.
	[ "$(of r '.processes[0].bounding | length')" = "$(jq '.process.capabilities.bounding | length' "$T/b/config.json")" ]
}

@test "enforced, by runc and crun: as promised" {
	need crun
	policy enforce
	snug harden "$T/b" --profile web
	start r
	start_crun c
	run -0 look
	echo "$output"
	[[ $output == *"$(id_of r) "*enforce*web* ]]
	for id in r c; do
		run -0 of "$id" '[.drift, .mode, .profiles, .processes[0].filters, .processes[0].noNewPrivileges, .processes[0].permitted] | tojson'
		[ "$output" = '[false,"enforce",["web"],1,true,["CAP_CHOWN"]]' ]
	done
	look --format json | jq -e '.containers | map(.rule | contains("the default: enforce web")) == [true, true]'
}

@test "what was not hardened falls short, with each part named, and status exits 1" {
	need crun
	start r
	start_crun c
	policy enforce
	run -1 look
	echo "$output"
	[[ $output == *"drift: $(id_of r): process "*" (sleep): no filter, no no_new_privs, has CAP_"*"; policy promises profile web"* ]]
	[[ $output == *"drift: $(id_of c): process "*" (sleep): no filter, "* ]]
	[[ $output != *CAP_CHOWN* ]]
	[ "$(of r .drift)" = true ]
	# A part at a time.
	jq '.seccomp.syscalls = [] | del(.capabilities)' "$T/store/etc/snug/profiles/web.json" > "$T/p" && cp "$T/p" "$T/store/etc/snug/profiles/web.json"
	run -1 look
	[[ $output == *"(sleep): no no_new_privs; policy"* ]]
	jq 'del(.noNewPrivileges)' "$T/p" > "$T/store/etc/snug/profiles/web.json"
	run -0 look
	[[ $output != *drift* ]]
}

@test "one process among those that are confined: exec with more" {
	policy enforce
	snug harden "$T/b" --profile web
	start r
	runc_here exec --detach --cap CAP_SYS_ADMIN "$(id_of r)" sleep 999 < /dev/null > /dev/null 2>&1
	until_true eval '[ "$(of r ".processes | map(select(.name == \"sleep\")) | length")" = 2 ]'
	run -1 look
	echo "$output"
	[ "$(grep -c '^drift: ' <<< "$output")" = 1 ]
	[[ $output == *"(sleep): has CAP_SYS_ADMIN; policy promises profile web"* ]]
	# That one is the weakest.
	run -0 of r '(.weakest == (.processes[] | select(.lacks) | .pid)) and (.processes | length) == 2'
	[ "$output" = true ]
}

# no_root: containers of web may not be root's; all else of it is in the bundle already.
no_root() {
	policy enforce
	snug harden "$T/b" --profile web
	jq '.runAsNonRoot = true' "$T/store/etc/snug/profiles/web.json" > "$T/p" && cp "$T/p" "$T/store/etc/snug/profiles/web.json"
}
as_root() { # ID OUTPUT
	[[ $2 == *"drift: $(id_of "$1"): process "*" (sleep): runs as root; policy promises profile web"* ]]
}

# root_then_user: container r is root's, and found; container u, which stays, is not.
root_then_user() {
	start r
	run -1 look
	echo "$output"
	as_root r "$output"
	runc_here delete --force "$(id_of r)"
	config "$T/b" '.process.user = {uid: 1000, gid: 1000}'
	start u
	run -0 look
	[[ $output == *"$(id_of u) "* && $output != *drift* ]]
}

@test "runAsNonRoot: root that was started past snug, and what exec brings in as root" {
	no_root
	root_then_user
	runc_here exec --detach --user 0 "$(id_of u)" sleep 999 < /dev/null > /dev/null 2>&1
	until_true eval '[ "$(of u ".processes | map(select(.name == \"sleep\")) | length")" = 2 ]'
	run -1 look
	echo "$output"
	as_root u "$output"
	[ "$(grep -c '^drift: ' <<< "$output")" = 1 ]
}

@test "runAsNonRoot: root is who is root in the container's user namespace" {
	no_root
	config "$T/b" '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 755 "$T/b" "$T/b/rootfs"
	root_then_user
	# In a namespace of his own he is no more than that user.
	runc_here exec --detach "$(id_of u)" unshare -r sleep 999 < /dev/null > /dev/null 2>&1
	until_true eval '[ "$(of u ".processes | map(select(.name == \"sleep\")) | length")" = 2 ]'
	run -0 look
	[[ $output != *drift* ]]
}

@test "who comes into the container from outside counts, by any of its namespaces" {
	policy enforce
	snug harden "$T/b" --profile web
	start r
	run -0 look
	pid=$(runc_here state "$(id_of r)" | jq .pid)
	for kind in --mount --pid; do
		behind nsenter --target "$pid" "$kind" sleep 998
		until_true eval '[ "$(of r ".processes | map(select(.filters == 0)) | length")" -gt 0 ]'
		run -1 look
		echo "$output"
		[[ $output == *"drift: $(id_of r): process "*"(sleep): no filter, no no_new_privs, has "* ]]
		pkill -P "$behind" 2> /dev/null || :
		kill "$behind" 2> /dev/null || :
		until_true eval '[ "$(of r ".processes | length")" = 1 ]'
	done
}

@test "a pid namespace that containers share tells none of them" {
	policy enforce '.rules = [{match: {annotations: {role: "helper"}}, mode: "off"}]'
	mkdir "$T/h"
	cp "$T/b/config.json" "$T/h/"
	snug harden "$T/b" --profile web
	start r
	pid=$(runc_here state "$(id_of r)" | jq .pid)
	config "$T/h" --arg path "/proc/$pid/ns/pid" --arg root "$T/b/rootfs" '.annotations.role = "helper" | .root.path = $root
		| (.linux.namespaces[] | select(.type == "pid")).path = $path'
	runc_here run --detach --bundle "$T/h" "$(id_of h)" < /dev/null > /dev/null 2>&1
	run look
	echo "$output"
	[ "$status" = 0 ]
	[ "$(of r '.processes | length')" = 1 ]
	[ "$(of h '[.mode, (.processes | length), .processes[0].filters] | tojson')" = '["off",1,0]' ]
}

@test "confined at the exec boundary: as promised, though config.json says nothing of it" {
	need bpf
	policy enforce
	start_bpffs
	config "$T/b" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.hooks = (["prestart", "poststop"] | map({(.): [{path: $hook, args: ["snug-hook", "--root", $store, .]}]}) | add)'
	in_bpffs runc --root "$RUNC_ROOT" run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	mkdir "$T/crun"
	run in_bpffs "$SNUG" --root "$T/store" status --deep --runtime-root "$RUNC_ROOT"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"$(id_of r) "*enforce*web* ]]
	[ "$(of r '.processes[0] | [.filters, .noNewPrivileges] | tojson')" = '[1,true]' ]
	in_bpffs runc --root "$RUNC_ROOT" delete --force "$(id_of r)"
}

@test "who hides in namespaces of his own is seen, and has no capability over the container there" {
	policy enforce
	config "$T/b" '.process.capabilities |= map_values(["CAP_CHOWN"]) | .process.noNewPrivileges = true
		| .process.args = ["/bin/unshare", "-U", "-m", "-p", "-f", "/bin/sleep", "1000"]'
	snug harden "$T/b" --profile web
	start r
	until_true eval '[ "$(of r ".processes | length")" = 2 ]'
	run look
	echo "$output"
	[ "$status" = 0 ]
	run -0 of r '.processes | map({(.name): [.ownUserNamespace, .filters]}) | add | tojson'
	[ "$output" = '{"unshare":[true,1],"sleep":[true,1]}' ]
	[ "$(of r '.processes[] | select(.name == "unshare") | .permitted | length > 10')" = true ]
}

@test "audit, learn, off: shown, and no drift" {
	start r
	policy audit
	run -0 look
	echo "$output"
	[[ $output == *"audit: $(id_of r): process "*"no no_new_privs"*"enforce would change that, by profile web"* ]]
	policy learn '.default.profile = "seen"'
	run -0 look
	[[ $output == *"$(id_of r) "*" learn "*seen* ]]
	policy off 'del(.default.profile)'
	run -0 look
	[[ $output == *"$(id_of r) "*" off "* ]]
	[ "$(of r '[.mode, .drift] | tojson')" = '["off",false]' ]
}

@test "nobody can tell what is promised: the policy, the profile or the bundle is gone" {
	start r
	policy enforce
	rm "$T/store/etc/snug/profiles/web.json"
	run -1 look
	[[ $output == *"drift: $(id_of r): "*"no profile"*web* ]]
	[[ $output == *"$(id_of r) "*" enforce "* ]]
	echo '{' > "$T/store/etc/snug/policy.json"
	run -1 look
	[[ $output == *"drift: $(id_of r): $T/store/etc/snug/policy.json:"* ]]
	[[ $output == *"$(id_of r) "*" ? "* && $output != *" off "* ]]
	[ "$(of r '[.mode, .drift] | tojson')" = '[null,true]' ]
	policy off 'del(.default.profile)'
	mv "$T/b/config.json" "$T/away.json"
	run -1 look
	[[ $output == *"drift: $(id_of r): $T/b/config.json"* ]]
	[[ $output == *"$(id_of r) "*" ? "* ]]
	rm "$T/store/etc/snug/policy.json"
	run -0 look
	[[ $output == *"$(id_of r) "* && $output != *drift* ]]
}

@test "created and not started: the runtime's own process is not judged; stopped: not listed" {
	policy enforce
	runc_here create --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	run -0 look
	echo "$output"
	[ "$(of r .started)" = false ]
	runc_here start "$(id_of r)"
	run -1 look
	[[ $output == *"drift: $(id_of r)"* ]]
	runc_here kill "$(id_of r)" KILL
	until_true eval '[ "$(runc_here state "$(id_of r)" | jq -r .status)" = stopped ]'
	run -0 look
	[ "$output" = 'nobody is learning' ]
}

@test "hostile states: a line each, and the rest is shown" {
	start r
	mkdir -p "$T/crun"/{empty,pipe,link,cut,huge,reused,theirs,folder/status}
	mkfifo "$T/crun/pipe/status"
	ln -s /etc/shadow "$T/crun/link/status"
	head -c 100 "$RUNC_ROOT/$(id_of r)/state.json" > "$T/crun/cut/state.json"
	truncate -s 1G "$T/crun/huge/status"
	# The number of a process that lives, the start of another; and what somebody else wrote.
	state() { jq -n --argjson pid $$ --argjson start "$1" '{pid: $pid, "process-start-time": $start, bundle: "/nowhere"}'; }
	state 1 > "$T/crun/reused/status"
	state "$(sed 's/.*) //' "/proc/$$/stat" | cut -d' ' -f20)" > "$T/crun/theirs/status"
	chown nobody "$T/crun/theirs/status"
	policy enforce 'del(.default)'
	run -0 look
	echo "$output"
	for id in pipe link cut huge folder; do
		[ "$(grep -c "^$T/crun/$id/stat" <<< "$output")" = 1 ]
	done
	[[ $output != *root:* && $output != *reused* && $output != *empty* ]]
	[[ $output == *"$(id_of r) "* ]]
	[[ $output == *"note: theirs: its state is user $(id -u nobody)'s to write"* ]]
	[ "$(look --format json | jq '.unreadable | length')" = 5 ]
	run -0 snug status --runtime-root "$T/nowhere"
	[[ $output == *"$T/nowhere: No such file"* ]]
	run -0 snug status --runtime-root "$T/b/config.json"
	[[ $output == *"$T/b/config.json: Not a directory"* ]]
}

# failing PATH COMMAND...: whoever opens the path gets an I/O error.
failing() { strace -f -qq -o /dev/null -P "$1" -e trace=open,openat -e inject=open,openat:error=EIO "${@:2}"; }
asks() { failing "$1" "$SNUG" --root "$T/store" status "${@:2}"; }

@test "a container's folder that cannot be opened is named, and the others are shown" {
	need strace
	start r
	start s
	touch "$RUNC_ROOT/file"
	run -0 asks "$(id_of r)" --runtime-root "$RUNC_ROOT"
	echo "$output"
	[[ $output == *"cannot be read:"*"$RUNC_ROOT/$(id_of r): Input/output error"* && $output == *"$(id_of s) "* ]]
	[[ $output != *"$RUNC_ROOT/file"* ]]
}

@test "a process that cannot be looked at is not one that is gone" {
	need strace
	policy enforce
	start r
	pid=$(runc_here state "$(id_of r)" | jq .pid)
	for kind in pid mnt user; do
		run strace -f -qq -o /dev/null -P "/proc/$pid/ns/$kind" -e trace=stat,newfstatat -e inject=stat,newfstatat:error=EIO \
			"$SNUG" --root "$T/store" status --runtime-root "$RUNC_ROOT"
		echo "$output"
		[ "$status" = 5 ] && [[ $output == *"/proc/$pid/ns/$kind: Input/output error"* ]]
	done
	run -1 asks "/proc/$pid/task/$pid/status" --runtime-root "$RUNC_ROOT"
	echo "$output"
	[[ $output == *"/proc/$pid/task/$pid/status: Input/output error"* ]]
}

@test "the usual places: containers of each are found, and what cannot be looked at is named" {
	need strace
	export -f asks failing
	export T SNUG
	# shellcheck disable=SC2016 # for the shell in there
	usual() {
		unshare --mount --propagation private bash -c 'mount -t tmpfs tmpfs /run
			mkdir -p /run/user/1000 /run/user/1001 /run/docker/runtime-runc /run/containerd/runc && touch /run/user/file
			echo no folder > /run/user/1001/runc
			for place in runc crun docker/runtime-runc/moby containerd/runc/k8s.io user/1000/runc; do
				cp -r "$0" "/run/$place"
			done
			rm -rf "$T/store/run" && "$@"' "$RUNC_ROOT" "$@"
	}
	start r
	run -0 usual "$SNUG" --root "$T/store" status
	echo "$output"
	[[ $output == *"$(id_of r) "* && $output != *"cannot be read"* ]]
	for place in /run/user /run/docker /run/docker/runtime-runc /run/containerd/runc /run/containerd/runc/k8s.io; do
		run -0 usual asks "$place"
		echo "$output"
		[[ $output == *"cannot be read:"*"$place: Input/output error"* ]]
	done
}

@test "deep: a filter that allows what the profile does not, by a call that shows it" {
	need crun
	policy enforce
	snug harden "$T/b" --profile web
	start r
	start_crun c
	run -0 look --deep
	# The profile has become stricter; what runs has not.
	profile web '["mkdir", "mkdirat", "chroot"]'
	run -0 look
	run -1 look --deep
	echo "$output"
	[ "$(grep -c '^drift: .*profile web: .*chroot.* gets .*; policy promises profile web$' <<< "$output")" = 2 ]
	# One filter of two is enough.
	profile web '["mkdir"]'
	run -0 look --deep
}

@test "deep: the default profile, by both runtimes" {
	need crun
	mkdir -p "$T/store/usr/share/snug/profiles"
	cp "$REPO/profiles/baseline.json" "$T/store/usr/share/snug/profiles/"
	policy enforce '.default += {profile: "baseline", apparmor: "off"}'
	snug harden "$T/b" --profile baseline --without-apparmor
	start r
	start_crun c
	run look --deep
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"$(id_of c) "*enforce*baseline* ]]
}
