# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# workloads: httpd, nginx and redis as bundles, and clients for them. A workload NAME is
#
#   NAME_rootfs DIR CACHE   its root file system        NAME_args   what it runs, one word a line
#   NAME_ready ROOTFS       does it answer?             NAME_load ROOTFS KIND   one load, to stdout
#
# Clients talk to 127.0.0.1 and run from ROOTFS where they belong to the workload. KIND is "learn" or
# "other": different requests, the same features. A load prints a line for each answer, the same
# line for the same answer, so that two runs can be compared; a refused request is a different line.

# shellcheck source=contrib/demo/bundle.bash
source "$(dirname "${BASH_SOURCE[0]}")/bundle.bash"

# shellcheck disable=SC2034 # for who sources this
WORKLOADS='httpd nginx redis'

# debian_sources: the files that name this Debian's own suites, for mmdebstrap.
debian_sources() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	grep -lE "(^|[[:space:]])$codename([[:space:]]|\$)" /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2> /dev/null
}

# debian_rootfs CACHE PACKAGE: CACHE/PACKAGE is a tree of the package and what it depends on.
debian_rootfs() {
	local codename sources
	[ -d "$1/$2" ] && return
	mkdir -p "$1" && rm -rf "$1/$2.new" || return 1
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	mapfile -t sources < <(debian_sources)
	echo "fetching $2 for a root file system" >&2
	mmdebstrap --quiet --variant=extract --include="$2" "${codename:-stable}" "$1/$2.new" \
		"${sources[@]}" >&2 && mv "$1/$2.new" "$1/$2"
}

# A Debian tree with the accounts that its maintainer scripts would have made.
debian_copy() { # DIR CACHE PACKAGE
	debian_rootfs "$2" "$3" && mkdir -p "$1" && cp -a "$2/$3/." "$1" || return 1
	mkdir -p "$1"/{dev,etc,proc,sys,tmp,run,root,www,data}
	printf '%s\n' root:x:0:0:root:/root:/bin/sh www-data:x:33:33:www-data:/www:/bin/false \
		redis:x:999:999:redis:/data:/bin/false > "$1/etc/passwd"
	printf '%s\n' root:x:0: www-data:x:33: redis:x:999: > "$1/etc/group"
	chmod 1777 "$1/tmp"
}

www() { # DIR
	local i
	for i in 1 2 3 4 5; do
		echo "<p>page $i" > "$1/page$i.html"
	done
	echo '<p>welcome' > "$1/index.html"
	head -c 300000 /dev/zero | tr '\0' 'x' > "$1/large.txt"
	mkdir -p "$1/folder"
	echo 'in a folder' > "$1/folder/index.html"
}

# asked OPTIONS URL-PATH...: a line each: path, status, size and sum of the body.
asked() {
	local options=$1 path body
	shift
	body=$(mktemp)
	for path; do
		: > "$body"
		# shellcheck disable=SC2086 # a list of words
		printf '%s %s ' "$path" "$(curl -s --max-time 10 $options -o "$body" \
			-w '%{http_code} %{size_download}' "http://127.0.0.1$path")"
		# What HEAD shows holds the date.
		if [ "$options" = -I ]; then echo; else cksum < "$body"; fi
	done
	rm -f "$body"
}
answers() { asked '' "$@"; }

http_ready() { curl -s --max-time 2 -o /dev/null http://127.0.0.1/; }

# httpd: busybox's, with a shell script behind it.
httpd_rootfs() {
	rootfs "$1" || return 1
	www "$1/www"
	mkdir -p "$1/www/cgi-bin"
	printf '%s\n' '#!/bin/sh' 'echo Content-Type: text/plain; echo' \
		'echo "query ${QUERY_STRING:-none}" | tr a-z A-Z; ls /www | head -n 3' > "$1/www/cgi-bin/hello"
	chmod 755 "$1/www/cgi-bin/hello"
}
httpd_args() { printf '%s\n' /bin/httpd -f -p 80 -h /www; }
httpd_ready() { http_ready; }
httpd_load() {
	local i
	if [ "$2" = learn ]; then
		for i in 1 2 3 4 5 6 7 8; do
			answers / /page1.html /large.txt /folder/ /missing "/cgi-bin/hello?n=$i"
		done
		asked '-I' /
		asked '-r 100-199' /large.txt
	else
		for i in 1 2 3 4 5 6 7 8 9 10; do
			answers /page2.html "/cgi-bin/hello?other=$i" /page3.html /nowhere/at/all /folder
		done
		asked '-I' /page5.html
		asked '-r 5-9999' /large.txt
	fi
}

# nginx: a root master and two workers that are not.
nginx_rootfs() {
	debian_copy "$1" "$2" nginx && www "$1/www" || return 1
	mkdir -p "$1"/var/lib/nginx "$1"/var/log/nginx
	cat > "$1/etc/nginx/nginx.conf" <<-'CONF'
		user www-data;
		worker_processes 2;
		daemon off;
		pid /run/nginx.pid;
		error_log /dev/stdout warn;
		events { worker_connections 256; }
		http {
			include /etc/nginx/mime.types;
			access_log /dev/stdout;
			sendfile on;
			tcp_nopush on;
			gzip on;
			gzip_types text/plain;
			server {
				listen 80;
				root /www;
				location /list/ { alias /www/; autoindex on; autoindex_exact_size on; }
				location /moved { return 301 /page1.html; }
			}
		}
	CONF
}
nginx_args() { printf '%s\n' /usr/sbin/nginx -c /etc/nginx/nginx.conf; }
nginx_ready() { http_ready; }
nginx_load() {
	local i
	if [ "$2" = learn ]; then
		for i in 1 2 3 4 5 6 7 8 9 10; do
			answers / /page1.html /large.txt /folder/ /missing /moved
		done
		answers /list/ | sed 's/ .*/ listed/'
		asked '-I' /
		asked '-r 100-199' /large.txt
		asked '--compressed' /large.txt
		asked '-d a=b' /page1.html
		parallel_answers 20 /page1.html
	else
		for i in 1 2 3 4 5 6 7; do
			answers /page2.html /page5.html /nowhere/at/all /folder /folder/index.html
		done
		answers /list/folder/ | sed 's/ .*/ listed/'
		asked '-I' /large.txt
		asked '-r 5-9999' /large.txt
		asked '--compressed' /page4.html /large.txt
		asked '-X DELETE' /page2.html
		parallel_answers 100 /large.txt
	fi
}

# Many connections at once; the answers come in any order, and are all the same.
parallel_answers() { # COUNT PATH
	local i
	local -a words=()
	for ((i = 0; i < $1; i++)); do
		words+=(-o /dev/null "http://127.0.0.1$2")
	done
	curl -s --max-time 30 -Z -w "$2 %{http_code} %{size_download}\n" "${words[@]}" 2> /dev/null # -Z draws a meter even so
}

# redis: as its own user, with snapshots, which it forks for.
redis_rootfs() {
	debian_copy "$1" "$2" redis-server || return 1
	chown 999:999 "$1/data"
}
redis_args() {
	printf '%s\n' /usr/bin/redis-server --bind 127.0.0.1 --port 6379 --dir /data --save '3600 1'
}
redis_config() { config "$1" '.process.user = {uid: 999, gid: 999}'; }
redis_cli() { chroot "$1" /usr/bin/redis-cli -h 127.0.0.1 "${@:2}"; }
redis_ready() { [ "$(redis_cli "$1" ping 2> /dev/null)" = PONG ]; }
redis_load() {
	local i root=$1
	if [ "$2" = learn ]; then
		for i in 1 2 3 4 5 6 7 8 9 10; do
			printf '%s\n' "SET key$i value$i" "GET key$i" 'INCR counter' "LPUSH list $i" \
				"HSET hash f$i $i" "ZADD sorted $i m$i" "EXPIRE key$i 1000" "SADD set $i"
		done | redis_cli "$root"
		printf '%s\n' 'LRANGE list 0 -1' 'ZRANGE sorted 0 -1' 'EVAL "return 7" 0' 'PUBLISH c x' \
			'SAVE' 'NOSUCHCOMMAND' 'MULTI' 'SET a 1' 'EXEC' | redis_cli "$root"
		redis_settled "$root"
		redis_cli "$root" BGSAVE
		chroot "$root" /usr/bin/redis-benchmark -q -c 20 -n 500 -t set,get > /dev/null && echo benchmark
	else
		for i in 1 2 3 4 5 6 7 8 9 10; do
			printf '%s\n' "APPEND text $i" "STRLEN text" "SETEX short$i 100 x" "RPUSH queue $i" \
				'LPOP queue' "HINCRBY sums f $i" 'HGETALL sums' "ZINCRBY rank $i m" \
				"PFADD hyper $i" 'PFCOUNT hyper' "SETBIT bits $i 1" 'BITCOUNT bits' "XADD s $i-1 f v"
		done | redis_cli "$root"
		printf '%s\n' 'SORT set' 'KEYS nothing*' 'EVAL "return redis.call(\"GET\", \"text\")" 0' 'TYPE bits' \
			'DEL text' 'FLUSHALL' 'DBSIZE' | redis_cli "$root"
		redis_settled "$root"
		redis_cli "$root" BGSAVE
		chroot "$root" /usr/bin/redis-benchmark -q -c 50 -n 2000 -t incr,lpush,rpop,sadd,hset,zadd,mset \
			> /dev/null && echo benchmark
	fi
	redis_settled "$root"
}
redis_settled() {
	local i
	for ((i = 0; i < 600; i++)); do
		redis_cli "$1" INFO persistence | grep -q 'bgsave_in_progress:1' || return 0
		sleep 0.1
	done
	echo 'a background save does not end'
}

# workload_fetch NAME CACHE: what its root file system needs from the network, where it is not there yet.
workload_fetch() {
	case $1 in
	nginx) debian_rootfs "$2" nginx ;;
	redis) debian_rootfs "$2" redis-server ;;
	esac
}

# workload_bundle NAME DIR CACHE: DIR/rootfs and DIR/config.json, in the network of whoever runs it.
workload_bundle() {
	local -a args
	"$1_rootfs" "$2/rootfs" "$3" || return 1
	mapfile -t args < <("$1_args")
	bundle "$2" "${args[@]}" || return 1
	config "$2" 'del(.linux.namespaces[] | select(.type == "network"))' || return 1
	if declare -F "$1_config" > /dev/null; then "$1_config" "$2"; fi
}

# workload_reset NAME ROOTFS: as on the first day.
workload_reset() { rm -rf "$2"/data/* "$2"/run/* "$2"/tmp/.attack; }

# log_denials DIR: LOG in place of every deny, so that the kernel log names what would be refused.
log_denials() {
	config "$1" '.linux.seccomp |= (del(.defaultErrnoRet) | .defaultAction = "SCMP_ACT_LOG"
		| .syscalls |= map(select(.action == "SCMP_ACT_ALLOW")))'
}
