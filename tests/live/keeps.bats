#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Capabilities that a program does not use and cannot do without: what was learned runs as before once it is hardened.

# shellcheck disable=SC2154 # helpers set behind

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
	# It gets nothing back: all is there, or no_new_privs.
	learned CAP_CHOWN sh -c 'chown 1:1 /tmp/a'
	[ "$(jq .raisedCredentials "$(recording)")" = false ]
	change='.process.noNewPrivileges = true' learned '' keeps 0 -- /bin/true
	[ "$(jq .raisedCredentials "$(recording)")" = false ]
}

@test "a filter without no_new_privs" {
	change='.process.capabilities[] += ["CAP_SYS_ADMIN"]' learned CAP_SYS_ADMIN keeps 0 -- /bin/keeps filter
	jq -e '.capabilities == ["CAP_SYS_ADMIN"]' "$T/store/var/lib/snug/profiles/x.json"
	# The profile's own no_new_privs does for it.
	change='.process.capabilities[] += ["CAP_SYS_ADMIN"]' learned CAP_SYS_ADMIN keeps filter
	jq -e '.capabilities == [] and .provenance.capabilities == {} and .noNewPrivileges' "$T/store/var/lib/snug/profiles/x.json"
	change='.process.capabilities[] += ["CAP_SYS_ADMIN"] | .process.noNewPrivileges = true' learned '' keeps filter
}

@test "what a listener of the workload's answers was seen by nobody: a loss, and said" {
	bundle "$T/b" keeps listener
	cp "$PROGRAMS/keeps" "$T/b/rootfs/bin/"
	snug learn "$T/b" --name x --id "$(id_of x)"
	jq -e '.sources[0].exit == 0 and .lost.syscalls == 1 and ([.syscalls[][].name] | index("getpgid") == null)' "$(recording)"
	snug generate x
	run snug harden "$T/b" --profile x --without-apparmor
	[ "$status" = 3 ]
	[[ $output == *'--accept-incomplete'* ]]
}

# A program with CAP_NET_RAW and CAP_KILL by its file, which does without either.
capable() {
	cp "$PROGRAMS/keeps" "$1/capable"
	setcap "${2:-cap_net_raw,cap_kill+ep}" "$1/capable"
}
of_file='[{"name":"CAP_KILL","needed":[{"program":"capable","syscall":"execve"}]},{"name":"CAP_NET_RAW","needed":[{"program":"capable","syscall":"execve"}]}]'
is_recorded() { "$SNUG" --root "$T/store" status --format json | jq -e '.learning[] | select(.by == "record" and .gatePassed)'; }
needed() { jq -c '.capabilities | map(del(.runs))' "$(recording)"; }

@test "file capabilities: the bounding set has to have them, whoever runs it" {
	need setcap
	mkdir -p "$T/b"
	rootfs "$T/b/rootfs"
	capable "$T/b/rootfs/bin"
	learned 'CAP_KILL CAP_NET_RAW' sh -c 'capable'
	[ "$(needed)" = "$of_file" ]
	change='.process.user = {uid: 1000, gid: 1000} | .process.noNewPrivileges = true |
		.process.capabilities = {bounding: ["CAP_KILL", "CAP_NET_RAW", "CAP_CHOWN"]}' \
		learned 'CAP_KILL CAP_NET_RAW' capable
	# Without the effective flag it runs with what there is; and what did not run counts for nothing.
	learned '' sh -c 'cat /bin/capable > /dev/null'
	capable "$T/b/rootfs/bin" cap_net_raw,cap_kill+p
	learned '' capable
	# Its symlinks are the container's.
	rm "$T/b/rootfs/bin/capable"
	mkdir -p "$T/b/rootfs/opt"
	capable "$T/b/rootfs/opt"
	ln -s /opt/capable "$T/b/rootfs/bin/capable"
	learned 'CAP_KILL CAP_NET_RAW' capable
}

@test "file capabilities: by hooks alone, and of a container that runs" {
	need setcap
	bundle "$T/b" sh -c 'until [ -e /tmp/go ]; do sleep 0.1; done; capable; capable; touch /tmp/done; sleep 3600'
	capable "$T/b/rootfs/bin"
	start_bpffs
	hooked "$T/b" x
	in_bpffs runc --root "$RUNC_ROOT" run --detach --bundle "$T/b" "$(id_of h)" > /dev/null 2>&1 < /dev/null
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	in_bpffs runc --root "$RUNC_ROOT" delete --force "$(id_of h)"
	[ "$(needed)" = "$of_file" ]
	rm -r "$T/store" "$T/b/rootfs/tmp/"{go,done}
	mkdir "$T/store"
	config "$T/b" 'del(.hooks)'
	runc --root "$RUNC_ROOT" run --detach --bundle "$T/b" "$(id_of r)" > /dev/null 2>&1 < /dev/null
	behind "$SNUG" --root "$T/store" record --pid "$(runc --root "$RUNC_ROOT" state "$(id_of r)" | jq .pid)" --name x
	until_true is_recorded
	touch "$T/b/rootfs/tmp/go"
	until_true test -e "$T/b/rootfs/tmp/done"
	runc --root "$RUNC_ROOT" delete --force "$(id_of r)"
	wait "$behind"
	[ "$(needed)" = "$of_file" ]
}
