#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of what changes a config on its way to the runtime, failed: precreate writes the whole hardened config
# or fails, and a container under snug-runtime is refused or runs as its profile says.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root runc jq busybox
	live_setup
	faults_setup
	mkdir -p "$T/store/etc/snug" "$T/store/var/lib/snug/profiles" "$T/store/run/snug"
	profile > "$T/store/var/lib/snug/profiles/web.json"
	echo '{"snugPolicy": 1, "default": {"mode": "enforce", "profile": "web"}}' > "$T/store/etc/snug/policy.json"
	bundle "$T/b" /bin/sh -c 'grep -E "^(NoNewPrivs|Seccomp|CapBnd|CapEff):" /proc/self/status; mkdir /tmp/made && echo made; exit 7'
	cp "$T/b/config.json" "$T/plain.json"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
}
teardown() {
	[ -z "${HOST_HOLDER:-}" ] || for id in $(in_host runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_host runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	live_teardown
}

profile() {
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}'
}
no_temporaries() { [ "$mode" = KILL ] || ! find "$@" -name '.snug-*' | grep -q . || found "left: $(find "$@" -name '.snug-*')"; }

@test "precreate" {
	STDIN=$T/plain.json
	"$HOOK" --root "$T/store" precreate < "$T/plain.json" > "$T/new.json"
	before() { rm -rf "$T/store/var/cache" "$T/store/run/snug/failures"; }
	act() { fault "$HOOK" --root "$T/store" precreate; }
	as_good() { # spelt in another way, and within the profile
		jq -e . "$T/out" > /dev/null && cp "$T/out" "$T/again.json" && snug harden "$T/again.json" --profile web &&
			cmp "$T/again.json" "$T/out"
	} > /dev/null 2>&1
	after() {
		# Podman takes what is written only with exit status 0.
		if [ "$result" = 0 ]; then
			cmp -s "$T/out" "$T/new.json" || as_good || found "another config: $(head -c 200 "$T/out")"
		else
			[ "$mode" = KILL ] || [ -s "$T/err" ] || found 'no line says why'
		fi
		no_temporaries "$T/store"
	}
	walk 3
	# With an answer that is kept.
	before() { rm -f "$T/store/run/snug/failures"; }
	"$HOOK" --root "$T/store" precreate < "$T/plain.json" > /dev/null
	walking='precreate, the answer kept'
	walk 2
}

@test "snug-runtime" {
	start_host
	mkdir "$T/bin"
	in_host cp "$T/store/var/lib/snug/profiles/web.json" /var/lib/snug/profiles/web.json
	in_host cp "$T/store/etc/snug/policy.json" /etc/snug/policy.json
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-runc"
	fault() { in_host "$PROGRAMS/fault" "$SPEC" "$@"; }
	run_it() {
		NUMBER=$((${NUMBER:-0} + 1))
		"$@" "$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$NUMBER")"
	}
	run_it in_host > "$T/out" || [ $? = 7 ]
	cp "$T/b/config.json" "$T/new.json"
	# Anew; a torn note or original of an earlier fault is part of what it finds.
	before() {
		rm -rf "$T/b/rootfs/tmp/made" "$T/b"/.snug-*
		cp "$T/plain.json" "$T/b/config.json"
	}
	act() { run_it fault; }
	success=7
	after() {
		[ ! -e "$T/b/rootfs/tmp/made" ] || found 'it did what the profile denies'
		[[ $(< "$T/out") != *Cap* ]] || is_confined || found "weaker than promised: $(< "$T/out")"
		[ "$result" = 7 ] || [ "$mode" = KILL ] || [ -s "$T/err" ] || found 'refused, and nobody says why'
		cmp -s "$T/b/config.json" "$T/plain.json" || cmp -s "$T/b/config.json" "$T/new.json" ||
			jq -e .linux.seccomp "$T/b/config.json" > /dev/null || found 'config.json is torn'
		[ ! -e "$T/b/config.json.snug-orig" ] || cmp -s "$T/b/config.json.snug-orig" "$T/plain.json" || found 'another original'
		no_temporaries "$T/b"
		[ -z "$(ls -A "$RUNC_ROOT")" ] || found "runc's: $(ls -A "$RUNC_ROOT")"
	}
	walk 2
	walking='snug-runtime, hardened before'
	before() {
		rm -rf "$T/b/rootfs/tmp/made" "$T/b"/.snug-*
		run_it in_host > /dev/null 2>&1 || [ $? = 7 ]
	}
	walk 2
}
