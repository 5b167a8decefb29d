#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files and acts of recordings: explained, united, compared; and recordings that nobody wrote.

# shellcheck disable=SC2016,SC2154 # bats: run sets stderr; scripts of their own

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need jq
	live_setup
	cp "$REPO/tests/golden/model/seen.recording.json" "$T/a.json"
	cp "$REPO/tests/golden/model/web.recording.json" "$T/old.json"
}

teardown() { live_teardown; }

# change FILTER TO: a.json, edited.
change() { jq "$1" "$T/a.json" > "$2"; }

# bad WORDS FILTER: such a recording is refused by everybody who reads it, with the file, the line, the
# place and the WORDS.
bad() {
	local words=$1 word command
	change "$2" "$T/bad.json"
	for command in "merge $T/bad.json --output $T/out.json" "diff $T/a.json $T/bad.json" \
		"explain $T/bad.json" "generate $T/bad.json --output $T/out.json"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr snug $command
		echo "$command: exit $status; ${stderr:0:500}"
		[ "$status" = 3 ]
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" = 1 ]
		[[ $stderr == *"$T/bad.json:"[1-9]* ]]
		for word in $words; do
			[[ $stderr == *"$word"* ]]
		done
		[ ! -e "$T/out.json" ]
	done
}

@test "a recording is explained, and what it did not look at" {
	snug explain "$T/a.json" > "$T/text"
	cmp "$T/text" "$REPO/tests/golden/model/seen.explain.txt"
	snug explain "$T/a.json" --format json | jq -e '.files.count == 5 and .signals[1].signal == 64 and .lost.files == 3'
	run snug explain "$T/old.json"
	[ "$status" = 0 ]
	[[ $output == *'not observed: files network signals mounts'*'files: not observed, sockets: not observed'* ]]
	snug explain "$T/old.json" --format json | jq -e '(has("files") or has("network")) | not'
}

@test "files that are approximate tell of a program by its mapping of itself" {
	change '.observed |= map(if . == "files" then "files:approximate" else . end) | .files = [
		{path: "/bin/a", program: "/bin/a", access: ["read", "mapExec"]},
		{path: "/bin/b", program: "/bin/a", access: ["read", "mapExec"]},
		{path: "/lib/c", program: "/bin/b", access: ["read", "mapExec"]},
		{path: "/bin/d", program: "/bin/d", access: ["read"]}]' "$T/b.json"
	run snug explain "$T/b.json"
	[[ $output == *'files: 4 (approximate), programs run: 1,'*$'programs run:\n    /bin/a\n'* ]]
	snug explain "$T/b.json" --format json | jq -e '.programs == ["/bin/a"]'
}

@test "what is written again is the same, merged with itself too" {
	snug merge "$T/a.json" --output "$T/1.json"
	cmp "$T/a.json" "$T/1.json"
	snug merge "$T/1.json" "$T/a.json" --output - | cmp - "$T/a.json"
}

@test "files and acts unite; observed is what all observed" {
	change '.runs.ids = ["00000000000000c3"] | .runs.count = 1 | .sources = [] | .lost.files = 1 |
		.observed = ["files:approximate"] | .network = [] | .mounts = [] | .files = [
		{path: "/etc/passwd", program: "/bin/sh", access: ["lock"], runs: ["00000000000000c3"]},
		{path: "/x", access: ["read"]}]' "$T/b.json"
	snug merge "$T/a.json" "$T/b.json" --output "$T/1.json"
	snug merge "$T/b.json" "$T/a.json" "$T/b.json" --output "$T/2.json"
	cmp "$T/1.json" "$T/2.json"
	jq -e '.observed == ["files:approximate"] and .lost.files == 3 and (.files | length) == 7 and
		(.network | length) == 4 and (.files[] | select(.path == "/etc/passwd") |
		.access == ["read", "lock"] and .byOthers == ["read"] and (.runs | length) == 3)' "$T/1.json"
	snug merge "$T/a.json" "$T/old.json" --output - | jq -e '.observed == ["syscalls", "capabilities:approximate", "joiners"]'
}

@test "diff tells files and acts, and where nobody looked" {
	change '.files[2].access += ["write"] | .files += [{path: "/x\\012", access: ["read"]}] | del(.links) |
		.signals[0].to = "outside"' "$T/b.json"
	run snug diff "$T/a.json" "$T/b.json"
	[ "$status" = 1 ]
	[[ $output == *'Files accessed in B, not or not so in A (2)'*'/etc/passwd: write, by /bin/sh'*'/x\012: read'* ]]
	[[ $output == *'Done in B, not in A (1)'*'signal SIGTERM to outside, by /bin/sh'* ]]
	[[ $output == *'Done in A, not in B (2)'*'signal SIGTERM to container, by /bin/sh'*'link /var/a as /var/b, by /bin/ln'* ]]
	[[ $output != *'Files accessed in A'* ]]
	run snug diff "$T/a.json" "$T/b.json" --format json
	[ "$status" = 1 ]
	jq -e '.onlyB.files == [{path: "/etc/passwd", program: "/bin/sh", access: ["write"]}, {path: "/x\\012", access: ["read"]}] and
		.onlyA.links == [{from: "/var/a", to: "/var/b", program: "/bin/ln"}]' <<< "$output"
	run snug diff "$T/a.json" "$T/old.json"
	[[ $output == *$'B did not look at files\nB did not look at network\nB did not look at signals\nB did not look at mounts\n'* ]]
	snug diff "$T/a.json" "$T/a.json"
}

@test "bad files" {
	bad '$.files[0].access way' '.files[0].access = []'
	bad '$.files[2].byOthers' '.files[2].byOthers = ["write"]'
	bad '$.files[1].access[1] mapExecute' '.files[1].access[1] = "mapExecute"'
	bad '$.files[6] twice' '.files += [.files[0]]'
	bad '$.files[0] path' 'del(.files[0].path)'
	bad '$.files[0].path 4096' '.files[0].path = "/" * 4097'
	bad '$.files[0].path 4096' '.files[0].path = ""'
	bad '$.files[0].program' '.files[0].program = 7'
	bad '$.files' '.files = {}'
}

@test "paths that no snug writes" {
	bad '$.files[0].path byte octal' '.files[0].path = "/a\\"'
	bad '$.files[0].path byte octal' '.files[0].path = "/a\\n"'
	bad '$.files[0].path byte octal' '.files[0].path = "/a\\400"'
	bad '$.files[0].path NUL' '.files[0].path = "/a\\000"'
	bad '$.files[0].path without' '.files[0].path = "/a\\057b"'
	bad '$.files[0].path without' '.files[0].path = "/caf\\303\\251"'
	bad '$.files[0].path byte written' '.files[0].path = "/a\nb"'
	bad '$.links[0].to byte written' '.links[0].to = "/a\u009bb"'
}

@test "bad acts" {
	bad '$.network[0].family AF_MOON' '.network[0].family = "AF_MOON"'
	bad '$.network[0].type' '.network[0].type = -1'
	bad '$.network[4] twice' '.network += [.network[0]]'
	bad '$.signals[0].signal 64' '.signals[0].signal = 65'
	bad '$.signals[0].to moon' '.signals[0].to = "moon"'
	bad '$.ptrace[0] of' 'del(.ptrace[0].of)'
	bad '$.mounts[0].op' '.mounts[0].op = "remount"'
	bad '$.mounts[0].flags[0] MNT_DETACH' '.mounts[0].flags = ["MNT_DETACH"]'
	bad '$.mounts[2] putOld' 'del(.mounts[2].putOld)'
	bad '$.links[0].from' '.links[0].from = []'
}

@test "32,769 files" {
	bad 'more than 32768 files' '.files = [range(32769) | {path: "/\(.)", access: ["read"]}]'
	change '.lost.files = 0 | .files = [range(32768) | {path: "/\(1000000 + .)", access: ["read"]}]' "$T/b.json"
	change '.lost.files = 0 | .files = [range(2) | {path: "/\(1000000 - .)", access: ["read"]}]' "$T/c.json"
	snug merge "$T/b.json" --output - | jq -e '(.files | length) == 32768 and .lost.files == 0'
	# One of them is new: the last of the longest names goes for it, and that is said.
	snug merge "$T/b.json" "$T/c.json" --output "$T/1.json"
	jq -e '(.files | length) == 32768 and .lost.files == 1 and
		.files[-1].path == "/999999" and .files[-2].path == "/1032766"' "$T/1.json"
	snug merge "$T/c.json" "$T/b.json" --output - | cmp - "$T/1.json"
}
