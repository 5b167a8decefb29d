# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # T, SNUG, id and the rest are run's
# ways: each way of running the loop, by name; `one WAY` prints its nanoseconds a call, last.

# contained BUNDLE
contained() { command runc --root "$T/runc" run --bundle "$T/$1" "$id" < /dev/null; }

# while_attached "OBJECT [MAP KEY VALUE]..." COMMAND...
while_attached() {
	local in=$T/in out=$T/out holder object answer
	read -r -a object <<< "$1"
	shift
	rm -f "$in" "$out"
	mkfifo "$in" "$out"
	"$T/attach" "$T/${object[0]}" "${object[@]:1}" < "$in" > "$out" 2> "$T/err" &
	holder=$!
	exec 8> "$in"
	if read -r answer < "$out" && [ "$answer" = attached ]; then
		"$@"
	else
		cat "$T/err" >&2
	fi
	exec 8>&-
	wait "$holder"
}

runc_status() { command runc --root "$T/runc" state "$id" 2> /dev/null | jq -r .status; }

started() {
	command runc --root "$T/runc" start "$id" || return 1
	until [ "$(runc_status)" = stopped ]; do sleep 0.02; done
}

# oci-seccomp-bpf-hook's object has to know the container's first process, which is there before it
# runs. The runtime's prctl has been seen by then.
contained_under_bpf_hook() {
	local prctl=157
	[ "$(uname -m)" = aarch64 ] && prctl=167
	command runc --root "$T/runc" create --bundle "$T/$1" --pid-file "$T/pid" "$id" \
		< /dev/null > "$T/late" 2> "$T/err" || return 1
	while_attached "peer_bpf_hook.o .bss 0 $(< "$T/pid") seen_calls $prctl 1" started
	command runc --root "$T/runc" delete "$id"
	cat "$T/late"
}

learned() {
	"$SNUG" --root "$T/store" learn "$T/plain" --name bench --fresh 2> "$T/err" < /dev/null ||
		cat "$T/err" >&2
}

# Recorded by hooks alone; a failing hook does not stop its container, but leaves no recording.
hooked_loop() {
	local took recordings=$T/store/var/lib/snug/recordings/hooks
	rm -rf "$recordings"
	took=$(contained hooks)
	[ -z "$(ls "$recordings")" ] || echo "$took"
}

# while_learning COMMAND...: while snug records a container that sleeps.
while_learning() {
	local learner
	"$SNUG" --root "$T/store" learn "$T/sleep" --name sleeper --id "$id" --fresh \
		> "$T/err" 2>&1 < /dev/null &
	learner=$!
	until command runc state "$id" 2> /dev/null | grep -q '"status": "running"'; do
		kill -0 "$learner" 2> /dev/null || { cat "$T/err" >&2 && return 1; }
		sleep 0.05
	done
	"$@"
	command runc kill "$id" KILL
	wait "$learner"
}

# attached: how many of snug's BPF programs are loaded, and how many of them are attached by a link.
attached() {
	local names
	names=$(readelf -sW "$repo/$SNUG_BUILD"/gen/*.bpf.o 2> /dev/null |
		awk '$4 == "FUNC" && $5 == "GLOBAL" { print $8 }' | jq -Rn '[inputs | .[:15]]')
	bpftool --json prog show > "$T/progs" && bpftool --json link show > "$T/links" || return 1
	jq -rn --argjson names "$names" --slurpfile progs "$T/progs" --slurpfile links "$T/links" '
		[$progs[0][] | select(.type == "tracing" and ((.name // "")[:15] | IN($names[]))) | .id] as $ids
		| [$links[0][]? | select(.prog_id | IN($ids[]))] | "\($ids | length) programs, \(length) links"'
}
# others: how many links there are on sys_enter while this bench has none.
others() { bpftool --json link show | jq '[.[]? | select(.tp_name == "sys_enter")] | length'; }

learning_loop() { attached > "$T/host_learn.attached" && "$T/loop" "$CALLS"; }
nobody() { attached > "$T/nobody.attached" && "$T/loop" "$CALLS"; }

bpftraced() {
	timeout -s INT 60 bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid, args->id] = count(); }' \
		-c "$T/loop $CALLS" 2> "$T/err" | grep -E '^[0-9]+\.[0-9]$'
}

one() {
	case $1 in
	host) "$T/loop" "$CALLS" ;;
	plain | gate) contained "$1" ;;
	hooks) hooked_loop ;;
	empty) while_attached empty.o contained plain ;;
	empty_gate) while_attached empty.o contained gate ;;
	learn) learned ;;
	spo) while_attached "peer_spo.o excluded $host_mntns 1" contained plain ;;
	gadget) while_attached peer_gadget.o contained plain ;;
	bpf_hook) contained_under_bpf_hook plain ;;
	bpf_hook_child) contained_under_bpf_hook child ;;
	nobody) nobody ;;
	host_empty) while_attached empty.o "$T/loop" "$CALLS" ;;
	host_learn) while_learning learning_loop ;;
	host_spo) while_attached "peer_spo.o excluded $host_mntns 1" "$T/loop" "$CALLS" ;;
	host_gadget) while_attached peer_gadget.o "$T/loop" "$CALLS" ;;
	# Some namespace is recorded: its address is nobody's.
	host_bpf_hook) while_attached 'peer_bpf_hook.o parent_namespace 0 1' "$T/loop" "$CALLS" ;;
	bpftrace) bpftraced ;;
	perf) perf trace -s -o /dev/null "$T/loop" "$CALLS_TRACED" 2> "$T/err" ;;
	strace_c) strace -f -c -o /dev/null "$T/loop" "$CALLS_TRACED" ;;
	strace) strace -f -o /dev/null "$T/loop" "$CALLS_TRACED" ;;
	esac
}

# hooked: the prestart hook for HOOKS containers that wait to start, beside an empty program, in turn.
# One more container is learned from before and all along. Into hook.ms and hook.empty.ms. Fails unless
# each left its recording.
hooked() {
	local i call=("$hook" --root "$T/store") failed=0 recordings
	for ((i = 0; i <= HOOKS; i++)); do
		command runc --root "$T/runc" create --bundle "$T/sleep" "$id-$i" < /dev/null > /dev/null || failed=1
		command runc --root "$T/runc" state "$id-$i" | jq '{ociVersion, id, pid, bundle, annotations}
			+ {status: "creating"}' > "$T/state.$i" || failed=1
	done
	env -i "${call[@]}" prestart < "$T/state.0" || failed=1
	for ((i = 1; i <= HOOKS && !failed; i++)); do
		env -i "$T/spawn" 1 "$T/empty" >> "$T/hook.empty.ms"
		env -i "$T/spawn" 1 "${call[@]}" prestart < "$T/state.$i" >> "$T/hook.ms" || failed=1
	done
	for ((i = 0; i <= HOOKS; i++)); do
		command runc --root "$T/runc" start "$id-$i" || failed=1
	done
	for ((i = 0; i <= HOOKS; i++)); do
		command runc --root "$T/runc" delete --force "$id-$i"
		env -i "${call[@]}" poststop < "$T/state.$i" || failed=1
	done
	recordings=("$T/store/var/lib/snug/recordings/sleep"/*.json)
	((!failed && ${#recordings[@]} == HOOKS + 1))
}
