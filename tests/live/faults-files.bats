#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of the commands that write files, failed: files are the old ones or the new ones, whole; what
# was refused has changed nothing, and nothing else is left.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root runc jq
	live_setup
	faults_setup
	mkdir -p "$T/store/var/lib/snug/profiles" "$T/b" "$T/store/run"
	mkdir -m 711 "$T/store/run/snug" # whoever cannot tell that nobody learns looks there
	profile > "$T/store/var/lib/snug/profiles/web.json"
	runc spec --bundle "$T/b"
	cp "$T/b/config.json" "$T/old.json"
}
teardown() { live_teardown; }

profile() {
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}'
}

# But for what may be deleted at any time.
files() { find "$@" -path '*/var/cache' -prune -o -printf '%P %y %m\n' | sort; }

# told: who is refused is told why, in one line. Of a file that was changed nobody says that it was not.
told() { # CHANGED
	[ "$mode" = KILL ] || [ "$result" = 0 ] || [ "$(grep -c '^snug: ' "$T/err")" = 1 ] || found 'no line says why'
	if [ "$1" = yes ] && grep -q 'as it was' "$T/err"; then found 'it says that the file is as it was'; fi
}

# tidy: all files are those of $T/tree. One that was killed may have left a temporary, until the next one writes there.
tidy() {
	if [ "$mode" = KILL ]; then
		before
		snug "${command[@]}" > "$T/out" 2> "$T/err" < /dev/null || found "the next one fails: $(cat "$T/err")"
	fi
	files "$T/b" "$T/store" > "$T/now"
	cmp -s "$T/now" "$T/tree" || found "left: $(diff "$T/tree" "$T/now")"
}

@test "harden" {
	command=(harden "$T/b" --profile web)
	# Without what was proved before, so that libseccomp's part is walked too.
	before() { cp "$T/old.json" "$T/b/config.json" && rm -rf "$T/store/var/cache"; }
	act() { fault "$SNUG" --root "$T/store" "${command[@]}"; }
	snug "${command[@]}"
	cp "$T/b/config.json" "$T/new.json"
	files "$T/b" "$T/store" > "$T/tree"
	# A section that libseccomp was kept from proving may be spelt in another way, which was proved: within the profile.
	hardened() {
		cp "$T/b/config.json" "$T/again.json"
		jq -e . "$T/again.json" && snug harden "$T/again.json" --profile web && cmp "$T/again.json" "$T/b/config.json"
	} > /dev/null 2>&1
	after() {
		local is=torn
		cmp -s "$T/b/config.json" "$T/old.json" && is=old
		cmp -s "$T/b/config.json" "$T/new.json" && is=new
		[ "$is" != torn ] || ! hardened || is=new
		[ "$is" != torn ] || found 'config.json is torn'
		[ "$result" != 0 ] || [ "$is" = new ] || found 'it says done, and is not'
		told "$([ "$is" = old ] || echo yes)"
		tidy
	}
	walk 4
}

# The file that is written, and what it is before: "" for none.
one_file() { # FILE OLD
	local file=$1 old=$2
	before() { [ -n "$old" ] && cp "$old" "$file" || rm -f "$file"; }
	act() { fault "$SNUG" --root "$T/store" "${command[@]}"; }
	before
	snug "${command[@]}"
	cp "$file" "$T/new"
	files "$T/b" "$T/store" > "$T/tree"
	after() {
		local is=torn
		cmp -s "$file" "$T/new" && is=new
		if [ -n "$old" ]; then cmp -s "$file" "$old" && is=old; else [ -e "$file" ] || is=old; fi
		[ "$is" != torn ] || found "$file is torn"
		[ "$result" != 0 ] || [ "$is" = new ] || found 'it says done, and is not'
		told "$([ "$is" = old ] || echo yes)"
		# The place of a file that was not to be is there in vain.
		if [ "$is" = old ] && [ -z "$old" ] && [ "$mode" != KILL ]; then snug "${command[@]}" > "$T/out"; fi
		tidy
	}
	walk 2
}

recordings() {
	mkdir -p "$T/store/var/lib/snug/recordings"
	cp -r "$REPO/tests/golden/model/web.recording.json" "$T/r1.json"
	mkdir -m 700 "$T/store/var/lib/snug/recordings/nginx"
	cp "$T/r1.json" "$T/store/var/lib/snug/recordings/nginx/20261123T210800Z-00000001.json"
}

@test "generate, a new profile" {
	recordings
	command=(generate nginx)
	one_file "$T/store/var/lib/snug/profiles/nginx.json" ''
}

@test "generate, over an older profile" {
	recordings
	snug generate nginx --exact
	cp "$T/store/var/lib/snug/profiles/nginx.json" "$T/exact.json"
	command=(generate nginx)
	one_file "$T/store/var/lib/snug/profiles/nginx.json" "$T/exact.json"
}

@test "merge --output" {
	recordings
	command=(merge "$T/r1.json" "$T/r1.json" --output "$T/b/merged.json")
	one_file "$T/b/merged.json" ''
}
