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
# With $only set those of that call alone (bpf:1 is bpf(2) with that first argument), of the modes in MODES, of which a test may leave out some. The points are those of a run without a fault, which has to succeed (with the exit status $success, else 0).
#
# SNUG_FAULTS_DONE=FOLDER: what is walked and nothing was found at is noted there, a file a walk, and left out the next time, as
# long as the programs are the same (and $T lies as deep). So a walk of hours goes on where it was ended.

MODES=(EIO ENOSPC EMFILE ENOMEM EINTR SHORT KILL)

faults_setup() {
	SPEC=$T/spec
	SEED=${SNUG_SEED:-$RANDOM}
	RANDOM=$SEED
	# what was found, all of it
	: > "$T/found"
	FOUND=0
	# nobody writes there: to wait without a process
	mkfifo "$T/never"
	echo "$T/store" > "$T/ours"
}

# fault COMMAND...: meets what $SPEC says.
fault() { "$PROGRAMS/fault" "$SPEC" "$@"; }

# The tracer is through with all that the command has started. Sets log, of what was never started to nothing.
traced() {
	local end=$((SECONDS + 120))
	log=()
	while [ -e "$SPEC.log" ]; do
		mapfile -t log < "$SPEC.log"
		[ "${log[*]: -1}" != 'done' ] || break
		[ "$SECONDS" -lt "$end" ] || { echo 'never through' && return 1; }
		read -rt 0.005 <> "$T/never" || :
	done
}

# once MODE N: sets result, log and hit.
once() {
	local line
	mode=$1 result=0 hit=
	before
	echo "$1 $2 ${only:-}" > "$SPEC"
	act > "$T/out" 2> "$T/err" < "${STDIN:-/dev/null}" || result=$?
	traced || return 1
	for line in "${log[@]}"; do
		[[ $line != 'hit '* ]] || hit=${line#hit }
	done
	rm -f "$SPEC" "$SPEC.log"
}

found() { # WHAT
	FOUND=$((FOUND + 1))
	printf '%s: %s\n    %s (exit status %s): %s\n' "$walking" "$1" "$hit" "$result" "$(head -c 300 "$T/err")" |
		tee -a "$T/found"
}

# ours: the processes that have $T/store among their words. (pgrep takes six times as long.)
ours() { grep -lsF -f "$T/ours" /proc/[0-9]*/cmdline; }
nobody() { ! ours; }

# pins: what of snug's is pinned in start_bpffs's file system, if anything.
pins() { compgen -G "/proc/$BPFFS_HOLDER/root/sys/fs/bpf/snug*"; }

# is_confined: what grep found in /proc/self/status is what the profile of these tests makes of it, and there is nothing else in
# $T/out: one capability, no_new_privs, a filter.
is_confined() {
	[ "$(< "$T/out")" = $'CapEff:\t0000000000000001\nCapBnd:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2' ]
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

# been: sets past to what was walked before, and noted to the file that says so.
been() {
	local these line
	noted=/dev/null
	[ -n "${SNUG_FAULTS_DONE:-}" ] || return 0
	noted=$SNUG_FAULTS_DONE/${walking//\//_}${only:+ ($only)}
	these="$(cat "$REPO/$SNUG_BUILD"/snug{,-hook,-runtime} | sha256sum) ${T//[!\/]/}"
	if [ "$(head -n 1 "$noted" 2> /dev/null)" != "$these" ]; then
		mkdir -p "$SNUG_FAULTS_DONE"
		echo "$these" > "$noted"
	fi
	while read -r line; do
		past[$line]=1
	done < "$noted"
}

walk() { # POINTS-A-MODE
	local mode n line wanted=$1 walked=0 missed=0 earlier=0 said result hit log noted known
	local -A counts=() past=()
	# bats looks at each command of a test for the line that fails, which takes as long as the test.
	trap - DEBUG
	walking=${walking:-$BATS_TEST_DESCRIPTION}
	been
	once EIO 0
	[ "$result" = "${success:-0}" ] || { echo "without a fault: $result" && cat "$T/out" "$T/err" && return 1; }
	hit='no fault' after
	for line in "${log[@]}"; do
		read -r mode n <<< "$line"
		[ -z "$n" ] || counts[$mode]=$n
	done
	for mode in "${MODES[@]}"; do
		for n in $(points "${counts[$mode]}" "$wanted"); do
			[ -z "${past[$mode $n]:-}" ] || { earlier=$((earlier + 1)) && continue; }
			known=$FOUND
			once "$mode" "$n"
			walked=$((walked + 1))
			# Fewer calls than the first time: what others do has a part in it.
			[ -n "$hit" ] || { missed=$((missed + 1)) && hit='not reached'; }
			after
			[ "$hit" != 'not reached' ] || continue
			[ "$FOUND" != "$known" ] || echo "$mode $n" >> "$noted"
		done
		said+=" $mode ${counts[$mode]}"
	done
	[ "$earlier" = 0 ] || said+=" ($earlier earlier)"
	echo "# note: $walking: $walked walked of$said; $missed not reached (SNUG_SEED=$SEED)" >&3
	[ $((missed * 4)) -le $((walked + earlier)) ]
	[ ! -s "$T/found" ]
}
