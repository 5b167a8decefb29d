#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# diff as a command: profiles and recordings, files and names; the answer is the exit status too.

# shellcheck disable=SC2016,SC2154 # bats: run sets stderr; scripts of their own

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need jq
	live_setup
	two_recordings
	# jq 1.6 holds no number above 2^53.
	jq '.seccomp.syscalls |= map(select(all(.args[]?; .value < 9e15)))' \
		"$golden/web.profile.json" > "$T/p.json"
	# What q allows beyond p: bind. Beyond q: nothing but the capability.
	jq '.seccomp.syscalls += [{names: ["bind"], action: "SCMP_ACT_ALLOW"}] | .capabilities -= ["CAP_CHOWN"]' \
		"$T/p.json" > "$T/q.json"
}

teardown() { live_teardown; }

# store_profile NAME FILE
store_profile() {
	install -D -m 644 "$2" "$T/store/var/lib/snug/profiles/$1.json"
}

# refused STATUS WORDS COMMAND...: one line on stderr that holds each word, nothing on stdout.
refused() {
	local wanted=$1 words=$2 word
	shift 2
	run --separate-stderr "$@"
	echo "exit $status; stdout: ${output:0:300}; stderr: ${stderr:0:600}"
	[ "$status" = "$wanted" ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	for word in $words; do
		[[ $stderr == *"$word"* ]]
	done
}

# differ ARGUMENT...: exit 1, and nothing on stderr.
differ() {
	run --separate-stderr snug diff "$@"
	echo "exit $status; stdout: $output; stderr: $stderr"
	[ "$status" = 1 ]
	[ -z "$stderr" ]
}

@test "what is the same, however it is written" {
	jq -c '.name = "other" | .provenance = {} | .seccomp.syscalls |= reverse' "$T/p.json" > "$T/same.json"
	for pair in "p.json p.json" "p.json same.json"; do
		read -r one other <<< "$pair"
		run --separate-stderr snug diff "$T/$one" "$T/$other"
		[ "$status" = 0 ]
		[ "$output" = 'the same' ]
		[ -z "$stderr" ]
		snug diff "$T/$one" "$T/$other" --format json | jq -e .same
	done
	run -0 snug diff "$T/a.json" "$T/a.json"
	[ "${lines[-1]}" = 'the same, as far as they looked' ]
	snug diff "$T/a.json" "$T/a.json" --format json | jq -e .same
	# Runs are not what was seen.
	sed 's/00000000000000a1/00000000000000a3/g' "$T/a.json" > "$T/c.json"
	snug diff "$T/a.json" "$T/c.json"
}

@test "profiles: more in B, more in A, in words and in JSON" {
	differ "$T/p.json" "$T/q.json"
	[[ $output == *'B allows, A does not (3)'*'x86_64: ENOSYS in A, allow in B'*'bind'* ]]
	[[ $output != *$'\nA allows, B does not'* ]]
	[[ $output == *'Capabilities that A allows, B does not (1)'*'CAP_CHOWN'* ]]
	differ "$T/q.json" "$T/p.json"
	[[ $output == *'A allows, B does not (3)'*'x86_64: allow in A, ENOSYS in B'*'bind'* ]]
	[[ $output == *'Capabilities that B allows, A does not (1)'*'CAP_CHOWN'* ]]
	differ "$T/p.json" "$T/q.json" --format json
	jq -e '(.same | not) and .kind == "profile" and .onlyA.syscalls == [] and .otherwise == [] and
		.onlyA.capabilities == ["CAP_CHOWN"] and .onlyB.capabilities == [] and
		(.onlyB.syscalls | map(select(.abi == "x86_64")) ==
			[{abi: "x86_64", name: "bind", first: 49, last: 49, a: "ENOSYS", b: "allow", byArgument: false,
				witness: {call: "bind() on x86_64", nr: 49, args: [0, 0, 0, 0, 0, 0]}}])' <<< "$output"
}

@test "a witness is decided as the diff says" {
	jq '.seccomp.syscalls += [{names: ["bind"], action: "SCMP_ACT_ALLOW",
		args: [{index: 0, value: 7, op: "SCMP_CMP_EQ"}]}]' "$T/p.json" > "$T/r.json"
	differ "$T/p.json" "$T/r.json"
	[[ $output == *'bind by argument: bind(0x7) on x86_64'* ]]
	run ! snug simulate "$T/p.json" bind 7 --runtime snug
	snug simulate "$T/r.json" bind 7 --runtime snug
	run ! snug simulate "$T/r.json" bind 8 --runtime snug
}

@test "refused otherwise is a list of its own" {
	jq '.seccomp.syscalls += [{names: ["bind"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]' "$T/p.json" > "$T/r.json"
	differ "$T/p.json" "$T/r.json"
	[[ $output == *'answer otherwise (3)'*'x86_64: ENOSYS in A, EPERM in B'*'bind'* ]]
	[[ $output != *'allows, '* ]]
}

@test "a part that is absent permits all" {
	jq 'del(.seccomp, .capabilities, .noNewPrivileges)' "$T/p.json" > "$T/none.json"
	differ "$T/p.json" "$T/none.json"
	[[ $output == *'B allows, A does not'*'arm64: kill thread in A, allow in B'*'    all calls'* ]]
	[[ $output == *'Capabilities that B allows'*'CAP_SYS_ADMIN'*'no_new_privs: set in A alone'* ]]
	[[ $output != *'A allows, '* ]]
	jq '.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_LOG"],
		architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS"]}' \
		"$T/none.json" > "$T/all.json"
	differ "$T/none.json" "$T/all.json"
	[[ $output == *'Members of seccomp that differ'*flags*'not compared'*SCMP_ARCH_MIPS* ]]
	[[ $output != *'allows, '* ]]
}

@test "recordings: calls, arguments, refusals, capabilities, credentials" {
	jq '.raisedCredentials = true | .capabilities += [{name: "CAP_KILL"}] |
		.syscalls.SCMP_ARCH_X86_64 |= map(if .name == "prctl" then .args += [{"0": 22}] else . end) |
		.syscalls.SCMP_ARCH_X86_64 += [{name: "ptrace", refused: true}]' "$T/b.json" > "$T/c.json"
	differ "$T/a.json" "$T/c.json"
	[[ $output == *'Seen in B, not in A (2)'*'bind'*'prctl(PR_SET_SECCOMP)'* ]]
	[[ $output == *'Seen in A, not in B (1)'*'openat'*'Refused in B, not in A (1)'*'ptrace'* ]]
	[[ $output == *'Capabilities that B needed, A did not (1)'*CAP_KILL*'raised credentials in B alone'* ]]
	differ "$T/c.json" "$T/a.json" --format json
	jq -e '.onlyA.capabilities == ["CAP_KILL"] and .raisedCredentials == {a: true, b: false} and
		(.onlyA.syscalls | map([.name, .refused, .byArgument, .args]) | sort) ==
		([["bind", false, false, null], ["prctl", false, true, [{"0": 22}]], ["ptrace", true, false, null]] | sort) and
		(.onlyB.syscalls | map(.name)) == ["openat"]' <<< "$output"
}

@test "names: a profile, or all recordings of that name" {
	store_profile web "$T/p.json"
	snug diff web "$T/p.json"
	differ web "$T/q.json"
	store_recordings web "$T/a.json" "$T/b.json"
	snug merge "$T/a.json" "$T/b.json" --output "$T/both.json"
	snug diff --recordings web "$T/both.json"
	differ --recordings "$T/a.json" web
	[[ $output == *'Seen in B, not in A (1)'*bind* ]]
	refused 3 'web profile recording --recordings' snug diff web "$T/a.json"
	refused 3 'web recording profile' snug diff --recordings web "$T/p.json"
	refused 3 'nobody' snug diff nobody "$T/p.json"
	refused 3 'nobody' snug diff --recordings "$T/a.json" nobody
}

@test "wrong command lines are usage errors" {
	refused 2 'two' snug diff "$T/p.json"
	refused 2 'two' snug diff "$T/p.json" "$T/p.json" "$T/p.json"
	refused 2 '--fast' snug diff --fast "$T/p.json" "$T/q.json"
	refused 2 'xml' snug diff "$T/p.json" "$T/q.json" --format xml
	refused 2 'name' snug diff .. "$T/p.json"
}

@test "bad input: exit 3, and the file" {
	refused 3 "$T/p.json profile $T/a.json recording" snug diff "$T/p.json" "$T/a.json"
	refused 3 "$T/a.json recording $T/p.json profile" snug diff "$T/a.json" "$T/p.json"
	refused 3 "$T/none.json" snug diff "$T/p.json" "$T/none.json"
	refused 3 "$T/: folder" snug diff "$T/" "$T/p.json"
	head -c 300 "$T/p.json" > "$T/cut.json"
	refused 3 "$T/cut.json:" snug diff "$T/p.json" "$T/cut.json"
	sed 's/"snugProfile": 1/"snugProfile": 2/' "$T/p.json" > "$T/new.json"
	refused 3 "$T/new.json:2: newer" snug diff "$T/new.json" "$T/p.json"
	sed 's/"snugRecording": 1/"snugRecording": 2/' "$T/a.json" > "$T/new.json"
	refused 3 "$T/new.json:2: newer" snug diff "$T/a.json" "$T/new.json"
	echo '{"a": 1}' > "$T/x.json"
	refused 3 "$T/x.json neither" snug diff "$T/x.json" "$T/p.json"
	jq '.seccomp.syscalls += [{names: ["bind"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}]},
		{names: ["bind"], action: "SCMP_ACT_LOG", args: [{index: 1, value: 1, op: "SCMP_CMP_EQ"}]}]' \
		"$T/p.json" > "$T/twice.json"
	refused 3 "bind $T/twice.json" snug diff "$T/p.json" "$T/twice.json"
}

@test "a full disk behind the output is an error" {
	refused 5 'No space' bash -c '"$SNUG" diff "$1/p.json" "$1/q.json" > /dev/full' bash "$T"
}
