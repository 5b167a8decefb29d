#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the model takes for granted of the kernel's AppArmor (src/model/apparmor/access.h), asked of the kernel itself.

load ../live/helpers

setup() {
	need root apparmor apparmor_parser python3
	live_setup
	[ -d /sys/kernel/security/apparmor ] || mount -t securityfs none /sys/kernel/security
	cat > "$T/rules" <<-END
		abi <abi/3.0>,
		profile snug-$TEST_ID flags=(attach_disconnected,mediate_deleted) {
		  capability,
		  / r,
		  /** rmix,
		  $T/appended a,
		  $T/written w,
		  $T/locked k,
		  $T/changed wk,
		  owner $T/owned w,
		  link "$T/new" -> "$T/old",
		  signal (send, receive) peer="{**//&,}snug-$TEST_ID{//**,}",
		  signal (receive) peer="unconfined",
		}
		profile snug-$TEST_ID-wide flags=(attach_disconnected,mediate_deleted) {
		  capability,
		  file,
		  signal,
		}
	END
	apparmor_parser -r -K "$T/rules"
	touch "$T"/{appended,written,locked,changed,old}
	cat > "$T/under.py" <<-'END'
		import os, sys
		with open("/proc/self/attr/exec", "w") as attr:
		    attr.write("exec " + sys.argv[1])
		os.execvp("python3", ["python3", "-c", "import fcntl, os, signal, time\n" + sys.argv[2]])
	END
}

teardown() {
	[ ! -e "${T:-/nowhere}/rules" ] || apparmor_parser -R -K "$T/rules" || true
	live_teardown
}

# under PROFILE PYTHON: runs it there. refused PROFILE PYTHON: the kernel says EACCES.
under() { python3 "$T/under.py" "$@"; }
refused() {
	run under "$@"
	[ "$status" != 0 ] && [[ $output == *PermissionError* ]]
}

@test "a lets a file be opened and not written; w does both" {
	under "snug-$TEST_ID" "os.open('$T/appended', os.O_WRONLY | os.O_APPEND)"
	refused "snug-$TEST_ID" "os.write(os.open('$T/appended', os.O_WRONLY | os.O_APPEND), b'x')"
	under "snug-$TEST_ID" "os.write(os.open('$T/written', os.O_WRONLY | os.O_APPEND | os.O_CREAT), b'x')"
	under "snug-$TEST_ID" "os.chmod('$T/written', 0o600); os.chown('$T/written', 1, 1); os.truncate('$T/written', 0)"
}

@test "an exclusive lock wants w beside k, however the file was opened" {
	under "snug-$TEST_ID" "fcntl.flock(os.open('$T/locked', os.O_RDONLY), fcntl.LOCK_SH)"
	refused "snug-$TEST_ID" "fcntl.flock(os.open('$T/locked', os.O_RDONLY), fcntl.LOCK_EX)"
	under "snug-$TEST_ID" "fcntl.flock(os.open('$T/changed', os.O_RDONLY), fcntl.LOCK_EX)"
}

@test "a link rule is a pair: the new name, then what it is a name of" {
	refused "snug-$TEST_ID" "os.link('$T/old', '$T/other')"
	refused "snug-$TEST_ID" "os.link('$T/locked', '$T/new')"
	under "snug-$TEST_ID" "os.link('$T/old', '$T/new')"
}

@test "owner is the file's, and who makes it" {
	under "snug-$TEST_ID" "os.open('$T/owned', os.O_WRONLY | os.O_CREAT)"
	chown 7 "$T/owned"
	refused "snug-$TEST_ID" "os.open('$T/owned', os.O_WRONLY)"
}

@test "self is the profile, alone and stacked" {
	kill='p = os.fork()
if p == 0:
    time.sleep(30)
    os._exit(0)
os.kill(p, signal.SIGTERM)'
	under "snug-$TEST_ID" "$kill"
	under "snug-$TEST_ID//&snug-$TEST_ID-wide" "$kill"
	under "snug-$TEST_ID-wide//&snug-$TEST_ID" "$kill"
}

@test "the kernel takes what is rendered" {
	for file in siblings typed none children; do
		sed "s/^profile web /profile snug-$TEST_ID-$file /" "$REPO/tests/golden/model/$file.apparmor" > "$T/$file"
		apparmor_parser -r -K "$T/$file"
		grep -q "snug-$TEST_ID-$file (enforce)" /sys/kernel/security/apparmor/profiles
		apparmor_parser -R -K "$T/$file"
	done
}
