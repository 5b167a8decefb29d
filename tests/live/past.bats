#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ways past snug that other files do not try (docs/threat-model.md has all of them). Each ends with the container confined
# or refused. /tmp/made in the container's root is the mark of one that was neither.
# shellcheck disable=SC2030,SC2031 # bats: each test is a subshell of its own
# shellcheck disable=SC2154 # bats: run sets output and stderr

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox
	live_setup
	start_host
	mkdir "$T/bin"
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-runc"
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-crun"
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	bundle "$T/b" /bin/sh -c 'mkdir /tmp/made && echo made'
	cp "$T/b/config.json" "$T/plain.json"
	jq -n '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' |
		in_host tee /var/lib/snug/profiles/web.json > /dev/null
	policy
}

teardown() {
	[ -z "${HOST_HOLDER:-}" ] || for id in $(in_host runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_host runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	live_teardown
}

# policy [JQ]: all containers are enforced.
policy() {
	jq -n '{snugPolicy: 1, default: {mode: "enforce", profile: "web"}}' | jq "${1:-.}" |
		in_host tee /etc/snug/policy.json > /dev/null
}
bare() { in_host runc --root "$RUNC_ROOT" "$@"; }
stand_in() { in_host "$T/bin/snug-runc" --root "$RUNC_ROOT" "$@"; }
# in_crun_host COMMAND...: where crun runs.
in_crun_host() {
	in_host sh -c 'umount -R /sys/fs/cgroup 2> /dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh "$@"
}
crun_in() { in_crun_host "$T/bin/snug-crun" --root "$T/crun" --cgroup-manager=disabled "$@"; }
confined() { [ ! -e "$T/b/rootfs/tmp/made" ]; }
# weak: a process that an exec brings.
weak() {
	jq '.process | .args = ["/bin/mkdir", "/tmp/made"] | .args = ["/bin/sh", "-c", "grep CapEff /proc/self/status"]
		| .capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_CHOWN"])' "$T/plain.json" > "$T/process.json"
}
no_privileges() { [[ $output != *CapEff* || $output == *$'CapEff:\t0000000000000001'* ]]; }

# ---- exec ----

@test "exec: an annotation that is called bundle leads to no other policy" {
	mkdir "$T/other"
	policy '.rules = [{match: {bundle: "*/other"}, mode: "off"}]'
	config "$T/b" --arg other "$T/other" '.process.args = ["/bin/sleep", "1000"] | .annotations.bundle = $other'
	cp "$T/plain.json" "$T/other/config.json"
	weak
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	run stand_in exec --process "$T/process.json" "$(id_of r)"
	echo "$output"
	[[ $output == *$'CapEff:\t0000000000000001'* ]]
}

@test "exec: a process that comes out of a pipe, or is not there yet" {
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	weak
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	for file in /dev/stdin /proc/self/fd/0; do
		run ! stand_in exec --process "$file" "$(id_of r)" < <(cat "$T/process.json")
		echo "$output"
		[[ $output == *"--process $file: cannot be found"* ]]
	done
	run ! stand_in exec --process "$T/later.json" "$(id_of r)"
	[[ $output == *"cannot be found"* ]]
	mkfifo "$T/fifo"
	run ! stand_in exec --process "$T/fifo" "$(id_of r)"
	[[ $output == *"a pipe where a file should be"* ]]
	run stand_in exec --process "$T/process.json" "$(id_of r)"
	[[ $output == *$'CapEff:\t0000000000000001'* ]]
}

@test "exec: a container by another spelling, or in a folder that the environment names" {
	need crun
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	weak
	crun_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	for id in "./$(id_of r)" "../crun/$(id_of r)"; do
		run ! crun_in exec --process "$T/process.json" "$id"
		echo "$output"
		[[ $output == *"cannot be found"* ]]
	done
	run ! in_crun_host env XDG_RUNTIME_DIR="$T" "$T/bin/snug-crun" exec --process "$T/process.json" "$(id_of r)"
	echo "$output"
	[[ $output == *"add --root DIR"* ]]
	# What crun was started with counts, not what lies in the bundle now.
	policy '.rules = [{match: {annotations: {free: "yes"}}, mode: "off"}]'
	config "$T/b" '.annotations.free = "yes"'
	run crun_in exec --process "$T/process.json" "$(id_of r)"
	echo "$output"
	[[ $output == *$'CapEff:\t0000000000000001'* ]]
	in_crun_host crun --root "$T/crun" delete --force "$(id_of r)"
}

@test "exec: what it takes from the container itself is what the container has" {
	local of_status=(/bin/grep -E 'CapEff|NoNewPrivs' /proc/self/status)
	held() { [[ $output == $'CapEff:\t0000000000000001\nNoNewPrivs:\t1' ]]; }
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	for word in "" --no-new-privs --no-new-privs=true; do
		# shellcheck disable=SC2086 # or none
		run -0 stand_in exec $word "$(id_of r)" "${of_status[@]}"
		echo "$output"
		held
	done
	run ! stand_in exec --no-new-privs=false "$(id_of r)" "${of_status[@]}"
	[[ $output == *"exec --no-new-privs: container $(id_of r) is enforced by the policy"* ]]
	# root's own login names a folder, which runc does not heed.
	run -0 in_host env XDG_RUNTIME_DIR="$T" "$T/bin/snug-runc" --root "$RUNC_ROOT" exec "$(id_of r)" "${of_status[@]}"
	held
	need crun
	# crun's has no_new_privs where it is told so.
	crun_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	for options in "" "--user 0 --env A=B"; do
		# shellcheck disable=SC2086 # words
		run -0 crun_in exec $options "$(id_of r)" "${of_status[@]}"
		echo "$options: $output"
		held
	done
	run -0 in_crun_host env XDG_RUNTIME_DIR="$T" "$T/bin/snug-crun" --cgroup-manager=disabled exec "$(id_of r)" "${of_status[@]}"
	held
	run ! crun_in exec "./$(id_of r)" "${of_status[@]}"
	[[ $output == *"cannot be found"* ]]
	run ! crun_in exec "$(id_of nobody)" true
	[[ $output != snug-runtime* ]]
	in_crun_host crun --root "$T/crun" delete --force "$(id_of r)"
}

@test "exec: what was written into the bundle since the container started brings no privileges" {
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	cp "$T/b/config.json" "$T/hardened.json"
	for change in '.process.capabilities |= map_values(["CAP_SYS_ADMIN"])' '.process.noNewPrivileges = false'; do
		jq "$change" "$T/hardened.json" > "$T/b/config.json"
		run ! stand_in exec "$(id_of r)" /bin/true
		echo "$output"
		[[ $output == *"$T/b/config.json, where runc takes the process from, is weaker than the policy wants it now"* ]]
	done
	weak
	run -0 stand_in exec --process "$T/process.json" "$(id_of r)"
	no_privileges
	jq '.process.cwd = "/tmp" | .process.capabilities |= map_values([])' "$T/hardened.json" > "$T/b/config.json"
	run -0 stand_in exec "$(id_of r)" /bin/grep CapEff /proc/self/status
	[ "$output" = $'CapEff:\t0000000000000000' ]
	# Where the policy says so it is let run, and counted.
	cp "$T/plain.json" "$T/b/config.json"
	policy '.default.allowExec = true'
	run -0 stand_in exec "$(id_of r)" /bin/true
}

@test "exec: an annotation that is called bundle brings no process; nor does status look there" {
	mkdir "$T/other"
	policy '.rules = [{match: {bundle: "*/other"}, mode: "off"}]'
	config "$T/b" --arg other "$T/other" '.process.args = ["/bin/sleep", "1000"] | .annotations.bundle = $other'
	jq '.process.capabilities |= map_values(["CAP_SYS_ADMIN"])' "$T/plain.json" > "$T/other/config.json"
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	run ! stand_in exec "$(id_of r)" /bin/grep CapEff /proc/self/status
	echo "$output"
	[[ $output == *"has an annotation 'bundle'"*"--process FILE"* ]]
	run in_host "$SNUG" status --runtime-root "$RUNC_ROOT"
	echo "$output"
	[[ $output == *"$(id_of r) "*enforce*web* ]]
}

# ---- what was found out once ----

# A libseccomp that has no name for mkdir stands for an older one.
@test "another libseccomp, by which a runtime makes another filter: what was within the profile is looked at anew" {
	local library shell
	library=$(readlink -f "$(ldd "$(command -v runc)" | awk '$1 ~ /^libseccomp/ {print $3}')")
	shell='["read","write","open","openat","close","execve","exit","exit_group","brk","mmap","munmap","mprotect","fstat","stat",
		"newfstatat","lseek","fcntl","getcwd","getpid","getppid","getuid","geteuid","getgid","getegid","setuid","setgid",
		"setgroups","capget","capset","prctl","chdir","arch_prctl","futex","rt_sigreturn","rt_sigaction","rt_sigprocmask",
		"sigaltstack","epoll_ctl","fstatfs","getdents64","clone","fork","vfork","wait4","ioctl","dup2","set_tid_address","rseq",
		"set_robust_list","prlimit64","readlink","getrandom","uname","access","faccessat2","nanosleep","sched_yield","tgkill",
		"madvise","poll","sendfile","sysinfo","umask"]'
	jq -n --argjson shell "$shell" '{snugProfile: 1, name: "web", origin: "hand", seccomp: {defaultAction: "SCMP_ACT_ERRNO",
		defaultErrnoRet: 1, architectures: ["SCMP_ARCH_X86_64"], syscalls: [{action: "SCMP_ACT_ALLOW", names: $shell}]}}' |
		in_host tee /var/lib/snug/profiles/web.json > "$T/profile.json"
	gated
	config "$T/b" --slurpfile p "$T/profile.json" '.linux.seccomp = $p[0].seccomp | .linux.seccomp.syscalls[0].names += ["mkdir"]'
	cp "$T/b/config.json" "$T/own.json"
	sed 's/\x00mkdir\x00/\x00mkdiq\x00/' "$library" > "$T/older.so"
	run ! cmp -s "$library" "$T/older.so"
	in_host mount --bind "$T/older.so" "$library"
	run bare run --bundle "$T/b" "$(id_of a)"
	echo "$output"
	[[ $output == *"Operation not permitted"* ]]
	[ "$(in_host sh -c 'cat /run/snug/gate/*')" = within ]
	stand_in run --bundle "$T/b" "$(id_of b)" || true
	in_host umount "$library"
	run bare run --bundle "$T/b" "$(id_of c)"
	echo "$output"
	confined
	[ "$(in_host sh -c 'cat /run/snug/gate/*' | sort)" = $'weaker web\nwithin' ]
	in_host rm -r /run/snug/gate
	run stand_in run --bundle "$T/b" "$(id_of d)"
	confined
}

# ---- what a container says itself ----

@test "a profile of its own that is not there takes the rule's along nowhere" {
	policy '.annotations = ["io.snug.profile"] | .default.onError = "continue"'
	for name in absent ../../x; do
		config "$T/b" --arg name "$name" '.annotations["io.snug.profile"] = $name'
		run ! stand_in run --bundle "$T/b" "$(id_of r)"
		echo "$output"
		[[ $output == snug-runtime:*"$name"* ]]
		confined
		gated
		config "$T/b" --arg name "$name" '.annotations["io.snug.profile"] = $name'
		run ! bare run --bundle "$T/b" "$(id_of g)"
		confined
		cp "$T/plain.json" "$T/b/config.json"
	done
}

# ---- what a caller leaves ----

@test "a container that is called as an option of snug's" {
	for id in -h --help; do
		run ! stand_in run --bundle "$T/b" -- "$id"
		echo "$output"
		[[ $output == *"can't create directory '/tmp/made'"* ]]
		confined
		cp "$T/plain.json" "$T/b/config.json"
		in_host rm -rf /var/cache/snug # so that snug is asked anew
	done
}

@test "SIGCHLD ignored: what failed has failed" {
	in_host rm /var/lib/snug/profiles/web.json
	for _ in 1 2 3; do
		run ! stand_in_ignoring
		confined
	done
	policy '.default.whenWeaker = "refuse"'
	gated
	run ! in_host env --ignore-signal=CHLD runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of g)"
	confined
}
stand_in_ignoring() {
	in_host env --ignore-signal=CHLD "$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of s)"
}

@test "limits of the caller's: descriptors, memory, file sizes, processes" {
	local limits='nofile=3 nofile=4 nofile=5 nofile=6 nofile=7 nofile=8 nofile=10 as=1000000 as=4000000 as=20000000 nproc=1'
	# What gcov writes at the end of a program would end it.
	[[ $SNUG_BUILD == *-coverage ]] || limits+=' fsize=0 fsize=100'
	for limit in $limits; do
		cp "$T/plain.json" "$T/b/config.json"
		run in_host prlimit "--$limit" "$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "${limit/=/-}")"
		echo "$limit: $status $output"
		confined
		# A config that comes out of the filter is whole and hardened, or none comes. (Engines read a pipe.)
		if (set -o pipefail && in_host prlimit "--$limit" "$HOOK" precreate < "$T/plain.json" 2> "$T/said" | cat > "$T/filtered"); then
			jq -e '.process.noNewPrivileges' "$T/filtered" > /dev/null
		else
			[ ! -s "$T/filtered" ]
		fi
	done
}

@test "descriptors 0, 1 and 2 closed" {
	for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		cp "$T/plain.json" "$T/b/config.json"
		in_host sh -c "exec \"\$@\" $closed" sh "$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of c)" || :
		confined
		jq -e . "$T/b/config.json" > /dev/null
	done
}

@test "who cannot write the run folder keeps no lock there" {
	in_host sh -c 'umask 022; mkdir /run/snug'
	gated
	policy '.default.whenWeaker = "refuse"'
	run ! bare run --bundle "$T/b" "$(id_of a)"
	run ! in_host setpriv --reuid=65534 --regid=65534 --clear-groups flock --nonblock /run/snug true
	[[ $output == *"Permission denied"* ]]
	[ "$(in_host stat -c %a /run/snug)" = 711 ]
}

@test "places that cannot be written, or that others can write" {
	in_host sh -c 'mkdir -p /var/cache/snug && mount -t tmpfs -o ro none /var/lib/snug/bundles 2> /dev/null ||
		{ mkdir -p /var/lib/snug/bundles && mount -t tmpfs -o ro none /var/lib/snug/bundles; }'
	run ! stand_in run --bundle "$T/b" "$(id_of a)"
	echo "$output"
	confined
	gated
	policy '.default.whenWeaker = "refuse"'
	in_host sh -c 'mkdir -p /run/snug/gate && chmod 777 /run/snug/gate'
	run ! bare run --bundle "$T/b" "$(id_of b)"
	[[ $output == *"others can write this folder"* ]]
	confined
}

# ---- the bundle ----

# gated: nothing but a hook.
gated() {
	jq --arg hook "$HOOK" '.hooks.prestart = [{path: $hook, args: ["snug-hook", "prestart"]}]' "$T/plain.json" > "$T/b/config.json"
}

@test "a bundle that others can change, under a rule that leaves it alone" {
	policy '.rules = [{match: {user: 0}, mode: "off"}] | .default.whenWeaker = "refuse"'
	run -0 stand_in run --bundle "$T/b" "$(id_of a)"
	rmdir "$T/b/rootfs/tmp/made"
	chmod 777 "$T/b"
	run ! stand_in run --bundle "$T/b" "$(id_of a)"
	[[ $output == *"others can write it"* ]]
	gated
	run ! bare run --bundle "$T/b" "$(id_of b)"
	[[ $output == *"nobody can tell which rule it is under"* ]]
	confined
}

@test "nothing is written into a bundle that others can change" {
	policy '.default.mode = "audit"'
	chmod 777 "$T/b"
	run stand_in run --bundle "$T/b" "$(id_of a)"
	[[ $output == *"others can write it"* ]]
	cmp "$T/plain.json" "$T/b/config.json"
	[ ! -e "$T/b/config.json.snug-orig" ]
}

@test "symlinks of others' behind one of root's, and in what a hook is told" {
	mkdir "$T/theirs"
	ln -s "$T/b" "$T/theirs/link"
	chown -h nobody "$T/theirs/link"
	ln -s theirs "$T/first"
	ln -s "$T/first/link" "$T/second"
	run ! stand_in run --bundle "$T/second" "$(id_of a)"
	[[ $output == *"link: a symlink of user"* ]]
	# runc tells hooks the folder by the name that $PWD has for it.
	gated
	config "$T/b" --arg root "$T/b/rootfs" '.root.path = $root'
	policy '.rules = [{match: {user: 0}, mode: "off"}] | .default.whenWeaker = "refuse"'
	run ! in_host sh -c 'cd "$1" && exec runc --root "$2" run "$3"' sh "$T/theirs/link" "$RUNC_ROOT" "$(id_of b)"
	echo "$output"
	[[ $output == *"nobody can tell which rule it is under"* ]]
	confined
}

@test "crun's --config by a symlink of others'" {
	need crun
	cp "$T/plain.json" "$T/elsewhere.json"
	mkdir "$T/theirs"
	ln -s "$T/elsewhere.json" "$T/theirs/c.json"
	chown -h nobody "$T/theirs/c.json"
	run ! crun_in run --bundle "$T/b" --config "$T/theirs/c.json" "$(id_of a)"
	[[ $output == *"c.json: a symlink of user"* ]]
	confined
	run crun_in run --bundle "$T/b" --config "$T/elsewhere.json" "$(id_of a)"
	confined
	jq -e .process.noNewPrivileges "$T/elsewhere.json"
}

@test "a bundle that is not there yet, or on a mount that is nowhere" {
	need python3
	run ! stand_in run --bundle "$T/later" "$(id_of a)"
	[[ $output == *"bundle $T/later: cannot be found"* ]]
	# By its words /proc/self/fd/N/run/b is /run/b.
	mkdir "$T/tree" "$T/tree/run"
	cp -a "$T/b" "$T/tree/run/b"
	in_host cp -a "$T/b" /run/b
	run ! in_host python3 -c '
import ctypes, os, sys
fd = ctypes.CDLL(None, use_errno=True).syscall(428, -100, sys.argv[1].encode(), 1)
assert fd >= 0, ctypes.get_errno()
os.set_inheritable(fd, True)
os.execv(sys.argv[2], [sys.argv[2], "--root", sys.argv[3], "run", "--bundle", "/proc/self/fd/%d/run/b" % fd, sys.argv[4]])
' "$T/tree" "$T/bin/snug-runc" "$RUNC_ROOT" "$(id_of b)"
	echo "$output"
	[[ $output == *"cannot be found"* ]]
	[ ! -e "$T/tree/run/b/rootfs/tmp/made" ]
}

# ---- the config ----

# spelt WHAT: config.json on stdin.
spelt() {
	cat > "$T/b/config.json"
	run stand_in run --bundle "$T/b" "$(id_of s)"
	echo "$1: $status $output"
	confined
	cp "$T/b/config.json" "$T/spelt.json"
	jq --arg hook "$HOOK" '.hooks.prestart = [{path: $hook, args: ["snug-hook", "prestart"]}]' "$T/spelt.json" \
		> "$T/b/config.json" 2> /dev/null || return 0
	run bare run --bundle "$T/b" "$(id_of g)"
	echo "$1 (gate): $status $output"
	confined
}

@test "a config that two parsers read in two ways" {
	policy '.default.whenWeaker = "refuse"'
	spelt 'long s' < <(jq -c 'del(.linux.seccomp) | .process.noNewPrivileges = true' "$T/plain.json" |
		sed 's/"process":/"proceſſ":{"args":["\/bin\/mkdir","\/tmp\/made"],"cwd":"\/","user":{"uid":0,"gid":0}},"process":/')
	spelt 'case' < <(jq -c '.Linux = .linux | .Process = .process' "$T/plain.json")
	spelt 'twice' < <(jq -c . "$T/plain.json" | sed 's/"linux":/"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}},"linux":/')
	spelt 'escaped' < <(jq -c . "$T/plain.json" | sed 's/"linux":/"\\u006cinux":{},"linux":/')
	spelt 'null' < <(jq -c '.linux.seccomp = null | .process.capabilities = null | .process.apparmorProfile = null' "$T/plain.json")
	spelt 'exponent' < <(jq -c . "$T/plain.json" | sed 's/"uid":0/"uid":0e3/')
	spelt 'mark' < <(printf '\xef\xbb\xbf' && cat "$T/plain.json")
	spelt 'second' < <(cat "$T/plain.json" "$T/plain.json")
	spelt 'listener' < <(jq -c '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/x", flags: ["SECCOMP_FILTER_FLAG_LOG"]}' "$T/plain.json")
	spelt 'notify' < <(jq -c '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}' "$T/plain.json")
	rm "$T/b/config.json"
	mkfifo "$T/b/config.json"
	run ! stand_in run --bundle "$T/b" "$(id_of f)"
	[[ $output == *"a pipe where a file should be"* ]]
}

@test "crun's other annotation by which a workload runs without an execve" {
	need crun
	for value in compat compat-smart; do
		jq --arg value "$value" '.annotations["module.wasm.image/variant"] = $value' "$T/plain.json" > "$T/b/config.json"
		run ! crun_in run --bundle "$T/b" "$(id_of a)"
		[[ $output == *"without an execve"* ]]
		jq --arg value "$value" --arg hook "$HOOK" '.annotations["module.wasm.image/variant"] = $value |
			.hooks.prestart = [{path: $hook, args: ["snug-hook", "prestart"]}]' "$T/plain.json" > "$T/b/config.json"
		run ! in_crun_host crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/b" "$(id_of b)"
		confined
		# With no policy, at the boundary that the hook itself asks for.
		config "$T/b" '.hooks.prestart[0].args += ["--profile", "web"]'
		in_host mv /etc/snug/policy.json /etc/snug/away
		run ! in_crun_host crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/b" "$(id_of c)"
		in_host grep -q 'module.wasm.image/variant' /run/snug/failures
		in_host mv /etc/snug/away /etc/snug/policy.json
		confined
	done
}

@test "more annotations than a hook reads" {
	gated
	head -c 3000000 /dev/zero | tr '\0' a > "$T/long"
	config "$T/b" --rawfile long "$T/long" '.annotations.long = $long'
	run ! bare run --bundle "$T/b" "$(id_of a)"
	[[ $output == *"has no end"* ]]
	confined
}

@test "what a container is called makes no lines of its own in the failures" {
	policy '.default.onError = "continue"'
	in_host rm /var/lib/snug/profiles/web.json
	run stand_in run --bundle "$T/b" "$(printf '%s\n2026-01-01T00:00:00Z container forged: x' "$(id_of a)")"
	[ "$(in_host grep -c . /run/snug/failures)" = 1 ]
	in_host grep -q '?2026-01-01' /run/snug/failures
}

@test "as many failures as one likes: the next one is noted still, and that some are gone is said" {
	local round
	policy '.default.onError = "continue"'
	in_host rm /var/lib/snug/profiles/web.json
	for round in 1 2 3; do
		run stand_in run --bundle "$T/b" "$(id_of "$round")"
		in_host "$SNUG" status --format json > "$T/status" || :
		jq -e --arg id "$(id_of "$round")" '.failures[-1] | contains($id)' "$T/status"
		jq -e '.failures | any(contains("are gone"))' "$T/status" || [ "$round" -lt 3 ]
		in_host sh -c 'seq -f "line %g" 10000 >> /run/snug/failures'
	done
	[ "$(in_host sh -c 'cat /run/snug/failures*' | wc -c)" -lt 400000 ]
}
