#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The recorder's odd cases, on a kernel that runs all its hooks: what is noted of files is exact, and what was noted
# is allowed by the profile that is made of it, in the kernel: the same program does the same under it.

load ../live/helpers
load helpers

setup_file() { start_recorder; }
teardown_file() { stop_recorder; }

setup() {
	need_vm
	live_setup
	B=$T/bundle
}

teardown() { vm_teardown; }

# A bundle of files.c on an overlay, with a bind mount. ARGS...: its cases.
odd_bundle() {
	local w=$B/lower/w
	[ -d "$B/lower" ] || {
		mkdir -p "$B"/{lower,upper,work,rootfs,bind}
		rootfs "$B/lower"
		mkdir -p "$w"/{lower,bind,n,mount,mounted,deep,many}
		touch "$w"/{place,passed,ring,again,lower/read,lower/written} \
			"$w"/n/{$'new\nline','quo"te','back\slash','gl*b?[a]{b,c}',$'\377\376bytes','a b #c, d','@{pid}',$'^\001\033'}
		echo x > "$w/passed"
		cp "$PROGRAMS/files" "$w/files"
		cp "$PROGRAMS/files" "$w/library"
		cp "$PROGRAMS/files" "$w/later"
		install -m 4755 "$PROGRAMS/files" "$w/setuid"
		printf '%s\n' '#!/bin/sh' 'echo script' > "$w/script"
		chmod 755 "$w/script"
	}
	mountpoint -q "$B/rootfs" && umount "$B/rootfs"
	rm -rf "$B"/upper "$B"/work "$B"/bind
	mkdir "$B"/upper "$B"/work "$B"/bind
	mount -t overlay odd -o "lowerdir=$B/lower,upperdir=$B/upper,workdir=$B/work" "$B/rootfs"
	bundle "$B" /w/files "$@"
	privileged "$B"
	config "$B" --arg from "$B/bind" '.mounts += [{destination: "/w/bind", source: $from, type: "bind", options: ["bind", "rw"]}]'
}

# noted NAME [JQ-FILTER]: "PATH ACCESS,ACCESS" a line, of what is below /w.
noted() {
	jq -r '[.files[] | select(.path | startswith("/w/"))] | group_by(.path)[]
		| "\(.[0].path) \([.[].access[]] | unique | join(","))"' "$(recording "$1")"
}

CASES=(lower gone nameless process names deep links renames changes code programs sockets bound passing queue uring
	sibling mounts raises)

@test "odd files are noted exactly, and allowed" {
	odd_bundle "${CASES[@]}"
	cp "$B/config.json" "$T/plain.json"
	learned_as "$B" odd
	crun run --bundle "$B" "$(id_of a)" 2>&1 < /dev/null | cat > "$T/plain"
	cat "$T/plain"
	[ "$(grep -c ' ok$' "$T/plain")" = $((${#CASES[@]} + 1)) ] # and setuid's own
	noted odd > "$T/noted"
	cat "$T/noted"
	jq -c '.network, .signals, .ptrace, .mounts, .links, .lost, .observed, .raisedCredentials' "$(recording odd)"
	jq -c '.files[] | select(.path | startswith("/w/") | not)' "$(recording odd)"

	odd_bundle "${CASES[@]}"
	snug generate odd
	snug harden "$B" --profile odd
	learned_as "$B" odd-enforced
	cat "$BATS_FILE_TMPDIR"/store/var/lib/snug/apparmor/snug-odd*
	dmesg -C
	crun run --bundle "$B" "$(id_of b)" 2>&1 < /dev/null | cat > "$T/hard"
	denied
	diff "$T/plain" "$T/hard"
	[ -z "$(denied)" ]
	false
}
