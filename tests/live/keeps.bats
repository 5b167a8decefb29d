#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Capabilities that a program does not use and cannot do without: what was learned runs as before once it is hardened.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
}

teardown() { live_teardown; }

recording() { echo "$T/store/var/lib/snug/recordings/x/"*.json; }

# learned CAPS ARG...: what is needed by that program is CAPS, and with no more it runs.
learned() {
	local caps=$1
	shift
	bundle "$T/b" "$@"
	cp "$PROGRAMS/keeps" "$T/b/rootfs/bin/"
	config "$T/b" "${change:-.}"
	touch "$T/b/rootfs/tmp/a"
	snug learn "$T/b" --name x --id "$(id_of x)" --fresh
	[ "$(jq '.sources[0].exit' "$(recording)")" = 0 ]
	jq -c .capabilities "$(recording)"
	[ "$(jq -r '[.capabilities[].name] | join(" ")' "$(recording)")" = "$caps" ]
	snug generate x
	snug harden "$T/b" --profile x --without-apparmor
	chown 0:0 "$T/b/rootfs/tmp/a"
	runc_here run --bundle "$T/b" "$(id_of again)"
}

@test "capset: what is kept when others are given up, and not CAP_SETPCAP, which each asks for in passing" {
	learned '' keeps 0
	learned 'CAP_SETGID CAP_NET_BIND_SERVICE' keeps 440
	[ "$(jq -c '.capabilities[0].needed' "$(recording)")" = '[{"program":"keeps","syscall":"capset"}]' ]
	# Who keeps all asks what there is; what is refused is kept by nobody.
	learned '' keeps all
	learned '' sh -c 'keeps 200000 || true'
}

@test "PR_CAP_AMBIENT_RAISE" {
	learned CAP_NET_BIND_SERVICE keeps ambient:10
	[ "$(jq -c '.capabilities[0].needed' "$(recording)")" = '[{"program":"keeps","syscall":"prctl"}]' ]
}

@test "what root gets back by an exec" {
	learned CAP_CHOWN keeps 0 -- /bin/sh -c 'chown 1:1 /tmp/a'
	[ "$(jq .raisedCredentials "$(recording)")" = true ]
	change='.process.capabilities.permitted = [] | .process.capabilities.effective = []' \
		learned CAP_CHOWN sh -c 'chown 1:1 /tmp/a'
	[ "$(jq .raisedCredentials "$(recording)")" = true ]
	# It gets nothing back: all is there, or no_new_privs.
	learned CAP_CHOWN sh -c 'chown 1:1 /tmp/a'
	[ "$(jq .raisedCredentials "$(recording)")" = false ]
	change='.process.noNewPrivileges = true' learned '' keeps 0 -- /bin/true
	[ "$(jq .raisedCredentials "$(recording)")" = false ]
}
