#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The recorder's odd cases, on a kernel that runs all its hooks: what is noted of files is exact, and what was noted
# is allowed by the profile that is made of it, in the kernel: the same program does the same under it.

# shellcheck disable=SC2154 # behind is set by its namesake

load ../live/helpers
load helpers

setup_file() { start_recorder; }
teardown_file() { stop_recorder; }

setup() {
	need_vm
	live_setup
	B=$T/bundle
}

teardown() {
	runc delete --force "$(id_of two)" > /dev/null 2>&1 || :
	vm_teardown
}

ODD_NAMES=($'new\nline' 'quo"te' 'back\slash' 'gl*b?[a]{b,c}' $'\377\376bytes' 'a b #c, d' '@{pid}' $'^\001\033')

# odd_bundle CASE...: a bundle of files.c on an overlay, with a bind mount, as on the first day.
odd_bundle() {
	local w=$B/lower/w
	if [ ! -d "$B/lower" ]; then
		mkdir -p "$B"/{lower,rootfs}
		rootfs "$B/lower"
		mkdir -p "$w"/{lower,bind,n,mount,mounted,deep,many}
		touch "$w"/{place,ring,again,lower/read,lower/written} "${ODD_NAMES[@]/#/$w/n/}"
		echo x > "$w/passed"
		cp "$PROGRAMS/files" "$w/files"
		ln "$w/files" "$w/library"
		ln "$w/files" "$w/later"
		install -m 4755 "$PROGRAMS/files" "$w/setuid"
		install -m 755 /dev/stdin "$w/script" <<< $'#!/bin/sh\necho script'
		chroot "$B/lower" /w/files dig > /dev/null
	fi
	! mountpoint -q "$B/rootfs" || umount "$B/rootfs"
	rm -rf "$B"/{upper,work,bind}
	mkdir "$B"/{upper,work,bind}
	mount -t overlay odd -o "lowerdir=$B/lower,upperdir=$B/upper,workdir=$B/work" "$B/rootfs"
	jq --arg from "$B/bind" '.process.args = $ARGS.positional
		| .mounts += [{destination: "/w/bind", source: $from, type: "bind", options: ["bind", "rw"]}]' \
		"$BATS_FILE_TMPDIR/base.json" --args -- /w/files "$@" > "$B/config.json"
}

# noted NAME: "PATH ACCESS,ACCESS" a line, of what is not the runtime's. A name of 240 letters is D.
noted() {
	jq -r '[.files[] | select(.path != "/dev/null")] | group_by(.path)[]
		| "\(.[0].path) \([.[].access[]] | unique | join(","))"' "$(recording "$1")" | sed 's/d\{240\}/D/g'
}

CASES=(lower gone nameless process names deep links renames changes code programs sockets bound passing queue uring
	sibling mounts raises)

@test "odd files are noted exactly, and allowed" {
	odd_bundle "${CASES[@]}"
	learned_as "$B" odd
	crun run --bundle "$B" "$(id_of a)" 2>&1 < /dev/null | cat > "$T/plain"
	cat "$T/plain"
	[ "$(grep -c ' ok$' "$T/plain")" = $((${#CASES[@]} + 1)) ] # and setuid's own
	noted odd > "$T/noted"
	diff - "$T/noted" <<- 'NOTED'
		/ read,write
		/bin/busybox interpret,mapExec,read
		/dev/shm/#2 read,write
		/inside read
		/proc/1/fdinfo/0 read
		/proc/1/status read
		/proc/sys/kernel/ostype read
		/put/w/lower/read read
		/queue create,read,write
		/w/bind/file create,read,write
		/w/changed chmod,chown,create,truncate,write
		/w/deep/D/D/D/D/D/D/D/D/D/D/D/D/D/D/D/D/the-last-of-the-names-on-a-path-of-almost-four-thousand-bytes-which-is-as-long-as-it-may-be-in-a-call-to-open read
		/w/fifo create
		/w/files mapExec,read
		/w/gone create,delete,read,write
		/w/later mapExec,read
		/w/library mapExec,read
		/w/linked link,read
		/w/locked create,lock,read,write
		/w/lower/read read
		/w/lower/written append
		/w/mount/inside create,write
		/w/mount/put/ create
		/w/mounted/read read
		/w/n/@{pid} read
		/w/n/\377\376bytes read
		/w/n/^\001\033 read
		/w/n/a b #c, d read
		/w/n/back\134slash read
		/w/n/gl*b?[a]{b,c} read
		/w/n/new\012line read
		/w/n/quo"te read
		/w/new/ delete,replace
		/w/new/file delete,read
		/w/old/ create,rename
		/w/old/file create,write
		/w/one create,rename,replace,write
		/w/passed read
		/w/ring read
		/w/script execute,read
		/w/setuid execute,mapExec,raise,read
		/w/socket create,read,write
		/w/symlink create
		/w/target create,read,write
		/w/two create,rename,replace,write
		/w/unread create,write
	NOTED
	jq -c '([.network[] | [.family, .type]] | unique), [.signals[] | [.signal, .to]], [.ptrace[] | [.access, .of]],
		[.mounts[] | [.op, .source, .target, .putOld]], [.links[] | [.from, .to]], .lost, .raisedCredentials,
		[.capabilities[] | .name, (.needed[] | select(.program | startswith("iou")))]' "$(recording odd)" > "$T/acts"
	diff - "$T/acts" <<- 'ACTS'
		[["AF_INET","SOCK_DGRAM"],["AF_INET","SOCK_STREAM"],["AF_NETLINK","SOCK_RAW"],["AF_UNIX","SOCK_DGRAM"],["AF_UNIX","SOCK_STREAM"]]
		[["SIGUSR1","container"]]
		[["trace","container"]]
		[["mount","mine","/w/mount/",null],["mount","/w/lower","/w/mounted/",null],["mount",null,"/",null],["umount",null,"/w/mounted/",null],["pivotRoot",null,null,"/w/mount/put/"]]
		[["/w/target","/w/linked"]]
		{"syscalls":0,"capabilities":0,"files":0}
		true
		["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_SETUID","CAP_SYS_ADMIN","CAP_SYS_RESOURCE"]
	ACTS

	# By snug learn as by the hooks.
	odd_bundle "${CASES[@]}"
	snug learn "$B" --name odd-learned --runtime crun --id "$(id_of l)" 2> /dev/null < /dev/null | cat > "$T/learned"
	diff "$T/plain" "$T/learned"
	noted odd-learned | diff "$T/noted" -

	snug generate odd
	odd_bundle "${CASES[@]}"
	snug harden "$B" --profile odd
	learned_as "$B" odd-enforced
	dmesg -C
	crun run --bundle "$B" "$(id_of b)" 2>&1 < /dev/null | cat > "$T/hard"
	denied
	diff "$T/plain" "$T/hard"
	[ -z "$(denied)" ]
	run refused odd-enforced
	echo "refused: $output"
	[ -z "$output" ]
}

@test "two containers at once are not mixed, and who joins one by exec is its own" {
	local one two
	for name in one two; do
		mkdir -p "$T/$name"
		bundle "$T/$name" sh -c "while [ ! -e /tmp/end ]; do cat /tmp/$name > /dev/null; sleep 0.2; done"
		touch "$T/$name/rootfs/tmp/$name" "$T/$name/rootfs/tmp/joined"
		learned_as "$T/$name" "$name"
	done
	behind crun run --bundle "$T/one" "$(id_of one)" > /dev/null 2>&1
	one=$behind
	behind runc run --bundle "$T/two" "$(id_of two)" > /dev/null 2>&1
	two=$behind
	until_true crun exec "$(id_of one)" cat /tmp/joined # whose output is thrown away
	until_true runc exec "$(id_of two)" head -n 1 /tmp/joined
	snug flush
	touch "$T"/{one,two}/rootfs/tmp/end
	wait "$one" "$two"
	for name in one two; do
		run jq -r '[.files[].path | select(startswith("/tmp/"))] | join(" ")' "$(recording "$name")"
		echo "$name: $output"
		[ "$output" = "/tmp/joined /tmp/$name" ]
		jq -e '.observed | index("joiners")' "$(recording "$name")"
	done
	jq -e '.files[] | select(.path == "/bin/busybox") | select(.access | index("execute"))' "$(recording one)"
}

@test "standard streams: files of the host's count by their names there, pipes not at all" {
	bundle "$B" sh -c 'cat; echo said; echo too >&2'
	learned_as "$B" streams
	echo in > "$T/in"
	crun run --bundle "$B" "$(id_of a)" < "$T/in" 2>&1 > "$T/out" | cat > "$T/err"
	[ "$(noted streams | grep -v ^/bin/)" = "$T/in read
$T/out write" ]
	snug generate streams
	snug harden "$B" --profile streams
	dmesg -C
	crun run --bundle "$B" "$(id_of b)" < "$T/in" 2>&1 > "$T/out" | cat > "$T/err"
	[ -z "$(denied)" ]
	[ "$(cat "$T/out" "$T/err")" = $'in\nsaid\ntoo' ]
	# What somebody opened whom nothing confines is his to give (aa_file_perm).
	crun run --bundle "$B" "$(id_of b)" < "$T/in" > "$T/other" 2> /dev/null
	[ "$(cat "$T/other")" = $'in\nsaid' ]
	[ -z "$(denied)" ]
}

@test "one file, 100,000 times: one entry" {
	odd_bundle again 100000
	learned_as "$B" again
	crun run --bundle "$B" "$(id_of a)" > /dev/null 2>&1
	noted again
	[ "$(noted again)" = $'/w/again read\n/w/files mapExec,read' ]
	jq -e '.lost == {syscalls: 0, capabilities: 0, files: 0}' "$(recording again)"
}

@test "more files than there is room for: counted, and not enforced" {
	odd_bundle many 17000
	chroot "$B/lower" /w/files make 17000
	learned_as "$B" many
	crun run --bundle "$B" "$(id_of a)" > /dev/null 2>&1
	# All but what the program itself takes.
	jq -e '(.files | length) <= 16384 and (.files | length) > 16300 and .lost.files >= 17000 - 16384' "$(recording many)"
	snug generate many
	jq -e '.incomplete | length > 0' "$BATS_FILE_TMPDIR/store/var/lib/snug/profiles/many.json"
	run snug harden "$B" --profile many
	echo "$output"
	[ "$status" != 0 ]
	jq -e '.process.apparmorProfile // "" == ""' "$B/config.json"
}
