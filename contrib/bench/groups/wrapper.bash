# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# wrapper: snug-runc in runc's place, and precreate.

title='In the runtime'\''s place'
readonly STARTS=7 # in a sample, which is their median
ways=(plain off hardened unchanged hardened_fresh fresh within hardened_disk fresh_disk empty precreate)

prepare() {
	disk=$data/disk.$$
	mkdir -p "$T/bin" "$disk/lib/profiles" "$disk/bundles" && ln -s "$repo/$SNUG_BUILD/snug-runtime" "$T/bin/snug-runc" &&
		bundle_of plain /bin/true && docker_default plain || return 1
	jq -n --slurpfile default "$T/engines.json" '{snugProfile: 1, name: "web", origin: "hand", capabilities: ["CAP_CHOWN"],
		noNewPrivileges: true, seccomp: {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}}' |
		tee "$disk/lib/profiles/web.json" > /var/lib/snug/profiles/web.json
	like hardened plain && "$SNUG" harden "$T/hardened" --profile web > "$T/log" && rm -f "$T/hardened"/*.snug-orig &&
		like off plain && like unchanged plain || return 1
	# Once each, for what is cached: an engine's containers are like one another.
	policy enforce
	for way in unchanged fresh within fresh_disk precreate; do
		one "$way" > "$T/log" || return 1
	done
	grep -q no_new_privs\\\|'"noNewPrivileges": *true' "$T/unchanged/config.json"
}
finish() { rm -rf "${disk:?}"; }

policy() { # MODE
	echo "{\"snugPolicy\": 1, \"default\": {\"mode\": \"$1\", \"profile\": \"web\"}}" > /etc/snug/policy.json
}

# started PROGRAM BUNDLE
started() { ms "$STARTS" "$1" --root "$T/runc" run --bundle "$2" "$id" < /dev/null; }

# fresh PROGRAM FROM DIR: as an engine does: a bundle for each container, its config.json another each time. The median.
fresh() {
	local i bundle
	for ((i = 0; i < STARTS; i++)); do
		bundle=$(mktemp -d "$3/XXXXXXXX") && mkdir "$bundle/rootfs" &&
			sed "s/\"hostname\": \"[^\"]*\"/\"hostname\": \"${bundle##*/}\"/" "$T/$2/config.json" > "$bundle/config.json" &&
			ms 1 "$1" --root "$T/runc" run --bundle "$bundle" "$id" < /dev/null || return 1
		rm -rf "$bundle"
	done | sort -n | sed -n "$((STARTS / 2 + 1))p"
}

# on_disk COMMAND...: with a store on the disk.
on_disk() {
	mount --bind "$disk/lib" /var/lib/snug || return 1
	"$@"
	umount /var/lib/snug
}

one() {
	local snug_runc=$T/bin/snug-runc
	[ "$1" = off ] && policy off || policy enforce
	case $1 in
	plain | hardened) started runc "$T/$1" ;;
	off | unchanged) started "$snug_runc" "$T/$1" ;;
	hardened_fresh) fresh runc hardened "$T" ;;
	fresh) fresh "$snug_runc" plain "$T" ;;
	within) fresh "$snug_runc" hardened "$T" ;;
	hardened_disk) fresh runc hardened "$disk/bundles" ;;
	fresh_disk) on_disk fresh "$snug_runc" plain "$disk/bundles" ;;
	empty) ms 20 "$bin/empty" < /dev/null ;;
	precreate) precreate ;;
	esac
}

# spawn reads no file anew for each of several: one by one.
precreate() {
	local i
	for ((i = 0; i < STARTS; i++)); do
		ms 1 "$hook" precreate < "$T/plain/config.json" || return 1
	done | sort -n | sed -n "$((STARTS / 2 + 1))p"
}

rows() {
	cat << 'ROWS'
# | `snug-runc run` of `true`, beside `runc run` of the config that comes of it | times runc alone | more than runc alone
a policy that leaves it alone | off / plain | off - plain | ms | F <= 1
enforced, a bundle that has not changed | unchanged / hardened | unchanged - hardened | ms | F <= 1
enforced, a config.json that is new each time | fresh / hardened_fresh | fresh - hardened_fresh | ms | F <= 1
the same, bundle and store on a disk | fresh_disk / hardened_disk | fresh_disk - hardened_disk | ms | F <= 1
enforced, a new config.json that is within its profile | within / hardened_fresh | within - hardened_fresh | ms | F <= 1
# | Podman's config filter, as a process | times an empty static program | takes
`snug-hook precreate`, enforced, the engines' default in the config | precreate / empty | precreate | ms |

What is new is hardened and written, synced to the disk where it lies on one. runc itself starts a hardened container sooner than the engines' default
of three architectures, which is not in these figures.
ROWS
}
