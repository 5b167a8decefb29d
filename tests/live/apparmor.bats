#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A host without AppArmor: a profile that has such a part is refused, or taken without it, and no
# container runs as if it were confined. What AppArmor does where it is: tests/vm/apparmor-apply.bats.
# shellcheck disable=SC2016,SC2154 # JSON paths begin with '$'; bats: run sets stderr

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox
	[ -n "$(missing_apparmor)" ] || skip 'this host has AppArmor'
	live_setup
	mkdir -p "$T/b/rootfs"/{bin,dev,proc,sys,etc}
	cp "$(command -v busybox)" "$T/b/rootfs/bin/"
	bundle "$T/b" /bin/busybox echo ran
	cp "$T/b/config.json" "$T/before.json"
	jq -n '{snugProfile: 1, name: "web", capabilities: ["CAP_KILL"], noNewPrivileges: true,
		apparmor: {files: [{path: "/bin/*", access: "rmx"}]}}' > "$T/web.json"
	LABEL=snug-web-0123456789abcdef
}

teardown() {
	live_teardown
}

harden_it() { snug harden "$T/b" --profile "$T/web.json" "$@"; }

@test "harden refuses, and changes nothing" {
	for options in '' --dry-run --complain --no-hook '--output -'; do
		# shellcheck disable=SC2086 # words
		run -4 --separate-stderr harden_it $options
		[ -z "$output" ]
		[[ $stderr == "snug: profile web has an AppArmor part: "*"; "*--without-apparmor* ]]
	done
	cmp "$T/b/config.json" "$T/before.json"
	[ ! -e "$T/store/var" ]
}

@test "without-apparmor: the rest is applied, no label, no hook" {
	run -0 harden_it --without-apparmor
	[ "$(jq -c '[.process.apparmorProfile, .hooks, .process.noNewPrivileges, .process.capabilities.bounding]' "$T/b/config.json")" = \
		'[null,null,true,["CAP_KILL"]]' ]
	[ ! -e "$T/store/var" ]
	cp "$T/b/config.json" "$T/once.json"
	run -0 harden_it --without-apparmor
	cmp "$T/b/config.json" "$T/once.json"
	run -0 runc_here run --bundle "$T/b" "$(id_of w)"
	[ "$output" = ran ]
	run -2 harden_it --without-apparmor --complain
}

@test "a policy says whether the AppArmor part may be missing" {
	mkdir -p "$T/store/etc/snug/profiles"
	cp "$T/web.json" "$T/store/etc/snug/profiles/"
	says() {
		printf '{"snugPolicy":1,"default":{"mode":"enforce","profile":"web"%s}}' "$1" > "$T/store/etc/snug/policy.json"
		snug hook precreate < "$T/b/config.json"
	}
	run -4 --separate-stderr says ''
	[ -z "$output" ]
	run -1 snug policy check
	[[ $output == *'$.default.profile: profile web has an AppArmor part: '*'"apparmor": "ifPresent"'* ]]
	snug harden "$T/b" --profile web --without-apparmor --output "$T/without.json"
	for word in ifPresent off; do
		says ",\"apparmor\":\"$word\"" | cmp - "$T/without.json"
		run -0 snug policy check
	done
	snug policy test "$T/b" | grep -q 'AppArmor: left out'
}

@test "to audit promises nothing: the rest of the profile is audited without AppArmor" {
	run -0 snug harden "$T/b" --profile "$T/web.json" --audit --output "$T/audited.json"
	[[ $output != *"apparmorProfile"* ]]
	jq -e '.process.apparmorProfile // "" == ""' "$T/audited.json"
	mkdir -p "$T/store/etc/snug/profiles"
	cp "$T/web.json" "$T/store/etc/snug/profiles/"
	echo '{"snugPolicy":1,"default":{"mode":"audit","profile":"web"}}' > "$T/store/etc/snug/policy.json"
	run -0 snug policy check
	snug hook precreate < "$T/b/config.json" > "$T/by-policy.json" 2> "$T/said"
	[ ! -s "$T/said" ]
	cmp "$T/by-policy.json" "$T/audited.json"
}

@test "complain wants an AppArmor part" {
	jq 'del(.apparmor)' "$T/web.json" > "$T/plain.json"
	run -3 snug harden "$T/b" --profile "$T/plain.json" --complain
	[[ $output == *"no AppArmor part"* ]]
}

@test "a config.json that names a profile of ours: the hook refuses the container, under crun too" {
	need crun
	hooked "$T/b" "l$TEST_ID" createRuntime poststop
	config "$T/b" --arg stack "docker-default//&$LABEL" '
		.process.apparmorProfile = $stack | del(.annotations)'
	for runtime in runc_here crun_here; do
		run "$runtime" run --bundle "$T/b" "$(id_of r)"
		echo "$output"
		[ "$status" != 0 ]
		[[ $output != *ran* ]]
		# crun shows nothing of what a hook says.
		[ "$runtime" = crun_here ] ||
			[[ $output == *"snug-hook: container $(id_of r): $LABEL: "*AppArmor*"; "* ]]
		"$runtime" delete --force "$(id_of r)" > /dev/null 2>&1 || true
	done
	run -0 snug status
	[ "$(grep -c "container $(id_of r): $LABEL: .*AppArmor" <<< "$output")" = 2 ]
}

@test "unload: this host cannot; which names are none" {
	run -4 snug unload web
	run -4 snug unload --unused
	run -2 snug unload
	run -2 snug unload web --unused
	run -2 snug unload ../web
}
