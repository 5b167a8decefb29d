#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files in recordings on whatever kernel this is: under lockdown opens alone (files:approximate), else all that is
# done (tests/vm/recorder.bats has the rest of that). What both see has to be the same.

load helpers

setup() {
	need root runc bpf jq
	live_setup
}
teardown() { live_teardown; }

learn() { snug learn "$T/b" --name web "$@" < /dev/null > "$T/out" 2> "$T/err" || { cat "$T/err" && return 1; }; }
recording() { echo "$T/store/var/lib/snug/recordings/${1:-web}/"*.json; }
# seen PATH: how it was accessed, by whom.
seen() { jq -r --arg path "$1" '.files[] | select(.path == $path) | "\(.program) \(.access | join(","))"' "$(recording)"; }

@test "opened by name, by symlink, relative, from a folder that was left, in /proc" {
	bundle "$T/b" sh -c 'cat /etc/passwd; cd /tmp; mkdir d; cd d; echo x > ../made; ln -s ../made l; cat l >> /tmp/log; ls /proc/self/fd'
	learn
	[[ "$(seen /etc/passwd)" == '/bin/busybox read'* ]]
	[[ "$(seen /tmp/made)" == '/bin/busybox read,write'* ]]
	[[ "$(seen /tmp/log)" == '/bin/busybox append'* ]]
	jq -e '[.files[] | select(.path | test("^/proc/[0-9]+/fd/$"))] | length == 1' "$(recording)"
	jq -e '[.files[] | select(.path | test("/tmp/d/l$|\\.\\."))] | length == 0' "$(recording)"
	jq -e '.lost.files == 0 and (.observed | any(. == "files" or . == "files:approximate"))' "$(recording)"
}

@test "a script, its interpreter, what is mapped as code; a program by its path" {
	bundle "$T/b" /tmp/script
	printf '%s\n' '#!/bin/sh' '/bin/cat /etc/passwd' > "$T/b/rootfs/tmp/script"
	chmod 755 "$T/b/rootfs/tmp/script"
	rm "$T/b/rootfs/bin/cat"
	cp "$T/b/rootfs/bin/busybox" "$T/b/rootfs/bin/cat"
	learn
	[[ "$(seen /bin/busybox)" == *mapExec*interpret* ]]
	[[ "$(seen /tmp/script)" == '/bin/busybox read'* ]]
	[[ "$(seen /etc/passwd)" == '/bin/cat read' ]]
	[[ "$(seen /bin/cat)" == *'/bin/cat read,mapExec'* ]]
}

@test "names that are hard to write, and a path of nearly 4,096 bytes" {
	local deep=/tmp i
	bundle "$T/b" sh -c 'for f in /tmp/n/*; do echo x > "$f"; done; cd /tmp; i=0
		while [ $i -lt 16 ]; do mkdir "$(printf %0250d $i)"; cd "$(printf %0250d $i)"; i=$((i + 1)); done; echo x > end'
	mkdir "$T/b/rootfs/tmp/n"
	# shellcheck disable=SC1083 # braces of the shell's
	touch "$T/b/rootfs/tmp/n/"{$'new\nline','quo"te','back\slash','gl*b?[a]',$'\377\376'}
	learn
	for ((i = 0; i < 16; i++)); do deep+=/$(printf %0250d "$i"); done
	[[ "$(seen "$deep/end")" == '/bin/busybox write'* ]]
	[[ "$(seen '/tmp/n/new\012line')" == '/bin/busybox write'* ]]
	[[ "$(seen '/tmp/n/quo"te')" == '/bin/busybox write'* ]]
	[[ "$(seen '/tmp/n/back\134slash')" == '/bin/busybox write'* ]]
	[[ "$(seen '/tmp/n/gl*b?[a]')" == '/bin/busybox write'* ]]
	[[ "$(seen '/tmp/n/\377\376')" == '/bin/busybox write'* ]]
	jq -e '.lost.files == 0' "$(recording)"
}

@test "more files than there is room for: counted, and nothing is enforced that rests on them" {
	bundle "$T/b" sh -c 'cd /tmp; i=0; while [ $i -lt 17000 ]; do : > $i; i=$((i + 1)); done'
	learn
	jq -e '(.files | length) <= 16384 and .lost.files > 600' "$(recording)"
	snug generate web > "$T/out"
	jq -e '.incomplete | length > 0' "$T/store/var/lib/snug/profiles/web.json"
	run snug harden "$T/b" --profile web
	[ "$status" = 3 ]
	[[ "$output" == *incomplete* ]]
}

@test "--no-files: none, and no AppArmor profile" {
	bundle "$T/b" cat /etc/passwd
	learn --no-files
	jq -e '(has("files") | not) and (.observed | any(startswith("files")) | not)' "$(recording)"
	snug generate web > "$T/out"
	jq -e 'has("apparmor") | not' "$T/store/var/lib/snug/profiles/web.json"
	run snug generate web --format apparmor --output -
	[ "$status" = 3 ]
	[[ "$output" == *'observe files'* ]]
}

@test "by hooks alone, two at once: each its own files" {
	local name
	start_bpffs
	for name in one two; do
		bundle "$T/$name" sh -c "echo $name > /tmp/$name; cat /tmp/wait /tmp/$name"
		mkfifo "$T/$name/rootfs/tmp/wait"
		hooked "$T/$name" "$name"
		behind in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/$name" "$(id_of "$name")" > /dev/null 2>&1
	done
	for name in one two; do echo go > "$T/$name/rootfs/tmp/wait"; done
	until_true eval '[ -z "$(pinned)" ]'
	[ "$(jq -r '.files[].path | select(startswith("/tmp/"))' "$(recording one)" | sort -u | xargs)" = '/tmp/one /tmp/wait' ]
	[ "$(jq -r '.files[].path | select(startswith("/tmp/"))' "$(recording two)" | sort -u | xargs)" = '/tmp/two /tmp/wait' ]
}
