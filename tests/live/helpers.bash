# SPDX-License-Identifier: Apache-2.0
# helpers: what live tests share. In a bats file:
#
#	load helpers
#	setup() { need root runc bpf; live_setup; }
#	teardown() { live_teardown; }
#
# After live_setup: $T is the test's own folder, $SNUG the program, and snug runs it with its
# store below $T. Container ids made by `id_of WORD` are this test's alone.

: "${SNUG_BUILD:=build/gcc}"
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || return 1
: "${SNUG:=$REPO/$SNUG_BUILD/snug}"
export SNUG
# tests/live/programs, built by make.
PROGRAMS=$REPO/$SNUG_BUILD/programs
export PROGRAMS
# shellcheck source=contrib/demo/bundle.bash
source "$REPO/contrib/demo/bundle.bash" # rootfs, bundle, config, engines_seccomp, engines_default
BUNDLE_BASE=${BATS_RUN_TMPDIR:-$BATS_FILE_TMPDIR}/bundle-base.json

# What a Debian 12 build machine can have; with SNUG_TESTS_STRICT=1 the lack of it is a failure.
# Other needs (apparmor, bpflsm, fentry, kprobe, podman) depend on the machine: without them a test is skipped,
# strict or not. SNUG_STRICT_NEEDS adds to these: in the VM, all that it is there for.
readonly STRICT_NEEDS=" root runc crun bpf strace go i386 jq busybox curl mmdebstrap apparmor_parser engines auditlog netns cgroup2 \
python3 openssl sqlite3 gpg git ssh-keygen xz \
${SNUG_STRICT_NEEDS:-} "

# Each says why the need is not met; nothing if it is.
missing_command() { command -v "$1" > /dev/null || echo "no $1 in PATH"; }
missing_root() { [ "$(id -u)" = 0 ] || echo 'not root'; }
missing_bpf() {
	[ -r /sys/kernel/btf/vmlinux ] || { echo 'the kernel shows no BTF' && return; }
	"${BPFTOOL:-bpftool}" prog show > /dev/null 2>&1 || echo 'bpf() is refused'
}
missing_i386() {
	[ -x "$PROGRAMS/sequence32" ] || { echo 'gcc -m32 does not work here' && return; }
	"$PROGRAMS/sequence32" 2> /dev/null || echo 'the kernel runs no i386 programs'
}
missing_go() { [ -x "$PROGRAMS/busy" ] || echo 'no go in PATH'; }
missing_engines() { [ -r "$(engines_seccomp)" ] || echo 'no seccomp.json of an engine'; }
missing_auditlog() {
	grep -qw log /proc/sys/kernel/seccomp/actions_logged 2> /dev/null || echo 'seccomp logs nothing'
}
missing_netns() { unshare -n true 2> /dev/null || echo 'no network namespaces'; }
missing_cgroup2() { grep -q cgroup2 /proc/filesystems || echo 'no cgroup2'; }
missing_apparmor() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2> /dev/null)" = Y ] || echo 'AppArmor is off'
}
# loads NAME: a BPF program of tests/live/programs, in a bpf file system of its own.
loads() {
	unshare --mount --propagation private sh -c 'mount -t bpf bpf /sys/fs/bpf &&
		"$0" prog load "$1" /sys/fs/bpf/probe' "${BPFTOOL:-bpftool}" "$PROGRAMS/$1.bpf.o" > /dev/null 2>&1
}
missing_fentry() { loads fentry || echo 'fentry programs are refused'; }
missing_bpflsm() {
	{ grep -qw bpf /sys/kernel/security/lsm && loads lsm; } 2> /dev/null || echo 'BPF LSM is off'
}
# A sanitizer's library cannot be linked statically: such a hook needs its loader, which no container has.
missing_static() { ! readelf -lW "$REPO/$SNUG_BUILD/snug-hook" | grep -q INTERP || echo 'no static hook in this tree'; }
# What sanitizers and gcov do in a process are calls that no filter of snug's own has (src/self/filter.h).
missing_confined() { [[ $SNUG_BUILD != *-address* && $SNUG_BUILD != *-coverage ]] || echo 'instrumented programs give nothing up'; }
missing_kprobe() { [ -d /sys/bus/event_source/devices/kprobe ] || echo 'no kprobes'; }

# need THING...: skips the test, or fails it under SNUG_TESTS_STRICT=1.
need() {
	local thing why
	for thing; do
		case $thing in
		root | bpf | go | i386 | engines | auditlog | netns | cgroup2 | apparmor | bpflsm | fentry | kprobe | \
			static | confined)
			why=$("missing_$thing") ;;
		*) why=$(missing_command "$thing") ;;
		esac
		[ -n "$why" ] || continue
		if [ "${SNUG_TESTS_STRICT:-0}" = 1 ] && [[ $STRICT_NEEDS == *" $thing "* ]]; then
			echo "needs $thing: $why"
			return 1
		fi
		skip "needs $thing: $why"
	done
}

live_setup() {
	T=$(mktemp -d) || return 1
	# bpffs, cgroup and overlay paths show up in messages: short and plain.
	chmod 755 "$T"
	TEST_ID=t$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' \n')
	RUNC_ROOT=$T/runc
	BEHIND=()
	mkdir "$T/store"
}

# Deletes what a failed test left running, so that one failure stays one.
live_teardown() {
	local id
	[ -n "${T:-}" ] || return 0
	# Each runc that is asked takes its time in the test VM: its folders are.
	for id in "$RUNC_ROOT"/*/; do
		[ ! -d "$id" ] || runc --root "$RUNC_ROOT" delete --force "$(basename "$id")" > /dev/null 2>&1
	done
	for id in /run/runc/*"$TEST_ID"*/; do
		[ ! -d "$id" ] || runc delete --force "$(basename "$id")" > /dev/null 2>&1
	done
	[ "${#BEHIND[@]}" = 0 ] || kill "${BEHIND[@]}" 2> /dev/null || :
	rm -rf "$T"
}

# The AppArmor profiles of snug's that the kernel has; unload_ours takes them out.
SECURITY=/sys/kernel/security/apparmor
loaded() { sed -n 's/^\(snug-[^ /]*\) .*/\1/p' "$SECURITY/profiles"; }
unload_ours() {
	local label
	for label in $(loaded); do
		printf %s "$label" > "$SECURITY/.remove"
	done
}

id_of() { echo "$TEST_ID-$1"; }

snug() { "$SNUG" --root "$T/store" "$@"; }

# two_recordings: $golden's web as $T/a.json, and one of other runs that saw bind in place of openat as $T/b.json.
two_recordings() {
	golden=$REPO/tests/golden/model
	cp "$golden/web.recording.json" "$T/a.json"
	sed 's/00000000000000a1/00000000000000c3/g; s/00000000000000b2/00000000000000d4/g; s/"openat"/"bind"/' \
		"$T/a.json" > "$T/b.json"
}

# store_recordings NAME FILE...: they are recordings of that name.
store_recordings() {
	local folder=$T/store/var/lib/snug/recordings/$1 i=0 file
	shift
	mkdir -p "$folder"
	chmod 700 "$T/store/var/lib/snug/recordings" "$folder"
	for file; do
		install -m 600 "$file" "$folder/20260101T000000Z-0000000$((i++)).json"
	done
}

# with_cgroup2 COMMAND...: in a mount namespace of its own whose /sys/fs/cgroup is a fresh cgroup2, for
# crun, which refuses a hybrid one. ${WITH_CGROUP2[@]} is the same for a program that starts one.
WITH_CGROUP2=(unshare --mount --propagation private sh -c '
	umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh)
with_cgroup2() { "${WITH_CGROUP2[@]}" "$@"; }

crun_here() { with_cgroup2 crun --root "$T/crun" --cgroup-manager=disabled "$@"; }
runc_here() { runc --root "$RUNC_ROOT" "$@"; }

# divide ID: makes a cgroup "sub" below each of the container's, which `runc exec --cgroup sub` takes.
divide() {
	local cgroup file
	find /sys/fs/cgroup -type d -name "$1" > "$T/cgroups"
	while read -r cgroup; do
		mkdir "$cgroup/sub"
		for file in cpuset.cpus cpuset.mems; do # version 1 wants them set
			[ ! -e "$cgroup/sub/$file" ] || cat "$cgroup/$file" > "$cgroup/sub/$file"
		done
	done < "$T/cgroups"
	[ -s "$T/cgroups" ]
}

# until_true COMMAND...: waits for it. The limit is there for what never comes, and long for slow machines.
until_true() {
	local end=$((SECONDS + 120))
	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "never: $*" && return 1; }
		sleep 0.05
	done
}

# behind COMMAND...: runs it in the background; its pid is $behind. live_teardown ends it, where the test
# has not.
behind() {
	"$@" 3>&- < /dev/null &
	behind=$!
	BEHIND+=("$behind")
}

# start_net: a network namespace with a loopback; in_net runs there. live_teardown ends it.
start_net() {
	behind unshare --net sleep 3600 > /dev/null 2>&1
	NET_HOLDER=$behind
	# unshare has become sleep once it is in the new namespace.
	until_true grep -qx sleep "/proc/$NET_HOLDER/comm" || return 1
	in_net busybox ip link set lo up
}

in_net() { nsenter --target "$NET_HOLDER" --net "$@"; }

# start_bpffs: a mount namespace with a bpf file system of its own; in_bpffs runs there. live_teardown
# ends it, and all that is pinned in it.
start_bpffs() {
	unshare --mount --propagation private sh -c \
		'mount -t bpf bpf /sys/fs/bpf && exec sleep 86400' 3>&- < /dev/null > /dev/null 2>&1 &
	BPFFS_HOLDER=$!
	BEHIND+=("$BPFFS_HOLDER")
	until_true grep -qx sleep "/proc/$BPFFS_HOLDER/comm"
}

in_bpffs() { nsenter --target "$BPFFS_HOLDER" --mount "$@"; }

# start_host: a mount namespace whose /etc, /var/lib, /var/cache, /run and /sys/fs/bpf are its own to write; in_host runs there: for what
# knows the host's places alone. live_teardown ends it.
start_host() {
	local host=$T/host
	mkdir -p "$host"/{etc,lib,cache}/{upper,work}
	behind unshare --mount --propagation private sh -c '
		mount -t overlay etc -o "lowerdir=/etc,upperdir=$0/etc/upper,workdir=$0/etc/work" /etc &&
		mount -t overlay lib -o "lowerdir=/var/lib,upperdir=$0/lib/upper,workdir=$0/lib/work" /var/lib &&
		mount -t overlay cache -o "lowerdir=/var/cache,upperdir=$0/cache/upper,workdir=$0/cache/work" /var/cache &&
		mount -t tmpfs -o mode=755 run /run && mkdir -p /etc/snug /var/lib/snug/profiles &&
		mount -t bpf bpf /sys/fs/bpf && exec sleep 86400' "$host"
	HOST_HOLDER=$behind
	until_true grep -qx sleep "/proc/$HOST_HOLDER/comm"
}

in_host() { nsenter --target "$HOST_HOLDER" --mount "$@"; }

# hooked DIR NAME [STAGE...]: gives a bundle the hooks that learn it as NAME.
hooked() {
	local dir=$1 name=$2
	shift 2
	[ $# -gt 0 ] || set -- prestart poststop
	config "$dir" --arg name "$name" --arg hook "$REPO/$SNUG_BUILD/snug-hook" --arg store "$T/store" '
		.annotations["io.snug.learn"] = $name
		| .hooks = ($ARGS.positional | map({(.): [{path: $hook, args: ["snug-hook", "--root", $store, .]}]}) | add)' \
		--args "$@"
}

# What hooks have pinned and noted.
pinned() { in_bpffs find /sys/fs/bpf -mindepth 1 -name 'snug*'; }
failures() { cat "$T/store/run/snug/failures" 2> /dev/null || :; }

# listen_denials: from here on calls that meet a LOG rule are noted. live_teardown ends it.
listen_denials() {
	behind "$PROGRAMS/auditlog" > "$T/denials"
	until_true grep -qx ready "$T/denials"
}

# denials COMM: the calls that were noted of processes of that name, by number.
denials() {
	local mark=$TEST_ID-mark
	"$PROGRAMS/auditlog" "$mark"
	until_true grep -q " $mark\$" "$T/denials" || { echo 'the audit log is not whole' && return 1; }
	awk -v comm="$1" 'index($2, comm) == 1 { print $1 }' "$T/denials" | sort -nu
}
