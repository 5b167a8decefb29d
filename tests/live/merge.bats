#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# merge as a command: files and names in, one file out, whole or not at all.

# shellcheck disable=SC2016,SC2154 # bats: run sets stderr; scripts of their own

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need jq
	live_setup
	two_recordings
	cp "$golden/web.profile.json" "$T/profile.json"
}

teardown() { live_teardown; }

# refused STATUS WORDS COMMAND...: one line on stderr that holds each word, nothing on stdout, and no
# new file.
refused() {
	local wanted=$1 words=$2 word before
	shift 2
	before=$(cd "$T" && find . | sort)
	run --separate-stderr "$@"
	echo "exit $status; stdout: ${output:0:300}; stderr: ${stderr:0:600}"
	[ "$status" = "$wanted" ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	for word in $words; do
		[[ $stderr == *"$word"* ]]
	done
	[ "$(cd "$T" && find . | sort)" = "$before" ]
}

@test "recordings unite, in any order, however often" {
	run snug merge "$T/a.json" "$T/b.json" --output "$T/1.json"
	[ "$status" = 0 ]
	[[ $output == *'merged 2 recordings, of 4 runs'*"wrote $T/1.json"* ]]
	snug merge "$T/b.json" "$T/a.json" "$T/1.json" "$T/b.json" --output "$T/2.json"
	cmp "$T/1.json" "$T/2.json"
	jq -e '.runs.count == 4 and (.syscalls.SCMP_ARCH_X86_64 | map(.name) | contains(["openat", "bind"]))' "$T/1.json"
	[ "$(stat -c %a "$T/1.json")" = 600 ]
	snug merge "$T/a.json" "$T/b.json" --output - | cmp - "$T/1.json"
}

@test "a name stands for all its recordings" {
	store_recordings web "$T/a.json" "$T/b.json"
	snug merge "$T/a.json" "$T/b.json" --output "$T/1.json"
	snug merge web --output "$T/2.json"
	cmp "$T/1.json" "$T/2.json"
	store_recordings db "$T/b.json"
	snug merge db web "$T/a.json" --output - | cmp - "$T/1.json"
	# What is merged generates what its parts do.
	diff <(snug generate "$T/1.json" --output - | jq 'del(.provenance.recordings)') \
		<(snug generate "$T/a.json" "$T/b.json" --output - | jq 'del(.provenance.recordings)')
}

@test "an output that exists is replaced, and may be an input" {
	chmod 640 "$T/a.json"
	snug merge "$T/a.json" "$T/b.json" --output "$T/1.json"
	snug merge "$T/a.json" "$T/b.json" --output "$T/a.json"
	cmp "$T/1.json" "$T/a.json"
	[ "$(stat -c %a "$T/a.json")" = 640 ]
}

@test "wrong command lines are usage errors" {
	refused 2 '--output missing' snug merge "$T/a.json"
	refused 2 'nothing' snug merge --output "$T/out.json"
	refused 2 '--fast' snug merge --fast "$T/a.json" --output "$T/out.json"
	refused 2 'name' snug merge .. --output "$T/out.json"
}

@test "bad input: exit 3, the file, nothing written" {
	head -c 300 "$T/a.json" > "$T/cut.json"
	refused 3 "$T/cut.json:" snug merge "$T/a.json" "$T/cut.json" --output "$T/out.json"
	sed 's/"snugRecording": 1/"snugRecording": 2/' "$T/a.json" > "$T/new.json"
	refused 3 "$T/new.json:2: newer" snug merge "$T/a.json" "$T/new.json" --output "$T/out.json"
	refused 3 "$T/none.json" snug merge "$T/a.json" "$T/none.json" --output "$T/out.json"
	refused 3 "$T/: folder" snug merge "$T/a.json" "$T/" --output "$T/out.json"
	refused 3 nobody snug merge nobody --output "$T/out.json"
	echo '{"a": 1}' > "$T/x.json"
	refused 3 "$T/x.json neither" snug merge "$T/x.json" --output "$T/out.json"
}

@test "recordings and profiles do not mix" {
	refused 3 "$T/a.json recording $T/profile.json profile" \
		snug merge "$T/a.json" "$T/profile.json" --output "$T/out.json"
	refused 3 "$T/a.json recording $T/profile.json profile" \
		snug merge "$T/profile.json" "$T/a.json" --output "$T/out.json"
}

@test "profiles unite" {
	jq '.seccomp.syscalls += [{names: ["getpgrp"], action: "SCMP_ACT_ALLOW"}] | .capabilities = ["CAP_KILL"]' \
		<(snug generate "$T/a.json" --exact --output -) > "$T/q.json"
	snug generate "$T/b.json" --exact --output "$T/p.json"
	snug merge "$T/p.json" "$T/q.json" --output "$T/1.json"
	for call in getpgrp bind openat; do snug simulate "$T/1.json" "$call"; done
	run snug simulate "$T/1.json" kexec_load
	[ "$status" = 1 ]
	jq -e '.capabilities | contains(["CAP_KILL", "CAP_CHOWN"])' "$T/1.json"
	snug merge "$T/q.json" "$T/p.json" "$T/p.json" --output "$T/2.json"
	diff <(jq -S .seccomp "$T/1.json") <(jq -S .seccomp "$T/2.json")
}

@test "an output that cannot be written" {
	refused 3 "$T/none/out.json" snug merge "$T/a.json" --output "$T/none/out.json"
	refused 3 "$T/store folder" snug merge "$T/a.json" --output "$T/store"
	ln -s a.json "$T/link.json"
	refused 3 "$T/link.json symlink" snug merge "$T/a.json" --output "$T/link.json"
	refused 5 'No space' bash -c '"$SNUG" merge "$1/a.json" --output - > /dev/full' bash "$T"
}

@test "a full disk: the old output stays whole" {
	need root
	mkdir "$T/small"
	mount -t tmpfs -o size=16k none "$T/small"
	echo old > "$T/small/out.json"
	dd if=/dev/zero of="$T/small/fill" bs=4k 2> /dev/null || :
	status=0
	snug merge "$T/a.json" "$T/b.json" --output "$T/small/out.json" 2> "$T/err" || status=$?
	left=$(ls -A "$T/small")
	kept=$(cat "$T/small/out.json")
	umount "$T/small"
	cat "$T/err"
	[ "$status" = 5 ]
	[ "$left" = $'fill\nout.json' ]
	[ "$kept" = old ]
	grep -q "$T/small/out.json.*No space left" "$T/err"
}
