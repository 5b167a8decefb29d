# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bundle: OCI bundles like those that engines make, for the demo, the live tests and the bench.

# What Docker and Podman grant by default.
ENGINE_CAPS='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_MKNOD","CAP_NET_RAW",
"CAP_SETGID","CAP_SETUID","CAP_SETFCAP","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT",
"CAP_KILL","CAP_AUDIT_WRITE"]'

# rootfs DIR: busybox with its applets, and the folders that a container expects.
rootfs() {
	local busybox
	busybox=$(command -v busybox) || return 1
	mkdir -p "$1"/{bin,dev,etc,proc,sys,tmp,root,www}
	cp "$busybox" "$1/bin/busybox"
	# One process and not one a link: in the test VM that is 20 seconds less.
	chroot "$1" /bin/busybox --install -s /bin || return 1
	echo 'root:x:0:0:root:/root:/bin/sh' > "$1/etc/passwd"
	chmod 1777 "$1/tmp"
}

# config DIR [JQ-OPTION...] FILTER [--args ...]: edits DIR/config.json by jq.
config() {
	local dir=$1 text
	shift
	text=$(jq "$@" < "$dir/config.json") || return 1
	printf '%s\n' "$text" > "$dir/config.json"
}

# json_strings WORD...: as a JSON array.
json_strings() {
	local word words=()
	for word; do
		word=${word//\\/\\\\}
		word=${word//\"/\\\"}
		word=${word//$'\n'/\\n}
		words+=("\"${word//$'\t'/\\t}\"")
	done
	local IFS=,
	printf '[%s]' "${words[*]}"
}

# base_config: what bundle makes a config.json of, to stdout. In the test VM runc and jq take half a second for it:
# once made it is in BUNDLE_BASE, where that names a file.
base_config() {
	local text
	if [ -s "${BUNDLE_BASE:-}" ]; then
		cat "$BUNDLE_BASE"
		return
	fi
	text=$(mktemp -d) || return 1
	runc spec --bundle "$text" && jq --argjson caps "$ENGINE_CAPS" '.process.args = ["ARGS"]
		| .process.terminal = false | .root.readonly = false | .process.noNewPrivileges = false
		| .process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}' \
		"$text/config.json" | tee "${BUNDLE_BASE:-/dev/null}"
	rm -r "$text"
}

# bundle DIR ARG...: runs ARG... as engines do, less their seccomp profile: their default
# capabilities, no terminal, no no_new_privs, a writable root. DIR/rootfs is made unless it is there.
bundle() {
	local dir=$1 text args
	shift
	mkdir -p "$dir"
	[ -d "$dir/rootfs" ] || rootfs "$dir/rootfs" || return 1
	rm -f "$dir/config.json"
	text=$(base_config) && [ -n "$text" ] || return 1
	args=$(json_strings "$@")
	printf '%s\n' "${text/'"ARGS"'/"${args:1:-1}"}" > "$dir/config.json"
}

# The seccomp profile of this host's engines, where src/flow/explain.c looks for it and in its order;
# else one that an administrator wrote for Docker.
engines_seccomp() {
	local file
	for file in ${SNUG_ENGINES_SECCOMP:+"$SNUG_ENGINES_SECCOMP"} /etc/containers/seccomp.json \
		/usr/share/containers/seccomp.json /etc/docker/seccomp.json; do
		[ -r "$file" ] && echo "$file" && return
	done
	return 1
}

# engines_default FILE CAPS-JSON: an engine's seccomp.json as the linux.seccomp object that the engine
# makes of it on this machine, for a container with these capabilities.
engines_default() {
	local kernel
	kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	jq --argjson caps "$2" --arg kernel "$kernel" --arg machine "$(uname -m)" '
		def version: split(".") | map(tonumber);
		{ "x86_64": ["amd64", "SCMP_ARCH_X86_64"], "aarch64": ["arm64", "SCMP_ARCH_AARCH64"] }[$machine]
			as [$goarch, $arch]
		| def matches: (.includes // {}) as $in | (.excludes // {}) as $out
			| (($in.arches // []) | length == 0 or index($goarch) != null)
			and (($in.caps // []) | all(. as $c | $caps | index($c) != null))
			and (($in.minKernel // "0.0") | version <= ($kernel | version))
			and (($out.arches // []) | index($goarch) == null)
			and (($out.caps // []) | all(. as $c | $caps | index($c) == null));
		{ defaultAction }
		+ (if .defaultErrnoRet then { defaultErrnoRet } else {} end)
		+ { architectures: (.archMap // [] | map(select(.architecture == $arch)
			| [.architecture] + (.subArchitectures // [])) | add // [$arch]) }
		+ { syscalls: [ .syscalls[] | select(matches)
			| { names: (.names // [.name]), action }
			+ (if .errnoRet != null then { errnoRet } else {} end)
			+ (if (.args // []) | length > 0
				then { args: [.args[] | del(.[] | nulls) | .valueTwo //= 0] } else {} end) ] }' "$1"
}

# calls_of_kernel SYSCALLS-TSV: the names of the calls that this machine's running kernel has.
calls_of_kernel() {
	awk -F '\t' -v kernel="$(uname -r)" -v machine="$(uname -m)" '
		function number(version,   v) { split(version, v, /[.-]/); return v[1] * 1000 + v[2] }
		BEGIN { column = machine == "aarch64" ? 5 : 2 }
		/^#/ || $column == "-" { next }
		$6 == "-" || number($6) <= number(kernel) { print $1 }' "$1"
}

# calls_permitted SYSCALLS-TSV < config.json or linux.seccomp: how many of these calls it lets through,
# whole or with some arguments. No seccomp section: all.
calls_permitted() {
	jq --argjson calls "$(calls_of_kernel "$1" | jq -Rn '[inputs]')" '
		def runs: . == "SCMP_ACT_ALLOW" or . == "SCMP_ACT_LOG";
		(if has("ociVersion") then .linux.seccomp else . end) as $filter
		| if $filter == null then $calls
		  elif $filter.defaultAction | runs then
			$calls - [$filter.syscalls[]? | select((.action | runs | not) and (.args // []) == []) | .names[]]
		  else $calls - ($calls - [$filter.syscalls[]? | select(.action | runs) | .names[]]) end
		| unique | length'
}
