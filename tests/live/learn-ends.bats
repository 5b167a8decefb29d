#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How a learning begins and ends: what it refuses, which signals it hands on, and that it leaves nothing.

# Each test is a subshell; run sets stderr.
# shellcheck disable=SC2030,SC2031,SC2154
bats_require_minimum_version 1.5.0 # run --separate-stderr

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	mkdir -p "$T/store"
	ID=$(id_of x)
}

teardown() {
	live_teardown
}

recording() { echo "$T/store/var/lib/snug/recordings/$1/"*.json; }

# Nothing of the container and of its shadow is left.
left_nothing() {
	if runc state "$ID" > /dev/null 2>&1; then
		return 1
	fi
	[ -z "$(ls "$T/store/run/snug" 2> /dev/null)" ]
}

no_recording() { [ ! -e "$T/store/var/lib/snug/recordings/x" ]; }

is_running() { [ "$(runc state "$1" | jq -r .status)" = running ]; }

# A container that makes ready by SCRIPT, says so, and goes on until it is told to end.
bundle_until_end() { # SCRIPT
	bundle "$T/b" sh -c "$1; touch /tmp/ready; until [ -e /tmp/end ]; do sleep 0.1; done"
}
until_ready() { until_true test -e "$T/b/rootfs/tmp/ready"; }
end() { touch "$T/b/rootfs/tmp/end"; }

# In the background, until its program is ready; its pid is $learn.
learn_behind() {
	"$SNUG" --root "$T/store" learn "$T/b" --name x --id "$ID" 2> "$T/err" &
	learn=$!
	until_ready
}

# A process that blocks a signal and reads it from a signalfd has read it.
has_taken() { # PID NUMBER
	local mask
	mask=$(sed -n 's/^ShdPnd:\t/0x/p' "/proc/$1/status")
	[ -n "$mask" ] && (((mask >> ($2 - 1) & 1) == 0))
}

@test "the bundle stays as it was, its own hooks run, its relative paths hold" {
	bundle "$T/b" sh -c 'cat /in/file'
	mkdir "$T/b/data"
	echo inside > "$T/b/data/file"
	config "$T/b" --arg out "$T/hooked" '.root.path = "rootfs"
		| .mounts += [{destination: "/in", type: "none", source: "data", options: ["rbind", "ro"]}]
		| .hooks = {prestart: [{path: "/bin/sh", args: ["sh", "-c", "cat > \($out)"]}]}'
	before=$(find "$T/b" -type f -exec sha256sum {} + | sort)
	run --separate-stderr snug learn "$T/b" --name x --id "$ID"
	[ "$status" = 0 ]
	[ "$output" = inside ]
	[ "$(jq -r .id "$T/hooked")" = "$ID" ]
	[ "$(find "$T/b" -type f -exec sha256sum {} + | sort)" = "$before" ]
	left_nothing
}

@test "the workload's status is kept, and is not snug's" {
	bundle "$T/b" sh -c 'exit 7'
	run --separate-stderr snug learn "$T/b" --name x --id "$ID" --format json
	[ "$status" = 0 ]
	[ "$(jq -c '[.exit, .gate, .runs, .lost]' <<< "$output")" = '[7,"filter-load",1,0]' ]
	[ "$(jq .sources[0].exit "$(recording x)")" = 7 ]
	[[ $stderr == *'exit status 7'* ]]
	[[ $stderr == *'unknown after one run'* ]]
	[ "$(stat -c %a "$(recording x)")" = 600 ]
}

@test "a second run adds, another command is noted, --fresh starts over" {
	bundle "$T/b" true
	snug learn "$T/b" --name x --id "$ID"
	run --separate-stderr snug learn "$T/b" --name x --id "$ID"
	[[ $stderr == *'run 2 of this name'* && $stderr != *'different commands'* ]]
	bundle "$T/b" echo
	run --separate-stderr snug learn "$T/b" --name x --id "$ID"
	[[ $stderr == *'run 3 of this name'* && $stderr == *'different commands'* ]]
	run --separate-stderr snug learn "$T/b" --name x --id "$ID" --fresh
	[[ $stderr == *'run 1 of this name'* && $stderr != *'different commands'* ]]
	[ "$(find "$T/store/var/lib/snug/recordings/x" -type f | wc -l)" = 1 ]
}

@test "--fresh on a full disk: the earlier run stays" {
	bundle "$T/b" true
	bundle "$T/c" sh -c 'touch /tmp/ready; until [ -e /tmp/go ]; do sleep 0.1; done; ls -l /; (true | cat); date; kill -CHLD $$; uname -a'
	export -f until_true
	# shellcheck disable=SC2016
	run unshare --mount --propagation private bash -c '
		mount -t tmpfs -o size=64k,mode=755 none "$1/store" && cd "$1" || exit 9
		"$SNUG" --root store learn b --name x --id "$2" || exit 9
		before=$(cat store/var/lib/snug/recordings/x/*.json)
		"$SNUG" --root store learn c --name x --id "$2" --fresh & learn=$!
		until_true test -e c/rootfs/tmp/ready || exit 9
		dd if=/dev/zero of=store/fill 2> /dev/null
		touch c/rootfs/tmp/go
		wait "$learn" && exit 8
		[ "$before" = "$(cat store/var/lib/snug/recordings/x/*.json)" ]' bash "$T" "$ID"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'No space left'* ]]
}

@test "SIGTERM is the container's; what it did until then is written" {
	bundle_until_end 'trap "umask 027; exit 3" TERM'
	learn_behind
	kill -TERM "$learn"
	wait "$learn"
	[ "$(jq .sources[0].exit "$(recording x)")" = 3 ]
	jq -e '.syscalls[][] | select(.name == "umask")' "$(recording x)"
	left_nothing
}

@test "two interrupts end a container that ignores them" {
	local init
	bundle_until_end 'trap "" INT'
	# The background of a shell ignores SIGINT; a signal that is blocked arrives all the same.
	learn_behind
	init=$(runc state "$ID" | jq .pid)
	# Two that are pending at once are one; the second counts within two seconds.
	kill -INT "$learn"
	until_true has_taken "$learn" 2
	kill -0 "$init"
	kill -INT "$learn"
	wait "$learn"
	[ "$(jq .sources[0].exit "$(recording x)")" = 137 ]
	left_nothing
}

@test "nohup: a hangup is nobody's" {
	bundle_until_end 'trap "exit 4" HUP'
	(trap '' HUP; exec "$SNUG" --root "$T/store" learn "$T/b" --name x --id "$ID" 2> "$T/err") & learn=$!
	until_ready
	kill -HUP "$learn"
	sleep 0.5 # it might be handed on
	end
	wait "$learn"
	[ "$(jq .sources[0].exit "$(recording x)")" = 0 ]
}

@test "a runtime that is killed leaves no container" {
	bundle_until_end :
	learn_behind
	pkill -KILL -P "$learn" -x runc
	wait "$learn"
	[ "$(jq .sources[0].exit "$(recording x)")" = 137 ]
	left_nothing
}

@test "what a killed snug left goes with the next run" {
	bundle_until_end :
	learn_behind
	kill -KILL "$learn"
	wait "$learn" || true
	[ -n "$(ls "$T/store/run/snug")" ]
	end
	until_true eval '! runc state "$ID"'
	bundle "$T/b" true
	snug learn "$T/b" --name x --id "$ID"
	left_nothing
}

@test "a runtime that cannot start the program: no recording" {
	bundle "$T/b" /no/such/program
	run --separate-stderr snug learn "$T/b" --name x --id "$ID"
	[ "$status" = 5 ]
	[[ $stderr == *"snug: "*"before the program of container $ID ran"* ]]
	no_recording
	left_nothing
}

@test "a container of that id is left alone" {
	bundle "$T/b" sleep 60
	runc run -d --bundle "$T/b" "$ID" < /dev/null > /dev/null 2>&1
	bundle "$T/c" true
	run --separate-stderr snug learn "$T/c" --name x --id "$ID"
	[ "$status" = 5 ]
	is_running "$ID"
	no_recording
	runc delete --force "$ID"
	left_nothing
}

@test "a stranger's process is not armed, and the container does not start" {
	bundle "$T/b" true
	cat > "$T/liar" <<-END
		#!/bin/sh
		[ "\$1" = run ] || exec runc "\$@"
		shadow=\$3
		echo "{\"id\":\"$ID\",\"pid\":$$}" | "$SNUG" hook arm "\$shadow/arm"
	END
	chmod 755 "$T/liar"
	run --separate-stderr snug learn "$T/b" --name x --id "$ID" --runtime "$T/liar"
	[ "$status" = 5 ]
	[[ $stderr == *"pid $$ is not what"* ]]
	no_recording
	left_nothing
}

@test "nobody listens: the hook refuses" {
	run "$SNUG" hook arm "$T/arm" <<< '{"id":"x","pid":1}'
	[ "$status" = 5 ]
	[[ $output == *'nobody learns there'* ]]
	for state in '' '{' '{}' '{"id":"x"}' '{"pid":1}' '{"id":"x","pid":0}' \
		'{"id":"x","pid":"1"}' '{"id":"x","pid":99999999999}'; do
		run "$SNUG" hook arm "$T/arm" <<< "$state"
		[ "$status" = 3 ]
	done
}

@test "bad bundles: exit 3, one line, nothing written" {
	run --separate-stderr snug learn "$T/none" --name x
	[ "$status" = 3 ]
	mkdir "$T/b"
	run --separate-stderr snug learn "$T/b" --name x
	[ "$status" = 3 ]
	for text in '' '{' '{"ociVersion":"1.0.2"}' '{"ociVersion":"1.0.2","process":{"args":["a"]}}'; do
		echo "$text" > "$T/b/config.json"
		run --separate-stderr snug learn "$T/b" --name x
		[ "$status" = 3 ]
		[ "$(wc -l <<< "$stderr")" = 1 ]
		[[ $stderr == *config.json* ]]
	done
	run --separate-stderr snug learn "$T/b/config.json" --name x
	[ "$status" = 3 ]
	[[ $stderr == *'Not a directory; name a folder that holds a config.json' ]]
	left_nothing
	no_recording
}

@test "a store that would refuse the recording: nothing is run" {
	bundle "$T/b" touch /tmp/ran
	mkdir -p "$T/store/var/lib" "$T/elsewhere"
	ln -s "$T/elsewhere" "$T/store/var/lib/snug"
	run snug learn "$T/b" --name x --id "$ID"
	[ "$status" = 3 ]
	[[ $output == 'snug: '*': a symlink where snug keeps its files; '* ]]
	[ ! -e "$T/b/rootfs/tmp/ran" ]
	rm "$T/store/var/lib/snug"
	snug learn "$T/b" --name x --id "$ID"
	[ -e "$T/b/rootfs/tmp/ran" ]
}

@test "the live line fits the terminal, however narrow" {
	local columns
	for columns in 80 30; do
		bundle "$T/b" sleep 1
		script -qec "stty cols $columns; '$SNUG' --root '$T/store' learn '$T/b' --name x$columns --id '$ID'" \
			/dev/null < /dev/null > "$T/tty"
		# What stands between two erasures is one line.
		tr '\r' '\n' < "$T/tty" | sed 's/\x1b\[K//' | grep '^learning: ' > "$T/lines"
		[ "$(wc -l < "$T/lines")" -ge 2 ]
		[ "$(wc -L < "$T/lines")" -lt "$columns" ]
	done
	[ "$(wc -L < "$T/lines")" = 29 ]
}

@test "bad command lines: exit 2" {
	local line
	for line in '' "$T" "$T --name" "$T --name a/b" "$T $T --name x" "$T --name x --what" "$T --name x --id a/b" \
		"$T --name x --format xml"; do
		# shellcheck disable=SC2086
		run snug learn $line
		[ "$status" = 2 ]
		[ "${#lines[@]}" = 1 ]
	done
}

@test "no such runtime, no root: exit 4, one line with the remedy" {
	bundle "$T/b" true
	run snug learn "$T/b" --name x --runtime no-such-runtime
	[ "$status" = 4 ]
	[[ $output == 'snug: runtime no-such-runtime: '*'--runtime' ]]
	[[ $SNUG_BUILD != *-coverage ]] || skip 'gcov says on stderr that another user cannot write its counts'
	cp "$SNUG" "$T/snug"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$T/snug" --root "$T/store" learn "$T/b" --name x
	[ "$status" = 4 ]
	[ "$output" = 'snug: recording needs root; run it as root' ]
	left_nothing
	no_recording
}

@test "under a folder with a long name" {
	local deep
	deep=$T/$(printf 'long%.0s' {1..30})/$(printf 'name%.0s' {1..30})
	mkdir -p "$deep"
	bundle "$T/b" true
	"$SNUG" --root "$deep" learn "$T/b" --name x --id "$ID"
	[ -n "$(ls "$deep/var/lib/snug/recordings/x")" ]
}
