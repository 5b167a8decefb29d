# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # T, id and the rest are run's
# apps: nginx and redis as containers, and what drives them. For the groups apps and, inside the VM, guest.

# shellcheck source=contrib/demo/workloads.bash
source "$repo/contrib/demo/workloads.bash"
readonly NGINX_PORT=18080 REDIS_PORT=16379 READY_TRIES=600

# app_root NAME TREE: $T/NAME/rootfs is the tree, to be written to in memory.
app_root() {
	local root=$T/$1/rootfs
	mkdir -p "$root" "$T/$1.upper" "$T/$1.work" &&
		mount -t overlay "$1" -o "lowerdir=$2,upperdir=$T/$1.upper,workdir=$T/$1.work" "$root" &&
		mkdir -p "$root"/{dev,etc,proc,sys,tmp,run,www,data} "$root/var/log/nginx" "$root/var/lib/nginx" &&
		printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534::/: > "$root/etc/passwd" &&
		printf '%s\n' root:x:0: nogroup:x:65534: > "$root/etc/group"
}

# app_bundle NAME ARG...: in the network of whoever runs it.
app_bundle() { bundle "$T/$1" "${@:2}" && config "$T/$1" '.linux.namespaces |= map(select(.type != "network"))'; }

nginx_bundle() {
	head -c 2000 /dev/urandom | od -An -tx1 > "$T/nginx/rootfs/www/page.html"
	cat > "$T/nginx/rootfs/nginx.conf" <<- END
		daemon off;
		user root;
		worker_processes 1;
		pid /nginx.pid;
		error_log /var/log/nginx/error.log;
		events { worker_connections 256; }
		http {
			access_log /var/log/nginx/access.log;
			keepalive_requests 1000000;
			sendfile on;
			server { listen 127.0.0.1:$NGINX_PORT; root /www; }
		}
	END
	app_bundle nginx /usr/sbin/nginx -c /nginx.conf
}
redis_bundle() { app_bundle redis /usr/bin/redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir /data; }

nginx_answers() { curl -fs -o /dev/null "http://127.0.0.1:$NGINX_PORT/page.html"; }
redis_answers() { [ "$(chroot "$T/redis/rootfs" /usr/bin/redis-cli -p "$REDIS_PORT" ping 2> /dev/null)" = PONG ]; }

# NAME_driven: requests a second.
nginx_driven() {
	wrk -t 1 -c 4 -d "${SECONDS_EACH}s" "http://127.0.0.1:$NGINX_PORT/page.html" | awk '/^Requests\/sec/ { print $2 }'
}
redis_driven() {
	chroot "$T/redis/rootfs" /usr/bin/redis-benchmark -p "$REDIS_PORT" -q -c 20 -n "$REQUESTS" -t set |
		tr '\r' '\n' | sed -n 's/^SET: \([0-9.]*\) requests per second.*/\1/p'
}

# loaded NAME COMMAND...: starts it by the command, drives it, stops it; nothing if it did not end as it should.
loaded() {
	local app=$1 pid i rate
	shift
	"$@" > "$T/log" 2>&1 < /dev/null &
	pid=$!
	for ((i = 0; i < READY_TRIES; i++)); do
		"${app}_answers" && break
		kill -0 "$pid" 2> /dev/null || break
		sleep 0.05
	done
	rate=$("${app}_driven")
	runc kill "$id" QUIT > /dev/null 2>&1
	[ "$app" = nginx ] || runc kill "$id" KILL > /dev/null 2>&1
	wait "$pid"
	runc delete --force "$id" > /dev/null 2>&1
	[ "${rate:-0}" != 0 ] && echo "$rate" || cat "$T/log" >&2
}
