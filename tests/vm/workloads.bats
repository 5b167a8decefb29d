#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Five workloads, learned under one load and enforced under another with AppArmor, seccomp and capabilities
# together: the same answers, and nothing denied but clone3, which is answered ENOSYS by design. Then an
# intruder in each one's place.

load ../live/helpers
load helpers

setup_file() { start_recorder; }
teardown_file() { stop_recorder; }

setup() {
	need curl strace nginx redis-server psql python3
	need_vm
	# shellcheck source=tests/vm/workloads.bash
	source "$REPO/tests/vm/workloads.bash"
	live_setup
	B=$T/bundle
	SINCE=$EPOCHREALTIME
}

teardown() { vm_teardown; }

is_running() { [ "$(crun state "$1" | jq -r .status)" = running ]; }

# until_it COMMAND...: waits for what a container does, while there is one ($RUNNER).
until_it() { until_true gone_or "$@" && kill -0 "$RUNNER" 2> /dev/null; }
gone_or() { ! kill -0 "$RUNNER" 2> /dev/null || "$@"; }

# served WORKLOAD KIND OUT ID: the container that runs as ID answers a load, and ends.
served() {
	until_it is_running "$4" || return 1
	INIT=$(crun state "$4" | jq .pid)
	# Under strace it is the first one's child.
	[ "$(cat "/proc/$INIT/comm")" != strace ] || { until_true child_of "$INIT" && INIT=$(child_of "$INIT"); }
	until_it "$1_ready" "$B/rootfs" || return 1
	"$1_load" "$2" "$B/rootfs" > "$3"
	kill -TERM "$INIT"
}
child_of() { tr ' ' '\n' < "/proc/$1/task/$1/children" | grep -m 1 .; }

# run_as WORKLOAD KIND OUT: the bundle's container answers a load.
run_as() {
	crun run --bundle "$B" "$(id_of run)" > "$T/log" 2>&1 < /dev/null 3>&- &
	RUNNER=$!
	served "$@" "$(id_of run)" || { cat "$T/log" && return 1; }
	wait "$RUNNER" || :
	[ -s "$3" ]
}

serves_the_same() { # WORKLOAD
	vm_bundle "$1" "$B"
	cp "$B/config.json" "$T/plain.json"
	took "$1: bundle"
	learned_as "$B" "$1"
	run_as "$1" learn "$T/learn.answers"
	took "$1: learned"

	# The reference, and the truth about files.
	fresh "$1" "$B"
	install -m 666 /dev/null "$B/rootfs/trace"
	cp "$T/plain.json" "$B/config.json"
	config "$B" '.process.args = ["strace", "--seccomp-bpf", "-f", "-y", "-qq", "-s", "1", "-e", "trace=%file",
		"-e", "signal=none", "-o", "/trace"] + .process.args'
	run_as "$1" other "$T/plain.answers"
	opened "$B/rootfs/trace" > "$T/opened"
	took "$1: reference, $(wc -l < "$T/opened") files opened"

	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	snug generate "$1"
	snug harden "$B" --profile "$1"
	learned_as "$B" "$1-enforced"
	[ -s "$T/opened" ]
	"$PROGRAMS/accesses" "$(profile "$1")" < "$T/opened"
	took "$1: hardened"
	dmesg -C
	run_as "$1" other "$T/hard.answers" || { denied && false; }
	took "$1: enforced"
	run denied
	echo "denied: $output"
	[ -z "$output" ]
	diff "$T/plain.answers" "$T/hard.answers"
	run refused "$1-enforced"
	echo "refused: $output"
	[ -z "$output" ] || [ "$output" = clone3 ]
}

profile() { echo "$BATS_FILE_TMPDIR/store/var/lib/snug/profiles/$1.json"; }

# ---- attacks ----

LAYERS='before apparmor seccomp caps all'

# layered WORKLOAD LAYER: config.json with the intruder in the workload's place, under one layer, all or none.
layered() {
	jq --slurpfile hard "$T/hard.json" --arg layer "$2" --arg self "$("$1_program")" --arg drop "$("$1_drop")" '
		$hard[0] as $hard | .process.args = [$self, $self, $drop]
		| if $layer == "apparmor" or $layer == "all" then .process.apparmorProfile = $hard.process.apparmorProfile else . end
		| if $layer == "seccomp" or $layer == "all" then .linux.seccomp = $hard.linux.seccomp else . end
		| if $layer == "caps" or $layer == "all" then .process.capabilities = $hard.process.capabilities
			| .process.noNewPrivileges = $hard.process.noNewPrivileges else . end' \
		"$T/plain.json" > "$B/config.json"
}

intrude() { # WORKLOAD LAYER
	fresh "$1" "$B"
	layered "$1" "$2"
	install -m 755 "$PROGRAMS/intruder" "$B/rootfs/$("$1_program")"
	install -D -m 600 /dev/null "$B/rootfs/root/.ssh/id_ed25519"
	echo secret > "$B/rootfs/root/.ssh/id_ed25519"
	crun run --bundle "$B" "$(id_of "$2")" 2>&1 < /dev/null | cat > "$T/$2"
}

# table: a line for each attack: what became of it under each layer.
table() {
	awk -F ': ' 'BEGIN { n = split("EPERM ENOENT EIO EACCES EROFS ENOSYS", names, " ")
			split("1 2 5 13 30 38", numbers, " ")
			for (i = 1; i <= n; i++) name[numbers[i]] = names[i] }
		FNR == 1 { layer++ }
		!seen[$1]++ { order[++count] = $1 }
		{ result[$1, layer] = $2 in name ? name[$2] : $2 }
		END { for (i = 1; i <= count; i++) {
			printf "%-26s", order[i]
			for (j = 1; j <= layer; j++) printf "%-10s", result[order[i], j]
			print "" } }' "$T"/{before,apparmor,seccomp,caps,all}
}

stops_intruders() { # WORKLOAD
	local layer
	[ -e "$(profile "$1")" ]
	vm_bundle "$1" "$B"
	cp "$B/config.json" "$T/plain.json"
	snug harden "$B" --profile "$1" --no-hook
	cp "$B/config.json" "$T/hard.json"
	for layer in $LAYERS; do
		intrude "$1" "$layer"
	done
	took "$1: attacks"
	printf '# note: %-26s%-10s%-10s%-10s%-10s%s\n' "$1" before AppArmor seccomp caps all >&3
	table | sed 's/^/# note: /' >&3
	echo "worked before:"
	grep -c ': worked' "$T/before"
	[ "$(grep -c ': worked' "$T/before")" -ge 25 ]
	[ "$(wc -l < "$T/all")" = "$(wc -l < "$T/before")" ]
	run grep ': worked' "$T/all"
	echo "not stopped: $output"
	[ -z "$output" ]
}

@test "nginx serves another load as before under its profile" {
	serves_the_same nginx
}

@test "redis serves another load as before under its profile" {
	serves_the_same redis
}

@test "PostgreSQL serves another load as before under its profile" {
	serves_the_same postgres
}

@test "an application in Python serves another load as before under its profile" {
	serves_the_same python
}

@test "a job of a shell's does as before under its profile" {
	serves_the_same job
}

@test "an intruder in the place of nginx is stopped" {
	stops_intruders nginx
}

@test "an intruder in the place of redis is stopped" {
	stops_intruders redis
}

@test "an intruder in the place of PostgreSQL is stopped" {
	stops_intruders postgres
}

@test "an intruder in the place of Python is stopped" {
	stops_intruders python
}

@test "an intruder in the place of the shell is stopped" {
	stops_intruders job
}
