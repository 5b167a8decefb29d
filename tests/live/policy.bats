#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The policy: what check and test say, and what precreate, its first entry point, makes of a config.

# shellcheck disable=SC2094,SC2154 # cmp reads, too; bats: run sets stderr

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox
	live_setup
	mkdir -p "$T/store/etc/snug/profiles"
	POLICY=$T/store/etc/snug/policy.json
	profile web
	bundle "$T/bundle" /bin/sh -c 'mkdir /tmp/made && echo made; grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status'
}

teardown() { live_teardown; }

# profile NAME: allows what a shell needs, under runc and without no_new_privs, and not mkdir.
profile() {
	jq -n --arg name "$1" '{snugProfile: 1, name: $name, capabilities: ["CAP_CHOWN"], noNewPrivileges: true,
		seccomp: {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1, architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{action: "SCMP_ACT_ALLOW", names: ("read write open openat close execve exit exit_group brk mmap
				munmap mprotect fstat stat newfstatat lseek fcntl getcwd getpid getppid getuid geteuid getgid getegid
				setuid setgid setgroups capget capset prctl chdir arch_prctl futex rt_sigreturn rt_sigaction rt_sigprocmask
				sigaltstack epoll_ctl fstatfs getdents64 clone fork vfork wait4 ioctl dup2 set_tid_address rseq
				set_robust_list prlimit64 readlink getrandom uname access faccessat2 nanosleep sched_yield tgkill madvise
				poll sendfile sysinfo" | [splits("\\s+")])}]}}' > "$T/store/etc/snug/profiles/$1.json"
}

# policy RULES-JSON [MORE-MEMBERS]
policy() { printf '{"snugPolicy":1,%s"rules":%s}\n' "${2:+$2,}" "$1" > "$POLICY"; }

enforce='[{"match":{"command":"/bin/sh"},"mode":"enforce","profile":"web"}]'
audit='[{"match":{"command":"/bin/sh"},"mode":"audit","profile":"web"}]'

by_snug() { snug hook "$@"; }
hook() { "$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" "$@"; }

@test "check: a policy that is sound, and none" {
	run -0 snug policy check
	[[ $output == *"there is no policy"* ]]
	policy "$enforce" '"runtimes":{"runc":"'"$(readlink -f "$(command -v runc)")"'"},"default":{"mode":"audit","profile":"web"}'
	run -0 snug policy check
	[ "$output" = "$POLICY: sound" ]
	run -0 snug policy check --format json
	[ "$(jq -c .findings <<< "$output")" = '[]' ]
}

@test "check: each finding is a line with its place, and exit status 1" {
	jq '.incomplete = ["lost 3 events"]' "$T/store/etc/snug/profiles/web.json" |
		jq '.name = "part"' > "$T/store/etc/snug/profiles/part.json"
	policy '[
		{"match":{"image":"*"},"mode":"off"},
		{"match":{"image":"*/nginx","user":0},"mode":"enforce","profile":"web"},
		{"match":{"user":1},"mode":"enforce","profile":"absent"},
		{"match":{"user":2},"mode":"enforce","profile":"part"},
		{"match":{"user":3},"mode":"enforce","profile":"part","acceptIncomplete":true},
		{"match":{"user":4},"mode":"audit","profile":"part"},
		{"match":{"commandLine":"*"},"mode":"off"}]' \
		'"default":{"mode":"audit","profile":"web"},"runtimes":{"runc":"/absent/runc","sh":"/etc/passwd","ls":"/bin/ls"}'
	run -1 --separate-stderr snug policy check
	[ -z "$stderr" ]
	[ "${#lines[@]}" = 7 ]
	[[ ${lines[0]} == *":3:"*'$.rules[1]: it never decides: $.rules[0] matches'* ]]
	[[ ${lines[1]} == *'$.rules[2].profile: there is no profile '"'absent'"* ]]
	[[ ${lines[2]} == *'$.rules[3].profile: '*'incomplete: lost 3 events; '*acceptIncomplete* ]]
	[[ ${lines[3]} == *'$.default: it never decides: $.rules[6]'* ]]
	[[ ${lines[4]} == *'$.runtimes.runc: '*'/absent/runc'* ]]
	[[ ${lines[5]} == *'$.runtimes.sh: /etc/passwd: it cannot be executed'* ]]
	[[ ${lines[6]} == *'$.runtimes.ls: /bin/ls: neither runc nor crun by its name'* ]]
	run -1 snug policy check --format json
	[ "$(jq '.findings | length' <<< "$output")" = 7 ]
	[ "$(jq -r '.findings[1] | .path, .line' <<< "$output" | paste -sd ' ')" = '$.rules[2].profile 4' ]
}

@test "check: a part for AppArmor that only complains is no enforced one, and is named where it is required" {
	jq '.apparmor = {complainOnly: true, files: [{path: "/**", access: "rm"}]}' "$T/store/etc/snug/profiles/web.json" > "$T/w"
	mv "$T/w" "$T/store/etc/snug/profiles/web.json"
	policy "$enforce"
	run -1 snug policy check
	[[ $output == *'$.rules[0].profile: profile web has an AppArmor part that only complains: it is left out'*ifPresent* ]]
	policy "$audit"
	run -0 snug policy check
	policy "${enforce/\"profile\"/\"apparmor\":\"ifPresent\",\"profile\"}"
	run -0 snug policy check
}

@test "check: files that others can change, or that are none, are found; a FILE is the caller's" {
	policy "$enforce"
	chmod g+w "$POLICY"
	run -1 snug policy check
	[[ $output == *"$POLICY: others can write it"* ]]
	run -0 snug policy check "$POLICY"
	chmod g-w "$POLICY"
	chown 1000 "$POLICY"
	run -1 snug policy check
	[[ $output == *"owned by user 1000"* ]]
	chown 0 "$POLICY"
	chmod o+w "$T/store/etc"
	run -1 snug policy check
	[[ $output == *"$T/store/etc: others can write it"* ]]
	chmod o-w "$T/store/etc"
	chmod o+w "$T/store/etc/snug/profiles/web.json"
	run -1 snug policy check
	[[ $output == *'$.rules[0].profile: '*"web.json: others can write it"* ]]
	chmod o-w "$T/store/etc/snug/profiles/web.json"
	mv "$POLICY" "$T/elsewhere.json"
	ln -s "$T/elsewhere.json" "$POLICY"
	run -1 snug policy check
	[[ $output == *"a symlink where snug keeps its files"* ]]
	rm "$POLICY"
	mkdir "$POLICY"
	run -1 snug policy check
	[[ $output == *"$POLICY"* ]]
	cp /bin/busybox "$T/runtime"
	chmod 777 "$T/runtime"
	printf '{"snugPolicy":1,"runtimes":{"runc":"%s"}}' "$T/runtime" > "$T/elsewhere.json"
	run -1 snug policy check "$T/elsewhere.json"
	[[ $output == *'$.runtimes.runc: '*"others can write it"* ]]
}

@test "check: what is no policy is one line" {
	local text
	for text in '' '{' '[]' '{"snugPolicy":2}' '{"snugPolicy":1,"rules":{}}' '{"snugPolicy":1} x' \
		"$(printf '{"snugPolicy":1,"default":{"mode":"audit","profile":"a\\u0000"}}')"; do
		printf '%s' "$text" > "$POLICY"
		run -1 --separate-stderr snug policy check
		[ "${#lines[@]}" = 1 ] && [ -z "$stderr" ]
		[[ $output == "$POLICY:1:"* ]]
	done
	{ printf '{"snugPolicy":1,"rules":[' && head -c 2000000 /dev/zero | tr '\0' ' ' && printf ']}'; } > "$POLICY"
	run -1 snug policy check
	[[ $output == *"larger than the limit"* ]]
}

@test "test: says which rule wins, and why, and what would be done; and changes nothing" {
	policy '[{"match":{"user":7},"mode":"off"},
		{"name":"shells","match":{"command":"/bin/sh","rootfs":"*/bundle/rootfs"},"mode":"enforce","profile":"web"}]'
	cp "$T/bundle/config.json" "$T/before.json"
	run -0 snug policy test "$T/bundle"
	cmp "$T/bundle/config.json" "$T/before.json"
	[ "${lines[0]}" = "$POLICY: rule 2 ('shells'): enforce web" ]
	[[ ${lines[1]} == "  rule 1 does not match: user 0 is another" ]]
	[[ ${lines[2]} == *"command '/bin/sh' is '/bin/sh', rootfs '"*"/bundle/rootfs' is '*/bundle/rootfs'" ]]
	[[ $output == *'$.linux.seccomp: put in from profile web'* ]]
	[[ $output == *"config.json: would be changed" ]]
	run -0 snug policy test "$T/bundle/config.json" --format json
	[ "$(jq -r '.decidedBy, .mode, .profiles[], .changed, .rules[0].matches' <<< "$output" | paste -sd ' ')" = \
		'2 enforce web true false' ]
	printf '{"snugPolicy":1,"default":{"mode":"off"}}' > "$T/other.json"
	run -0 snug policy test "$T/bundle" --policy "$T/other.json"
	[[ $output == *"the default: off"*"would stay as it is" ]]
	rm "$POLICY"
	run -0 snug policy test "$T/bundle"
	[ "${lines[0]}" = "there is no policy: off" ]
}

@test "test: a container that would be refused is exit status 1" {
	policy '[{"match":{"command":"/bin/sh"},"mode":"enforce","profile":"absent"}]'
	run -1 --separate-stderr snug policy test "$T/bundle"
	[ -z "$stderr" ]
	[[ $output == *"would be refused: "*"rule 1: enforce absent: there is no profile 'absent'"* ]]
	run -1 snug policy test "$T/bundle" --format json
	[[ $(jq -r .refused <<< "$output") == *"no profile 'absent'"* ]]
	policy '[{"match":{"command":"/bin/sh"},"mode":"enforce","profile":"absent","onError":"continue"}]'
	run -0 snug policy test "$T/bundle"
	[[ $output == *"would go on without: there is no profile 'absent'"*"would stay as it is" ]]
}

@test "usage is said" {
	run -2 snug policy
	run -2 snug policy look
	run -2 snug policy test
	run -2 snug policy test a b
	run -2 snug policy check a b
	run -2 snug policy check --runtime runc
	run -2 snug policy test a --format xml
	run -3 snug policy test "$T/absent"
}

@test "precreate: what the policy leaves alone comes back byte for byte" {
	local text='{ "ociVersion":"1.0.2",  "root":{"path":"/"}, "process":{"args":["/bin/true"], "x":1e400} }'
	for program in hook by_snug; do
		# without a policy, whatever it is
		printf '%s' "$text" | "$program" precreate | cmp - <(printf '%s' "$text")
		printf 'no JSON, io.snug.learn' | "$program" precreate | cmp - <(printf 'no JSON, io.snug.learn')
	done
	policy '[{"match":{"command":"/bin/true"},"mode":"off"}]'
	for program in hook by_snug; do
		printf '%s' "$text" | "$program" precreate | cmp - <(printf '%s' "$text")
		"$program" precreate < "$T/bundle/config.json" | cmp - "$T/bundle/config.json"
	done
}

@test "precreate: enforce is what harden writes, once and twice" {
	policy "$enforce"
	snug harden "$T/bundle" --profile web --output "$T/hardened.json"
	hook precreate < "$T/bundle/config.json" | cmp - "$T/hardened.json"
	snug hook precreate < "$T/bundle/config.json" | cmp - "$T/hardened.json"
	hook precreate < "$T/hardened.json" | cmp - "$T/hardened.json"
	# with nothing in the environment, as Podman calls it
	env -i "$REPO/$SNUG_BUILD/snug-hook" --root "$T/store" precreate < "$T/bundle/config.json" | cmp - "$T/hardened.json"
	cp "$T/hardened.json" "$T/bundle/config.json"
	run runc_here run --bundle "$T/bundle" "$(id_of enforced)"
	[[ $output == *"mkdir: can't create directory '/tmp/made': Operation not permitted"* ]]
	[[ $output == *$'Seccomp:\t2'* && $output == *$'NoNewPrivs:\t1'* && $output == *"0000000000000001"* ]]
}

@test "precreate: what stops a profile stops the container, in one line and with nothing on stdout" {
	local break
	for break in 'rm profiles/web.json' 'echo { > profiles/web.json' 'chmod o+w profiles/web.json' \
		'echo { > policy.json' 'chmod g+w policy.json' 'ln -sf /etc/passwd policy.json' \
		'truncate -s 3M policy.json' 'chmod o+w .'; do
		rm -f "$POLICY"
		chmod go-w "$T/store/etc/snug"
		profile web
		chmod go-w "$T/store/etc/snug/profiles/web.json"
		policy "$enforce"
		(cd "$T/store/etc/snug" && eval "$break")
		for program in hook by_snug; do
			run --separate-stderr "$program" precreate < "$T/bundle/config.json"
			[ "$status" -ge 3 ] && [ -z "$output" ] && [ "${#stderr_lines[@]}" = 1 ]
		done
	done
	chmod go-w "$T/store/etc/snug"
	rm "$POLICY"
	policy "$enforce"
	for break in '' '{' '[]' '{"ociVersion":"2.0"}' '{"process":{"args":["/bin/sh"],"User":{"uid":0}}}'; do
		run --separate-stderr hook precreate <<< "$break"
		[ "$status" = 3 ] && [ -z "$output" ] && [ "${#stderr_lines[@]}" = 1 ]
	done
	run -3 hook precreate < /dev/null
}

@test "precreate: onError continue lets it start as it was, loudly" {
	policy '[{"match":{"command":"/bin/sh"},"mode":"enforce","profile":"absent","onError":"continue"}]'
	hook precreate < "$T/bundle/config.json" 2> "$T/said" | cmp - "$T/bundle/config.json"
	grep -q "no profile 'absent'" "$T/said"
	snug status | grep -q "being created: there is no profile 'absent'"
	# audit does so by itself, and may be told not to
	policy '[{"match":{"command":"/bin/sh"},"mode":"audit","profile":"absent"}]'
	hook precreate < "$T/bundle/config.json" 2> /dev/null | cmp - "$T/bundle/config.json"
	policy '[{"match":{"command":"/bin/sh"},"mode":"audit","profile":"absent","onError":"refuse"}]'
	run -3 --separate-stderr hook precreate < "$T/bundle/config.json"
	[ -z "$output" ]
}

@test "a container's annotations only add" {
	policy "$enforce" '"annotations":["io.snug.profile"]'
	jq '.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | .name = "loose" | del(.capabilities, .noNewPrivileges)' \
		"$T/store/etc/snug/profiles/web.json" > "$T/store/etc/snug/profiles/loose.json"
	profile tight
	jq '.capabilities = []' "$T/store/etc/snug/profiles/tight.json" > "$T/tight.json"
	cp "$T/tight.json" "$T/store/etc/snug/profiles/tight.json"
	hook precreate < "$T/bundle/config.json" > "$T/plain.json"
	config "$T/bundle" '.annotations["io.snug.profile"] = "loose"'
	hook precreate < "$T/bundle/config.json" > "$T/loose.json"
	diff <(jq 'del(.annotations)' "$T/plain.json") <(jq 'del(.annotations)' "$T/loose.json")
	config "$T/bundle" '.annotations["io.snug.profile"] = "tight"'
	hook precreate < "$T/bundle/config.json" > "$T/tighter.json"
	[ "$(jq -c .process.capabilities.bounding "$T/tighter.json")" = '[]' ]
	# one that is not there, or no name at all, is no way out
	for name in absent ../../x ''; do
		config "$T/bundle" --arg name "$name" '.annotations["io.snug.profile"] = $name'
		run -3 --separate-stderr hook precreate < "$T/bundle/config.json"
	done
	# not under onError: continue either, which is about the rule's profile; to audit takes nothing away
	policy "$(jq -c '.[].onError = "continue"' <<< "$enforce")" '"annotations":["io.snug.profile"]'
	for name in absent ../../x; do
		config "$T/bundle" --arg name "$name" '.annotations["io.snug.profile"] = $name'
		run -3 --separate-stderr hook precreate < "$T/bundle/config.json"
	done
	policy "$audit" '"annotations":["io.snug.profile"]'
	run -0 --separate-stderr hook precreate < "$T/bundle/config.json"
	jq -e '.linux.seccomp.syscalls | any(.action == "SCMP_ACT_LOG")' <<< "$output"
	[[ $stderr == *"'../../x' is no name"* ]]
	# and where the policy honours none it does not count
	policy "$enforce"
	hook precreate < "$T/bundle/config.json" | diff - <(jq '.annotations["io.snug.profile"] = ""' "$T/plain.json") > /dev/null ||
		diff <(hook precreate < "$T/bundle/config.json" | jq 'del(.annotations)') <(jq 'del(.annotations)' "$T/plain.json")
}

@test "audit: what enforce would deny is logged, and done" {
	need auditlog
	policy "$audit"
	hook precreate < "$T/bundle/config.json" > "$T/audited.json"
	hook precreate < "$T/audited.json" | cmp - "$T/audited.json"
	snug harden "$T/bundle" --profile web --audit --output "$T/by-hand.json" | grep -q 'to enforce would change beside'
	cmp "$T/audited.json" "$T/by-hand.json"
	diff <(jq .process "$T/bundle/config.json") <(jq .process "$T/audited.json")
	cp "$T/audited.json" "$T/bundle/config.json"
	listen_denials
	run -0 runc_here run --bundle "$T/bundle" "$(id_of audited)"
	[[ $output == *made* && $output == *$'NoNewPrivs:\t0'* && $output != *"0000000000000001"* ]]
	denials mkdir | grep -qx 83
	denials mkdir > "$T/denied"
	run -1 grep -x 0 "$T/denied" # read, which the profile allows
}

@test "audit: under an engine's own seccomp section nothing is denied that was not" {
	need engines
	policy "$audit"
	config "$T/bundle" --argjson seccomp "$(engines_default "$(engines_seccomp)" "$ENGINE_CAPS")" '.linux.seccomp = $seccomp'
	hook precreate < "$T/bundle/config.json" > "$T/audited.json"
	[ "$(jq -c '[.linux.seccomp.syscalls[] | select(.names | index("mkdir")) | .action]' "$T/audited.json")" = '["SCMP_ACT_LOG"]' ]
	[ "$(jq -c '[.linux.seccomp.syscalls[] | select(.names | index("read")) | .action]' "$T/audited.json")" = '["SCMP_ACT_ALLOW"]' ]
	cp "$T/audited.json" "$T/bundle/config.json"
	run -0 runc_here run --bundle "$T/bundle" "$(id_of engine)"
	[[ $output == *made* ]]
}

@test "status counts what audit let pass, where the policy audits anybody" {
	[ -w /dev/kmsg ] || skip 'the kernel log cannot be written'
	local line='audit: type=1326 audit(1.2:3): auid=1 uid=0 gid=0 ses=1 pid=2 comm="'$TEST_ID'" exe="/x" sig=0 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x7ffc0000'
	echo "$line" > /dev/kmsg
	echo "$line" > /dev/kmsg
	policy "$enforce"
	run -1 bash -c '"$SNUG" --root "$1" status | grep "$2"' bash "$T/store" "$TEST_ID"
	policy "$audit"
	snug status | grep -qx " *2 $TEST_ID  *mkdir  *-"
	[ "$(snug status --format json | jq -c --arg id "$TEST_ID" '.audited[] | select(.program == $id) | [.what, .times]')" = \
		'["mkdir",2]' ]
}

@test "learn: the rule's name is recorded, a container's own is not unless it is honoured" {
	need bpf
	start_bpffs
	policy '[{"match":{"command":"/bin/sh"},"mode":"learn","profile":"new"}]'
	hook precreate < "$T/bundle/config.json" > "$T/learned.json"
	hook precreate < "$T/learned.json" | cmp - "$T/learned.json"
	[ "$(jq -r '.annotations["io.snug.learn"]' "$T/learned.json")" = new ]
	cp "$T/learned.json" "$T/bundle/config.json"
	in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/bundle" "$(id_of learned)"
	[ "$(find "$T/store/var/lib/snug/recordings/new" -name '*.json' | wc -l)" = 1 ]
	# the hooks ask the policy
	bundle "$T/bundle" /bin/true
	hooked "$T/bundle" sneaked
	in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/bundle" "$(id_of sneaked)"
	[ ! -e "$T/store/var/lib/snug/recordings/sneaked" ]
	policy '[{"match":{"command":"/bin/sh"},"mode":"learn","profile":"new"}]' '"annotations":["io.snug.learn"]'
	in_bpffs runc --root "$RUNC_ROOT" run --bundle "$T/bundle" "$(id_of honoured)"
	[ -e "$T/store/var/lib/snug/recordings/sneaked" ]
}

@test "what was proved once is taken from the cache, and only where root alone can write it" {
	local cache=$T/store/var/cache/snug/seccomp file
	policy "$enforce"
	snug policy test "$T/bundle" > "$T/tested"
	snug harden "$T/bundle" --profile web --output "$T/by-hand.json"
	[ -z "$(find "$cache" -type f -not -name 'proof-*')" ] # by hand a section is worked out each time
	hook precreate < "$T/bundle/config.json" > "$T/first.json"
	file=$(find "$cache" -type f -not -name prover -not -name 'proof-*')
	[ "$(stat -c %a "$cache" "$file" | paste -sd ' ')" = '700 600' ]
	hook precreate < "$T/bundle/config.json" | cmp - "$T/first.json"
	# that it is used shows where it says something else
	sed -i 's/"getrandom",\?//' "$file"
	hook precreate < "$T/bundle/config.json" > "$T/second.json"
	grep -q getrandom "$T/first.json"
	snug harden "$T/bundle" --profile web --output - 2> /dev/null | cmp - "$T/first.json"
	run -1 grep getrandom "$T/second.json"
	chmod g+w "$file"
	hook precreate < "$T/bundle/config.json" | cmp - "$T/first.json"
	echo '{' > "$file"
	hook precreate < "$T/bundle/config.json" | cmp - "$T/first.json"
	# another profile of that name, another section, another mode: each has its own
	profile web
	sed -i 's/"getrandom",\?//' "$T/store/etc/snug/profiles/web.json"
	hook precreate < "$T/bundle/config.json" > "$T/third.json"
	run -1 grep getrandom "$T/third.json"
	config "$T/bundle" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["uname"], action: "SCMP_ACT_ERRNO"}]}'
	hook precreate < "$T/bundle/config.json" | jq -e '[.linux.seccomp.syscalls[] | select(.names | index("uname"))] | length == 0 or .[0].action != "SCMP_ACT_ALLOW"'
	policy "$audit"
	hook precreate < "$T/bundle/config.json" | grep -q SCMP_ACT_LOG
}

# podman_here RUN-ARGUMENT...: runs the bundle's root file system, with precreate as the only hook.
podman_here() {
	mkdir -p "$T/hooks.d"
	jq -n --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '{version: "1.0.0",
		hook: {path: $hook, args: ["snug-hook", "--root", $store, "precreate"]}, when: {always: true},
		stages: ["precreate"]}' > "$T/hooks.d/snug.json"
	podman --root "$T/podman" --runroot "$T/podman-run" --tmpdir "$T/podman-tmp" --storage-driver vfs \
		--cgroup-manager cgroupfs --events-backend none --runtime "${RUNTIME:-runc}" --hooks-dir "$T/hooks.d" \
		run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "$@"
}

@test "Podman: off, audit, enforce, and refused" {
	need podman
	local show='mkdir /tmp/made && echo made; rmdir /tmp/made; grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status'
	policy '[{"match":{"annotations":{"mode":"e"}},"mode":"enforce","profile":"web"},
		{"match":{"annotations":{"mode":"a"}},"mode":"audit","profile":"web"},
		{"match":{"annotations":{"mode":"x"}},"mode":"enforce","profile":"absent"}]'
	run -0 podman_here --rootfs "$T/bundle/rootfs" /bin/sh -c "$show"
	[[ $output == *made* && $output == *$'NoNewPrivs:\t0'* ]]
	run -0 podman_here --annotation mode=a --rootfs "$T/bundle/rootfs" /bin/sh -c "$show"
	[[ $output == *made* && $output == *$'NoNewPrivs:\t0'* ]]
	[ -z "$(failures)" ]
	run podman_here --annotation mode=e --rootfs "$T/bundle/rootfs" /bin/sh -c "$show"
	[[ $output != *$'\nmade'* && $output == *"Operation not permitted"* ]]
	[[ $output == *$'Seccomp:\t2'* && $output == *$'NoNewPrivs:\t1'* && $output == *"0000000000000001"* ]]
	run podman_here --annotation mode=x --rootfs "$T/bundle/rootfs" /bin/sh -c "$show"
	[ "$status" != 0 ]
	[[ $output != *made* ]]
	# Podman shows no hook's own words
	snug status | grep -q "being created: .*there is no profile 'absent'"
	# it works on an image that was not named, since Podman names none, and its user's word is no name
	policy '[{"match":{"image":"*"},"mode":"off"}]' '"default":{"mode":"enforce","profile":"web"}'
	run podman_here --annotation io.kubernetes.cri.image-name=trusted --annotation io.container.manager=cri-o --rootfs "$T/bundle/rootfs" /bin/sh -c "$show"
	[[ $output == *$'NoNewPrivs:\t1'* ]]
}
