#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The default profiles at work: Debian's common programs do under baseline what they do without a filter, what
# Docker's default leaves open is closed, and restricted is what Pod Security means by that.
# shellcheck disable=SC2016 # what containers run is theirs to expand

load helpers

setup() {
	need root runc jq busybox curl python3 openssl sqlite3 gpg git ssh-keygen xz strace engines
	live_setup
	# As `make install` puts them, below the tests' own root.
	mkdir -p "$T/store/usr/share/snug/profiles"
	cp "$REPO"/profiles/*.json "$T/store/usr/share/snug/profiles/"
}

teardown() {
	live_teardown
}

# debian DIR COMMAND...: a bundle whose root is this machine's own Debian, read-only, with a /tmp.
debian() {
	local dir=$1 path
	mkdir -p "$dir"/rootfs/{usr,etc,var/lib/dpkg,dev,proc,sys,tmp,root,run}
	for path in /bin /sbin /lib*; do
		[ ! -L "$path" ] || cp -P "$path" "$dir/rootfs/"
	done
	chmod 1777 "$dir/rootfs/tmp"
	bundle "$@"
	config "$dir" '.mounts += [["/usr", "/etc", "/var/lib/dpkg"][] as $path
		| {destination: $path, type: "bind", source: $path, options: ["bind", "ro"]}]
		| .process.env += ["HOME=/tmp", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"] | .process.cwd = "/tmp"'
}

# outcome DIR: what the container says and how it ends. The /tmp of both bundles is empty at first.
outcome() {
	find "$T/plain/rootfs/tmp" -mindepth 1 -delete
	runc_here run --bundle "$1" "$(id_of run)" 2>&1 < /dev/null
	echo "status $?"
}

# same TEXT SCRIPT: the script says and does the same without a filter and under baseline: TEXT at least, and it
# ends well.
same() {
	local plain hard
	debian "$T/plain" /bin/bash -ec "$2"
	config "$T/plain" --arg root "$T/plain/rootfs" '.root.path = $root'
	mkdir -p "$T/hard"
	cp "$T/plain/config.json" "$T/hard/"
	snug harden "$T/hard" --profile baseline > "$T/log"
	plain=$(outcome "$T/plain")
	hard=$(outcome "$T/hard")
	if [ "$plain" != "$hard" ] || [[ $hard != *"$1"*'status 0' ]]; then
		printf 'without:\n%s\nunder baseline:\n%s\n' "$plain" "$hard"
		return 1
	fi
}

@test "bash and coreutils" {
	same 'sub 27' '
		for i in 1 2 3; do echo $((i * i * i)); done | sort -r
		trap "echo trapped" USR1; kill -USR1 $$
		cat <(echo sub $((3 ** 3))); ulimit -c 0
		dd if=/dev/zero of=a bs=4k count=16 status=none
		cp --preserve=all --reflink=auto a b; ln a c; ln -s a d; mv b e; mkfifo f; mknod g c 1 3
		chown 1:1 c; chmod 4755 c; touch -d 2001-01-01 e; truncate -s 10 a
		stat -c "%n %a %u %F %s" a c d e f g; ls -l --time-style=+ | wc -l
		sha256sum e; split -b 20000 e part; shuf -i 1-9 | sort -n | tr "\n" " "
		timeout 60 sleep 0.01; nice -n 5 true; chroot / /bin/true; df / > df.out; sync; shred -u e; id -u'
	same 'uid=65534' 'su -s /bin/sh nobody -c id; setpriv --reuid=1 --clear-groups id -u; flock a echo locked'
}

@test "grep, sed, awk, find, xargs, diff, tar, gzip, xz" {
	same 'different' '
		seq 1 5000 > n; grep -c 7 n; sed -n "s/^49/x/p" n | head -n 2; awk "{ s += \$1 } END { print s }" n
		mkdir -p t/u; for i in 1 2 3 4; do echo $i > t/u/$i; done
		find t -type f -newer n -print0 | xargs -0 -P 2 -n 1 cat | sort; find t -name 3 -delete
		tar --xattrs -czf t.gz t; tar --xattrs -cJf t.xz t; tar -tzf t.gz; mkdir v; tar -xJf t.xz -C v
		diff -r t v/t && gzip -9 -c n | gzip -dc | cmp - n && echo same; echo z > v/t/u/1; diff -rq t v/t || echo different'
}

@test "perl and python" {
	same 'perl 12' '
		perl -e "use Socket; use IO::Handle; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; if (!fork) { print A qq(12\n); exit }
			wait; chomp(\$x = <B>); print qq(perl \$x\n)"'
	same 'threads 45' '
		/usr/bin/python3 - <<-"END"
		import asyncio, mmap, multiprocessing, os, selectors, socket, sqlite3, subprocess, tempfile, threading, time
		total = []
		threads = [threading.Thread(target=lambda n=n: total.append(n)) for n in range(10)]
		[t.start() for t in threads]; [t.join() for t in threads]
		print("threads", sum(total))
		print(subprocess.run(["echo", "sub"], capture_output=True, text=True).stdout)
		async def serve():
		    async def echo(r, w): w.write(await r.readline()); w.close()
		    server = await asyncio.start_server(echo, "127.0.0.1", 0)
		    r, w = await asyncio.open_connection(*server.sockets[0].getsockname())
		    w.write(b"async\n"); print(await r.readline())
		asyncio.run(serve())
		def square(n): return n * n
		with multiprocessing.Pool(2) as pool: print(pool.map(square, range(5)))
		with tempfile.TemporaryFile() as f: f.truncate(4096); mmap.mmap(f.fileno(), 4096)[0:2]
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
		s = socket.socket(); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
		print(os.sched_getaffinity(0) != set(), os.getrandom(4) != b"", os.memfd_create("x") > 2)
		END'
}

@test "git, gcc, make and strace" {
	same 'hello from make' '
		export GIT_AUTHOR_DATE=2001-01-01T00:00:00Z GIT_COMMITTER_DATE=2001-01-01T00:00:00Z
		git init -q r; cd r; git config user.email a@b; git config user.name n
		echo x > f; git add f; git commit -qm one; git branch b; echo y >> f; git commit -qam two; git checkout -q b
		git merge -q --no-edit master; git gc -q; git log --format=%h | wc -l; git clone -q . ../s; cd ..
		echo "#include <stdio.h>
			int main(void) { puts(\"hello from make\"); return 0; }" > h.c
		printf "all: a b\n\t./a\na b: h.c\n\tcc h.c -o \$@\n" > Makefile; make -s -j2
		strace -f -o calls ./b; grep -c exit_group calls'
}

@test "openssl, ssh-keygen, gpg and curl" {
	same 'verified' '
		openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -days 2 -subj /CN=localhost 2> log
		echo text > t; openssl dgst -sha256 -sign k -out s t; openssl x509 -in c -pubkey -noout > p
		openssl dgst -sha256 -verify p -signature s t
		ssh-keygen -q -t ed25519 -N "" -f id; ssh-keygen -Y sign -n file -f id t 2> log; echo "u $(cat id.pub)" > allowed
		ssh-keygen -Y verify -f allowed -I u -n file -s t.sig < t > log && echo verified'
	same 'encrypted' '
		mkdir -m 700 g; export GNUPGHOME=$PWD/g; gpg -q --batch --passphrase "" --quick-generate-key a@b ed25519 sign 2> log
		echo text > t; gpg -q --batch -s t 2> log; gpg -q --batch --decrypt t.gpg 2> log
		gpg -q --batch --passphrase x --pinentry-mode loopback -o c.gpg -c t 2> log; echo encrypted; gpgconf --kill all'
	same 'over TLS' '
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out c -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2> log
		echo over TLS > index.html
		/usr/bin/python3 -c "
import http.server, ssl
s = http.server.HTTPServer((\"127.0.0.1\", 4433), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(\"c\", \"k\")
s.socket = c.wrap_socket(s.socket, server_side=True); s.serve_forever()" 2> log &
		until curl -s --cacert c --resolve localhost:4433:127.0.0.1 https://localhost:4433/; do kill -0 %1; sleep 0.05; done
		kill %1'
}

@test "sqlite3, jq, ps, dpkg and apt" {
	same 'two|2' '
		sqlite3 d "PRAGMA journal_mode=WAL; CREATE TABLE t(a, b); INSERT INTO t VALUES (\"one\", 1), (\"two\", 2); VACUUM;" > log
		sqlite3 d "SELECT * FROM t ORDER BY b"
		echo "{\"a\": [1, 2]}" | jq -c .a; ps -e -o pid=,comm= > list; sed -n "s/^ *1 //p" list; grep -c " ps$" list; free > log; uptime > log; pgrep -c bash
		dpkg -l bash | tail -n 1; dpkg -S /bin/bash; apt-get --version | head -n 1; apt-config shell A Dir::Etc'
}

# served NAME: a server of workloads.bash answers under baseline what it answers without.
served() {
	local dir runner
	# shellcheck source=contrib/demo/workloads.bash
	source "$REPO/contrib/demo/workloads.bash"
	start_net
	workload_fetch "$1" "$REPO/build/cache"
	workload_bundle "$1" "$T/plain" "$REPO/build/cache"
	config "$T/plain" --arg path "$T/plain/rootfs" '.root.path = $path'
	mkdir "$T/hard" && cp "$T/plain/config.json" "$T/hard/"
	snug harden "$T/hard" --profile baseline
	for dir in plain hard; do
		workload_reset "$1" "$T/plain/rootfs"
		in_net runc --root "$RUNC_ROOT" run --bundle "$T/$dir" "$(id_of "$dir")" > "$T/log" 2>&1 < /dev/null 3>&- &
		runner=$!
		until_true work "$1_ready" "$T/plain/rootfs" || { cat "$T/log" && return 1; }
		work "$1_load" "$T/plain/rootfs" other | sort > "$T/$dir.answers"
		runc_here kill "$(id_of "$dir")" KILL
		wait "$runner" || :
	done
	[ -s "$T/hard.answers" ]
	diff "$T/plain.answers" "$T/hard.answers"
}

work() { in_net bash -c 'source "$0/contrib/demo/workloads.bash"; "$@"' "$REPO" "$@"; }

@test "nginx" {
	need netns mmdebstrap
	served nginx
}

@test "redis" {
	need netns mmdebstrap
	served redis
}

# tried DIR: what tests/live/programs/closed finds there.
tried() {
	cp "$PROGRAMS/closed" "$T/a/rootfs/"
	runc_here run --bundle "$1" "$(id_of tried)" < /dev/null
}

# of NAME LINES: what became of it.
of() { sed -n "s/^$1 //p" <<< "$2"; }

@test "what Docker's default leaves open is closed, whatever the upper halves of arguments hold" {
	local before after name
	bundle "$T/a" /closed
	mkdir "$T/b" && ln -s "$T/a/rootfs" "$T/b/rootfs"
	# Debian's Docker: its own seccomp.json, for its own capabilities.
	config "$T/a" --argjson seccomp "$(engines_default "$REPO/tests/golden/model/docker-20.10.seccomp.json" "$ENGINE_CAPS")" \
		--arg root "$T/a/rootfs" '.linux.seccomp = $seccomp | .root.path = $root'
	cp "$T/a/config.json" "$T/b/"
	snug harden "$T/b" --profile baseline
	before=$(tried "$T/a")
	after=$(tried "$T/b")
	printf '%s\n' "$before" '' "$after"
	for name in AF_PACKET AF_VSOCK; do
		[ "$(of "$name" "$after") $(of "$name:dirty" "$after")" = '97 97' ]
	done
	[ "$(of AF_VSOCK:pair "$after") $(of AF_ALG "$after")" = '97 97' ]
	[ "$(of AF_PACKET "$before") $(of AF_PACKET:dirty "$before")" = 'ok ok' ]
	[ "$(of AF_VSOCK:pair "$before")" != 1 ]
	[ "$(of TCP_ULP "$after") $(of TCP_ULP:dirty "$after")" = '92 92' ]
	[[ "$(of TCP_ULP "$before") $(of TCP_ULP:dirty "$before")" =~ ^(2|107)' '(2|107)$ ]]
	[ "$(of TIOCSTI "$after") $(of TIOCSTI:dirty "$after") $(of TIOCLINUX:dirty "$after")" = '1 1 1' ]
	[ "$(of TIOCSTI "$before") $(of TIOCSTI:dirty "$before") $(of TIOCLINUX:dirty "$before")" = '9 9 9' ]
	[ "$(of io_uring "$before") $(of vmsplice "$before") $(of i386 "$before")" = 'ok ok ok' ]
	[ "$(of io_uring "$after") $(of vmsplice "$after") $(of i386 "$after")" = '38 38 killed' ]
	[ "$(of modify_ldt "$before") $(of modify_ldt "$after")" = 'ok 1' ]
	for name in unshare clone keyctl; do
		[ "$(of "$name" "$after")" = 1 ]
	done
	# What is to stay open is.
	[ "$(grep -c '^open:.* ok$' <<< "$after")" = 6 ]
}

@test "baseline by itself closes namespaces and keys too, and both runtimes hold it" {
	local runtime
	bundle "$T/a" /closed
	cp "$PROGRAMS/closed" "$T/a/rootfs/"
	[ "$(of unshare "$(tried "$T/a")")" = ok ]
	[ "$(of keyctl "$(tried "$T/a")")" = ok ]
	snug harden "$T/a" --profile baseline
	for runtime in runc_here crun_here; do
		run "$runtime" run --bundle "$T/a" "$(id_of "$runtime")" < /dev/null
		[ "$(of unshare "$output") $(of clone "$output") $(of keyctl "$output")" = '1 1 1' ]
		[ "$(of AF_PACKET:dirty "$output") $(of io_uring "$output")" = '97 38' ]
		[ "$(grep -c '^open:.* ok$' <<< "$output")" = 6 ]
	done
	snug harden "$T/a" --profile baseline | grep 'within profile baseline already'
}

@test "a family that this kernel may lack is refused by the filter all the same" {
	need auditlog
	# shellcheck source=contrib/demo/workloads.bash
	source "$REPO/contrib/demo/workloads.bash"
	bundle "$T/a" /closed AF_ALG
	cp "$PROGRAMS/closed" "$T/a/rootfs/"
	snug harden "$T/a" --profile baseline
	log_denials "$T/a"
	listen_denials
	runc_here run --bundle "$T/a" "$(id_of run)" < /dev/null
	run denials closed
	[ "$output" = 41 ]
}

# field NAME < status
field() { sed -n "s/^$1:[[:space:]]*//p"; }

@test "restricted: no root, no privileges, no way to new ones, masked paths" {
	local status
	# Of its status only what is asked, so that a failure's output stays short enough to be shown whole.
	bundle "$T/a" /bin/sh -c 'grep -E "^(Uid|NoNewPrivs|Seccomp|Cap...):" /proc/1/status; echo "kcore: $(head -c 1 /proc/kcore | wc -c)"
		echo "interrupts: $(wc -c < /proc/interrupts)"; echo "security: $(ls -A /sys/kernel/security | wc -l)"
		echo b > /proc/sysrq-trigger || echo "sysrq: refused"; echo 1 > /proc/sys/kernel/hostname || echo "sys: refused"
		su -c id || echo "su: refused"'
	run snug harden "$T/a" --without-apparmor --profile restricted
	[ "$status" = 3 ]
	[[ $output == *'$.process.user: the container is started as root'*'set process.user.uid'* ]]
	config "$T/a" '.process.user = {uid: 65534, gid: 65534}'
	snug harden "$T/a" --without-apparmor --profile restricted
	run runc_here run --bundle "$T/a" "$(id_of run)" < /dev/null
	echo "$output"
	[ "$(field Uid <<< "$output")" = $'65534\t65534\t65534\t65534' ]
	[ "$(field NoNewPrivs <<< "$output")" = 1 ]
	[ "$(field Seccomp <<< "$output")" = 2 ]
	for status in CapInh CapPrm CapEff CapAmb; do
		[ "$(field "$status" <<< "$output")" = 0000000000000000 ]
	done
	# NET_BIND_SERVICE is what Pod Security lets a container add.
	[ "$(field CapBnd <<< "$output")" = 0000000000000400 ]
	[ "$(field kcore <<< "$output") $(field interrupts <<< "$output") $(field security <<< "$output")" = '0 0 0' ]
	[ "$(grep -c ': refused$' <<< "$output")" = 3 ]
	# A config that asks for ALL to be dropped keeps none.
	config "$T/a" '.process.capabilities |= map_values([])'
	run runc_here run --bundle "$T/a" "$(id_of again)" < /dev/null
	[ "$(field CapBnd <<< "$output")" = 0000000000000000 ]
}

@test "restricted: programs run as nobody" {
	debian "$T/a" /bin/bash -ec 'cd /tmp; seq 100 | sort -rn | awk "NR == 1"; tar -cf t /etc/passwd 2> log && tar -tf t
		/usr/bin/python3 -c "import threading, socket; t = threading.Thread(target=print, args=(\"py\",)); t.start(); t.join()
s = socket.socket(); s.bind((\"127.0.0.1\", 8080)); s.listen(); print(socket.getaddrinfo(\"localhost\", 80)[0][4][1])"
		git init -q r && echo git; openssl rand -hex 4 | wc -c; sqlite3 d "SELECT 6 * 7"; perl -e "if (!fork) { print qq(perl\n); exit } wait"; curl -s file:///etc/hostname > h'
	config "$T/a" '.process.user = {uid: 65534, gid: 65534}'
	snug harden "$T/a" --without-apparmor --profile restricted
	run runc_here run --bundle "$T/a" "$(id_of run)" < /dev/null
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = $'100\netc/passwd\npy\n80\ngit\n9\n42\nperl' ]
}
