#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The commands of README.md, as they stand there, harden a bundle.

load helpers

setup() {
	need root runc jq busybox bpf
	live_setup
}

teardown() {
	live_teardown
}

@test "README's five commands harden a bundle" {
	sed -n '/^## Five commands/,/^## Install/p' "$REPO/README.md" | sed -n '/^```sh/,/^```$/p' |
		grep -v '^```' > "$T/commands"
	[ "$(wc -l < "$T/commands")" = 5 ]
	mkdir "$T/bin"
	printf '#!/bin/sh\nexec "%s" --root "%s/store" "$@"\n' "$SNUG" "$T" > "$T/bin/snug"
	printf '#!/bin/sh\nexec "%s" --root "%s" "$@"\n' "$(command -v runc)" "$RUNC_ROOT" > "$T/bin/runc"
	chmod +x "$T/bin/snug" "$T/bin/runc"
	bundle "$T/bundle" /bin/sh -c 'grep -E "Seccomp:|NoNewPrivs|CapBnd" /proc/self/status'
	cd "$T"
	# learn finds its runtime in PATH too, and has state of its own.
	PATH=$T/bin:$PATH run sh -e commands
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[-1]} =~ Seccomp:.2 ]]
	[[ ${lines[-2]} =~ NoNewPrivs:.1 ]]
	[[ ${lines[-3]} =~ CapBnd:.0000000000000000 ]]
}

@test "README's commands for who has learned nothing harden a bundle" {
	sed -n '/^## Without learning anything/,/^## See/p' "$REPO/README.md" | sed -n '/^```sh/,/^```$/p' |
		grep -v '^```' > "$T/commands"
	mkdir -p "$T/bin" "$T/store/usr/local/share/snug/profiles"
	cp "$REPO"/profiles/*.json "$T/store/usr/local/share/snug/profiles/"
	printf '#!/bin/sh\nexec "%s" --root "%s/store" "$@"\n' "$SNUG" "$T" > "$T/bin/snug"
	chmod +x "$T/bin/snug"
	bundle "$T/bundle" /bin/sh -c 'grep Seccomp: /proc/self/status'
	cd "$T"
	# restricted wants AppArmor and another user, and says so.
	grep -v restricted commands > some
	[ "$(wc -l < some)" = 2 ]
	PATH=$T/bin:$PATH run sh -e some
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"What differs from Docker's default"* ]]
	run runc_here run --bundle "$T/bundle" "$(id_of run)" < /dev/null
	[[ $output =~ Seccomp:.2 ]]
	PATH=$T/bin:$PATH run sh -ec "$(grep restricted commands)"
	[ "$status" = 3 ] || [ "$status" = 4 ]
}
