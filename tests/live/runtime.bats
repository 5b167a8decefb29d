#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# snug-runtime in runc's and crun's place: what the policy wants is in config.json when the runtime reads it; all else
# is the runtime's own.
# shellcheck disable=SC2154 # bats: run sets stderr

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root runc jq busybox
	live_setup
	start_host
	mkdir "$T/bin"
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-runc"
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-crun"
	rm -rf "${T:?}/b"
	bundle "$T/b" /bin/sh -c 'grep -E "^(NoNewPrivs|Seccomp|CapBnd):" /proc/self/status; mkdir /tmp/made && echo made'
	cp "$T/b/config.json" "$T/plain.json"
	profile web '["mkdir", "mkdirat"]'
	policy enforce
}

teardown() {
	[ -z "${HOST_HOLDER:-}" ] || for id in $(in_host runc --root "$RUNC_ROOT" list -q 2> /dev/null); do
		in_host runc --root "$RUNC_ROOT" delete --force "$id" > /dev/null 2>&1
	done
	live_teardown
}

etc() { in_host tee "/etc/snug/$1" > /dev/null; }
stand_in() { in_host "$T/bin/snug-runc" --root "$RUNC_ROOT" "$@"; }
bare() { in_host runc --root "$RUNC_ROOT" "$@"; }

# profile NAME DENIED: all but these calls, CAP_CHOWN alone, no_new_privs.
profile() {
	jq -n --arg name "$1" --argjson denied "$2" '{snugProfile: 1, name: $name, origin: "hand", capabilities: ["CAP_CHOWN"],
		noNewPrivileges: true, seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: $denied, action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' |
		in_host tee "/var/lib/snug/profiles/$1.json" > /dev/null
}
# policy MODE [JQ]
policy() {
	jq -n --arg mode "$1" '{snugPolicy: 1, default: {mode: $mode, profile: "web"}}' | jq "${2:-.}" | etc policy.json
}
status_of() { bare state "$1" | jq -r .status; }

enforced() { # OUTPUT
	[[ $1 == *$'NoNewPrivs:\t1'* ]] && [[ $1 == *$'Seccomp:\t2'* ]] && [[ $1 == *$'CapBnd:\t0000000000000001'* ]] &&
		[[ $1 != *made* || $1 == *"can't create"* ]]
}

@test "run and create: enforced; the original stays, and a second start changes nothing" {
	run stand_in run --bundle "$T/b" "$(id_of one)"
	echo "$output"
	enforced "$output"
	cmp "$T/b/config.json.snug-orig" "$T/plain.json"
	before=$(stat -c '%i %Y %s' "$T/b/config.json")
	stand_in create --bundle "$T/b" "$(id_of two)" > "$T/out" 2>&1 < /dev/null
	pid=$(bare state "$(id_of two)" | jq .pid)
	bare start "$(id_of two)"
	until_true [ "$(stat -c '%i %Y %s' "$T/b/config.json")" = "$before" ]
	enforced "$(tail -n +1 "$T/out")" || { cat "$T/out"; }
	[ "$pid" -gt 1 ]
	jq -e '.linux.seccomp' "$T/b/config.json"
}

@test "policy test: of the original behind what was hardened, and what the next start makes of it" {
	local asked='asked of config.json.snug-orig'
	profile other '["chmod"]'
	run -0 in_host "$SNUG" policy test "$T/b"
	[[ $output != *"$asked"* && $output == *": would be changed" ]]
	stand_in run --bundle "$T/b" "$(id_of one)" || true
	run -0 in_host "$SNUG" policy test "$T/b"
	[[ $output == *"$asked"*'$.linux.seccomp: put in from profile web'*": would stay as it is" ]]
	# Another profile: not what both allow.
	policy enforce '.default.profile = "other"'
	run -0 in_host "$SNUG" policy test "$T/b/config.json"
	[[ $output == *'$.linux.seccomp: put in from profile other'*": would be changed" ]]
	policy off
	run -0 in_host "$SNUG" policy test "$T/b"
	[[ $output == *": would be what it was before snug-runtime again" ]]
	run -0 in_host "$SNUG" policy test "$T/b" --format json
	[ "$(jq -c '[.ofOriginal, .mode, .changed]' <<< "$output")" = '[true,"off",true]' ]
	stand_in run --bundle "$T/b" "$(id_of two)"
	cmp "$T/b/config.json" "$T/plain.json"
	run -0 in_host "$SNUG" policy test "$T/b"
	[[ $output != *"$asked"* && $output == *": would stay as it is" ]]
}

@test "learned, then enforced: one word in the policy" {
	need bpf
	config "$T/b" '.process.args = ["/bin/cat", "/proc/self/status"]'
	policy learn '.default.profile = "seen"'
	run -0 stand_in run --bundle "$T/b" "$(id_of one)"
	[[ $output == *$'Seccomp:\t'[02]* ]]
	run -0 in_host "$SNUG" generate seen
	policy enforce '.default.profile = "seen"'
	run -0 stand_in run --bundle "$T/b" "$(id_of two)"
	echo "$output"
	[[ $output == *$'NoNewPrivs:\t1'* && $output == *$'Seccomp:\t2'* && $output == *$'CapBnd:\t0000000000000000'* ]]
	config "$T/b" '.process.args = ["/bin/mkdir", "/tmp/made"]'
	run ! stand_in run --bundle "$T/b" "$(id_of three)"
	[ ! -e "$T/b/rootfs/tmp/made" ]
}

@test "crun, and its own spellings" {
	need crun
	for words in "--bundle $T/b" "--bundle=$T/b" "-b$T/b" "-b $T/b" "--bun=$T/b"; do
		cp "$T/plain.json" "$T/b/config.json"
		# shellcheck disable=SC2086 # words
		run with_cgroup2 nsenter --target "$HOST_HOLDER" --mount sh -c '
			umount -R /sys/fs/cgroup 2> /dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh \
			"$T/bin/snug-crun" --root "$T/crun" --cgroup-manager=disabled run $words "$(id_of c)"
		echo "$words: $output"
		enforced "$output"
	done
}

@test "the bundle in each spelling that runc takes" {
	for words in "--bundle $T/b ID" "--bundle=$T/b ID" "-bundle $T/b ID" "-b $T/b ID" "-b=$T/b ID" "ID --bundle $T/b"; do
		cp "$T/plain.json" "$T/b/config.json"
		# shellcheck disable=SC2086 # words
		run stand_in run ${words/ID/$(id_of s)}
		echo "$words: $output"
		enforced "$output"
	done
	cp "$T/plain.json" "$T/b/config.json"
	run in_host sh -c 'cd "$1" && exec "$2" --root "$3" run "$4"' sh "$T/b" "$T/bin/snug-runc" "$RUNC_ROOT" "$(id_of s)"
	echo "$output"
	enforced "$output"
	run ! stand_in run --bundle "$T/b" --bundle "$T/nowhere" "$(id_of s)"
	[[ $output == *"given twice"* ]]
	run ! stand_in run --unheard-of "$T/b" "$(id_of s)"
	[[ $output == *"no option that snug knows"* ]]
}

# What snug has proved once snug-runtime does by itself; alone, in a folder without snug, it can do nothing else.
@test "a new bundle of a kind that is known takes no snug; anything else does" {
	mkdir "$T/alone"
	cp "$REPO/$SNUG_BUILD/snug-runtime" "$T/alone/snug-runc"
	alone() { in_host "$T/alone/snug-runc" --root "$RUNC_ROOT" "$@"; }
	run -1 alone run --bundle "$T/b" "$(id_of one)"
	[[ $output == *"alone/snug, which does this"* ]]
	run stand_in run --bundle "$T/b" "$(id_of two)"
	enforced "$output"
	cp "$T/b/config.json" "$T/hardened.json"
	cp "$T/plain.json" "$T/b/config.json"
	rm "$T/b/config.json.snug-orig"
	in_host rm -r /var/lib/snug/bundles
	run alone run --bundle "$T/b" "$(id_of three)"
	enforced "$output"
	cmp "$T/b/config.json" "$T/hardened.json"
	# another profile, another section, or another prover than the one that is known
	other_profile() { profile web '["mkdir"]'; }
	other_section() { config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'; }
	other_prover() { in_host sed -i 5d /var/cache/snug/seccomp/prover; }
	for change in other_profile other_section other_prover; do
		in_host rm -rf /var/lib/snug/bundles
		cp "$T/plain.json" "$T/b/config.json"
		"$change"
		run -1 alone run --bundle "$T/b" "$(id_of four)"
		profile web '["mkdir", "mkdirat"]'
	done
}

@test "a config that the gate knows to be within is learned all the same" {
	policy enforce '.annotations = ["io.snug.learn"]'
	stand_in run --bundle "$T/b" "$(id_of one)" || [ $? = 1 ] # of mkdir
	in_host rm -r /var/lib/snug/bundles
	rm "$T/b/config.json.snug-orig"
	cp "$T/b/config.json" "$T/hardened.json"
	jq --arg hook "$REPO/$SNUG_BUILD/snug-hook" '.hooks.createRuntime = [{path: $hook, args: ["snug-hook", "createRuntime"]}]' \
		"$T/hardened.json" > "$T/b/config.json"
	bare run --bundle "$T/b" "$(id_of two)" || [ $? = 1 ]
	in_host grep -rqx within /run/snug/gate
	jq '.annotations["io.snug.learn"] = "seen"' "$T/hardened.json" > "$T/b/config.json"
	stand_in run --bundle "$T/b" "$(id_of three)" || [ $? = 1 ]
	in_host ls /var/lib/snug/recordings/seen
}

@test "what the policy leaves alone stays untouched" {
	for mode in off none; do
		[ "$mode" = none ] && in_host rm /etc/snug/policy.json || policy off 'del(.default.profile)'
		before=$(stat -c '%i %Y %Z' "$T/b/config.json")
		run -0 stand_in run --bundle "$T/b" "$(id_of o)"
		[[ $output == *made ]]
		rm -r "$T/b/rootfs/tmp/made"
		[ "$(stat -c '%i %Y %Z' "$T/b/config.json")" = "$before" ]
		[ ! -e "$T/b/config.json.snug-orig" ]
	done
}

@test "a looser policy loosens again, and a new config is a new original" {
	run stand_in run --bundle "$T/b" "$(id_of a)"
	enforced "$output"
	profile web '["chroot"]'
	run stand_in run --bundle "$T/b" "$(id_of b)"
	[[ $output == *made ]]
	rmdir "$T/b/rootfs/tmp/made"
	policy off 'del(.default.profile)'
	run stand_in run --bundle "$T/b" "$(id_of c)"
	[[ $output == *made ]]
	cmp "$T/b/config.json" "$T/plain.json"
	[ ! -e "$T/b/config.json.snug-orig" ]
	[ -z "$(in_host find /var/lib/snug/bundles -type f)" ]

	policy enforce
	stand_in run --bundle "$T/b" "$(id_of d)" > "$T/out" 2>&1 || :
	jq '.process.args = ["/bin/echo", "new"]' "$T/plain.json" > "$T/new.json"
	cp "$T/new.json" "$T/b/config.json"
	run -0 stand_in run --bundle "$T/b" "$(id_of e)"
	[ "$output" = new ]
	cmp "$T/b/config.json.snug-orig" "$T/new.json"
	# One that is within the profile by itself.
	config "$T/b" '.process.args = ["/bin/echo", "newer"]'
	cp "$T/b/config.json" "$T/newer.json"
	run -0 stand_in run --bundle "$T/b" "$(id_of f)"
	[ "$output" = newer ]
	cmp "$T/b/config.json" "$T/newer.json"
	[ ! -e "$T/b/config.json.snug-orig" ]
}

@test "an original that cannot be read now is not lost" {
	need strace
	stand_in run --bundle "$T/b" "$(id_of a)" > "$T/out" 2>&1 || :
	for mode in enforce audit; do
		policy "$mode"
		run ! in_host strace -f -qq -o /dev/null -P "$T/b/config.json.snug-orig" -e inject=openat:error=EIO \
			"$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of b)"
		echo "$output"
		cmp "$T/b/config.json.snug-orig" "$T/plain.json"
		[[ $output == *"config.json.snug-orig"*"Input/output error"* ]]
	done
	policy off 'del(.default.profile)'
	run -0 stand_in run --bundle "$T/b" "$(id_of c)"
	cmp "$T/b/config.json" "$T/plain.json"
}

@test "a note that somebody made, or a forged original, does not weaken" {
	stand_in run --bundle "$T/b" "$(id_of a)" > "$T/out" 2>&1 || :
	cp "$T/plain.json" "$T/b/config.json"
	run stand_in run --bundle "$T/b" "$(id_of b)"
	enforced "$output"
	jq '.process.capabilities.bounding += ["CAP_SYS_ADMIN"] | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}' \
		"$T/plain.json" > "$T/b/config.json.snug-orig"
	profile web '["mkdir", "mkdirat", "chroot"]'
	run stand_in run --bundle "$T/b" "$(id_of c)"
	echo "$output"
	enforced "$output"
}

@test "a policy that cannot be read: nothing starts, and what runs can be seen and killed" {
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	echo '{"snugPolicy": 1, "defalt": {}}' | etc policy.json
	run ! stand_in run --bundle "$T/b" "$(id_of x)"
	[[ $output == *"/etc/snug/policy.json:1:"*defalt* ]]
	run ! stand_in exec "$(id_of r)" true
	run -0 stand_in list -q
	[ "$output" = "$(id_of r)" ]
	run -0 stand_in kill "$(id_of r)" KILL
	until_true test "$(status_of "$(id_of r)")" = stopped
	run -0 stand_in delete "$(id_of r)"
}

@test "exec: its process within the profile, no option adds to it; no image comes back" {
	config "$T/b" '.process.args = ["/bin/sleep", "1000"]'
	stand_in run --detach --bundle "$T/b" "$(id_of r)" < /dev/null > /dev/null 2>&1
	run -0 stand_in exec "$(id_of r)" grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status
	enforced "$output"
	run -0 in_host "$SNUG" status --deep --runtime-root "$RUNC_ROOT"
	[[ $output == *"$(id_of r) "*enforce*web* ]]
	# Past the stand-in: told.
	bare exec --detach --cap CAP_SYS_ADMIN "$(id_of r)" sleep 999 < /dev/null > /dev/null 2>&1
	run -1 in_host "$SNUG" status --runtime-root "$RUNC_ROOT"
	[[ $output == *"drift: $(id_of r): process "*"(sleep): has CAP_SYS_ADMIN; policy promises profile web"* ]]
	jq '.process | .args = ["grep", "-E", "CapBnd|CapEff|NoNewPrivs|Seccomp:", "/proc/self/status"] | .noNewPrivileges = false
		| .capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_CHOWN"])' "$T/plain.json" > "$T/process.json"
	cp "$T/process.json" "$T/before.json"
	for words in "--process $T/process.json" "-p=$T/process.json" "--process=$T/process.json"; do
		# shellcheck disable=SC2086 # words
		run -0 stand_in exec $words "$(id_of r)"
		echo "$words: $output"
		enforced "$output"
		[[ $output == *$'CapEff:\t0000000000000001'* ]]
	done
	cmp "$T/process.json" "$T/before.json"
	run ! stand_in exec --cap CAP_SYS_ADMIN "$(id_of r)" true
	[[ $output == *"exec --cap: container $(id_of r) is enforced by the policy"* ]]
	run ! stand_in exec --apparmor=unconfined "$(id_of r)" true
	run ! stand_in checkpoint "$(id_of r)"
	[[ $output == *"start the container anew"* ]]
	run ! stand_in restore --bundle "$T/b" --image-path "$T/none" "$(id_of restored)"
	[[ $output == *"start the container anew"* ]]
	run ! stand_in exec "$(id_of nobody)" true
	[[ $output == *"does not exist"* ]]
}

@test "nobody's environment or path chooses the runtime" {
	mkdir "$T/evil"
	printf '#!/bin/sh\necho evil\n' > "$T/evil/runc"
	chmod 755 "$T/evil/runc"
	run in_host env PATH="$T/evil:$PATH" RUNC="$T/evil/runc" SNUG_RUNTIME="$T/evil/runc" "$T/bin/snug-runc" --version
	[[ $output == runc* ]]
	# Nor what it is called by: the file is what counts.
	run in_host bash -c "exec -a '$T/evil/runc' '$T/bin/snug-runc' --version"
	[[ $output == runc* ]]
	policy enforce '.runtimes = {"snug-runc": "'"$T"'/evil/runc"}'
	[ "$(stand_in --version)" = evil ]
	chmod 777 "$T/evil/runc"
	run ! stand_in --version
	[[ $output == *"others can write it"* ]]
	ln -s "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/snug-nothing"
	run ! in_host "$T/bin/snug-nothing" list
	[[ $output == *"no runtime 'nothing'"* ]]
	# A policy that names snug-runtime itself would have it call itself for ever.
	policy enforce '.runtimes = {"snug-runc": "'"$T"'/bin/snug-runc"}'
	run ! stand_in --version
	[[ $output == *"is snug-runtime itself"* ]]
	printf '#!/bin/sh\necho other\n' > "$T/evil/youki"
	chmod 755 "$T/evil/youki"
	policy enforce '.runtimes = {"snug-runc": "'"$T"'/evil/youki"}'
	run ! stand_in --version
	[[ $output == *"neither runc nor crun by its name"* ]]
}

@test "a bundle that others could change, and symlinks of theirs" {
	chmod 777 "$T/b"
	run ! stand_in run --bundle "$T/b" "$(id_of w)"
	[[ $output == *"$T/b: others can write it"* ]]
	chmod 755 "$T/b"
	mkdir "$T/theirs"
	ln -s "$T/b" "$T/theirs/link"
	chown -h nobody "$T/theirs/link"
	run ! stand_in run --bundle "$T/theirs/link" "$(id_of w)"
	[[ $output == *"$T/theirs/link: a symlink of user"* ]]
	mv "$T/b/config.json" "$T/elsewhere.json"
	ln -s "$T/elsewhere.json" "$T/b/config.json"
	run ! stand_in run --bundle "$T/b" "$(id_of w)"
	[[ $output == *"config.json"* ]]
	cmp "$T/elsewhere.json" "$T/plain.json"
}

@test "onError, and where engines look for what went wrong" {
	in_host rm /var/lib/snug/profiles/web.json
	run ! stand_in --log "$T/log" --log-format json run --bundle "$T/b" "$(id_of e)"
	[[ $output == *web* ]]
	jq -e 'select(.level == "error") | .msg | contains("web")' "$T/log"
	run ! stand_in --log "$T/text" run --bundle "$T/b" "$(id_of e)"
	grep -E '^time="[-0-9T:Z]+" level=error msg=".*web' "$T/text"
	policy enforce '.default.onError = "continue"'
	run -0 stand_in run --bundle "$T/b" "$(id_of e)"
	[[ $output == *made ]]
	[[ $output == *"no profile 'web'"* ]] # said, and noted
	in_host grep -q "$(id_of e)" /run/snug/failures
}

# same WORDS...: stand-in and runtime give the same.
same() {
	local rc=0 wanted=0
	bare "$@" > "$T/wanted.out" 2> "$T/wanted.err" < "$T/in" || wanted=$?
	stand_in "$@" > "$T/got.out" 2> "$T/got.err" < "$T/in" || rc=$?
	echo "$*: $rc"
	[ "$rc" = "$wanted" ]
	cmp "$T/wanted.out" "$T/got.out"
	diff <(sed 's/time="[^"]*"//' "$T/wanted.err") <(sed 's/time="[^"]*"//' "$T/got.err")
}

@test "all else is the runtime's: answers, exit status, streams, descriptors, signals" {
	policy off 'del(.default.profile)'
	echo input > "$T/in"
	same --version
	same --help
	same features
	same list
	same state "$(id_of no)"
	same kill "$(id_of no)" TERM
	same delete "$(id_of no)"
	same start "$(id_of no)"
	same exec "$(id_of no)" true
	same update "$(id_of no)"
	same ps "$(id_of no)"
	same pause "$(id_of no)"
	same nonsense
	same run --bundle "$T/nowhere" "$(id_of no)"
	config "$T/b" '.process.args = ["/bin/sh", "-c", "cat; cat <&3; echo err >&2; exit 7"]'
	echo third > "$T/third"
	exec 8< "$T/third"
	run -7 --separate-stderr bash -c "exec 3<&8; nsenter --target $HOST_HOLDER --mount '$T/bin/snug-runc' --root '$RUNC_ROOT' \
		run --preserve-fds 1 --bundle '$T/b' $(id_of f) < '$T/in'"
	[ "$output" = $'input\nthird' ]
	[ "$stderr" = err ]
	config "$T/b" '.process.args = ["/bin/sh", "-c", "trap \"exit 9\" TERM; echo up; while :; do sleep 0.1; done"]'
	behind nsenter --target "$HOST_HOLDER" --mount "$T/bin/snug-runc" --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of g)" > "$T/up"
	until_true grep -q up "$T/up"
	kill -TERM "$behind"
	rc=0
	wait "$behind" || rc=$?
	[ "$rc" = 9 ]
}
