#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hardened bundles, run for real: what harden wrote is what runc and crun load, the program inside
# runs, and hardening twice is hardening once. SNUG_SEED=N replays one pair of config and profile.

# shellcheck disable=SC2154 # bats: run sets stderr

bats_require_minimum_version 1.5.0
load helpers

readonly PAIRS=15 # of random config and profile, with each runtime

setup() {
	need root runc jq busybox
	live_setup
	rootfs "$T/bundle/rootfs"
	cp "$PROGRAMS/calls" "$T/bundle/rootfs/bin/calls"
	bundle "$T/bundle" /bin/calls
}

teardown() { live_teardown; }

# profile SEED: a profile whose section is random, and allows what a container needs to start.
profile() {
	printf '{"snugProfile":1,"name":"p","seccomp":%s,"capabilities":["CAP_CHOWN","CAP_KILL"],
		"noNewPrivileges":%s}' "$("$PROGRAMS/judge" section "$1" small)" \
		"$([ $(($1 % 2)) = 0 ] && echo true || echo false)"
}

# harden_one RUNTIME SEED COMMAND...
harden_one() {
	local runtime=$1 seed=$2 text
	shift 2
	bundle "$T/bundle" /bin/calls
	if [ $((seed % 3)) != 0 ]; then
		# Not through jq, which rounds numbers past 2^53.
		text=$(jq '.linux.seccomp = "@"' "$T/bundle/config.json")
		printf '%s\n' "${text/'"@"'/$("$PROGRAMS/judge" section "$seed" small)}" > "$T/bundle/config.json"
	fi
	profile "$((seed + 1))" > "$T/p.json"
	if ! snug harden "$T/bundle" --profile "$T/p.json" 2> "$T/refused"; then
		# More pieces than the limit: refused, and no case.
		cat "$T/refused"
		grep -qE 'pieces|cannot be as strict|did not finish' "$T/refused"
		return
	fi
	cp "$T/bundle/config.json" "$T/once.json"
	snug harden "$T/bundle" --profile "$T/p.json"
	cmp "$T/once.json" "$T/bundle/config.json"
	timeout 300 "$PROGRAMS/judge" run "$seed" "$runtime" "$T/bundle/config.json" "$T/pid" "$@"
}

harden_all() { # RUNTIME COMMAND...
	local i seed=${SNUG_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
	[ -z "${SNUG_SEED:-}" ] || { harden_one "$1" "$seed" "${@:2}" && return; }
	for ((i = 0; i < PAIRS; i++)); do
		echo "SNUG_SEED=$((seed + i))"
		harden_one "$1" "$((seed + i))" "${@:2}"
	done
}

@test "under runc: hardened bundles run, and load what was written" {
	harden_all runc runc --root "$RUNC_ROOT" run --bundle "$T/bundle" --pid-file "$T/pid" \
		"$(id_of calls)"
}

@test "under crun: hardened bundles run, and load what was written" {
	need crun cgroup2
	harden_all crun unshare --mount --propagation private sh -c \
		'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh \
		crun --root "$T/crun" --cgroup-manager=disabled run --bundle "$T/bundle" \
		--pid-file "$T/pid" "$(id_of calls)"
}

# libseccomp 2.5.4 lets those conditions overrule one another on x86_64, where i386 is listed too.
@test "what libseccomp makes something else of is written with fewer conditions, and that is said" {
	config "$T/bundle" '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
		syscalls: [{names: ["getegid"], action: "SCMP_ACT_ALLOW"}]}'
	cat > "$T/p.json" <<- 'END'
		{"snugProfile": 1, "name": "p", "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 9,
			"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
			"syscalls": [{"names": ["getegid"], "action": "SCMP_ACT_ERRNO", "args": [
				{"index": 4, "value": 288248245365392384, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"},
				{"index": 0, "value": 2097153, "valueTwo": 2097152, "op": "SCMP_CMP_MASKED_EQ"}]}]}}
	END
	run snug harden "$T/bundle" --profile "$T/p.json"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'stricter than asked: getegid('*': EPERM instead of EBADF'* ]]
	jq -e '.linux.seccomp | .defaultErrnoRet == 1 and all(.syscalls[]; .names != ["getegid"])' "$T/bundle/config.json"
}

# status RUNTIME-COMMAND...: /proc/self/status of a container of the bundle.
status_of() {
	config "$T/bundle" '.process.args = ["/bin/cat", "/proc/self/status"]'
	"$@" run --bundle "$T/bundle" "$(id_of status)"
}

@test "the kernel's sets are those that harden left" {
	need crun cgroup2
	config "$T/bundle" '.process.capabilities.inheritable = ["CAP_CHOWN"]
		| .process.capabilities.ambient = ["CAP_CHOWN"] | .process.user = {uid: 7, gid: 7}'
	echo '{"snugProfile":1,"name":"p","capabilities":["CAP_CHOWN","CAP_KILL","CAP_SYS_ADMIN"],
		"noNewPrivileges":true}' > "$T/p.json"
	snug harden "$T/bundle" --profile "$T/p.json"
	for runtime in runc_here crun_here; do
		run status_of $runtime
		echo "$output"
		[ "$status" = 0 ]
		[[ $output == *CapInh:$'\t'0000000000000001* ]]
		[[ $output == *CapPrm:$'\t'0000000000000001* || $output == *CapPrm:$'\t'0000000000000021* ]]
		[[ $output == *CapBnd:$'\t'0000000000000021* ]]
		[[ $output == *CapAmb:$'\t'0000000000000001* ]]
		[[ $output == *NoNewPrivs:$'\t'1* ]]
	done
}

@test "no capabilities at all stay none, with runc and crun" {
	need crun cgroup2
	config "$T/bundle" 'del(.process.capabilities)'
	echo '{"snugProfile":1,"name":"p","capabilities":["CAP_CHOWN"]}' > "$T/p.json"
	cp "$T/bundle/config.json" "$T/before.json"
	snug harden "$T/bundle" --profile "$T/p.json"
	cmp "$T/before.json" "$T/bundle/config.json"
	for runtime in runc_here crun_here; do
		run status_of $runtime
		echo "$output"
		[[ $output == *CapEff:$'\t'0000000000000000* ]]
		[[ $output == *CapBnd:$'\t'0000000000000000* ]]
	done
}

@test "the annotation names the profile, --output leaves the bundle alone, --dry-run too" {
	mkdir -p "$T/store/var/lib/snug/profiles"
	echo '{"snugProfile":1,"name":"web","noNewPrivileges":true}' > "$T/store/var/lib/snug/profiles/web.json"
	run --separate-stderr snug harden "$T/bundle"
	[ "$status" = 2 ]
	[[ $stderr == *--profile*io.snug.profile* ]]
	config "$T/bundle" '.annotations["io.snug.profile"] = "web"'
	cp "$T/bundle/config.json" "$T/before.json"
	run snug harden "$T/bundle" --dry-run
	[ "$status" = 0 ]
	[[ $output == *'would be hardened by profile web'*noNewPrivileges* ]]
	echo '{"snugProfile":1,"name":"log","seccomp":{"defaultAction":"SCMP_ACT_ERRNO"}}' > "$T/log.json"
	run snug harden "$T/bundle" --profile "$T/log.json" --audit --dry-run
	[[ $output == *'would be audited by profile log'* ]]
	run --separate-stderr snug harden "$T/bundle" --output -
	[ "$status" = 0 ]
	[ "$(jq .process.noNewPrivileges <<< "$output")" = true ]
	cmp "$T/before.json" "$T/bundle/config.json"
	snug harden "$T/bundle" --output "$T/out.json"
	cmp "$T/before.json" "$T/bundle/config.json"
	[ "$(jq .process.noNewPrivileges "$T/out.json")" = true ]
	run snug harden "$T/bundle" --format json
	[ "$(jq -r .changes[0].path <<< "$output")" = '$.process.noNewPrivileges' ]
	[ "$(stat -c %a "$T/bundle/config.json")" = "$(stat -c %a "$T/before.json")" ]
	config "$T/bundle" '.annotations["io.snug.profile"] = "../web"'
	run --separate-stderr snug harden "$T/bundle"
	[ "$status" = 3 ]
}

@test "what is taken from several sets alike is one line" {
	local caps='$.process.capabilities'
	echo '{"snugProfile":1,"name":"p","capabilities":["CAP_CHOWN"]}' > "$T/p.json"
	config "$T/bundle" '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_MKNOD"],
		effective: ["CAP_KILL"], permitted: ["CAP_KILL", "CAP_MKNOD"], ambient: []}'
	run snug harden "$T/bundle" --profile "$T/p.json" --dry-run
	echo "$output"
	[ "${lines[1]}" = "  $caps.bounding, permitted: removed CAP_KILL CAP_MKNOD" ]
	[ "${lines[2]}" = "  $caps.effective: removed CAP_KILL" ]
	[ "${#lines[@]}" = 3 ]
	snug harden "$T/bundle" --profile "$T/p.json" --dry-run --format json |
		jq -e '[.changes[].path | split(".")[-1]] == ["bounding", "effective", "permitted"]'
}

@test "every capability that goes is named" {
	echo '{"snugProfile":1,"name":"p","capabilities":[]}' > "$T/p.json"
	mapfile -t all < <(sed -n 's/^\t"\(CAP_[A-Z_]*\)",$/\1/p' "$REPO/src/model/oci/caps.c")
	config "$T/bundle" '.process.capabilities = {bounding: $ARGS.positional}' --args -- "${all[@]}"
	run snug harden "$T/bundle" --profile "$T/p.json" --dry-run
	[ "${#all[@]}" -gt 40 ]
	[ "${lines[1]}" = "  \$.process.capabilities.bounding: removed ${all[*]}" ]
}

@test "unchanged bytes are not written again" {
	echo '{"snugProfile":1,"name":"p","noNewPrivileges":true}' > "$T/p.json"
	snug harden "$T/bundle" --profile "$T/p.json"
	before=$(stat -c '%i %y' "$T/bundle/config.json")
	snug harden "$T/bundle/config.json" --profile "$T/p.json"
	[ "$(stat -c '%i %y' "$T/bundle/config.json")" = "$before" ]
}
