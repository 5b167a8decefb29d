# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# workloads: five of them as bundles on the VM's own Debian, and their clients. Of a workload NAME:
#
#   NAME_make ROOT    what it needs in its root, an overlay of the VM's
#   NAME_args         what it runs, one word a line     NAME_user    whose user it is; none: root
#   NAME_ready ROOT   does it answer?                   NAME_load KIND ROOT   one load, to stdout
#   NAME_program      the file that it runs             NAME_drop    a file that it may write
#
# KIND is "learn" or "other": the same features, other names, sizes and requests. Loads print a line for
# each answer, the same for the same answer. $INIT is the pid of the workload's first process.

WORKLOADS='nginx redis postgres python job'
VM_WORKLOADS=$(dirname "${BASH_SOURCE[0]}")/workloads

# until_seen COMMAND...: waits for it.
until_seen() {
	local end=$((SECONDS + 120))
	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "never: $*" && return 1; }
		sleep 0.1
	done
}

# asked [OPTION...] URL...: the bodies, each with a line of status and size. One process: they are dear here.
asked() { curl -s --max-time 60 -w ' %{http_code} %{size_download}\n' "$@"; }

# nginx: a root master and workers that are not.
nginx_make() {
	local i
	mkdir -p "$1/var/www/site/folder"
	for i in 1 2 3 4; do echo "<p>page $i" > "$1/var/www/site/page$i.html"; done
	echo '<p>welcome' > "$1/var/www/site/index.html"
	echo 'in a folder' > "$1/var/www/site/folder/index.html"
	head -c 20000 /dev/zero | tr '\0' 'x' > "$1/var/www/site/large.txt"
	rm -f "$1"/etc/nginx/sites-enabled/* "$1"/etc/nginx/modules-enabled/*
	cat > "$1/etc/nginx/nginx.conf" <<-'CONF'
		user www-data;
		worker_processes 2;
		daemon off;
		pid /run/nginx.pid;
		error_log /var/log/nginx/error.log notice;
		events { worker_connections 64; }
		http {
			include /etc/nginx/mime.types;
			access_log /var/log/nginx/access.log;
			sendfile on;
			gzip on;
			gzip_types text/plain;
			server {
				listen 127.0.0.1:80;
				root /var/www/site;
				client_body_temp_path /var/lib/nginx/body;
				location /list/ { alias /var/www/site/; autoindex on; }
				location /moved { return 301 /page1.html; }
			}
		}
	CONF
}
nginx_args() { printf '%s\n' /usr/sbin/nginx -c /etc/nginx/nginx.conf; }
nginx_program() { echo /usr/sbin/nginx; }
nginx_drop() { echo /var/log/nginx/access.log; }
nginx_ready() { curl -s -o /dev/null http://127.0.0.1/; }
nginx_load() {
	local at=http://127.0.0.1 log=$2/var/log/nginx
	if [ "$1" = learn ]; then
		asked "$at"/{,page1.html,page2.html,page3.html,page4.html,folder/,folder,missing,moved,large.txt}
		asked --compressed "$at/large.txt"
		asked -r 100-199 "$at/large.txt"
		asked -d a=b "$at/page1.html"
		asked -I "$at/" | grep -v Date:
		asked "$at/list/" "$at/list/folder/" | sed 's/[0-9].*//'
		head -c 50000 /dev/zero | asked --data-binary @- "$at/page1.html"
	else
		asked "$at"/{page3.html,page1.html?q=1,folder,folder/index.html,nowhere/at/all,page4.html,%2e%2e/x,}
		asked --compressed "$at/page2.html" "$at/large.txt"
		asked -r 5-999 "$at/large.txt"
		asked -X DELETE "$at/page2.html"
		asked -I "$at/large.txt" "$at/moved" | grep -v Date:
		asked "$at/list/folder/" | sed 's/[0-9].*//'
		head -c 90000 /dev/zero | asked --data-binary @- "$at/page3.html"
		asked -Z -o /dev/null -o /dev/null -o /dev/null -o /dev/null "$at"/page{1,2,3,4}.html 2> /dev/null | sort
	fi
	# Logs are rotated, and the configuration is read anew.
	mv "$log/access.log" "$log/access.log.1"
	kill -USR1 "$INIT"
	until_seen test -e "$log/access.log"
	kill -HUP "$INIT"
	until_seen nginx_renewed "$log/error.log"
	asked "$at/page1.html"
	wc -l < "$log/access.log"
}
nginx_renewed() { [ "$(grep -c 'worker process .* exited with code 0' "$1")" = 2 ]; }

# redis: as its own user, with snapshots, for which it forks, and an append-only file.
redis_make() { :; }
redis_user() { echo redis; }
redis_args() {
	printf '%s\n' /usr/bin/redis-server --bind 127.0.0.1 --dir /var/lib/redis --appendonly yes --save '3600 1'
}
redis_program() { readlink -f /usr/bin/redis-server; }
redis_drop() { echo /var/lib/redis/temp-99.rdb; }
redis_ready() { redis-cli ping | grep -q PONG; }
redis_load() {
	local i
	if [ "$1" = learn ]; then
		for i in 1 2 3; do
			printf '%s\n' "SET key$i value$i" "GET key$i" 'INCR counter' "LPUSH list $i" "HSET hash f$i $i" \
				"ZADD sorted $i m$i" "EXPIRE key$i 1000"
		done | redis-cli
		printf '%s\n' 'LRANGE list 0 -1' 'EVAL "return 7" 0' SAVE NOSUCHCOMMAND MULTI 'SET a 1' EXEC | redis-cli
		redis-benchmark -q -c 10 -n 100 -t set,get > /dev/null && echo benchmark
	else
		for i in 1 2 3 4 5; do
			printf '%s\n' "APPEND text $i" 'STRLEN text' "SETEX short$i 100 x" "RPUSH queue $i" 'HGETALL sums' \
				"ZINCRBY rank $i m" "SETBIT bits $i 1" "XADD s $i-1 f v"
		done | redis-cli
		printf '%s\n' 'EVAL "return redis.call(\"GET\", \"text\")" 0' 'TYPE bits' 'DEL text' SAVE DBSIZE | redis-cli
		redis-benchmark -q -c 20 -n 200 -t incr,lpush > /dev/null && echo benchmark
	fi
	# Rewritten and saved more often than names of three are one pattern.
	for i in 1 2 3; do
		redis-cli BGREWRITEAOF
		until_seen redis_settled
		redis-cli BGSAVE
		until_seen redis_settled
	done
}
redis_settled() {
	local info
	info=$(redis-cli INFO persistence)
	grep -q 'bgsave_in_progress:0' <<< "$info" && grep -q 'rewrite_in_progress:0' <<< "$info" &&
		grep -q 'rewrite_scheduled:0' <<< "$info"
}

# PostgreSQL 15, on the cluster that Debian's package made.
POSTGRES_MAIN=/var/lib/postgresql/15/main
postgres_make() {
	printf '%s\n' 'local all all trust' 'host all all 127.0.0.1/32 trust' > "$1/etc/postgresql/15/main/pg_hba.conf"
	mkdir -p "$1/run/postgresql" "$1/var/log/postgresql"
	chown postgres "$1/run/postgresql" "$1/var/log/postgresql"
	cat > "$1/etc/postgresql/15/main/conf.d/test.conf" <<-'CONF'
		ssl = off
		fsync = off
		logging_collector = on
		log_directory = '/var/log/postgresql'
		log_filename = 'main.log'
		max_parallel_workers_per_gather = 2
		parallel_setup_cost = 0
		parallel_tuple_cost = 0
		min_parallel_table_scan_size = 0
		max_wal_size = 64MB
		shared_buffers = 16MB
		jit = off
	CONF
}
postgres_user() { echo postgres; }
postgres_args() {
	printf '%s\n' /usr/lib/postgresql/15/bin/postgres -D "$POSTGRES_MAIN" \
		-c config_file=/etc/postgresql/15/main/postgresql.conf
}
postgres_program() { echo /usr/lib/postgresql/15/bin/postgres; }
postgres_drop() { echo "$POSTGRES_MAIN/base/5/99999"; }
psql_at() { psql -h 127.0.0.1 -U postgres -X -q -A -t "$@" 2>&1; }
postgres_ready() { psql_at -c 'select 1'; }
postgres_load() {
	local table=learned rows=3000 i
	[ "$1" = learn ] || { table=others && rows=5000; }
	psql_at <<-SQL
		create table $table (id serial primary key, word text, at timestamp default now());
		insert into $table (word) select md5(g::text) from generate_series(1, $rows) g;
		create index on $table (word);
		analyze $table;
		select count(*), min(word), max(word) from $table;
		set work_mem = '64kB';
		select count(*) from (select a.word from $table a join $table b on a.word = b.word order by b.word desc) x;
		select count(*) from (select a.word from $table a join $table b on a.id = b.id + 1 order by b.word) x;
		select count(*) from (select a.at from $table a join $table b on a.word > b.word where a.id < 9 order by 1) x;
		create temp table t as select * from $table where id % 2 = 0;
		select sum(id) from t;
		begin; delete from $table where id < 100; savepoint one; update $table set word = 'x'; rollback to one; commit;
		vacuum $table;
		checkpoint;
		select count(*) from $table;
		select nothing;
		alter table $table add column more jsonb default '{"a": 1}';
		select more->>'a' from $table limit 1;
		create view seen_$table as select word from $table where id < 200;
		select count(*) from seen_$table;
		create function twice_$table(n int) returns int language plpgsql as 'begin return 2 * n; end';
		select twice_$table(21);
		listen c; notify c;
		reindex table $table;
		vacuum full $table;
		select pg_size_pretty(0::bigint), current_database();
	SQL
	if [ "$1" = learn ]; then
		psql_at -c 'create database one' -c 'select count(*) > 0 from pg_stat_activity'
		psql_at -c 'drop database one' -c 'select pg_switch_wal() is not null'
	else
		psql_at -c 'create database two' -c "select count(*) from pg_class where relname = '$table'"
		psql_at -c 'drop database two' -c 'select pg_switch_wal() is not null'
	fi
}

# python: an application of a few processes, as root.
python_make() {
	mkdir -p "$1"/srv/app/templates "$1"/var/lib/app/{notes,uploads,log,db}
	cp "$VM_WORKLOADS/app.py" "$1/srv/app/"
	# shellcheck disable=SC2016 # of the templates
	printf '%s\n' '<p>$count files' > "$1/srv/app/templates/index.html"
	# shellcheck disable=SC2016
	printf '%s\n' '<p>hello $who, $times times' > "$1/srv/app/templates/hello.html"
	# shellcheck disable=SC2016
	printf '%s\n' '<p>$what' > "$1/srv/app/templates/error.html"
}
python_args() { printf '%s\n' /usr/bin/python3 /srv/app/app.py; }
python_env() { echo APP_DATA=/var/lib/app; }
python_program() { readlink -f /usr/bin/python3; }
python_drop() { echo /var/lib/app/uploads/evil.txt; }
python_ready() { curl -s -o /dev/null http://127.0.0.1:8000/; }
python_load() {
	local at=http://127.0.0.1:8000 names=(one two three four) i
	[ "$1" = learn ] || names=(5 anna-lisa zz9 extra last)
	asked "$at"/{,missing,upload/none,note/none,note/BAD} "$at/hello/${names[0]}" "$at/hello/${names[0]}" \
		"$at/hello/${names[1]}" "$at/itself/${names[2]}"
	for i in "${!names[@]}"; do
		head -c $((1000 * (i + 1))) /dev/zero | tr '\0' x | asked -T - -H 'Transfer-Encoding:' \
			-H "Content-Length: $((1000 * (i + 1)))" "$at/upload/${names[i]}"
		asked -d "who=${names[i]}&what=$i" "$at/note/${names[i]}"
	done
	asked "${names[@]/#/$at/upload/}" "${names[@]/#/$at/note/}" "$at/"
	asked -X DELETE "$at/upload/${names[0]}" "$at/upload/none"
	asked -X PUT -d x "$at/upload/.."
	wc -l < "$2/var/lib/app/log/access.log"
}

# job: a shell that runs other programs, round after round.
job_make() {
	install -m 755 "$VM_WORKLOADS/job" "$1/usr/local/bin/job"
	mkdir -p "$1"/var/log/app "$1"/srv/archive "$1"/run/lock
}
job_args() { echo /usr/local/bin/job; }
job_program() { readlink -f /bin/bash; }
job_drop() { echo /var/log/app/evil.sorted.gz; }
job_ready() { test -e "$1/run/lock/app.lock"; }
job_load() {
	local names=(web mail db extra) round logs=$2/var/log/app archive=$2/srv/archive name
	[ "$1" = learn ] || names=(api worker-7 audit)
	for round in 1 2 3; do
		# Each whole at once, as a log that is rotated.
		for name in "${names[@]}"; do
			printf '%s\n' "$round b" "$round a $name" "$round b" > "$logs/.new"
			mv "$logs/.new" "$logs/$name.$round.log"
		done
		until_seen job_packed "$archive" "$logs" "$((round * ${#names[@]}))"
	done
	for name in "$archive"/logs-*.tar; do tar -xOf "$name"; done | gzip -dc | sort
	stat -c %a "$archive"/logs-*.tar | sort -u
}
job_packed() { # ARCHIVE LOGS COUNT
	[ "$(awk '{ n += $1 } END { print n + 0 }' "$1/journal")" = "$3" ] && [ -e "$1/journal.old" ]
}

# ---- bundles ----

# fresh NAME DIR: DIR/rootfs is as on the first day: an overlay of what NAME_make made, and the VM's own.
fresh() {
	local upper=$2/run
	mountpoint -q "$2/rootfs" && umount "$2/rootfs"
	if [ ! -d "$2/made" ]; then
		mkdir -p "$2"/{rootfs,made,work}
		mount -t overlay made -o "lowerdir=/,upperdir=$2/made,workdir=$2/work" "$2/rootfs" || return 1
		"$1_make" "$2/rootfs"
		umount "$2/rootfs"
	fi
	rm -rf "$upper" "$2/run.work"
	mkdir "$upper" "$2/run.work"
	mount -t overlay run -o "lowerdir=$2/made:/,upperdir=$upper,workdir=$2/run.work" "$2/rootfs"
}

# vm_bundle NAME DIR: the workload's bundle, in the VM's network.
vm_bundle() {
	local user=root env=null
	local -a args
	mapfile -t args < <("$1_args")
	mkdir -p "$2"
	fresh "$1" "$2" && bundle "$2" "${args[@]}" && privileged "$2" || return 1
	if declare -F "$1_user" > /dev/null; then user=$("$1_user"); fi
	if declare -F "$1_env" > /dev/null; then env=$("$1_env" | jq -R .); fi
	config "$2" --argjson uid "$(id -u "$user")" --argjson gid "$(id -g "$user")" --argjson env "$env" \
		--arg path "$2/rootfs" '.root.path = $path | .process.user = {uid: $uid, gid: $gid}
		| .process.env += [$env // empty] | del(.linux.namespaces[] | select(.type == "network"))'
}

# ---- ground truth ----

# opened TRACE ROOT: what a workload was seen to do with files by strace (-f -y -e trace=file), once it runs:
# "PATH ACCESS" a line, as AppArmor's rules have them. Opened paths are the kernel's own (-y); others are
# taken where they are absolute.
opened() {
	awk -v root="$2" -f "$VM_WORKLOADS/opened.awk" "$1" | sort -u
}
