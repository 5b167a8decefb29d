# SPDX-License-Identifier: Apache-2.0
# Learning by hooks where things go wrong: containers that never start, full disks, killed and forced
# ends, too many at once.

load helpers

setup() {
	need root runc bpf jq busybox
	live_setup
	start_bpffs
}
teardown() { live_teardown; }

runc_in() { in_bpffs runc --root "$RUNC_ROOT" "$@"; }
# A container that is left running must not hold bats's pipes.
runc_behind() { runc_in "$@" < /dev/null > "$T/out" 2>&1 3>&-; }
snug_in() { in_bpffs "$SNUG" --root "$T/store" "$@"; }
recording() { echo "$T/store/var/lib/snug/recordings/$1/"*.json; }
calls() { jq -r '[.syscalls.SCMP_ARCH_X86_64[] | select(.phase | index("workload")) | .name] | sort | join(" ")' "$1"; }

hook() { in_bpffs "$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" "$1"; }
# A state as a runtime would give it; the container is made of a process that is there already.
state() { # PID
	jq -n --argjson pid "$1" --arg bundle "$T/b" --arg id "$(id_of "$1")" '{ociVersion: "1.0.2", id: $id,
		status: "creating", pid: $pid, bundle: $bundle, annotations: {"io.snug.learn": "web"}}'
}
learners() { snug_in status --format json | jq '.learning | length'; }

# hold_lock: the lock of ROOT/run/snug, until `kill $behind`; is_wanted: somebody waits for it.
run_folder() { echo "$T/store/run/snug"; }
hold_lock() {
	mkdir -p "$(run_folder)"
	behind flock --no-fork "$(run_folder)" sleep 3600 > /dev/null 2>&1
	# shellcheck disable=SC2154 # behind sets it
	until_true grep -qx sleep "/proc/$behind/comm"
}
is_wanted() { grep -q -- "-> FLOCK.*:$(stat -c %i "$(run_folder)") " /proc/locks; }

@test "created but never started: no recording" {
	bundle "$T/b" true
	hooked "$T/b" web
	# Without no_new_privs runc loads the filter, which is the gate, before it waits for the start.
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["umask"], action: "SCMP_ACT_ERRNO"}]}'
	runc_behind create --bundle "$T/b" "$(id_of x)"
	until_true eval '[ "$(snug_in status --format json | jq .learning[0].gatePassed)" = true ]'
	[ "$(snug_in flush)" = '0 of 1 containers have begun' ]
	runc_in delete --force "$(id_of x)"
	[ ! -e "$T/store/var/lib/snug/recordings" ]
	[ -z "$(pinned)" ]
	[ -z "$(failures)" ]
}

@test "a full disk: it is noted, the recording stays, and is written once there is room" {
	mkdir "$T/store/var"
	in_bpffs mount -t tmpfs -o size=64k,mode=755 none "$T/store/var"
	bundle "$T/b" sh -c true
	hooked "$T/b" web
	runc_behind create --bundle "$T/b" "$(id_of x)"
	in_bpffs sh -c 'head -c 128k /dev/zero > "$1"' sh "$T/store/var/fill" || :
	runc_in start "$(id_of x)"
	until_true eval '[ "$(runc_in state "$(id_of x)" | jq -r .status)" = stopped ]'
	runc_in delete "$(id_of x)" || :
	[[ "$(failures)" == *"container $(id_of x): "*"learned as web"*"No space left on device"* ]]
	[ -n "$(pinned)" ]
	run snug_in status
	[[ "$output" == *'No space left'* ]]
	[ -n "$(pinned)" ]
	in_bpffs rm "$T/store/var/fill"
	snug_in status
	in_bpffs sh -c 'cat "$1"/*.json' sh "$T/store/var/lib/snug/recordings/web" > "$T/recording"
	[ "$(jq '.sources[0].ended' "$T/recording")" = true ]
	[[ " $(calls "$T/recording") " == *' exit_group '* ]]
	[ -z "$(pinned)" ]
}

@test "256 containers at once, and one more: that is not learned, runs on, and is noted" {
	local pids=() i last
	bundle "$T/b" true
	hooked "$T/b" web
	for ((i = 0; i < 257; i++)); do
		behind sleep 3600 > /dev/null 2>&1
		pids+=("$behind")
		# Its exec, seen, would make it a container that ran.
		until_true grep -qx sleep "/proc/$behind/comm"
		state "$behind" | hook prestart
	done
	last=${pids[256]}
	[ "$(learners)" = 256 ]
	[ "$(failures | wc -l)" = 1 ]
	[[ "$(failures)" == *"container $(id_of "$last"): 256 containers are being recorded"* ]]
	state "${pids[17]}" | hook createRuntime # which finds that it is recorded already
	[ "$(failures | wc -l)" = 1 ]
	kill "${pids[3]}" "${pids[200]}"
	until_true eval '[ "$(learners)" = 254 ]'
	state "$last" | hook prestart
	[ "$(learners)" = 255 ]
	kill "${pids[@]}" 2> /dev/null || :
	until_true eval '[ "$(learners)" = 0 ]'
	[ -z "$(pinned)" ]
	[ -z "$(ls "$T/store/var" 2> /dev/null)" ]
}

@test "slots go round: the next container does not get the one that was just freed" {
	local folder slots=
	bundle "$T/b" true
	hooked "$T/b" web prestart
	behind sleep 3600 > /dev/null 2>&1
	state "$behind" | hook prestart
	folder=$(in_bpffs sh -c 'echo /sys/fs/bpf/snug-*')
	for _ in 1 2 3; do
		runc_in run --bundle "$T/b" "$(id_of x)"
		snug_in status
		slots+="$(in_bpffs bpftool -j map lookup pinned "$folder/seeding" key 0 0 0 0 | jq -c .value) "
	done
	[ "$(tr ' ' '\n' <<< "$slots" | grep . | sort -u | wc -l)" = 3 ]
}

@test "the run folder deleted while a hook waits for its lock: it waits for the new one's" {
	local first waiting
	bundle "$T/b" true
	hooked "$T/b" web
	behind sleep 3600 > /dev/null 2>&1
	state "$behind" > "$T/state"
	hold_lock
	first=$behind
	hook prestart < "$T/state" > "$T/out" 2>&1 3>&- & waiting=$!
	until_true is_wanted
	rm -r "$(run_folder)"
	hold_lock
	kill "$first"
	until_true is_wanted
	[ -z "$(pinned)" ]
	kill "$behind"
	wait "$waiting"
	[ "$(learners)" = 1 ]
}

@test "hook load by hand: under the lock, and nothing stays" {
	local waiting
	hold_lock
	snug_in hook load < /dev/null > "$T/out" 2>&1 3>&- & waiting=$!
	until_true is_wanted
	[ -z "$(pinned)" ]
	kill "$behind"
	wait "$waiting"
	[ -z "$(pinned)" ]
	snug_in hook load < "$(run_folder)"
	snug_in status
	[ -z "$(pinned)" ]
}

@test "recorded by another version: it is said, with what ends it" {
	local folder value
	bundle "$T/b" true
	hooked "$T/b" web
	behind sleep 3600 > /dev/null 2>&1
	state "$behind" | hook prestart
	folder=$(in_bpffs sh -c 'echo /sys/fs/bpf/snug-*')
	value=$(in_bpffs bpftool -j map lookup pinned "$folder/heads" key 0 0 0 0 | jq -r '.value | .[12] = "0x63" | join(" ")')
	# shellcheck disable=SC2086 # bytes
	in_bpffs bpftool map update pinned "$folder/heads" key 0 0 0 0 value $value
	run snug_in status
	[ "$status" = 4 ]
	[[ "$output" == *'layout 99'*"remove $folder"* ]]
	runc_in run --bundle "$T/b" "$(id_of x)"
	[[ "$(failures)" == *'layout 99'* ]]
	in_bpffs rm -r "$folder"
	[ "$(learners)" = 0 ]
}

@test "recorded by another version whose heads are smaller: the same" {
	local folder
	folder=/sys/fs/bpf/snug-$(printf %x-%d "$(stat -c %d "$T/store")" "$(stat -c %i "$T/store")")
	in_bpffs mkdir "$folder"
	in_bpffs bpftool map create "$folder/heads" type array key 4 value 16 entries 256 name heads flags 0x400
	in_bpffs bpftool map update pinned "$folder/heads" key 0 0 0 0 value 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0
	run snug_in status
	[ "$status" = 4 ]
	[[ "$output" == *'layout 1, not'*"remove $folder"* ]]
	in_bpffs rm -r "$folder"
}

# Its calls are those of a shell that sleeps, and it ends by force alone.
endless() {
	bundle "$T/b" sh -c 'trap "" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
	hooked "$T/b" web "${@:-prestart}" poststop
}
is_whole() {
	[ "$(jq '.sources[0].ended' "$(recording web)")" = true ]
	[[ " $(calls "$(recording web)") " == *' rt_sigaction '* ]]
	[ -z "$(pinned)" ]
	[ -z "$(failures)" ]
}

@test "a running container deleted by force: its recording is written" {
	endless
	runc_behind run -d --bundle "$T/b" "$(id_of x)"
	until_true test -e "$T/b/rootfs/tmp/ready"
	runc_in delete --force "$(id_of x)"
	is_whole
}

@test "a running container deleted by force: under crun" {
	need crun cgroup2
	endless prestart createRuntime
	in_bpffs unshare --mount --propagation private sh -c '
		umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup || exit
		crun="crun --root $1/crun --cgroup-manager=disabled"
		$crun run -d --bundle "$1/b" "$2" > "$1/out" 2>&1 3>&- < /dev/null || exit
		until [ -e "$1/b/rootfs/tmp/ready" ]; do sleep 0.1; done
		$crun delete --force "$2"' sh "$T" "$(id_of x)"
	is_whole
}

@test "poststop ahead of the death: it waits for that" {
	need strace
	local waiting
	bundle "$T/b" true
	hooked "$T/b" web
	behind sleep 3600 > /dev/null 2>&1
	state "$behind" > "$T/state"
	hook prestart < "$T/state"
	# Its first look is no wait; the second is, and there it is stopped until the death is over.
	in_bpffs strace -f -o "$T/trace" -e trace=poll -e inject=poll:signal=STOP:when=2 \
		"$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" poststop < "$T/state" > "$T/out" 2>&1 3>&- & waiting=$!
	until_true grep -q 'stopped by SIGSTOP' "$T/trace"
	kill -KILL "$behind"
	wait "$behind" || :
	kill -CONT "$(awk '/poll/ { print $1; exit }' "$T/trace")"
	wait "$waiting"
	[ -z "$(pinned)" ]
}

@test "exec is recorded, nsenter from the host is not" {
	endless
	runc_behind run -d --bundle "$T/b" "$(id_of x)"
	until_true test -e "$T/b/rootfs/tmp/ready"
	runc_in exec "$(id_of x)" mkdir /tmp/by-exec
	in_bpffs nsenter --all --target "$(runc_in state "$(id_of x)" | jq .pid)" -- /bin/rmdir /tmp/by-exec
	[ ! -e "$T/b/rootfs/tmp/by-exec" ]
	runc_in delete --force "$(id_of x)"
	is_whole
	[[ " $(calls "$(recording web)") " == *' mkdir '* ]]
	[[ " $(calls "$(recording web)") " != *' rmdir '* ]]
}
