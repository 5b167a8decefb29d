#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The gate: with nothing but a hook in the config.json, the policy's profile is enforced at the exec boundary where the
# config is weaker, and nothing is done where it is not.
# shellcheck disable=SC2154 # bats: run sets output

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox bpf
	live_setup
	start_bpffs
	rootfs "$T/b/rootfs"
	plain
	profile web mkdir
	policy enforce
}

teardown() {
	[ -z "${BPFFS_HOLDER:-}" ] || for id in $(in_bpffs runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_bpffs runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	live_teardown
}

# plain [STAGE...]: a bundle that says nothing of snug but its hooks.
plain() {
	[ $# -gt 0 ] || set -- prestart poststop
	bundle "$T/b" /bin/sh -c 'grep -E "^(NoNewPrivs|Seccomp|Seccomp_filters|CapBnd):" /proc/self/status; mkdir /tmp/made && echo made'
	config "$T/b" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.hooks = ($ARGS.positional | map({(.): [{path: $hook, args: ["snug-hook", "--root", $store, .]}]}) | add)' --args "$@"
	cp "$T/b/config.json" "$T/plain.json"
	rm -rf "$T/b/rootfs/tmp/made"
}
profile() { # NAME CALL
	mkdir -p "$T/store/var/lib/snug/profiles"
	jq -n --arg name "$1" --arg call "$2" '{snugProfile: 1, name: $name, origin: "hand", capabilities: ["CAP_CHOWN"],
		noNewPrivileges: true, seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: [$call], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' > "$T/store/var/lib/snug/profiles/$1.json"
}
policy() { # MODE [JQ]
	mkdir -p "$T/store/etc/snug"
	jq -n --arg mode "$1" '{snugPolicy: 1, default: {mode: $mode, profile: "web"}}' | jq "${2:-.}" > "$T/store/etc/snug/policy.json"
}
start() { in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$1")"; }
enforced() {
	[[ $output == *$'NoNewPrivs:\t1'* ]] && [[ $output == *$'Seccomp:\t2'* ]] &&
		[[ $output == *$'CapBnd:\t0000000000000001'* ]] && [[ $output == *"can't create directory"* ]]
}
answers() { cat "$T/store/run/snug/gate/"*; }

@test "a weaker config: confined at the exec boundary, at either stage, and left as it was" {
	for stage in prestart createRuntime; do
		plain "$stage" poststop
		run start "$stage"
		echo "$output"
		enforced
		cmp "$T/b/config.json" "$T/plain.json"
	done
	[ "$(answers | sort -u)" = 'weaker web' ]
}

@test "a config that was hardened is let through: one filter, and exec works" {
	snug harden "$T/b" --profile web
	run start one
	echo "$output"
	enforced
	[[ $output == *$'Seccomp_filters:\t1'* ]]
	[ "$(answers)" = within ]
	# What the answer hangs on is in its name: a stricter profile is asked for anew.
	profile web rmdir
	run start two
	echo "$output"
	[[ $output == *$'Seccomp_filters:\t2'* ]]
	[ "$(answers | sort)" = $'weaker web\nwithin' ]
}

@test "state and config are parsed by one process" {
	need strace
	plain createRuntime
	snug harden "$T/b" --profile web
	run start asks
	enforced
	config "$T/b" --arg strace "$(command -v strace)" --arg out "$T/calls" '.hooks.createRuntime[0] |=
		{path: $strace, args: (["strace", "-qq", "-e", "trace=clone", "-o", $out, .path] + .args[1:])}'
	run start knows
	echo "$output"
	enforced
	[ "$(answers)" = within ]
	cat "$T/calls"
	[ "$(grep -c '^clone(' "$T/calls")" = 1 ]
}

@test "a profile's paths, which nothing can keep any more: the config has them, or the container is refused" {
	local file=$T/store/var/lib/snug/profiles/web.json
	jq '.maskedPaths = ["/proc/keys"] | .readonlyPaths = ["/proc/sys"]' "$file" > "$T/w"
	mv "$T/w" "$file"
	config "$T/b" '.linux.maskedPaths = [] | .linux.readonlyPaths = ["/proc/sys"]'
	run ! start one
	[[ $output == *'profile web masks paths or has them read-only'* ]]
	[[ $output != *NoNewPrivs* ]]
	[ "$(answers)" = 'open web' ]
	config "$T/b" '.linux.maskedPaths = ["/proc/keys"]'
	run start two
	echo "$output"
	enforced
	[ "$(answers | sort -u)" = $'open web\nweaker web' ]
	# Who can change the config can have had another one read.
	chmod 666 "$T/b/config.json"
	run ! start three
	[[ $output == *'profile web masks paths or has them read-only'* ]]
}

@test "whenWeaker: refused" {
	policy enforce '.default.whenWeaker = "refuse"'
	run ! start one
	[[ $output == *"$T/b/config.json: it is weaker than profile web"* ]]
	[[ $output != *NoNewPrivs* ]]
	snug harden "$T/b" --profile web
	run start two
	enforced
}

@test "a bundle that others can change is no witness" {
	snug harden "$T/b" --profile web
	chmod 666 "$T/b/config.json"
	run start one
	echo "$output"
	enforced
	[[ $output == *$'Seccomp_filters:\t2'* ]]
	policy enforce '.default.whenWeaker = "refuse"'
	run ! start two
	[[ $output == *"others can change it"* ]]
}

@test "off, audit, no rule: nothing is done" {
	for what in '.default = {mode: "off"}' '.default.mode = "audit"' 'del(.default)'; do
		policy enforce "$what"
		rm -rf "$T/b/rootfs/tmp/made"
		run -0 start one
		[[ $output == *made ]]
		[[ $output == *$'Seccomp:\t0'* ]]
	done
}

@test "a policy, or a profile, that cannot be had: refused; onError turns it round" {
	rm "$T/store/var/lib/snug/profiles/web.json"
	run ! start one
	[[ $output == *"web"* && $output != *NoNewPrivs* ]]
	policy enforce '.default.onError = "continue"'
	run -0 start two
	[[ $output == *made ]]
	failures | grep -q "$(id_of two)"
	echo '{' > "$T/store/etc/snug/policy.json"
	run ! start three
	[[ $output == *policy.json* ]]
}

@test "learned by the policy, without an annotation" {
	policy learn '.default.profile = "seen"'
	run -0 start one
	[[ $output == *made ]]
	jq -e '.syscalls.SCMP_ARCH_X86_64 | map(.name) | index("mkdir")' "$T/store/var/lib/snug/recordings/seen/"*.json
}

@test "two profiles where none is in the config, or a hook and a policy that differ" {
	profile other rmdir
	policy enforce '.annotations = ["io.snug.profile"]'
	config "$T/b" '.annotations["io.snug.profile"] = "other"'
	run ! start one
	[[ $output == *"two are wanted"* ]]
	plain
	config "$T/b" '.hooks.prestart[0].args += ["--profile", "other"]'
	run ! start two
	[[ $output == *"the hook wants profile other and the policy profile web"* ]]
}
