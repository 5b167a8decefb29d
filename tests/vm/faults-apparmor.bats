#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each system call of what has AppArmor profiles in the kernel and takes them out, failed: a container runs confined or not
# at all, and a profile that somebody uses stays, whatever cannot be looked at.
# shellcheck disable=SC2034,SC2154,SC2317 # walk reads, sets and calls them

load ../live/helpers
load ../live/faults

setup() {
	need root crun jq busybox apparmor_parser apparmor
	live_setup
	faults_setup
	mkdir -p "$T/b/rootfs"/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$T/b/rootfs/bin/"
	for applet in sh cat sleep; do ln -s busybox "$T/b/rootfs/bin/$applet"; done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$T/b/rootfs/etc/passwd"
	bundle "$T/b" /bin/sh -c 'cat /proc/self/attr/current; cat /etc/shadow'
	echo secret > "$T/b/rootfs/etc/shadow"
	cat > "$T/web.json" <<-END
		{"snugProfile": 1, "name": "web", "origin": "hand", "apparmor": {
			"files": [{"path": "/bin/*", "access": "rmx"}, {"path": "/proc/**", "access": "r"},
				{"path": "/etc/passwd", "access": "r"}, {"path": "/dev/*", "access": "rw"}],
			"signals": [{"access": ["receive"], "peer": "unconfined"}, {"access": ["send", "receive"], "peer": "self"}]}}
	END
	snug harden "$T/b" --profile "$T/web.json" > /dev/null
	LABEL=$(jq -r .process.apparmorProfile "$T/b/config.json")
	[[ $LABEL == snug-web-* ]]
}
teardown() {
	local id
	for id in $(crun list -q 2> /dev/null | grep -- "$TEST_ID"); do crun delete --force "$id"; done
	live_teardown
	unload_ours
}
before() { :; }
is_loaded() { loaded | grep -qx "$LABEL"; }
ids() { crun list -q | grep -- "$TEST_ID" || :; }

@test "unload, while a container uses it" {
	local pid
	config "$T/b" '.process.args = ["/bin/sleep", "3600"]'
	crun run --detach --bundle "$T/b" "$(id_of one)" > "$T/out" 2>&1 < /dev/null
	pid=$(crun state "$(id_of one)" | jq .pid)
	# What the hook noted of it is gone, so that the kernel alone can tell.
	find "$T/store/run/snug/apparmor" -type f -name '[0-9]*' -delete
	act() { fault "$SNUG" --root "$T/store" unload web; }
	success=0
	snug unload web > "$T/out" 2>&1 || success=$?
	is_loaded
	after() {
		is_loaded || found 'it is unloaded'
		grep -q "^$LABEL" "/proc/$pid/attr/current" || found "unconfined: $(cat "/proc/$pid/attr/current")"
	}
	walk 1
	crun delete --force "$(id_of one)"
}

@test "unload of what nobody uses" {
	act() { fault "$SNUG" --root "$T/store" unload web; }
	before() { snug harden "$T/b" --profile "$T/web.json" --no-hook > /dev/null; }
	after() {
		[ "$result" != 0 ] || ! is_loaded || found 'it says unloaded, and is not'
		[ "$result" = 0 ] || [ "$mode" = KILL ] || grep -q '^snug: ' "$T/err" || found 'no line says why'
		# The next one finishes it, or has nothing to do.
		snug unload web > "$T/out" 2>&1 || :
		! is_loaded || found "it stays: $(cat "$T/out")"
	}
	walk 1
	# What the kernel is told of it by, in each run of the tests: cut short it names another profile.
	walking='unload of what nobody uses, write(2)' only=write MODES=(SHORT)
	walk 20
}

@test "the hook that has it loaded" {
	config "$T/b" --arg fault "$PROGRAMS/fault" --arg spec "$SPEC" '.hooks.createRuntime |= map(
		.args = ["fault", $spec, .path] + .args[1:] | .path = $fault)'
	before() { NUMBER=$((${NUMBER:-0} + 1)); }
	act() {
		crun run --bundle "$T/b" "$(id_of "$NUMBER")" || :
		# Its end is no matter here: cat of what it may not read fails.
		true
	}
	after() {
		! grep -q secret "$T/out" || found 'it read what the profile denies'
		[ ! -s "$T/out" ] || grep -q "^$LABEL (enforce)" "$T/out" || found "weaker than promised: $(head -c 200 "$T/out")"
		[ -s "$T/out" ] || [ -s "$T/err" ] || found 'refused, and nobody says why'
		[ -z "$(ids)" ] || found "crun's: $(ids)"
		snug status > /dev/null 2>&1 || [ $? = 1 ]
		! is_loaded || { found 'it stays' && unload_ours && rm -rf "$T/store/run/snug/apparmor"; }
	}
	walk 1
}
