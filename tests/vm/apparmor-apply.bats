#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AppArmor applied: harden names a profile, the hook has it in the kernel, poststop lets it go. On a
# kernel that has AppArmor: contrib/vm/run -- bats --tap tests/vm/apparmor-apply.bats
# shellcheck disable=SC2154 # bats: run sets stderr; helpers.bash: behind

bats_require_minimum_version 1.5.0
load ../live/helpers

PARSER=/usr/sbin/apparmor_parser

setup() {
	need root runc crun jq busybox apparmor_parser apparmor
	live_setup
	# Hundreds of links take their time in an emulated machine: these applets will do.
	mkdir -p "$T/b/rootfs"/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$T/b/rootfs/bin/"
	for applet in sh cat sleep; do ln -s busybox "$T/b/rootfs/bin/$applet"; done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$T/b/rootfs/etc/passwd"
	bundle "$T/b" /bin/sh -c 'cat /proc/self/attr/current; cat /etc/passwd; cat /etc/shadow'
	echo secret > "$T/b/rootfs/etc/shadow"
	policy web
}

teardown() {
	umount "$PARSER" 2> /dev/null
	local id
	for id in $(crun list -q 2> /dev/null | grep -- "$TEST_ID"); do crun delete --force "$id"; done
	live_teardown
	unload_ours
}

# policy NAME [JQ]: $T/NAME.json, a profile that lets busybox do what these tests want, and a file less.
policy() {
	cat > "$T/$1.json" <<-END
		{"snugProfile": 1, "name": "$1", "origin": "hand", "apparmor": {
			"files": [{"path": "/bin/*", "access": "rmx"}, {"path": "/proc/**", "access": "r"},
				{"path": "/etc/passwd", "access": "r"}, {"path": "/dev/*", "access": "rw"},
				{"path": "/tmp/", "access": "r"}, {"path": "/tmp/**", "access": "rw"}],
			"signals": [{"access": ["receive"], "peer": "unconfined"}, {"access": ["send", "receive"], "peer": "self"}]}}
	END
	[ $# -lt 2 ] || { jq "$2" "$T/$1.json" > "$T/changed" && mv "$T/changed" "$T/$1.json"; }
}

# harden_it [OPTION...]: the bundle by web, or the profile that --profile names.
harden_it() { snug harden "$T/b" --profile "$T/web.json" "$@"; }
label() { sed -n 's/^[[:space:]]*"apparmorProfile": "\(.*\)",\{0,1\}$/\1/p' "$T/b/config.json"; }
is_loaded() { loaded | grep -qx "$1"; }
noted() { find "$T/store/run/snug/apparmor" -type f -name '[0-9]*' 2> /dev/null; }
args() { config "$T/b" '.process.args = $ARGS.positional' --args -- "$@"; }
bare() { config "$T/b" 'del(.process.apparmorProfile, .hooks)'; }

# count_parser: from here on each run of the parser adds a line to $T/parsed.
count_parser() {
	cp "$PARSER" "$T/parser.real"
	fake_parser "echo run >> $T/parsed; exec $T/parser.real \"\$@\""
	: > "$T/parsed"
}
fake_parser() { # SCRIPT
	printf '#!/bin/sh\n%s\n' "$1" > "$T/parser"
	chmod 755 "$T/parser"
	mount --bind "$T/parser" "$PARSER"
}
parsed() { wc -l < "$T/parsed"; }

# start ID COMMAND...: a container that runs COMMAND until it is killed. By crun, which starts in a third of
# runc's time; but runc passes on what a hook says.
start() {
	local id=$1
	shift
	args "$@"
	crun run --detach --bundle "$T/b" "$id" > "$T/out" 2>&1 < /dev/null || { cat "$T/out" && return 1; }
}

@test "harden, then runc and crun: confined, what is allowed works, the rest is EACCES" {
	harden_it
	[[ $(label) =~ ^snug-web-[0-9a-f]{16}$ ]]
	[ "$(stat -c %a "$T/store/var/lib/snug/apparmor" "$T/store/var/lib/snug/apparmor/$(label)")" = $'700\n600' ]
	for runtime in runc_here crun_here; do
		run "$runtime" run --bundle "$T/b" "$(id_of "$runtime")"
		echo "$output"
		[ "${lines[0]}" = "$(label) (enforce)" ]
		[[ $output == *root:x:0:0* ]]
		[[ $output == *"can't open '/etc/shadow': Permission denied"* ]]
		[[ $output != *secret* ]]
	done
	# poststop has let it go.
	[ -z "$(loaded)" ]
	[ -z "$(noted)" ]
}

@test "a second start loads nothing, and one after the unloading needs no parser" {
	harden_it
	count_parser
	start "$(id_of one)" sleep 1000
	[ "$(parsed)" = 1 ]
	before=$(ls -di "$SECURITY/policy/profiles/$(label)".*)
	start "$(id_of two)" sleep 1000
	[ "$(parsed)" = 1 ]
	[ "$(ls -di "$SECURITY/policy/profiles/$(label)".*)" = "$before" ]
	[ "$(noted | wc -l)" = 2 ]
	# As a snug leaves it that dies behind the load.
	sed -i 's/^at .*/at /' "$T/store/run/snug/apparmor/$(label)/loaded"
	start "$(id_of four)" sleep 1000
	[ "$(parsed)" = 1 ]
	[ "$(ls -di "$SECURITY/policy/profiles/$(label)".*)" = "$before" ]
	crun delete --force "$(id_of four)"
	crun delete --force "$(id_of one)"
	is_loaded "$(label)"
	crun delete --force "$(id_of two)"
	[ -z "$(loaded)" ]
	start "$(id_of three)" sleep 1000
	[ "$(parsed)" = 1 ]
	is_loaded "$(label)"
}

@test "runc kill and crun kill reach a confined container" {
	harden_it
	args sleep 1000
	runc_here run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > "$T/out" 2>&1
	runc_here kill "$(id_of r)" KILL
	until_true sh -c "runc --root $RUNC_ROOT state $(id_of r) | grep -q stopped"
	runc_here delete "$(id_of r)"
	crun_here run --detach --bundle "$T/b" "$(id_of c)" < /dev/null > "$T/out" 2>&1
	crun_here kill "$(id_of c)" KILL
	crun_here delete --force "$(id_of c)"
	until_true [ -z "$(loaded)" ]
}

@test "killed without a poststop: the next command unloads" {
	harden_it
	start "$(id_of one)" sleep 1000
	pid=$(crun state "$(id_of one)" | jq .pid)
	run snug status
	[[ $output == *"$(id_of one)"*enforce*"$(label)"* ]]
	kill -9 "$pid"
	until_true sh -c "! grep -q '^State:.[^Z]' /proc/$pid/status"
	run -0 snug status
	[[ $output != *"$(label)"* ]]
	[ -z "$(loaded)" ]
	[ -z "$(noted)" ]
}

@test "stacked onto another profile: both hold" {
	printf 'abi <abi/3.0>,\nprofile base-%s flags=(attach_disconnected) {\n file,\n signal,\n capability,\n deny /etc/passwd r,\n}\n' \
		"$TEST_ID" | apparmor_parser --add
	config "$T/b" --arg base "base-$TEST_ID" '.process.apparmorProfile = $base'
	harden_it
	[[ $(label) == "base-$TEST_ID//&snug-web-"* ]]
	cp "$T/b/config.json" "$T/once"
	harden_it
	cmp "$T/b/config.json" "$T/once"
	for runtime in runc_here crun_here; do
		run "$runtime" run --bundle "$T/b" "$(id_of "$runtime")"
		echo "$output"
		[[ ${lines[0]} == *"base-$TEST_ID"*"//&"*"(enforce)" ]]
		[[ $output == *"can't open '/etc/passwd': Permission denied"* ]]
		[[ $output == *"can't open '/etc/shadow': Permission denied"* ]]
	done
	printf %s "base-$TEST_ID" > "$SECURITY/.remove"
}

@test "two versions side by side" {
	harden_it
	start "$(id_of old)" sleep 1000
	old=$(label)
	bare
	policy web '.apparmor.files += [{path: "/etc/shadow", access: "r"}]'
	harden_it
	[ "$(label)" != "$old" ]
	args cat /etc/shadow
	run -0 crun run --bundle "$T/b" "$(id_of new)"
	[ "$output" = secret ]
	is_loaded "$old"
	run ! is_loaded "$(label)"
}

@test "a newer version on a hardened bundle is stacked: the old one holds too" {
	harden_it
	old=$(label)
	policy web '.apparmor.files += [{path: "/etc/shadow", access: "r"}]'
	harden_it
	[[ $(label) == "$old//&snug-web-"* ]]
	run crun run --bundle "$T/b" "$(id_of new)"
	echo "$output"
	[[ $output == *"can't open '/etc/shadow': Permission denied"* ]]
	[ -z "$(loaded)" ]
}

@test "complain: another label, and nothing is refused" {
	harden_it
	enforced=$(label)
	bare
	harden_it --complain
	[ "$(label)" != "$enforced" ]
	run -0 crun run --bundle "$T/b" "$(id_of c)"
	[ "${lines[0]}" = "$(label) (complain)" ]
	[[ $output == *secret* ]]
}

@test "no-hook: loaded at once, and it stays until it is unloaded" {
	cp "$T/b/config.json" "$T/before.json"
	harden_it --no-hook
	[ "$(jq .hooks "$T/b/config.json")" = "$(jq .hooks "$T/before.json")" ]
	is_loaded "$(label)"
	run crun run --bundle "$T/b" "$(id_of n)"
	[ "${lines[0]}" = "$(label) (enforce)" ]
	run -0 snug status
	is_loaded "$(label)"
	run -0 snug unload web
	[ "$output" = "unloaded $(label)" ]
	[ -z "$(loaded)" ]
	run crun run --bundle "$T/b" "$(id_of n)"
	[ "$status" != 0 ]
	# After a boot: hardening again loads it, and changes nothing.
	cp "$T/b/config.json" "$T/once"
	run -0 harden_it --no-hook
	[[ $output == *", loaded"* ]]
	cmp "$T/b/config.json" "$T/once"
	is_loaded "$(label)"
}

@test "somebody else's profile of that name: the container is refused, and it stays" {
	harden_it
	printf 'profile %s { file, }\n' "$(label)" | apparmor_parser --add
	run runc_here run --bundle "$T/b" "$(id_of f)"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"container $(id_of f): $(label): the kernel has a profile of this name that snug did not load; "* ]]
	run -4 snug unload "$(label)"
	is_loaded "$(label)"
	# So is one that replaced ours.
	printf %s "$(label)" > "$SECURITY/.remove"
	start "$(id_of g)" sleep 1000
	printf 'profile %s { file, signal, }\n' "$(label)" | apparmor_parser --replace
	run runc_here run --bundle "$T/b" "$(id_of h)"
	[ "$status" != 0 ]
	[[ $output == *"did not load"* ]]
	crun delete --force "$(id_of g)"
	is_loaded "$(label)"
}

@test "no parser, and one that fails: refused with its message and line" {
	harden_it
	fake_parser 'echo "AppArmor parser error at line 3: syntax error, unexpected TOK_ID" >&2; exit 1'
	run runc_here run --bundle "$T/b" "$(id_of p)"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"container $(id_of p): $T/store/var/lib/snug/apparmor/$(label):3: apparmor_parser: syntax error, unexpected TOK_ID"* ]]
	[[ $output != *root:x* ]]
	run -3 harden_it
	[[ $output == "snug: AppArmor text of web:3: apparmor_parser: syntax error, unexpected TOK_ID"* ]]
	umount "$PARSER"
	: > "$T/parser"
	chmod 644 "$T/parser"
	mount --bind "$T/parser" "$PARSER"
	run runc_here run --bundle "$T/b" "$(id_of p)"
	[ "$status" != 0 ]
	[[ $output == *"there is no apparmor_parser in /sbin or /usr/sbin; install it"* ]]
	[ -z "$(loaded)" ]
	run -0 snug status
	[[ $output == *"$(id_of p)"*"no apparmor_parser"* ]]
}

@test "a text that was changed, and one that is not there" {
	harden_it
	text=$T/store/var/lib/snug/apparmor/$(label)
	sed -i 's/passwd/shadow/' "$text"
	run runc_here run --bundle "$T/b" "$(id_of t)"
	[ "$status" != 0 ]
	[[ $output == *"$text: this is not the text that its name is the digest of"* ]]
	rm "$text"
	run runc_here run --bundle "$T/b" "$(id_of t)"
	[[ $output == *"$text: the profile's text is not there; harden the bundle again"* ]]
	[ -z "$(loaded)" ]
	harden_it
	run runc_here run --bundle "$T/b" "$(id_of t)"
	[ "${lines[0]}" = "$(label) (enforce)" ]
}

@test "unload: what is used is refused, by name and by label, and spared by --unused" {
	harden_it
	start "$(id_of u)" sleep 1000
	run -1 snug unload web
	[[ $output == *"$(label): a container uses it; "* ]]
	run -0 snug unload --unused
	[ -z "$output" ]
	# A process that no hook knows of keeps it when the container goes.
	behind aa-exec -p "$(label)" -- "$T/b/rootfs/bin/sleep" 1000
	until_true grep -q "$(label)" "/proc/$behind/attr/current"
	crun delete --force "$(id_of u)"
	is_loaded "$(label)"
	run -1 snug unload "$(label)"
	[[ $output == *"$(label): process $behind uses it; "* ]]
	kill "$behind"
	wait "$behind" || true
	run -0 snug status
	[ -z "$(loaded)" ]
	run -1 snug unload nobody
	run -2 snug unload
}

@test "under snug learn a hardened bundle is confined too" {
	harden_it
	args cat /proc/self/attr/current
	run -0 snug learn "$T/b" --name "l$TEST_ID"
	[[ $output == *"$(label) (enforce)"* ]]
	[ -z "$(loaded)" ]
}
