# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, id, bin and data are run's; what is set here is the groups'
# lib: what the groups share.

# shellcheck source=contrib/demo/bundle.bash
source "$(dirname "${BASH_SOURCE[0]}")/../demo/bundle.bash"

die() {
	printf 'bench: %s\n' "$1" >&2
	exit "${2:-1}"
}

# about: of what machine the samples are, and of what tree, as comments.
about() {
	local cpu distribution
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	# shellcheck source=/dev/null
	distribution=$(. /etc/os-release && echo "$PRETTY_NAME")
	printf '# machine\t%s, %s cores, Linux %s, %s\n' "${cpu:-$(uname -m)}" "$(nproc)" "$(uname -r | cut -d - -f 1)" \
		"$distribution"
	printf '# tree\t%s\n' "$(git -C "$repo" rev-parse --short HEAD 2> /dev/null)"
	printf '# date\t%s\n' "$(date -u +%F)"
}

# What prepare has to say goes to $T/said, which comes before the samples: what cannot be measured here and why, and a
# note below the section.
cannot() { printf '# why\t%s\t%s\n' "$1" "${*:2}" >> "$T/said"; }
note() { printf '# note\t%s\n' "$*" >> "$T/said"; }

# host_of_its_own: /etc, /var, /run and the bpf file system are this namespace's alone to write; $T lies in memory.
host_of_its_own() {
	local dir
	mount -t tmpfs -o mode=755 tmpfs "$T" || return 1
	for dir in etc var; do
		mkdir -p "$T/host/$dir"/{upper,work}
		mount -t overlay "$dir" -o "lowerdir=/$dir,upperdir=$T/host/$dir/upper,workdir=$T/host/$dir/work" "/$dir" ||
			return 1
	done
	mount -t tmpfs -o mode=755 run /run && mkdir -p /etc/snug /var/lib/snug/profiles "$T/store" &&
		mount -t bpf bpf /sys/fs/bpf && busybox ip link set lo up || return 1
	mount -t tracefs none /sys/kernel/tracing 2> /dev/null || :
}

finish_all() {
	local left
	finish
	for left in /run/runc/*/ "$T/runc"/*/; do
		[ ! -d "$left" ] || runc --root "${left%/*/}" delete --force "$(basename "$left")" > /dev/null 2>&1
	done
	[ -z "${CGROUP2_HOLDER:-}" ] || kill "$CGROUP2_HOLDER"
	# This shell's folder must not be in what goes.
	cd / && umount -l /etc /var && umount -l "$T"
}

snug() { "$SNUG" --root "$T/store" "$@"; }

# ms COUNT COMMAND...: the median of its milliseconds, spawn to exit. Input is the caller's.
ms() {
	local took _
	read -r took _ < <("$bin/spawn" "$@") && echo "$took"
}

# start_cgroup2: a mount namespace whose /sys/fs/cgroup is cgroup2, for crun, which refuses a hybrid one. in_cgroup2
# runs there.
start_cgroup2() {
	unshare --mount --propagation private sh -c 'umount -R /sys/fs/cgroup 2> /dev/null
		mount -t cgroup2 none /sys/fs/cgroup && exec sleep 3600' > /dev/null 2>&1 < /dev/null &
	CGROUP2_HOLDER=$!
	until grep -qx sleep "/proc/$CGROUP2_HOLDER/comm"; do sleep 0.05; done
}
in_cgroup2() { nsenter --target "$CGROUP2_HOLDER" --mount "$@"; }

# bundle_of NAME ARG...: a bundle with the root file system that all share.
bundle_of() {
	[ -d "$T/rootfs" ] || rootfs "$T/rootfs" || return 1
	mkdir -p "$T/$1/rootfs" && bundle "$T/$1" "${@:2}" && config "$T/$1" --arg path "$T/rootfs" '.root.path = $path'
}
# like NAME OTHER: a bundle with the same config.json.
like() { mkdir -p "$T/$1/rootfs" && cp "$T/$2/config.json" "$T/$1/"; }

# hooks_of NAME ROOT STAGE...: snug's hooks at these stages, with the store below ROOT (- for the host's).
hooks_of() {
	config "$T/$1" --arg hook "$hook" --arg root "$2" '(if $root == "-" then [] else ["--root", $root] end) as $where
		| .hooks = ($ARGS.positional | map({(.): [{path: $hook, args: (["snug-hook"] + $where + [.])}]}) | add)' \
		--args "${@:3}"
}

# docker_default NAME [ARCH...]: gives a bundle the engines' default for these architectures.
docker_default() {
	local origin
	origin=$(engines_seccomp) && engines_default "$origin" "$ENGINE_CAPS" > "$T/engines.json" || return 1
	config "$T/$1" --slurpfile default "$T/engines.json" '.linux.seccomp = $default[0]'
}

# while_attached "OBJECT [MAP KEY VALUE]..." COMMAND...
while_attached() {
	local in=$T/in out=$T/out holder object answer
	read -r -a object <<< "$1"
	shift
	rm -f "$in" "$out"
	mkfifo "$in" "$out"
	"$bin/attach" "$bin/${object[0]}" "${object[@]:1}" < "$in" > "$out" 2> "$T/err" &
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
