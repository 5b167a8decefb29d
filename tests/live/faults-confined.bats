#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of what enforces a profile, failed, in a real container: it is refused, or confined as promised,
# and never runs weaker. After the next command nothing is left.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root runc bpf jq busybox
	live_setup
	faults_setup
	start_bpffs
	mkdir -p "$T/store/etc/snug" "$T/store/var/lib/snug/profiles" "$T/store/run/snug"
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' \
		> "$T/store/var/lib/snug/profiles/web.json"
	echo '{"snugPolicy": 1, "default": {"mode": "enforce", "profile": "web"}}' > "$T/store/etc/snug/policy.json"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	# What it is confined by is the first thing that it says; then what it may not do.
	bundle "$T/b" /bin/sh -c 'grep -E "^(NoNewPrivs|Seccomp|CapBnd|CapEff):" /proc/self/status; mkdir /tmp/made && echo made; exit 7'
	cp "$T/b/config.json" "$T/plain.json"
}
teardown() {
	[ -z "${BPFFS_HOLDER:-}" ] || for id in $(in_bpffs runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_bpffs runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	[ ! -d "$T/others" ] || in_bpffs runc --root "$T/others" delete --force "$(id_of other)" > /dev/null 2>&1
	live_teardown
}

# hooks FAULTY STAGE...: these stages, of which one meets the fault.
hooks() {
	local faulty=$1
	shift
	config "$T/b" --arg hook "$HOOK" --arg fault "$PROGRAMS/fault" --arg spec "$SPEC" --arg store "$T/store" --arg faulty "$faulty" '
		.hooks = ($ARGS.positional | map({(.): [if . == $faulty then
			{path: $fault, args: ["fault", $spec, $hook, "--root", $store, .]} else
			{path: $hook, args: ["snug-hook", "--root", $store, .]} end]}) | add)' --args "$@"
}

run_it() {
	NUMBER=$((${NUMBER:-0} + 1))
	in_bpffs timeout -k 10 300 "${RUNTIME[@]:-runc}" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$NUMBER")"
}
act() { run_it; }
before() { rm -rf "$T/b/rootfs/tmp/made" "$T/store/run/snug/failures"; }

# confined: either it never ran, or all that the profile says holds.
confined() {
	local said
	[ "$result" != 124 ] || found 'it does not end'
	said=$(< "$T/out")
	[ ! -e "$T/b/rootfs/tmp/made" ] && [[ $said != *made* ]] || found 'it did what the profile denies'
	[[ $said != *Cap* ]] || is_confined || found "weaker than promised: $said"
	# Whoever ran ran to its end, and whoever did not is not said to have.
	[ "$result" != 7 ] || [[ $said == *Cap* ]] || found 'it says that it ran, and did not'
}
nothing_left() {
	local left
	until_true nobody
	in_bpffs "$SNUG" --root "$T/store" status > "$T/status" 2>&1 || [ $? = 1 ] || found "status: $(cat "$T/status")" # 1: somebody else's drift
	! left=$(pins) || found "pinned: $left"
	left=$(find "$T/store/run/snug" "$RUNC_ROOT" -name '.snug-*' -o -path "$RUNC_ROOT/*")
	[ -z "$left" ] || [[ $mode = KILL && $left != *"$RUNC_ROOT"/* ]] || found "left: $left"
}
# Refused, it is said why. (With the tracer its container is killed, and nobody is there to tell.)
said() {
	[ "$result" = 7 ] || [ "$mode $result" = 'KILL 137' ] || [ -s "$T/err" ] || [ -s "$T/store/run/snug/failures" ] || found 'refused, and nobody says why'
}

# What is there when one has ended as it should: the guard, detached, which the next one finds.
idle() { find "/proc/$BPFFS_HOLDER/root/sys/fs/bpf" "$T/store/run/snug" "$RUNC_ROOT" ! -name failures | sort; }

@test "the gate and the exec boundary" {
	local warm
	hooks createRuntime createRuntime poststop
	# The answer, the plan and the guard are there, as for all but a profile's first container.
	run_it > /dev/null 2>&1 || true
	warm=$(idle)
	success=7
	after() {
		confined
		said
		until_true nobody
		# Each has to find the same, or the points are not those that were counted.
		[ "$hit" = 'no fault' ] || [ "$(idle)" != "$warm" ] || return 0
		nothing_left
		run_it > "$T/out" 2>&1 || true
		[ "$(idle)" = "$warm" ] || found "another one ends with $(idle)"
	}
	walk 4
	# By which the tracer lets the runtime's threads go on, in each run of the tests.
	walking='the gate and the exec boundary, ptrace(2)' only=ptrace MODES=(EIO)
	walk 20
}

@test "the gate and the exec boundary, a profile's first container" {
	hooks createRuntime createRuntime poststop
	success=7
	before() { rm -rf "$T/b/rootfs/tmp/made" "$T/store/run/snug"; mkdir "$T/store/run/snug"; }
	after() { confined; said; nothing_left; }
	walk 2
}

@test "its end" {
	hooks poststop createRuntime poststop
	run_it > /dev/null 2>&1 || true
	success=7
	after() {
		[ "$result" = 7 ] || found 'it was stopped'
		confined
		nothing_left
	}
	walk 2
}

# With another container that stands under the guard beside it: that one stays under it, whatever becomes of this.
@test "its end, and another one's promise" {
	local other
	other=$(id_of other)
	hooks none createRuntime poststop
	cp "$T/b/config.json" "$T/mine.json"
	config "$T/b" '.process.args = ["/bin/sleep", "3600"]'
	in_bpffs runc --root "$T/others" run --detach --bundle "$T/b" "$other" > /dev/null 2>&1 < /dev/null
	hooks poststop createRuntime poststop
	config "$T/b" --slurpfile mine "$T/mine.json" '.process.args = $mine[0].process.args'
	success=7
	after() {
		[ "$result" = 7 ] || found 'it was stopped'
		confined
		in_bpffs "$SNUG" --root "$T/store" status > "$T/status" 2>&1 || [ $? = 1 ] || found "status: $(cat "$T/status")"
		# What exec brings in has all that config.json grants: killed, before it does anything.
		if in_bpffs runc --root "$T/others" exec "$other" /bin/touch /tmp/entered > /dev/null 2>&1; then
			found 'somebody entered the other one, unconfined'
		fi
		[ ! -e "$T/b/rootfs/tmp/entered" ] || found 'somebody did something in the other one'
		rm -f "$T/b/rootfs/tmp/entered"
	}
	walk 2
	# To look into the guard's tables and for its pins, in each run of the tests.
	walking='its end, and another one, bpf(2)' only=bpf MODES=(ENOMEM)
	walk 20
	walking='its end, and another one, access(2)' only=access MODES=(EIO)
	walk 20
	in_bpffs runc --root "$T/others" delete --force "$other"
	in_bpffs "$SNUG" --root "$T/store" status > /dev/null || [ $? = 1 ]
	[ -z "$(pinned)" ]
}
