#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of install and uninstall, failed: each file of an engine's configuration is whole, installing again
# completes it, and uninstalling takes every byte back. The same with a second installation over the first, which says
# something else: and the first, made once more, takes its place again.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root jq
	live_setup
	faults_setup
	mkdir "$T/bin" "$T/moved"
	cp "$REPO/$SNUG_BUILD/snug" "$REPO/$SNUG_BUILD/snug-hook" "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/"
	cp "$T/bin"/* "$T/moved/"
	SNUG=$T/bin/snug
	R=$T/store
	mkdir -p "$R/etc/docker" "$R/etc/containerd" "$R/run/snug" "$R/var/lib/snug/install"
	printf '{\n  "log-level": "warn",\n  "runtimes": {"a": {"path": "/bin/a"}}\n}\n' > "$R/etc/docker/daemon.json"
	printf 'version = 2\n[plugins]\n' > "$R/etc/containerd/config.toml"
}
teardown() { live_teardown; }

# tree: each file below the root with type, mode, target and digest. /run is not kept, and the records' folder snug's own.
tree() {
	(cd "$R" && { find . -path ./run -prune -o -path ./var/lib/snug/install -type d -o -printf '%P %y %m %U:%G %l\n'
		find . -path ./run -prune -o -type f -exec sha256sum {} +; } | sort)
}
# kept [PLACE]: the tree, but for a temporary of who was killed (there): it goes with the next file that is written there,
# and out of an engine's folders with uninstall.
kept() {
	[ "$mode" = KILL ] && tree | grep -v "${1:-}\.snug-" || { [ "$mode" = KILL ] || tree; }
}
again() { rm -rf "$R" && cp -a "$1" "$R"; }
known() { # FILE: each of its lines is one of a tree that was
	! grep -vxFf "$start" -f "$goal" "$1" > "$T/unknown" ||
		! grep -vE '^(var/lib/snug/install/|[^ ]*/\.[^ /]*snug-[^ /]* |[0-9a-f]{64}  [^ ]*(/\.snug-|var/lib/snug/install/))' "$T/unknown"
}

# taken_back: uninstalling leaves nothing.
taken_back() {
	snug uninstall "$name" > "$T/said" 2>&1 || grep -q 'not installed' "$T/said" || found "uninstalling: $(cat "$T/said")"
	kept install/ | diff "$T/before" - > "$T/diff" || found "uninstalling: $(cat "$T/diff")"
}
# made WAY: installing that way makes what it does otherwise; but for what the record says, where another one was interrupted.
made() {
	local record=^$
	[ "$1" = "${ways[0]}" ] || record="  ./var/lib/snug/install/$name.json$"
	"$1" > "$T/said" 2>&1 || found "$1 again: $(cat "$T/said")"
	kept | grep -v "$record" | diff <(grep -v "$record" "$T/$1") - > "$T/diff" || found "$1 again: $(cat "$T/diff")"
}

# engine NAME OPTION...: all ways, from the roots that are kept in $T/plain and $T/with. The options are the second
# installation's, which is made from another folder.
engine() {
	local name=$1 options=("${@:2}") ways=(first)
	first() { "$SNUG" --root "$R" install "$name"; }
	second() { "$T/moved/snug" --root "$R" install "$name" "${options[@]}"; }
	tree > "$T/before"
	cp -a "$R" "$T/plain"
	first > "$T/out"
	tree > "$T/first"
	cp -a "$R" "$T/with"
	second > "$T/out"
	tree > "$T/second"
	# What comes of a half hangs on nothing but what lies there: each is looked at once.
	local -A halves=()
	after() {
		local half way known=$FOUND
		tree > "$T/now"
		[ "$mode" = KILL ] || [ "$result" = 0 ] || [ "$(grep -c '^snug: ' "$T/err")" = 1 ] || found 'no line says why'
		[ "$result" != 0 ] || cmp -s "$T/now" "$goal" || found 'it says done, and is not'
		half=$(cat "$T/now" && find "$R/run" "$R/var/lib/snug/install" -printf '%P %y %m %s\n')
		[ "$mode" != KILL ] || half+=killed
		untouched=
		if [ -n "${halves[$half]:-}" ]; then
			! cmp -s "$T/now" "$start" || untouched=yes
			return 0
		fi
		known "$T/now" || found "neither old nor new: $(cat "$T/unknown")"
		[ "$mode" = KILL ] || ! find "$R" -name '.*snug-*' | grep -q . || found "left: $(find "$R" -name '.*snug-*')"
		rm -rf "$T/half" && cp -a "$R" "$T/half"
		taken_back
		for way in "${ways[@]}"; do
			again "$T/half"
			made "$way"
		done
		[ "${#ways[@]}" = 1 ] || taken_back
		[ "$FOUND" != "$known" ] || halves[$half]=1
	}
	before() { [ -n "${untouched:-}" ] || again "$from"; }
	walking="install $1" from=$T/plain start=$T/before goal=$T/first untouched=
	act() { fault "$SNUG" --root "$R" install "$name"; }
	walk 2
	# Killed between a temporary and its place, in each run of the tests.
	walking="install $1, rename(2)"
	(only=renameat MODES=(KILL) && walk 20)
	walking="install $1 over it" from=$T/with start=$T/first goal=$T/second untouched='' ways=(second) halves=()
	# What --default has set stays without it.
	[ "${options[*]}" = --default ] || ways+=(first)
	act() { fault "$T/moved/snug" --root "$R" install "$name" "${options[@]}"; }
	walk 2
	walking="install $1 over it, rename(2)"
	(only=renameat MODES=(ENOSPC KILL) && walk 20)
	walking="uninstall $1" from=$T/with start=$T/first goal=$T/before untouched='' ways=(first) halves=()
	act() { fault "$SNUG" --root "$R" uninstall "$name"; }
	walk 2
}

@test "podman: hook files" { engine podman --allow-trace-syscall /srv; }
@test "docker: a member of daemon.json, and a link" { engine docker --default; }
@test "containerd: tables of config.toml, and a link" { engine containerd; }
