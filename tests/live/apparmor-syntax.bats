#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Text for AppArmor: apparmor_parser takes it without the kernel's AppArmor, and the commands show what it means.

load helpers

setup() {
	live_setup
	golden=$REPO/tests/golden/model
	snug generate "$golden/files.recording.json" --output "$T/web.json" > "$T/said"
}

teardown() { live_teardown; }

snug() { "$SNUG" --root "$T" "$@"; }

parses() { apparmor_parser -Q -K -S "$@" > "$T/policy" 2> "$T/err" && [ -s "$T/policy" ] || { cat "$T/err" && return 1; }; }

@test "the parser takes what is rendered, however far it is generalised" {
	need apparmor_parser
	for file in siblings typed none children; do
		parses "$golden/$file.apparmor"
	done
	for how in none typed siblings; do
		snug generate "$golden/files.recording.json" --generalise "$how" --format apparmor --output "$T/$how"
		parses "$T/$how"
	done
	grep -q 'profile web flags=' "$T/none"
}

@test "what no recording observed is not said, and the line names it" {
	run snug generate "$golden/web.recording.json" --format apparmor --output -
	[ "$status" = 3 ]
	[[ $output == *'did not all observe files, network, signals, mounts'* ]]
	snug generate "$golden/web.recording.json" --output "$T/no.json"
	jq -e 'has("apparmor") | not' "$T/no.json"
}

@test "what was observed in part is to complain by" {
	jq '.observed |= map(if . == "files" then "files:approximate" else . end)' "$golden/files.recording.json" > "$T/part.json"
	snug generate "$T/part.json" --output "$T/p.json"
	jq -e '.apparmor.complainOnly and (.incomplete | any(test("observed")) | not)' "$T/p.json"
	snug generate "$T/part.json" --format apparmor --output "$T/text"
	grep -q 'flags=(.*,complain)' "$T/text"
	run snug simulate "$T/p.json" file /etc/shadow r
	[ "$status" = 1 ]
	[[ $output == *'no rule allows r'*'only complain: they are never enforced'* ]]
	run snug simulate "$T/web.json" file /etc/shadow r
	[[ $output != *complain* ]]
	run snug diff "$T/web.json" "$T/p.json"
	[ "$status" = 1 ]
	[[ $output == *'AppArmor: the rules of B only complain'* ]]
}

@test "no file seen, or children under no_new_privs: no rules" {
	jq '.files = []' "$golden/files.recording.json" > "$T/none.json"
	run snug generate "$T/none.json" --format apparmor --output -
	[ "$status" = 3 ]
	[[ $output == *'no file was seen'* ]]
	jq '.raisedCredentials = false' "$golden/files.recording.json" > "$T/nnp.json"
	run snug generate "$T/nnp.json" --children --output -
	[ "$status" = 3 ]
	[[ $output == *'no_new_privs is set'* ]]
}

@test "simulate answers with the rule" {
	run snug simulate "$T/web.json" file /etc/shadow r
	[ "$status" = 1 ]
	[[ $output == *'denied'*'no rule allows r'* ]]
	run snug simulate "$T/web.json" file /var/log/nginx/new.log w
	[ "$status" = 0 ]
	[[ $output == *'by /var/log/nginx/*.log rwk'* ]]
	run snug simulate "$T/web.json" file /var/cache/nginx/proxy/9/seen.idx r
	[ "$status" = 1 ]
	[[ $output == *'--owner'* ]]
	snug simulate "$T/web.json" file /var/cache/nginx/proxy/9/seen.idx r --owner
	snug simulate "$T/web.json" exec /usr/bin/date
	run snug simulate "$T/web.json" exec /bin/sh
	[ "$status" = 1 ]
	snug simulate "$T/web.json" network inet stream
	run snug simulate "$T/web.json" network inet raw
	[ "$status" = 1 ]
	snug simulate "$T/web.json" hardlink /tmp/tmpq /tmp/tmpr
	snug simulate "$T/web.json" capability CAP_CHOWN
	run snug simulate "$T/web.json" capability sys_admin
	[ "$status" = 1 ]
	snug simulate "$T/web.json" file /etc/passwd r --format json | jq -e '.permitted and .rules == ["r by /etc/passwd r"]'
	run snug simulate "$T/web.json" file etc r
	[ "$status" = 2 ]
}

@test "explain has the table beside docker-default, and what made each pattern" {
	run snug explain "$T/web.json"
	[ "$status" = 0 ]
	[[ $output == *'docker-default'* ]]
	[[ $output == *'siblings, of 3 paths: /tmp/tmpab12, /tmp/tmpcd34, /tmp/tmpef56'* ]]
	snug explain "$T/web.json" --format json | jq -e '.apparmor.dockerDefault.rules > 20 and
		.apparmor.why.files["/tmp/tmp*"].paths == 3 and .apparmor.executable == 2'
}

@test "diff shows a path, merge has the rules of both" {
	snug generate "$golden/files.recording.json" --generalise none --output "$T/none.json"
	run snug diff "$T/none.json" "$T/web.json"
	[ "$status" = 1 ]
	[[ $output == *'Files: B allows, A does not'*'owner /tmp/tmp* rw'*'such as /tmp/tmp'* ]]
	[[ $output != *'Files: A allows'* ]]
	snug merge "$T/none.json" "$T/web.json" --output "$T/both.json"
	run snug diff "$T/both.json" "$T/web.json"
	[[ $output != *'Files: '* ]]
	snug diff "$T/both.json" "$T/both.json"
}
