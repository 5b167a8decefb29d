#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of install and uninstall, failed: each file of an engine's configuration is whole, installing again
# completes it, and uninstalling takes every byte back.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load helpers
load faults

setup() {
	need root jq
	live_setup
	faults_setup
	mkdir "$T/bin"
	cp "$REPO/$SNUG_BUILD/snug" "$REPO/$SNUG_BUILD/snug-hook" "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/"
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
	! grep -vxFf "$T/before" -f "$T/installed" "$1" > "$T/unknown" ||
		! grep -vE '^(var/lib/snug/install/|[^ ]*/\.[^ /]*snug-[^ /]* |[0-9a-f]{64}  [^ ]*(/\.snug-|var/lib/snug/install/))' "$T/unknown"
}

# engine NAME: both ways, from the roots that are kept in $T/plain and $T/with.
engine() {
	local name=$1
	tree > "$T/before"
	cp -a "$R" "$T/plain"
	snug install "$name" > "$T/out"
	tree > "$T/installed"
	cp -a "$R" "$T/with"
	# What comes of a half hangs on nothing but what lies there: each is looked at once.
	local -A halves=()
	after() {
		local half known=$FOUND
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
		snug install "$name" > "$T/said" 2>&1 || found "installing again: $(cat "$T/said")"
		kept | diff "$T/installed" - > "$T/diff" || found "installing again: $(cat "$T/diff")"
		again "$T/half"
		snug uninstall "$name" > "$T/said" 2>&1 || grep -q 'not installed' "$T/said" || found "uninstalling: $(cat "$T/said")"
		kept install/ | diff "$T/before" - > "$T/diff" || found "uninstalling: $(cat "$T/diff")"
		[ "$FOUND" != "$known" ] || halves[$half]=1
	}
	before() { [ -n "${untouched:-}" ] || again "$from"; }
	walking="install $1" from=$T/plain start=$T/before goal=$T/installed untouched=
	act() { fault "$SNUG" --root "$R" install "$name"; }
	walk 2
	# Killed between a temporary and its place, in each run of the tests.
	walking="install $1, rename(2)"
	(only=renameat MODES=(KILL) && walk 20)
	walking="uninstall $1" from=$T/with start=$T/installed goal=$T/before untouched=
	act() { fault "$SNUG" --root "$R" uninstall "$name"; }
	walk 2
}

@test "podman: hook files" { engine podman; }
@test "docker: a member of daemon.json, and a link" { engine docker; }
@test "containerd: tables of config.toml, and a link" { engine containerd; }
