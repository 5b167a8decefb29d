#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks that are killed at each of their calls of a kind, one after the other: what they leave the next
# hook clears away, and no recording is torn or poorer for it.

load helpers

setup() {
	need root runc bpf strace jq busybox
	live_setup
	HOOK=$REPO/$SNUG_BUILD/snug-hook
	PINS=$(printf '/sys/fs/bpf/snug-%x-%d' "$(stat -c %d "$T/store")" "$(stat -c %i "$T/store")")
	bundle "$T/b" sh -c 'chown 1 /tmp; uname'
	cat > "$T/hook" <<-END
		#!/bin/sh
		[ "\$1" = "\$(cat $T/stage)" ] || exec $HOOK --root $T/store "\$1"
		exec strace -o $T/trace -e trace=bpf,rename,renameat,unlink,unlinkat \
			-e inject=\$(cat $T/call):signal=KILL:when=\$(cat $T/when) $HOOK --root $T/store "\$1"
	END
	chmod 755 "$T/hook"
	config "$T/b" --arg h "$T/hook" '.annotations["io.snug.learn"] = "web" | .hooks = {
		prestart: [{path: $h, args: ["hook", "prestart"]}], poststop: [{path: $h, args: ["hook", "poststop"]}]}'
}

teardown() { live_teardown; }

# in_bpffs COMMAND...: with a bpf file system of its own, where pins are seen until it ends.
in_bpffs() {
	export -f walk once whole id_of
	export T HOOK PINS RUNC_ROOT TEST_ID
	unshare --mount --propagation private bash -ec 'mount -t bpf bpf /sys/fs/bpf; "$@"' bash "$@"
}

once() { # STAGE CALL N: the container runs; its hook is killed at the Nth call, if it makes so many
	echo "$1" > "$T/stage"; echo "$2" > "$T/call"; echo "$3" > "$T/when"
	timeout 60 runc --root "$RUNC_ROOT" run --bundle "$T/b" "$(id_of "$1-$2-$3")" > "$T/out" 2>&1 || [ $? != 124 ]
}

# Every recording is whole, with the arguments that it was seen with, and nothing is pinned.
whole() {
	local file
	echo '{"ociVersion":"1.0.2","id":"nobody","status":"stopped","bundle":"/"}' |
		"$HOOK" --root "$T/store" poststop
	[ ! -e "$PINS" ] || { echo "pinned: $(ls "$PINS")" && return 1; }
	for file in "$T"/store/var/lib/snug/recordings/web/*.json; do
		[ -e "$file" ] || continue
		jq -e '.syscalls.SCMP_ARCH_X86_64 | any(.name == "uname") and
			(map(select(.name == "prctl" or .name == "clone")) | all(.args != null))' "$file" > /dev/null ||
			{ echo "poor: $file" && cat "$file" && return 1; }
		jq -e '.capabilities | any(.name == "CAP_CHOWN")' "$file" > /dev/null ||
			{ echo "no capability: $file" && return 1; }
	done
}

walk() { # STAGE CALL FROM STEP
	local n
	for ((n = $3; n < 200; n += $4)); do
		once "$1" "$2" "$n"
		whole || { echo "killed in $1 at $2 $n" && return 1; }
		grep -q 'killed by SIGKILL' "$T/trace" || break
	done
	[ "$n" -gt "$3" ] # at least one was killed
}

@test "a prestart hook killed at its bpf calls" {
	in_bpffs walk prestart bpf 1 3
}

@test "a poststop hook killed at its bpf calls" {
	in_bpffs walk poststop bpf 1 2
}
