#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bad input to harden and simulate: exit 3 or 5, one line that says where and what to do, and every
# file as it was.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats: run sets stderr; tests are subshells

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need jq
	live_setup
	mkdir "$T/b"
	cat > "$T/b/config.json" <<-'EOF'
		{
			"ociVersion": "1.0.2",
			"root": { "path": "rootfs" },
			"process": { "args": [ "sh" ], "capabilities": { "bounding": [ "CAP_CHOWN" ] } },
			"linux": {}
		}
	EOF
	mkdir "$T/good"
	cp "$T/b/config.json" "$T/good/"
	cat > "$T/p.json" <<-'EOF'
		{
			"snugProfile": 1,
			"name": "p",
			"seccomp": {
				"defaultAction": "SCMP_ACT_ERRNO",
				"defaultErrnoRet": 38,
				"architectures": [ "SCMP_ARCH_X86_64" ],
				"syscalls": [ { "names": [ "read", "write" ], "action": "SCMP_ACT_ALLOW" } ]
			},
			"capabilities": [],
			"noNewPrivileges": true
		}
	EOF
}

teardown() { live_teardown; }

snug() { timeout 300 "$SNUG" --root "$T/store" "$@"; }

# Everything below $T: names, sizes, contents.
state_of() { (cd "$1" && find . -type f -exec sha256sum {} + -o -printf '%y %p %l\n' | sort); }

# refused CODES WHERE COMMAND...: exit status is one of CODES, stdout is empty, stderr is one line that
# holds each word of WHERE, and nothing below $T has changed.
refused() {
	local codes=$1 where=$2 word before
	shift 2
	before=$(state_of "$T")
	run --separate-stderr "$@"
	echo "exit $status; stdout: ${output:0:300}; stderr: ${stderr:0:600}"
	[[ " $codes " == *" $status "* ]]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == 'snug: '* ]]
	for word in $where; do
		[[ $stderr == *"$word"* ]]
	done
	[ "$(state_of "$T")" = "$before" ]
}

# bad_config WHERE [JQ FILTER]: config.json (edited by FILTER) is refused.
bad_config() {
	local where=$1
	[ $# = 1 ] || config "$T/b" "$2"
	refused 3 "$T/b/config.json $where" snug harden "$T/b" --profile "$T/p.json"
}

# bad_profile WHERE [FILTER]: p.json is refused, by harden and by simulate.
bad_profile() {
	local where=$1 text
	if [ $# = 2 ]; then
		text=$(jq "$2" "$T/p.json")
		printf '%s\n' "$text" > "$T/p.json"
	fi
	refused 3 "$T/p.json $where" snug harden "$T/good" --profile "$T/p.json"
	refused 3 "$T/p.json $where" snug simulate "$T/p.json" read
}

@test "the good ones are taken" {
	run snug harden "$T/b" --profile "$T/p.json" --dry-run
	echo "$output"
	[ "$status" = 0 ]
	run snug simulate "$T/p.json" read
	[ "$status" = 0 ]
}

@test "--root: the defaults below DIR are found, and of the host's it is said where they are" {
	local share=/usr/local/share/snug/profiles
	need root
	run -3 snug explain baseline
	[[ $output == *"make it: snug learn"* ]]
	run -3 unshare --mount --propagation private sh -c '
		mount -t tmpfs none /usr/local/share && mkdir -p "$1" && cp "$2" "$1/" && shift 2 && exec "$@"' sh \
		"$share" "$REPO/profiles/baseline.json" "$SNUG" --root "$T/store" explain baseline
	[[ $output == *"below --root the host's are not looked for: name $share/baseline.json" ]]
	mkdir -p "$T/store$share"
	cp "$REPO/profiles/baseline.json" "$T/store$share/"
	run -0 snug explain baseline
	[[ $output == *"one of snug's defaults"* ]]
}

@test "a misspelt word, profile or stage: what may have been meant" {
	mkdir -p "$T/store/var/lib/snug/profiles"
	cp "$T/p.json" "$T/store/var/lib/snug/profiles/nginx.json"
	run -3 snug explain ngnix
	[[ $output == *"there is no profile 'ngnix'"*"did you mean nginx?" ]]
	run -3 snug explain postgres
	[[ $output == *"make it: snug learn BUNDLE --name postgres"* ]]
	run -2 snug policy chekc
	[[ $output == *"did you mean 'check'?" ]]
	run -2 "$REPO/$SNUG_BUILD/snug-hook" prestrat < /dev/null
	[[ $output == *"did you mean prestart?" ]]
	run -0 --separate-stderr "$REPO/$SNUG_BUILD/snug-hook" --help
	[[ $output == 'usage: snug-hook '* && -z $stderr ]]
}

@test "malformed" {
	printf '{\n  "ociVersion": "1.0.2",\n  oops }\n' > "$T/b/config.json"
	bad_config ':3:3:'
	echo 'no json' > "$T/p.json"
	bad_profile ':1:'
	: > "$T/p.json"
	bad_profile ':1:'
}

@test "truncated" {
	head -c 60 "$T/b/config.json" > "$T/short" && mv "$T/short" "$T/b/config.json"
	bad_config ':'
	head -c 100 "$T/p.json" > "$T/short" && mv "$T/short" "$T/p.json"
	bad_profile ':'
}

@test "comments, a second document, a byte-order mark" {
	sed -i '1s,^,/* hello */,' "$T/b/config.json"
	bad_config ':1:1:'
	printf '{}{}' > "$T/b/config.json"
	bad_config ':1:3:'
	printf '\xef\xbb\xbf{}' > "$T/b/config.json"
	bad_config ':1:'
}

@test "300,000 nested arrays" {
	head -c 300000 /dev/zero | tr '\0' '[' > "$T/b/config.json"
	bad_config ':1:'
	cp "$T/b/config.json" "$T/p.json"
	bad_profile ':1:'
}

@test "100 MB" {
	{ printf '{"x":"'; head -c 100000000 /dev/zero | tr '\0' x; printf '"}'; } > "$T/b/config.json"
	bad_config ''
	mv "$T/b/config.json" "$T/p.json"
	bad_profile ''
}

@test "duplicate keys" {
	sed -i 's/"linux"/"process"/' "$T/b/config.json"
	bad_config ':5: process'
	sed -i 's/"noNewPrivileges"/"capabilities"/' "$T/p.json"
	bad_profile 'capabilities'
}

@test "members that differ in case alone" {
	bad_config '$.linux.Seccomp' '.linux.Seccomp = {}'
	bad_profile '$.seccomp.Syscalls' '.seccomp.Syscalls = []'
}

@test "NUL in strings" {
	sed -i 's/rootfs/root\\u0000fs/' "$T/b/config.json"
	bad_config ':3:'
	printf '{"snugProfile":1,"name":"a\0b"}' > "$T/p.json"
	bad_profile ':1:'
}

@test "numbers past 2^64" {
	sed -i 's/"linux": {}/"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"}]}]}}/' "$T/b/config.json"
	bad_config ':5: args[0].value'
	sed -i 's/"snugProfile": 1/"snugProfile": 18446744073709551617/' "$T/p.json"
	bad_profile ':2: $.snugProfile'
}

@test "a syscall that nobody knows" {
	bad_config 'names[0] reed' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["reed"], action: "SCMP_ACT_ERRNO"}]}'
	bad_profile 'names[1] writte' '.seccomp.syscalls[0].names[1] = "writte"'
}

@test "simulate: a syscall, an argument, an architecture that nobody knows" {
	refused 3 'reed read' snug simulate "$T/p.json" reed
	refused 2 '0xyz' snug simulate "$T/p.json" read 0xyz
	refused 2 '18446744073709551616' snug simulate "$T/p.json" read 18446744073709551616
	refused 2 '' snug simulate "$T/p.json" read 0 0 0 0 0 0 0
	refused 2 'vax' snug simulate "$T/p.json" read --arch vax
}

@test "an unknown action, operator, architecture, capability" {
	bad_profile 'action SCMP_ACT_MAYBE' '.seccomp.syscalls[0].action = "SCMP_ACT_MAYBE"'
	bad_profile 'defaultAction' '.seccomp.syscalls[0].action = "SCMP_ACT_ALLOW"
		| .seccomp.defaultAction = "ALLOW"'
	bad_profile 'op' '.seccomp.defaultAction = "SCMP_ACT_ERRNO"
		| .seccomp.syscalls[0].args = [{index: 0, value: 1, op: "SCMP_CMP_LIKE"}]'
	bad_profile 'architectures[0]' '.seccomp.syscalls[0].args = []
		| .seccomp.architectures = ["SCMP_ARCH_VAX"]'
	bad_profile 'capabilities[0] CAP_FLY' '.seccomp.architectures = ["SCMP_ARCH_X86_64"]
		| .capabilities = ["CAP_FLY"]'
	bad_config 'bounding[0] CAP_FLY' '.process.capabilities.bounding = ["CAP_FLY"]'
}

@test "contradicting entries for one call" {
	bad_config 'syscalls[1]' '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [
		{names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 2, op: "SCMP_CMP_EQ"}]},
		{names: ["socket"], action: "SCMP_ACT_KILL", args: [{index: 1, value: 1, op: "SCMP_CMP_EQ"}]}]}'
}

@test "the same argument index twice" {
	# In a config it means what the runtimes make of it: a rule for each condition, so either may hold.
	config "$T/b" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["write"],
		action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 5, op: "SCMP_CMP_EQ"},
		{index: 0, value: 9, op: "SCMP_CMP_EQ"}]}]}'
	run snug harden "$T/b" --profile "$T/p.json" --output "$T/out.json"
	echo "$output"
	[ "$status" = 0 ]
	# Not through jq, which rounds numbers past 2^53.
	awk 'BEGIN { print "{\"snugProfile\":1,\"name\":\"out\",\"seccomp\":" }
		/^    "seccomp": \{/ { on = 1; print "{"; next }
		on { print } on && /^    \}/ { exit } END { print "}" }' "$T/out.json" > "$T/out-p.json"
	run snug simulate "$T/out-p.json" write 9
	[ "$status" = 1 ]
	run snug simulate "$T/out-p.json" write 8
	[ "$status" = 0 ]
	# In a profile nobody who writes it means that.
	bad_profile 'syscalls[0] twice' '.seccomp.syscalls[0].args = [
		{index: 0, value: 5, op: "SCMP_CMP_GE"}, {index: 0, value: 9, op: "SCMP_CMP_LE"}]'
}

@test "a missing process or root" {
	bad_config '$ process' 'del(.process)'
	bad_config '$ root' '.process = {args: ["sh"]} | del(.root)'
	bad_config '$.process process.args' '.root = {path: "r"} | .process = {}'
}

@test "a newer format, and members of no format" {
	bad_profile ':2: $.snugProfile format newer' '.snugProfile = 2 | .later = true'
	bad_profile '$.later' '.snugProfile = 1'
}

@test "a config that names an OCI handler" {
	bad_config 'run.oci.handler' '.annotations = {"run.oci.handler": "wasm"}'
}

@test "no such file, a folder, a device" {
	refused 3 "$T/none" snug harden "$T/none" --profile "$T/p.json"
	refused 3 "$T/b/none.json" snug harden "$T/b" --profile "$T/b/none.json"
	refused 3 "$T/b" snug harden "$T/b" --profile "$T/b/"
	refused '3 5' /dev/zero snug harden /dev/zero --profile "$T/p.json"
	refused 3 nosuch snug harden "$T/b" --profile nosuch
	refused 2 --profile snug harden "$T/b"
	refused 2 "'snug' runc crun" snug harden "$T/b" --profile "$T/p.json" --runtime snug
	refused 2 'youki crun snug' snug simulate "$T/p.json" read --runtime youki
}

@test "a store that is a symlink" {
	need root
	mkdir -p "$T/store/var/lib" "$T/elsewhere/profiles"
	cp "$T/p.json" "$T/elsewhere/profiles/p.json"
	ln -s "$T/elsewhere" "$T/store/var/lib/snug"
	refused '3 5' "$T/store/var/lib/snug" snug harden "$T/b" --profile p
}

@test "a store that others own, or may write" {
	need root
	mkdir -p "$T/store/var/lib/snug/profiles"
	cp "$T/p.json" "$T/store/var/lib/snug/profiles/p.json"
	run snug harden "$T/b" --profile p --dry-run
	echo "$output"
	[ "$status" = 0 ]
	chown 65534 "$T/store/var/lib/snug/profiles"
	refused '3 5' "$T/store/var/lib/snug/profiles" snug harden "$T/b" --profile p
	chown 0 "$T/store/var/lib/snug/profiles"
	chmod 777 "$T/store/var/lib/snug"
	refused '3 5' "$T/store/var/lib/snug" snug harden "$T/b" --profile p
	chmod 755 "$T/store/var/lib/snug"
	chmod 666 "$T/store/var/lib/snug/profiles/p.json"
	refused '3 5' "$T/store/var/lib/snug/profiles/p.json" snug harden "$T/b" --profile p
}

# on_disk SIZE COMMAND...: with $T/b on a disk of that size, in a mount namespace of its own.
on_disk() {
	local size=$1
	shift
	unshare --mount --propagation private bash -c '
		mkdir "$T/disk" && mount -t tmpfs -o "size=$1" none "$T/disk" && cp "$T/b/config.json" "$T/disk/" &&
		shift && before=$(sha256sum "$T/disk/config.json") && eval "$PREPARE" &&
		{ "$@"; code=$?; }
		rm -f "$T/disk/fill"
		[ "$(sha256sum "$T/disk/config.json")" = "$before" ] || { echo changed; exit 99; }
		[ "$(ls -A "$T/disk")" = config.json ] || { ls -A "$T/disk"; exit 98; }
		mount -o remount,rw "$T/disk"; umount "$T/disk"; rmdir "$T/disk"; exit $code' bash "$size" "$@"
}

@test "a full disk" {
	need root
	export T PREPARE='dd if=/dev/zero of="$T/disk/fill" bs=4k 2>/dev/null; true'
	refused 5 "disk/ space" on_disk 64k "$SNUG" harden "$T/disk" --profile "$T/p.json"
}

@test "a read-only disk" {
	need root
	export T PREPARE='mount -o remount,ro "$T/disk"'
	refused 5 "disk/ Read-only" on_disk 64k "$SNUG" harden "$T/disk" --profile "$T/p.json"
}

@test "output that cannot be written" {
	refused '3 5' "$T/none/out.json" snug harden "$T/b" --profile "$T/p.json" --output "$T/none/out.json"
	run bash -c '"$SNUG" --root "$1/store" harden "$1/b" --profile "$1/p.json" --output - > /dev/full' bash "$T"
	[ "$status" = 5 ]
	# More than stdio buffers: why it failed is known at the write alone.
	config "$T/b" '.annotations = {a: ("x" * 20000)}'
	run bash -c '"$SNUG" --root "$1/store" harden "$1/b" --profile "$1/p.json" --output - 2>&1 > /dev/full' bash "$T"
	[ "$status" = 5 ]
	[[ $output == *'standard output: No space left on device; '* ]]
}

@test "an incomplete profile" {
	bad='.incomplete = ["lost 3 syscall events"]'
	text=$(jq "$bad" "$T/p.json") && printf '%s\n' "$text" > "$T/p.json"
	refused 3 "$T/p.json lost --accept-incomplete" snug harden "$T/b" --profile "$T/p.json"
	run snug harden "$T/b" --profile "$T/p.json" --accept-incomplete --dry-run
	[ "$status" = 0 ]
}
