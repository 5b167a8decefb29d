# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# helpers: what files of VM tests share beside ../live/helpers. In a bats file:
#
#	load ../live/helpers
#	load helpers
#	setup_file() { start_recorder; }
#	teardown_file() { stop_recorder; }
#	setup() { need_vm; live_setup; }

need_vm() {
	need root crun jq bpf apparmor apparmor_parser
	[ "${SNUG_VM:-}" = 1 ] || skip 'not the VM'
}

# start_recorder: loads the recorder of the hooks, which takes seconds here. It stays while anybody is learned: a
# container of nobody's. All tests of a file have one store, since the recorder's pins are one store's. And base.json:
# a config.json with the most that a container can be given, so that what is stopped is by what snug took away.
start_recorder() {
	[ "${SNUG_VM:-}" = 1 ] || return 0
	T=$BATS_FILE_TMPDIR
	mkdir "$T/store"
	bundle "$T/holder" /bin/sleep 3600
	jq --argjson all "$(all_caps)" '
		.process.capabilities = {bounding: $all, effective: $all, permitted: $all, inheritable: $all, ambient: $all}
		| del(.linux.maskedPaths, .linux.readonlyPaths)
		| (.mounts[] | select(.destination == "/sys") | .options) -= ["ro"]' "$T/holder/config.json" > "$T/base.json"
	hooked "$T/holder" holder
	crun run --detach --bundle "$T/holder" snug-holder < /dev/null > /dev/null 2>&1 3>&-
}
stop_recorder() { crun delete --force snug-holder > /dev/null 2>&1 || :; }

snug() { "$SNUG" --root "$BATS_FILE_TMPDIR/store" "$@"; }
learned_as() { T=$BATS_FILE_TMPDIR hooked "$1" "$2"; } # BUNDLE NAME
recording() { echo "$BATS_FILE_TMPDIR/store/var/lib/snug/recordings/$1/"*.json; }

# As live_teardown, but for what nobody here starts: each runc that is asked takes half a second.
vm_teardown() {
	local id
	[ -n "${T:-}" ] || return 0
	for id in $(crun list -q 2> /dev/null | grep -- "$TEST_ID"); do
		crun delete --force "$id" > /dev/null 2>&1
	done
	! mountpoint -q "$T/bundle/rootfs" || umount "$T/bundle/rootfs"
	[ "${#BEHIND[@]}" = 0 ] || kill "${BEHIND[@]}" 2> /dev/null || :
	rm -rf "$T"
}

took() {
	local now=$EPOCHREALTIME
	echo "# note: $1: $(((${now/./} - ${SINCE/./}) / 1000)) ms" >&3
	SINCE=$now
}

# What AppArmor and seccomp denied since `dmesg -C`, of what they log.
denied() { dmesg | grep -E 'type=1400.*DENIED|type=1326' || :; }
# refused NAME: what seccomp refused; its errors are in no log.
refused() { jq -r '.syscalls[][] | select(.refused) | .name // .nr' "$(recording "$1")"; }

all_caps() {
	sed -n 's/.*"\(CAP_[A-Z][A-Z_]*\)".*/\1/p' "$REPO/src/model/oci/caps.c" | jq -Rnc '[inputs]'
}
