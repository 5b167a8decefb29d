# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # bats files set and read them
# faults: one system call after the other of a command fails, is cut short or is its last
# (tests/live/programs/fault.c). In a bats file:
#
#	load helpers
#	load faults
#	before() { ... }		what the command finds
#	act() { fault COMMAND...; }	the command; its exit status is act's
#	after() { ... }			says what is not as it should be: $mode, $result, $T/out, $T/err
#	walk 8				as many points of each mode; SNUG_FAULTS=all: all of them, SNUG_FAULTS=N: so many
#
# With $only set those of that call alone, of the modes in MODES, of which a test may leave out some. The points are those of a run without a fault, which has to succeed (with the exit status $success, else 0).

MODES=(EIO ENOSPC EMFILE ENOMEM EINTR SHORT KILL)

faults_setup() {
	SPEC=$T/spec
	SEED=${SNUG_SEED:-$RANDOM}
	RANDOM=$SEED
	# what was found, all of it
	: > "$T/found"
}

# fault COMMAND...: meets what $SPEC says.
fault() { "$PROGRAMS/fault" "$SPEC" "$@"; }

# The tracer is through with all that the command has started.
traced() { [ ! -e "$SPEC.log" ] || until_true grep -qx 'done' "$SPEC.log"; }

# once MODE N: sets result and hit.
once() {
	mode=$1 result=0 hit=
	before
	rm -f "$SPEC.log"
	echo "$1 $2 ${only:-}" > "$SPEC"
	act > "$T/out" 2> "$T/err" < "${STDIN:-/dev/null}" || result=$?
	traced || return 1
	hit=$(sed -n 's/^hit //p' "$SPEC.log")
	rm "$SPEC"
}

found() { # WHAT
	printf '%s: %s\n    %s (exit status %s): %s\n' "$walking" "$1" "$hit" "$result" "$(head -c 300 "$T/err")" |
		tee -a "$T/found"
}

# points COUNT WANTED: which of 1..COUNT are walked.
points() {
	local n=$1 wanted=$2 step i
	case ${SNUG_FAULTS:-} in
	all) wanted=$n ;;
	[0-9]*) wanted=$SNUG_FAULTS ;;
	esac
	[ "$n" -gt "$wanted" ] || { seq "$n" && return; }
	step=$((n * 1000 / wanted))
	for ((i = 0; i < wanted; i++)); do
		echo $(((i * step + RANDOM % step) / 1000 + 1))
	done
}

walk() { # POINTS-A-MODE
	local mode n wanted=$1 walked=0 missed=0 said result hit
	local -A counts=()
	walking=${walking:-$BATS_TEST_DESCRIPTION}
	once EIO 0
	[ "$result" = "${success:-0}" ] || { echo "without a fault: $result" && cat "$T/out" "$T/err" && return 1; }
	hit='no fault' after
	while read -r mode n; do
		[ -z "$n" ] || counts[$mode]=$n
	done < "$SPEC.log"
	for mode in "${MODES[@]}"; do
		for n in $(points "${counts[$mode]}" "$wanted"); do
			once "$mode" "$n"
			walked=$((walked + 1))
			# Fewer calls than the first time: what others do has a part in it.
			[ -n "$hit" ] || { missed=$((missed + 1)) && continue; }
			after
		done
		said+=" $mode ${counts[$mode]}"
	done
	echo "# note: $walking: $walked walked of$said; $missed not reached (SNUG_SEED=$SEED)" >&3
	[ $((missed * 4)) -le "$walked" ]
	[ ! -s "$T/found" ]
}
