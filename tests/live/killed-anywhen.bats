#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 50 runs in which snug's processes are killed at random moments: no container is harmed, no file is torn,
# and the next command clears away what is left.

load helpers

RUNS=50

setup() {
	need root runc bpf jq busybox
	live_setup
	SEED=${SNUG_SEED:-$RANDOM}
	echo "seed $SEED (SNUG_SEED)"
	RANDOM=$SEED
	start_bpffs
	bundle "$T/b" sh -c 'uname; exit 7'
	cp -a "$T/b" "$T/c"
	hooked "$T/b" web
	# $T/kill-STAGE: timeout's options and when, for a hook that is to be killed.
	cat > "$T/hook" <<-END
		#!/bin/sh
		[ -e "$T/kill-\$1" ] || exec "$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" "\$1"
		timeout \$(cat "$T/kill-\$1") "$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" "\$1"
		result=\$?
		[ \$result != 137 ] || touch "$T/killed-\$1"
		exit \$result
	END
	chmod 755 "$T/hook"
	config "$T/b" --arg h "$T/hook" '.hooks |= map_values(map(.path = $h | .args = ["hook", .args[-1]]))'
}

teardown() { live_teardown; }

# moment: timeout's options. A few milliseconds, or the time that a load takes; with --foreground what the
# process has started lives on.
moment() {
	local us=$((RANDOM % 2 ? RANDOM % 10000 : RANDOM * 10)) alone=${1:-}
	[ $((RANDOM % 2)) = 0 ] || alone=--foreground
	printf -- '%s -s KILL 0.%06d' "$alone" $((us + 1))
}

# killed COMMAND...: snug is killed at a moment, unless it has ended.
killed() {
	# shellcheck disable=SC2046
	in_bpffs timeout $(moment --foreground) "$SNUG" --root "$T/store" "$@" > /dev/null 2>&1 || :
}

# The container, its hooks killed perhaps. Where prestart was not, it runs as ever.
run_one() {
	local stage result=0
	rm -f "$T"/kill-* "$T"/killed-*
	for stage in prestart poststop; do
		[ $((RANDOM % 3)) = 0 ] || moment > "$T/kill-$stage"
	done
	in_bpffs timeout 60 runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$1")" \
		> "$T/out" 2> "$T/err" < /dev/null || result=$?
	if [ -e "$T/killed-prestart" ]; then
		refused=$((refused + 1))
		[ "$result" = 1 ]
	else
		[ "$result" = 7 ] || { echo "run $1: $result" && cat "$T/err" && return 1; }
		[ "$(cat "$T/out")" = Linux ]
	fi
}

nobody() { ! pgrep -f "$T/store|$TEST_ID"; }

# After one command: nothing, but for whole recordings of all that ran.
cleared() {
	until_true nobody
	in_bpffs "$SNUG" --root "$T/store" status > /dev/null
	[ -z "$(pinned)" ] || { pinned && return 1; }
	[ -z "$(ls "$T/store/run/snug")" ] || { find "$T/store/run/snug" && failures && return 1; }
	[ -z "$(runc --root "$RUNC_ROOT" list -q)" ]
	if runc list -q | grep -q -- "$TEST_ID"; then return 1; fi
	[ "$(find "$T/store/var" -type f -path '*/web/*.json' | wc -l)" = $(($1 - refused)) ]
	find "$T/store/var" -type f -name '*.json' \
		-exec jq -se 'all(.snugRecording == 1 and .lost.syscalls == 0)' {} + > /dev/null
	[ -z "$(find "$T/store/var" -type f ! -name '*.json' ! -name '.snug-*')" ]
}

@test "50 runs, killed at random moments" {
	local i refused=0 pids
	mkdir -p "$T/store/var" "$T/store/run/snug"
	for ((i = 1; i <= RUNS; i++)); do
		pids=()
		behind killed flush; pids+=("$behind")
		behind killed status; pids+=("$behind")
		if [ $((i % 5)) = 0 ]; then
			behind killed learn "$T/c" --name other --id "$(id_of "learn-$i")"
			pids+=("$behind")
		fi
		run_one "$i"
		wait "${pids[@]}"
		echo "run $i"
		cleared "$i"
	done
	echo "# note: $refused of $RUNS prestart hooks killed" >&3
	[ "$refused" -gt 0 ] && [ "$refused" -lt "$RUNS" ]
}
