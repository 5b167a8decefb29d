#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# generate and explain as commands, on recordings that lie in a store or a file.

load helpers

setup() {
	live_setup
	golden=$REPO/tests/golden/model
	recordings=$T/var/lib/snug/recordings/web
	mkdir -p "$recordings"
	chmod 700 "$T/var/lib/snug/recordings"
	cp "$golden/web.recording.json" "$recordings/20260101T000000Z-00000000.json"
	chmod 600 "$recordings"/*
}

teardown() { live_teardown; }

snug() { "$SNUG" --root "$T" "$@"; }

# refused STATUS WORD COMMAND...: one line on stderr that holds WORD, nothing on stdout.
refused() {
	local wanted=$1 word=$2 status=0
	shift 2
	"$@" > "$T/out" 2> "$T/err" || status=$?
	[ "$status" = "$wanted" ] || { echo "exit $status: $(cat "$T/err")" && return 1; }
	[ ! -s "$T/out" ]
	[ "$(wc -l < "$T/err")" = 1 ]
	grep -q '^snug: ' "$T/err"
	grep -qF -- "$word" "$T/err" || { cat "$T/err" && return 1; }
}

@test "generate NAME writes the store's profile and sums it up" {
	run snug generate web
	[ "$status" = 0 ]
	[[ $output == *'web: '*' calls allowed: '*' seen'* ]]
	[[ $output == *"wrote $T/var/lib/snug/profiles/web.json"* ]]
	jq -e '.origin == "generated" and .noNewPrivileges' "$T/var/lib/snug/profiles/web.json"
	sum=$(sha256sum < "$golden/web.recording.json")
	jq -e --arg sum "sha256:${sum%% *}" '.provenance.recordings == [$sum]' "$T/var/lib/snug/profiles/web.json"
}

@test "generating again says what changed" {
	snug generate web
	run snug generate web
	[[ $output == *'compared with the profile before: nothing changed'* ]]
	run snug generate web --exact
	[[ $output == *'no longer allowed:'*'pread64'* ]]
}

@test "a profile written by hand is not overwritten" {
	mkdir -p "$T/var/lib/snug/profiles"
	echo '{"snugProfile": 1, "name": "web"}' > "$T/var/lib/snug/profiles/web.json"
	cp "$T/var/lib/snug/profiles/web.json" "$T/before"
	refused 3 'did not generate' snug generate web
	cmp "$T/before" "$T/var/lib/snug/profiles/web.json"
}

@test "FILEs in any order, or twice, give the same bytes" {
	sed 's/00000000000000a1/00000000000000c3/g; s/00000000000000b2/00000000000000d4/g' "$golden/web.recording.json" > "$T/b.json"
	snug generate "$golden/web.recording.json" "$T/b.json" --output "$T/1"
	snug generate "$T/b.json" "$golden/web.recording.json" "$T/b.json" --output "$T/2"
	cmp "$T/1" "$T/2"
	jq -e '.provenance.runs == 4' "$T/1"
}

@test "other formats, printed or written" {
	snug generate web --output - | jq -e .snugProfile
	snug generate web --format oci | jq -e '.defaultErrnoRet == 38'
	snug generate web --format docker --output "$T/seccomp.json"
	jq -e '[.syscalls[] | select(.errnoRet == 38) | .names | length] | add > 250' "$T/seccomp.json"
	# No engine sets no_new_privs because of it, and without that runtimes make more calls under the filter.
	calls='[.syscalls[] | select(.action == "SCMP_ACT_ALLOW") | .names[]] | index("chdir") and index("capget")'
	jq -e "$calls" "$T/seccomp.json"
	snug generate web --format oci | jq -e "$calls | not"
	[ "$(snug generate web --format capabilities)" = '["CAP_CHOWN", "CAP_NET_BIND_SERVICE"]' ]
	[ ! -e "$T/var/lib/snug/profiles/web.json" ]
}

@test "wrong command lines are usage errors" {
	refused 2 'missing' snug generate
	refused 2 '--output' snug generate "$golden/web.recording.json"
	refused 2 "one NAME" snug generate web db
	refused 2 'native, oci, docker, capabilities' snug generate web --format yaml
	refused 2 'runc, crun' snug generate web --runtime-only youki
	refused 2 'no name' snug generate ..
	refused 2 "did you mean 'generate'?" snug genrate web
	refused 2 'one PROFILE' snug explain
	refused 2 'text or json' snug explain web --format xml
}

@test "bad recordings: exit 3, the place, nothing written" {
	echo '{"snugRecording": 2}' > "$T/new.json"
	head -c 100 "$golden/web.recording.json" > "$T/cut.json"
	sed 's/"openat"/"opennat"/' "$golden/web.recording.json" > "$T/typo.json"
	refused 3 'newer' snug generate "$T/new.json" --output "$T/out.json"
	refused 3 "$T/cut.json" snug generate "$T/cut.json" --output "$T/out.json"
	refused 3 "is it 'openat'?" snug generate "$T/typo.json" --output "$T/out.json"
	refused 3 'nobody' snug generate nobody
	[ ! -e "$T/out.json" ]
	[ -z "$(find "$T" -name 'out.json*')" ]
}

@test "a full disk is an error, and leaves nothing behind" {
	refused 5 'No space left' bash -c '"$SNUG" --root "'"$T"'" generate web --output - > /dev/full'
	mkdir "$T/small"
	need root
	mount -t tmpfs -o size=4k none "$T/small"
	status=0
	snug generate web --output "$T/small/web.json" 2> "$T/err" || status=$?
	left=$(ls -A "$T/small")
	umount "$T/small"
	[ "$status" = 5 ]
	[ -z "$left" ]
	grep -q 'No space left' "$T/err"
}

@test "closed standard output is an error" {
	run bash -c '"$SNUG" --version >&-'
	[ "$status" = 5 ]
}

@test "explain takes a profile, a config.json, a bundle, and an engine's seccomp.json" {
	need engines
	snug generate web
	run snug explain web
	[ "$status" = 0 ]
	[[ $output == *'socket(AF_INET, SOCK_STREAM, 0)'* ]]
	[[ $output == *"Taken away, compared with the engines' default"* ]]
	[ "$(LC_ALL=C.UTF-8 awk 'length > 80' <<< "$output")" = '' ]
	snug explain web --format json > "$T/web.json"
	jq -e '.allowed < .enginesDefault.allowed and .byArgument > 0' "$T/web.json"
	mkdir "$T/bundle"
	echo '{"ociVersion": "1.0.2", "root": {"path": "rootfs"}, "process": {"args": ["x"], "cwd": "/", "user": {"uid": 0, "gid": 0}}}' > "$T/bundle/config.json"
	snug explain "$T/bundle/" --format json | jq -e '.allowed == .known and .known > 330'
	snug explain "$T/bundle/config.json" --format json | jq -e '.capabilities == [] and .noNewPrivileges == false'
	snug explain "$(engines_seccomp)" --format json |
		jq -e '.allowed == .enginesDefault.allowed and .allowed > 290 and .enginesDefault.takenAway == []'
}

@test "explain and the demo take the same engines' default: an administrator's before the distribution's" {
	need root engines
	[ -d /etc/containers ] || skip 'no /etc/containers to mount over'
	snug generate web
	# shellcheck disable=SC2016
	run unshare --mount --propagation private bash -c 'source "$0/contrib/demo/bundle.bash"
		shipped=$(engines_seccomp) && mount -t tmpfs none /etc/containers &&
		cp "$shipped" /etc/containers/seccomp.json && engines_seccomp &&
		"$SNUG" --root "$1" explain web --format json | jq -r .enginesDefault.origin' "$REPO" "$T"
	echo "$output"
	[ "$output" = $'/etc/containers/seccomp.json\n/etc/containers/seccomp.json' ]
}

@test "explain refuses what is no profile" {
	echo '{"a": 1}' > "$T/x.json"
	refused 3 'neither a profile' snug explain "$T/x.json"
	refused 3 'nobody' snug explain nobody
	echo '{"snugProfile": 1, "name": "x", "seccomp": {"defaultAction": "SCMP_ACT_MAYBE"}}' > "$T/y.json"
	refused 3 'seccomp.defaultAction' snug explain "$T/y.json"
}

@test "help is for every command" {
	snug help | grep -q '^  generate '
	snug generate --help | grep -q -- --runtime-only
	[ "$(snug help explain)" = "$(snug explain --help)" ]
}
