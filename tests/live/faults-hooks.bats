#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of a hook that learns, failed, in a real container: it runs as ever (but for a hook that was
# killed, over which the runtime stops it), a learning that came to nothing is noted, a recording is whole, and after
# the next command nothing is left.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root runc bpf jq busybox
	live_setup
	faults_setup
	start_bpffs
	mkdir -p "$T/store/var" "$T/store/run/snug"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	bundle "$T/b" sh -c 'uname; exit 7'
}
teardown() { live_teardown; }

# faulty STAGE: the bundle learns web; this stage's hook meets the fault.
faulty() {
	hooked "$T/b" web
	config "$T/b" --arg stage "$1" --arg fault "$PROGRAMS/fault" --arg spec "$SPEC" '.hooks[$stage] |= map(
		.args = ["fault", $spec, .path] + .args[1:] | .path = $fault)'
}

before() {
	rm -rf "$T/store/var" "$T/store/run/snug/failures"
	mkdir "$T/store/var"
	NUMBER=$((${NUMBER:-0} + 1))
}
act() {
	local status=0
	in_bpffs timeout -k 10 300 runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$NUMBER")" || status=$?
	# What the program ends with is the container's.
	[ "$status" = 7 ] || return "$((status ? status : 99))"
}
run_folder() { find "$T/store/run/snug" -mindepth 1 ! -name failures; }
recordings() { find "$T/store/var" -name '*.json'; }
whole() {
	local file
	for file in $(recordings); do
		jq -e '.snugRecording == 1 and (.syscalls.SCMP_ARCH_X86_64 | any(.name == "uname"))' "$file" > /dev/null || return 1
	done
}
# settled: the next command, whatever it is, clears away.
settled() {
	local left
	in_bpffs "$SNUG" --root "$T/store" status > "$T/status" 2>&1 || [ $? = 1 ] || found "status: $(cat "$T/status")" # 1: somebody else's drift
	! left=$(pins) || found "pinned: $left"
	[ -z "$(run_folder)" ] || found "left: $(run_folder)"
	[ -z "$(ls -A "$RUNC_ROOT")" ] || found "runc's: $(ls -A "$RUNC_ROOT")"
	[ -z "$(find "$T/store/var" -type f ! -name '*.json')" ] || [ "$mode" = KILL ] || found "left: $(find "$T/store/var" -type f)"
	whole || found 'a torn recording'
	nobody > /dev/null || found "left: $(ours | xargs head)"
}

@test "prestart" {
	# What comes before the state is known; the last is libc's, of a program that cannot begin.
	local untold="container's state: |snug cannot confine itself: |error while loading shared libraries: "
	faulty prestart
	after() {
		settled
		if [ "$mode" = KILL ]; then
			# One that snug-hook had asked died; or the hook itself, and the runtime gave up.
			[ "$result" = 0 ] || grep -q 'error running hook' "$T/err" || found 'the container was stopped'
			return 0
		fi
		if [ "$result" != 0 ]; then
			# Nobody can tell then whether a policy wants it confined. (Or: whose state that is.)
			grep -qE "$untold|container $(id_of "$NUMBER"): " "$T/err" || found 'the container was stopped'
		fi
		[ -n "$(recordings)" ] || [ -n "$(failures)" ] || grep -qE "$untold" "$T/err" || found 'not learned, and not noted'
	}
	walk 3
	# By which the process that reads the state confines itself, in each run of the tests.
	walking='prestart, seccomp(2)' only=seccomp MODES=(EIO)
	walk 20
}

@test "prestart: snug-hook holds a lock, and waits for snug, which cannot tell that it came with it" {
	faulty prestart
	only=readlink MODES=(EIO)
	after() {
		settled
		[ "$result" != 124 ] || found 'it waits for ever'
	}
	walk 20
}

@test "poststop" {
	faulty poststop
	after() {
		settled
		[ "$result" = 0 ] || found 'the container was stopped'
		# What was not written then is written by the next command.
		[ "$(recordings | wc -l)" = 1 ] || found "$(recordings | wc -l) recordings"
	}
	walk 3
}

# Commands of bpf(2).
LOOKUP=1 GET=7 INFO=15

@test "flush: what of the recorder cannot be looked at is not left out" {
	local file
	hooked "$T/b" web
	config "$T/b" '.process.args = ["sh", "-c", "mkdir /tmp/d; echo up; exec sleep 600"]'
	in_bpffs runc --root "$RUNC_ROOT" run --detach --bundle "$T/b" "$(id_of x)" > "$T/up" 2>&1 < /dev/null 3>&-
	until_true grep -q up "$T/up"
	in_bpffs "$SNUG" --root "$T/store" flush
	file=$(recordings)
	jq -S 'del(.sources)' "$file" > "$T/whole"
	before() { rm "$file"; }
	act() { in_bpffs "$PROGRAMS/fault" "$SPEC" "$SNUG" --root "$T/store" flush; }
	after() {
		if [ "$result" = 0 ]; then
			jq -S 'del(.sources)' "$file" | cmp -s "$T/whole" || found 'another recording'
		else
			[ ! -e "$file" ] || found 'it failed, and wrote'
			touch "$file"
		fi
	}
	walking='flush, what is opened' only=bpf:$GET MODES=(EMFILE)
	walk 100
	walking='flush, what was missed' only=bpf:$INFO MODES=(ENOMEM)
	walk 100
	in_bpffs runc --root "$RUNC_ROOT" delete --force "$(id_of x)"
}

@test "two that are over at once: whose a slot is cannot be told" {
	local name
	for name in one two; do
		cp -a "$T/b" "$T/$name"
		hooked "$T/$name" "$name" prestart
		config "$T/$name" --arg name "$name" '.process.args = ["sh", "-c", "mkdir /tmp/\($name); echo up; exec sleep 600"]'
	done
	before() {
		local name
		rm -rf "$T/store/var"
		mkdir "$T/store/var"
		for name in one two; do
			in_bpffs runc --root "$RUNC_ROOT" run --detach --bundle "$T/$name" "$(id_of "$name")" > "$T/up" 2>&1 < /dev/null 3>&-
			until_true grep -q up "$T/up"
		done
		for name in one two; do in_bpffs runc --root "$RUNC_ROOT" delete --force "$(id_of "$name")"; done
	}
	act() { in_bpffs "$PROGRAMS/fault" "$SPEC" "$SNUG" --root "$T/store" flush; }
	after() {
		local name said
		[ "$result" -lt 128 ] || found 'it died'
		settled
		for name in one two; do
			said=$(jq -r '.sources[].args[2]' "$T/store/var/lib/snug/recordings/$name"/*.json)
			[[ $said == "mkdir /tmp/$name;"* && $said != *$'\n'* ]] || found "$name: $said"
		done
	}
	only=bpf:$LOOKUP MODES=(ENOMEM)
	walk 100
}
