# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# calls: what recording adds to a syscall.

title='What recording adds to a syscall'
readonly CALLS=900000	    # getppids in a sample; the fastest of 30 parts counts
readonly CALLS_TRACED=12000 # under strace
ways=(plain empty hooks learn calls_alone gate empty_gate spo gadget bpf_hook_child bpf_hook
	host nobody host_empty host_learn host_calls_alone host_spo host_gadget host_bpf_hook bpftrace perf strace_c strace)

# plain has no seccomp section, gate the allow-all one that learn adds for an exact gate; in child the
# loop is not the container's first process.
prepare() {
	bundle_of plain /loop "$CALLS" && cp "$bin/loop" "$T/rootfs/" && bundle_of child /bin/sh -c "/loop $CALLS; true" &&
		bundle_of sleep /loop 0 600 && like hooks plain && like gate plain && hooks_of hooks "$T/store" prestart poststop &&
		config "$T/hooks" '.annotations["io.snug.learn"] = "hooks"' &&
		config "$T/gate" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}' || return 1
	host_mntns=$(stat -L -c %i /proc/self/ns/mnt)
	[ "$(bpftool --json link show | jq '[.[]? | select(.tp_name == "sys_enter")] | length')" = 0 ] ||
		note 'Somebody else had a program on sys_enter: better measure again.'
	command -v bpftrace > /dev/null || cannot bpftrace 'no bpftrace in PATH'
	command -v perf > /dev/null || cannot perf 'no perf in PATH'
}

rows() {
	cat << 'ROWS'
# | a recorded task: a container's process | times the empty program | added to a getppid
an empty program on sys_enter: the floor | | empty - plain | ns |
snug's hooks | (hooks - plain) / (empty - plain) | hooks - plain | ns | R <= 1.2
`snug learn` | (learn - plain) / (empty - plain) | learn - plain | ns | R <= 1.2
`snug learn --no-files` | (calls_alone - plain) / (empty - plain) | calls_alone - plain | ns | R <= 1.2
`snug learn --no-files`, less the allow-all filter that makes its start exact | (calls_alone - gate) / (empty_gate - gate) | calls_alone - gate | ns |
`snug learn`, less the allow-all filter that makes its start exact | (learn - gate) / (empty_gate - gate) | learn - gate | ns |
security-profiles-operator's sequence | (spo - plain) / (empty - plain) | spo - plain | ns | R >= 3
Inspektor Gadget's sequence | (gadget - plain) / (empty - plain) | gadget - plain | ns | R >= 3
oci-seccomp-bpf-hook's sequence | (bpf_hook_child - plain) / (empty - plain) | bpf_hook_child - plain | ns | R >= 3
oci-seccomp-bpf-hook's, the container's first thread | (bpf_hook - plain) / (empty - plain) | bpf_hook - plain | ns | R >= 3
# | a bystander: a process of the host, meanwhile | times the empty program | added to a getppid
an empty program on sys_enter: the floor | | host_empty - host | ns |
snug, while a container is learned | (host_learn - host) / (host_empty - host) | host_learn - host | ns | R <= 1.1
the same, `--no-files` | (host_calls_alone - host) / (host_empty - host) | host_calls_alone - host | ns | R <= 1.1
security-profiles-operator's sequence | (host_spo - host) / (host_empty - host) | host_spo - host | ns |
Inspektor Gadget's sequence | (host_gadget - host) / (host_empty - host) | host_gadget - host | ns |
oci-seccomp-bpf-hook's sequence | (host_bpf_hook - host) / (host_empty - host) | host_bpf_hook - host | ns |
snug, nobody learning: programs that are attached | | nobody_attached | | F == 0
snug, nobody learning | nobody / host | nobody - host | ns |
# | a process under a tracer | times the empty program | added to a getppid
bpftrace, counting calls | (bpftrace - host) / (host_empty - host) | bpftrace - host | ns | R >= 3
perf trace -s | (perf - host) / (host_empty - host) | perf - host | ns | R >= 3
strace -f -c | (strace_c - host) / (host_empty - host) | strace_c - host | ns | R >= 3
strace -f | (strace - host) / (host_empty - host) | strace - host | ns | R >= 3

The peers' sequences of map and helper calls are written anew after their sources (`contrib/bench/peer_*.bpf.c` names file and version), and
cost less than upstream: BTF loads stand for bpf_probe_read_kernel. Two of them record all other containers too: as bystanders these pay in full.
Under a tracer a getppid is compared with one of a process that nobody traces.
ROWS
}

# contained BUNDLE
contained() { command runc --root "$T/runc" run --bundle "$T/$1" "$id" < /dev/null; }

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
	while_attached "peer_bpf_hook.bpf.o .bss 0 $(< "$T/pid") seen_calls $prctl 1" started
	command runc --root "$T/runc" delete "$id"
	cat "$T/late"
}

# learned [OPTION]
learned() {
	snug learn "$T/plain" --name bench --fresh "$@" 2> "$T/err" < /dev/null ||
		cat "$T/err" >&2
}

# Recorded by hooks alone; a failing hook does not stop its container, but leaves no recording.
hooked_loop() {
	local took recordings=$T/store/var/lib/snug/recordings/hooks
	rm -rf "$recordings"
	took=$(contained hooks)
	[ -z "$(ls "$recordings")" ] || echo "$took"
}

# while_learning [--no-files] COMMAND...: while snug records a container that sleeps.
while_learning() {
	local learner options=()
	[ "$1" != --no-files ] || { options=("$1") && shift; }
	snug learn "$T/sleep" --name sleeper --id "$id" --fresh "${options[@]}" \
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

# attached: how many programs of snug's are attached by a link.
attached() {
	local names
	names=$(readelf -sW "$repo/$SNUG_BUILD"/gen/*.bpf.o 2> /dev/null |
		awk '$4 == "FUNC" && $5 == "GLOBAL" { print $8 }' | jq -Rn '[inputs | .[:15]]')
	bpftool --json prog show > "$T/progs" && bpftool --json link show > "$T/links" || return 1
	jq -rn --argjson names "$names" --slurpfile progs "$T/progs" --slurpfile links "$T/links" '
		[$progs[0][] | select(.type == "tracing" and ((.name // "")[:15] | IN($names[]))) | .id] as $ids
		| [$links[0][]? | select(.prog_id | IN($ids[]))] | length'
}

nobody() { printf 'nobody_attached %s\nnobody %s\n' "$(attached)" "$("$bin/loop" "$CALLS")"; }

bpftraced() {
	timeout -s INT 60 bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid, args->id] = count(); }' \
		-c "$bin/loop $CALLS" 2> "$T/err" | grep -E '^[0-9]+\.[0-9]$'
}

one() {
	case $1 in
	host) "$bin/loop" "$CALLS" ;;
	plain | gate) contained "$1" ;;
	hooks) hooked_loop ;;
	empty) while_attached empty.bpf.o contained plain ;;
	empty_gate) while_attached empty.bpf.o contained gate ;;
	learn) learned ;;
	calls_alone) learned --no-files ;;
	spo) while_attached "peer_spo.bpf.o excluded $host_mntns 1" contained plain ;;
	gadget) while_attached peer_gadget.bpf.o contained plain ;;
	bpf_hook) contained_under_bpf_hook plain ;;
	bpf_hook_child) contained_under_bpf_hook child ;;
	nobody) nobody ;;
	host_empty) while_attached empty.bpf.o "$bin/loop" "$CALLS" ;;
	host_learn) while_learning "$bin/loop" "$CALLS" ;;
	host_calls_alone) while_learning --no-files "$bin/loop" "$CALLS" ;;
	host_spo) while_attached "peer_spo.bpf.o excluded $host_mntns 1" "$bin/loop" "$CALLS" ;;
	host_gadget) while_attached peer_gadget.bpf.o "$bin/loop" "$CALLS" ;;
	# Some namespace is recorded: its address is nobody's.
	host_bpf_hook) while_attached 'peer_bpf_hook.bpf.o parent_namespace 0 1' "$bin/loop" "$CALLS" ;;
	bpftrace) bpftraced ;;
	perf) perf trace -s -o /dev/null "$bin/loop" "$CALLS_TRACED" 2> "$T/err" ;;
	strace_c) strace -f -c -o /dev/null "$bin/loop" "$CALLS_TRACED" ;;
	strace) strace -f -o /dev/null "$bin/loop" "$CALLS_TRACED" ;;
	esac
}
