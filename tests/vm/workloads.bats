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
	need strace nginx redis-server psql python3
	need_vm
	# shellcheck source=tests/vm/workloads.bash
	source "$REPO/tests/vm/workloads.bash"
	live_setup
	B=$T/bundle
	SINCE=$EPOCHREALTIME
}

teardown() { vm_teardown; }

# until_it COMMAND...: waits for what a container does, while there is one ($RUNNER).
until_it() { until_true gone_or "$@" && kill -0 "$RUNNER" 2> /dev/null; }
gone_or() { ! kill -0 "$RUNNER" 2> /dev/null || "$@"; }

# run_as WORKLOAD KIND OUT: the bundle's container answers a load, and ends.
run_as() {
	local children
	crun run --pid-file "$T/pid" --bundle "$B" "$(id_of run)" > "$T/log" 2>&1 < /dev/null 3>&- &
	RUNNER=$!
	{ until_it test -s "$T/pid" && until_it "$1_ready" "$B/rootfs"; } || { cat "$T/log" && return 1; }
	INIT=$(< "$T/pid")
	# Under strace it is the first one's child.
	if [ "$(< "/proc/$INIT/comm")" = strace ]; then
		children=$(< "/proc/$INIT/task/$INIT/children")
		INIT=${children%% *}
	fi
	"$1_load" "$2" "$B/rootfs" > "$3"
	kill -TERM "$INIT"
	wait "$RUNNER" || :
	rm "$T/pid"
	[ -s "$3" ]
}

# Under strace, which stops only at what it traces.
traced() {
	install -m 666 /dev/null "$B/rootfs/trace"
	config "$B" '.process.args = ["strace", "--seccomp-bpf", "-f", "-y", "-qq", "-s", "1",
		"-e", "trace=open,openat,openat2,execve", "-e", "signal=none", "-o", "/trace"] + .process.args'
}

profile() { echo "$BATS_FILE_TMPDIR/store/var/lib/snug/profiles/$1.json"; }

# serves_the_same WORKLOAD [traced]
serves_the_same() {
	vm_bundle "$1" "$B"
	cp "$B/config.json" "$T/plain.json"
	learned_as "$B" "$1"
	took "$1: bundle"
	run_as "$1" learn "$T/learn.answers"
	took "$1: learned"

	# The reference, and the truth about files.
	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	[ "${2:-}" != traced ] || traced
	run_as "$1" other "$T/plain.answers"
	[ "${2:-}" != traced ] || opened "$B/rootfs/trace" "$B/rootfs" > "$T/opened"
	took "$1: reference"

	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	snug generate "$1"
	snug harden "$B" --profile "$1"
	cp "$B/config.json" "$T/hard.json"
	learned_as "$B" "$1-enforced"
	if [ "${2:-}" = traced ]; then
		[ "$(wc -l < "$T/opened")" -ge 20 ]
		"$PROGRAMS/accesses" "$(profile "$1")" < "$T/opened"
	fi
	dmesg -C
	took "$1: hardened"
	run_as "$1" other "$T/hard.answers" || { denied && false; }
	took "$1: enforced"
	run denied
	echo "denied: $output"
	[ -z "$output" ]
	diff -a "$T/plain.answers" "$T/hard.answers"
	run refused "$1-enforced"
	echo "refused: $output"
	[ -z "$output" ] || [ "$output" = clone3 ]
}

# ---- attacks ----

# What breaks the root for the next one comes last.
LAYERS='all apparmor caps seccomp before'

# layered WORKLOAD: $T/LAYER.json, the intruder in the workload's place, under one layer, all or none. AppArmor's
# profile stays loaded meanwhile.
layered() {
	jq -c --slurpfile hard "$T/hard.json" --arg layers "$LAYERS" --arg self "$("$1_program")" --arg drop "$("$1_drop")" '
		$hard[0] as $hard | .process.args = [$self, $self, $drop] | . as $plain | $layers | split(" ")[] | . as $layer
		| def under($name): $layer == $name or $layer == "all";
		$plain
		| if under("apparmor") then .process.apparmorProfile = $hard.process.apparmorProfile | .hooks = $hard.hooks else . end
		| if under("seccomp") then .linux.seccomp = $hard.linux.seccomp else . end
		| if under("caps") then .process.capabilities = $hard.process.capabilities
			| .process.noNewPrivileges = $hard.process.noNewPrivileges else . end' "$T/plain.json" |
		for layer in $LAYERS; do
			read -r line && printf '%s' "$line" > "$T/$layer.json"
		done
}

intrude() { # WORKLOAD LAYER
	cp "$T/$2.json" "$B/config.json"
	rm -f "$B/rootfs/etc/ld.so.preload"
	install -m 755 "$PROGRAMS/intruder" "$B/rootfs/$("$1_program")"
	crun run --bundle "$B" "$(id_of "$2")" 2>&1 < /dev/null | cat > "$T/$2"
}

# table: a line for each attack: what became of it under each layer.
table() {
	awk -F ': ' 'BEGIN { n = split("EPERM ENOENT EIO EACCES EEXIST EROFS ENOSYS", names, " ")
			split("1 2 5 13 17 30 38", numbers, " ")
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
	fresh "$1" "$B"
	layered "$1"
	install -D -m 600 /dev/stdin "$B/rootfs/root/.ssh/id_ed25519" <<< secret
	for layer in $LAYERS; do
		intrude "$1" "$layer"
	done
	took "$1: attacks"
	printf '# note: %-26s%-10s%-10s%-10s%-10s%s\n' "$1" before AppArmor seccomp caps all >&3
	table | sed 's/^/# note: /' >&3
	echo "worked before: $(grep -c ': worked' "$T/before")"
	[ "$(grep -c ': worked' "$T/before")" -ge 25 ]
	[ "$(wc -l < "$T/all")" = "$(wc -l < "$T/before")" ]
	run grep ': worked' "$T/all"
	echo "not stopped: $output"
	[ -z "$output" ]
}

@test "nginx serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same nginx traced
	stops_intruders nginx
}

@test "redis serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same redis
	stops_intruders redis
}

@test "PostgreSQL serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same postgres
	stops_intruders postgres
}

@test "an application in Python serves another load as before, and an intruder in its place is stopped" {
	serves_the_same python traced
	stops_intruders python
}

@test "a job of a shell's does as before under its profile, and an intruder in its place is stopped" {
	serves_the_same job traced
	stops_intruders job
}
