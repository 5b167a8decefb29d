#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is kept of a start for the next one, the gate's answer and a bundle's note, is kept under what it was made of: a
# policy or profile that is edited meanwhile is the next one's.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root strace jq
	live_setup
	WEB=$T/store/var/lib/snug/profiles/web.json POLICY=$T/store/etc/snug/policy.json
	mkdir -p "$T/store/var/lib/snug/profiles" "$T/store/etc/snug"
	profile '["CAP_CHOWN", "CAP_SYS_ADMIN"]' > "$WEB"
	profile '["CAP_CHOWN"]' > "$T/tight.json"
	policy enforce > "$POLICY"
	bundle "$T/b" true
	config "$T/b" '.process.noNewPrivileges = true
		| .process.capabilities = ({bounding, effective, permitted} | map_values(["CAP_SYS_ADMIN"]))'
}

teardown() { live_teardown; }

profile() { # CAPS
	jq -n --argjson caps "$1" '{snugProfile: 1, name: "web", origin: "hand", capabilities: $caps}'
}
policy() { # MODE
	jq -n --arg mode "$1" '{snugPolicy: 1, default: {mode: $mode, profile: "web"}}'
}
judge() { snug hook judge "$T/b"; }
harden() { snug hook harden-bundle runc "$T/b" "$T/b/config.json"; }
admin() { grep -q CAP_SYS_ADMIN "$T/b/config.json"; }

# while_reading FILE NEW WORDS...: a hook that is stopped when it has opened FILE, until NEW is in its place.
while_reading() {
	local waiting
	strace -f -qq -o "$T/trace" -P "$(basename "$1")" -e trace=open,openat,openat2 \
		-e inject=open,openat,openat2:signal=STOP:when=1 "$SNUG" --root "$T/store" hook "${@:3}" 3>&- & waiting=$!
	until_true grep -q 'stopped by SIGSTOP' "$T/trace"
	mv "$2" "$1"
	kill -CONT "$(awk '/stopped by SIGSTOP/ { print $1; exit }' "$T/trace")"
	wait "$waiting"
}

@test "a profile that is edited while the gate is asked: no answer of the one before is kept as its own" {
	while_reading "$WEB" "$T/tight.json" judge "$T/b"
	[ "$(cat "$T/store/run/snug/gate/"*)" = within ]
	judge
	[ "$(sort "$T/store/run/snug/gate/"*)" = $'weaker web\nwithin' ]
}

# What a bundle's note says that the config hangs on: snug-runtime takes the config as done where that is so.
key() { sed -n 's/^key //p' "$T/store/var/lib/snug/bundles/"*; }
harden_while_reading() { while_reading "$@" harden-bundle runc "$T/b" "$T/b/config.json"; }

@test "a profile that is edited while a bundle is hardened: its note is of the one before" {
	config "$T/b" '.process.capabilities |= map_values(. + ["CAP_KILL"])'
	harden_while_reading "$WEB" "$T/tight.json"
	admin
	raced=$(key)
	harden
	run ! admin
	[ "$(key)" != "$raced" ]
	profile '["CAP_CHOWN", "CAP_SYS_ADMIN"]' > "$WEB"
	harden
	admin
	[ "$(key)" = "$raced" ]
}

@test "a policy that is edited while a bundle is hardened: its note is of the one before" {
	jq '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}' "$T/tight.json" > "$WEB"
	policy enforce > "$T/policy.json"
	policy audit > "$POLICY"
	harden_while_reading "$POLICY" "$T/policy.json"
	admin
	raced=$(key)
	harden
	run ! admin
	[ "$(key)" != "$raced" ]
}
