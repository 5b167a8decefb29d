# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# workloads: five of them as bundles on the VM's own Debian, their clients, and what is tested of each: learned
# under one load and enforced under another with AppArmor, seccomp and capabilities together, it gives the same
# answers, and nothing is denied but clone3, which is answered ENOSYS by design; an intruder in its place is
# stopped. Of a workload NAME:
#
#   NAME_make ROOT    what it needs in its root, an overlay of the VM's
#   NAME_args         what it runs, one word a line     NAME_user    whose user it is; none: root
#   NAME_ready ROOT   does it answer?                   NAME_load KIND ROOT   one load, to stdout
#   NAME_program      the file that it runs             NAME_drop    a file that it may write
#
# KIND is "learn" or "other": the same features, other names, sizes and requests; what is only read has been
# read. Loads print the answers. $INIT is the pid of the workload's first process.
#
# Programs are dear here (a curl takes half a second to start): a load is one talk.c with many messages.

VM_WORKLOADS=$(dirname "${BASH_SOURCE[0]}")/workloads

# listens PORT
listens() { (exec 3<> "/dev/tcp/127.0.0.1/$1"); }

# http METHOD PATH [BODY [HEADER]]: a message; gets PATH...: several.
http() {
	local length=
	[ $# -lt 3 ] || length="Content-Length: ${#3}"$'\r\n'
	printf '%s\0' "$1 $2 HTTP/1.1"$'\r\nHost: localhost\r\nConnection: close\r\n'"$length${4:-}"$'\r\n'"${3:-}"
}
gets() {
	local path
	for path; do http GET "$path"; done
}

# said PORT: the answers to messages, less what hangs on the time.
said() { "$PROGRAMS/talk" "$1" | grep -avE '^(Date|Last-Modified|ETag): '; }

# nginx: a root master and workers that are not.
nginx_make() {
	local i
	mkdir -p "$1"/var/www/site/{folder,files}
	touch "$1"/var/www/site/files/{one,two}
	for i in 1 2 3 4; do echo "<p>page $i" > "$1/var/www/site/page$i.html"; done
	echo '<p>welcome' > "$1/var/www/site/index.html"
	echo 'in a folder' > "$1/var/www/site/folder/index.html"
	printf '%4000s' x > "$1/var/www/site/large.txt"
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
			lingering_close always; # not only where a body happens to be late
			server {
				listen 127.0.0.1:80;
				root /var/www/site;
				location /list/ { alias /var/www/site/files/; autoindex on; }
				location /moved { return 301 /page1.html; }
			}
		}
	CONF
}
nginx_args() { printf '%s\n' /usr/sbin/nginx -c /etc/nginx/nginx.conf; }
nginx_program() { echo /usr/sbin/nginx; }
nginx_drop() { echo /var/log/nginx/access.log; }
nginx_ready() { listens 80; }
nginx_load() {
	local log=$2/var/log/nginx
	"nginx_asks_$1" | said 80
	# Logs are rotated, and the configuration is read anew.
	mv "$log/access.log" "$log/access.log.1"
	kill -USR1 "$INIT"
	until_true test -e "$log/access.log"
	kill -HUP "$INIT"
	until_true nginx_renewed "$log/error.log"
	gets /page1.html | said 80
	wc -l < "$log/access.log"
}
nginx_asks_learn() {
	gets / /page{1,2,3,4}.html /folder/ /folder /missing /moved /large.txt /list/
	http GET /large.txt '' $'Accept-Encoding: gzip\r\n'
	http GET /large.txt '' $'Range: bytes=100-199\r\n'
	http POST /page1.html "$(printf '%9000s' x)"
	http HEAD /
}
nginx_asks_other() {
	gets /page3.html '/page1.html?q=1' /folder /folder/index.html /nowhere/at/all /page4.html /%2e%2e/x / /list/
	http GET /large.txt '' $'Accept-Encoding: gzip\r\n'
	http GET /large.txt '' $'Range: bytes=5-999\r\n'
	http POST /page3.html "$(printf '%20000s' x)"
	http DELETE /page2.html
	http HEAD /moved
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
redis() { printf '%s\r\n' "$@" QUIT | "$PROGRAMS/talk" 6379; }
redis_ready() { listens 6379; }
redis_load() {
	local i
	local -a words=()
	if [ "$1" = learn ]; then
		for i in {1..9}; do
			words+=("SET key$i value$i" "GET key$i" 'INCR counter' "LPUSH list $i" "HSET hash f$i $i" \
				"ZADD sorted $i m$i" "EXPIRE key$i 1000")
		done
		words+=('LRANGE list 0 -1' 'EVAL "return 7" 0' SAVE NOSUCHCOMMAND MULTI 'SET a 1' EXEC)
	else
		for i in {1..9}; do
			words+=("APPEND text $i" 'STRLEN text' "SETEX short$i 100 x" "RPUSH queue $i" 'HGETALL sums' \
				"ZINCRBY rank $i m" "SETBIT bits $i 1" "XADD s $i-1 f v")
		done
		words+=('EVAL "return redis.call(\"GET\", \"text\")" 0' 'TYPE bits' 'DEL text' SAVE DBSIZE)
	fi
	redis "${words[@]}"
	# Names hold the process that wrote, or count: three are one pattern.
	for i in 1 2 3; do
		redis BGREWRITEAOF
		until_true redis_settled
		redis BGSAVE
		until_true redis_settled
	done
}
redis_settled() {
	local info
	info=$(redis 'INFO persistence')
	[[ $info == *bgsave_in_progress:0* && $info == *rewrite_in_progress:0* && $info == *rewrite_scheduled:0* ]]
}

# PostgreSQL 15, on the cluster that Debian's package made.
POSTGRES_MAIN=/var/lib/postgresql/15/main
postgres_make() {
	echo 'host all all 127.0.0.1/32 trust' > "$1/etc/postgresql/15/main/pg_hba.conf"
	mkdir -p "$1/run/postgresql" "$1/var/log/postgresql"
	chown postgres "$1/run/postgresql" "$1/var/log/postgresql"
	cat > "$1/etc/postgresql/15/main/conf.d/test.conf" <<-'CONF'
		ssl = off
		fsync = off
		jit = off
		logging_collector = on
		log_directory = '/var/log/postgresql'
		log_filename = 'main.log'
		max_parallel_workers_per_gather = 2
		parallel_setup_cost = 0
		parallel_tuple_cost = 0
		min_parallel_table_scan_size = 0
		max_wal_size = 64MB
		shared_buffers = 16MB
	CONF
}
postgres_user() { echo postgres; }
postgres_args() {
	printf '%s\n' /usr/lib/postgresql/15/bin/postgres -D "$POSTGRES_MAIN" \
		-c config_file=/etc/postgresql/15/main/postgresql.conf
}
postgres_program() { echo /usr/lib/postgresql/15/bin/postgres; }
postgres_drop() { echo "$POSTGRES_MAIN/base/5/99999"; }
postgres_ready() { grep -q 'ready to accept connections' "$1/var/log/postgresql/main.log"; }
postgres_load() {
	local table=learned rows=2000 more='select count(*) > 0 from pg_stat_activity;'
	[ "$1" = learn ] || { table=others && rows=1800 && more="select count(*) from pg_class where relname = '$table';"; }
	# Names hold the process that made them: three sessions that spill are one pattern.
	psql -h 127.0.0.1 -U postgres -X -q -A -t 2>&1 <<-SQL
		create table $table (id serial primary key, word text, at timestamp default now());
		insert into $table (word) select repeat(md5(g::text), 8) from generate_series(1, $rows) g;
		create index on $table (word);
		analyze $table;
		select count(*), min(left(word, 32)), max(left(word, 32)) from $table;
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
		listen c;
		reindex table $table;
		vacuum full $table;
		select pg_size_pretty(0::bigint), current_database();
		$(postgres_spill "$table")
		\\c
		$(postgres_spill "$table")
		\\c
		$(postgres_spill "$table")
		create database $table;
		$more
		drop database $table;
	SQL
}

# More than fits into memory, by several processes; a new file of the log.
postgres_spill() {
	cat <<-SQL
		set work_mem = '64kB';
		select count(*) from (select a.word from $1 a join $1 b on a.word = b.word order by b.word desc) x;
		insert into $1 (word) values ('more');
		select pg_switch_wal() is not null;
	SQL
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
python_ready() { listens 8000; }
python_load() {
	local names=(one two three) name
	[ "$1" = learn ] || names=(5 anna-lisa zz9 last)
	{
		gets / /missing /upload/none /note/none /note/BAD "/hello/${names[0]}" "/hello/${names[0]}" \
			"/hello/${names[1]}" "/itself/${names[2]}"
		for name in "${names[@]}"; do
			http PUT "/upload/$name" "$name says"
			http POST "/note/$name" "who=$name&what=${#name}"
		done
		gets "${names[@]/#//upload/}" "${names[@]/#//note/}" /
		http DELETE "/upload/${names[0]}"
		http DELETE /upload/none
		http PUT /upload/.. x
	} | said 8000
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
	local names=(web mail db) round logs=$2/var/log/app archive=$2/srv/archive name
	[ "$1" = learn ] || names=(api worker-7 audit extra)
	for round in 1 2; do
		# Each whole at once, as a log that is rotated.
		for name in "${names[@]}"; do
			printf '%s\n' "$round b" "$round a $name" "$round b" > "$logs/.new"
			mv "$logs/.new" "$logs/$name.$round.log"
		done
		until_true job_packed "$archive" $((round * ${#names[@]}))
	done
	for name in "$archive"/logs-*.tar; do tar -xOf "$name"; done | gzip -dc | sort
	stat -c %a "$archive"/logs-*.tar | sort -u
}
job_packed() { # ARCHIVE COUNT
	local count sum=0
	while read -r count _; do sum=$((sum + count)); done < "$1/journal.old"
	[ "$sum" = "$2" ]
}

# ---- bundles ----

# fresh NAME DIR: DIR/rootfs is as on the first day: an overlay of what NAME_make made, and the VM's own.
fresh() {
	! mountpoint -q "$2/rootfs" || umount "$2/rootfs"
	if [ ! -d "$2/made" ]; then
		mkdir -p "$2"/{rootfs,made,work}
		mount -t overlay made -o "lowerdir=/,upperdir=$2/made,workdir=$2/work" "$2/rootfs" || return 1
		"$1_make" "$2/rootfs"
		umount "$2/rootfs"
	fi
	rm -rf "$2"/run "$2"/run.work
	mkdir "$2"/run "$2"/run.work
	mount -t overlay run -o "lowerdir=$2/made:/,upperdir=$2/run,workdir=$2/run.work" "$2/rootfs"
}

# vm_bundle NAME DIR: the workload's bundle, in the VM's network.
vm_bundle() {
	local user=root env=
	local -a args
	mapfile -t args < <("$1_args")
	if declare -F "$1_user" > /dev/null; then user=$("$1_user"); fi
	if declare -F "$1_env" > /dev/null; then env=$("$1_env"); fi
	fresh "$1" "$2" || return 1
	jq --arg env "$env" --arg path "$2/rootfs" \
		--argjson uid "$(id -u "$user")" --argjson gid "$(id -g "$user")" '
		.process.args = $ARGS.positional | .root.path = $path | .process.user = {uid: $uid, gid: $gid}
		| .process.env += ($env | split("\n")) | del(.linux.namespaces[] | select(.type == "network"))' \
		"$BATS_FILE_TMPDIR/base.json" --args -- "${args[@]}" > "$2/config.json"
}

# ---- ground truth ----

# opened TRACE ROOT: what strace (-f -y) saw a workload open and run: "ACCESS PATH" a line, as AppArmor's rules have
# them: symlinks resolved, a folder's path ends with '/'. (A program's links are the same in the VM's own root.)
opened() {
	local access path
	awk -f "$VM_WORKLOADS/opened.awk" "$1" | sort -u | while read -r access path; do
		[ "$access" != x ] || path=$(readlink -f "$path")
		[[ $path == /proc/* || ! -d $2$path ]] || path=${path%/}/
		echo "$access $path"
	done
}

# ---- the tests ----

workloads_setup() {
	need strace nginx redis-server psql python3
	need_vm
	live_setup
	B=$T/bundle
	export SINCE=$EPOCHREALTIME
}

# until_it COMMAND...: waits for what a container does, while there is one ($RUNNER).
until_it() { until_true gone_or "$@" && kill -0 "$RUNNER" 2> /dev/null; }
gone_or() { ! kill -0 "$RUNNER" 2> /dev/null || "$@"; }

# run_as WORKLOAD KIND OUT: the bundle's container answers a load, and ends.
run_as() {
	local children
	crun run --pid-file "$T/pid" --bundle "$B" "$(id_of run)" > "$T/log" 2>&1 < /dev/null 3>&- &
	RUNNER=$!
	{ until_it test -s "$T/pid" && until_it "$1_ready" "$B/rootfs"; } || { cat "$T/log" && return 1; }
	INIT=$(< "$T/pid")
	# Under strace it is the first one's child.
	if [ "$(< "/proc/$INIT/comm")" = strace ]; then
		children=$(< "/proc/$INIT/task/$INIT/children")
		INIT=${children%% *}
	fi
	"$1_load" "$2" "$B/rootfs" > "$3"
	kill -TERM "$INIT"
	wait "$RUNNER" || :
	rm "$T/pid"
	[ -s "$3" ]
}

# Under strace, which stops only at what it traces.
traced() {
	install -m 666 /dev/null "$B/rootfs/trace"
	config "$B" '.process.args = ["strace", "--seccomp-bpf", "-f", "-y", "-qq", "-s", "1",
		"-e", "trace=open,openat,openat2,execve", "-e", "signal=none", "-o", "/trace"] + .process.args'
}

profile() { echo "$BATS_FILE_TMPDIR/store/var/lib/snug/profiles/$1.json"; }

# serves_the_same WORKLOAD [traced]
serves_the_same() {
	vm_bundle "$1" "$B"
	cp "$B/config.json" "$T/plain.json"
	learned_as "$B" "$1"
	took "$1: bundle"
	run_as "$1" learn "$T/learn.answers"
	took "$1: learned"

	# The reference, and the truth about files.
	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	[ "${2:-}" != traced ] || traced
	run_as "$1" other "$T/plain.answers"
	[ "${2:-}" != traced ] || opened "$B/rootfs/trace" "$B/rootfs" > "$T/opened"
	took "$1: reference"

	fresh "$1" "$B"
	cp "$T/plain.json" "$B/config.json"
	snug generate "$1"
	snug harden "$B" --profile "$1"
	cp "$B/config.json" "$T/hard.json"
	learned_as "$B" "$1-enforced"
	if [ "${2:-}" = traced ]; then
		[ "$(wc -l < "$T/opened")" -ge 20 ]
		"$PROGRAMS/accesses" "$(profile "$1")" < "$T/opened"
	fi
	dmesg -C
	took "$1: hardened"
	run_as "$1" other "$T/hard.answers" || { denied && false; }
	took "$1: enforced"
	run denied
	echo "denied: $output"
	[ -z "$output" ]
	diff -a "$T/plain.answers" "$T/hard.answers"
	run refused "$1-enforced"
	echo "refused: $output"
	[ -z "$output" ] || [ "$output" = clone3 ]
}

# needs WORKLOAD CAPABILITY...: these and no other. What overlayfs asks for as who mounted it is nobody's here.
needs() {
	local workload=$1
	shift
	jq -c .provenance.capabilities "$(profile "$workload")"
	[ "$(jq -r '.capabilities | join(" ")' "$(profile "$workload")")" = "$*" ]
}

# ---- attacks ----

# What breaks the root for the next one comes last.
LAYERS='all apparmor caps seccomp before'

# layered WORKLOAD: $T/LAYER.json, the intruder in the workload's place, under one layer, all or none. AppArmor's
# profile stays loaded meanwhile.
layered() {
	jq -c --slurpfile hard "$T/hard.json" --arg layers "$LAYERS" --arg self "$("$1_program")" --arg drop "$("$1_drop")" '
		$hard[0] as $hard | .process.args = [$self, $self, $drop] | . as $plain | $layers | split(" ")[] | . as $layer
		| def under($name): $layer == $name or $layer == "all";
		$plain
		| if under("apparmor") then .process.apparmorProfile = $hard.process.apparmorProfile | .hooks = $hard.hooks else . end
		| if under("seccomp") then .linux.seccomp = $hard.linux.seccomp else . end
		| if under("caps") then .process.capabilities = $hard.process.capabilities
			| .process.noNewPrivileges = $hard.process.noNewPrivileges else . end' "$T/plain.json" |
		for layer in $LAYERS; do
			read -r line && printf '%s' "$line" > "$T/$layer.json"
		done
}

intrude() { # WORKLOAD LAYER
	cp "$T/$2.json" "$B/config.json"
	rm -f "$B/rootfs/etc/ld.so.preload"
	install -m 755 "$PROGRAMS/intruder" "$B/rootfs/$("$1_program")"
	crun run --bundle "$B" "$(id_of "$2")" 2>&1 < /dev/null | cat > "$T/$2"
}

# table: a line for each attack: what became of it under each layer.
table() {
	awk -F ': ' 'BEGIN { n = split("EPERM ENOENT EIO EACCES EEXIST EROFS ENOSYS", names, " ")
			split("1 2 5 13 17 30 38", numbers, " ")
			for (i = 1; i <= n; i++) name[numbers[i]] = names[i] }
		FNR == 1 { layer++ }
		!seen[$1]++ { order[++count] = $1 }
		{ result[$1, layer] = $2 in name ? name[$2] : $2 }
		END { for (i = 1; i <= count; i++) {
			printf "%-26s", order[i]
			for (j = 1; j <= layer; j++) printf "%-10s", result[order[i], j]
			print "" } }' "$T"/{before,apparmor,seccomp,caps,all}
}

stops_intruders() { # WORKLOAD
	local layer
	fresh "$1" "$B"
	layered "$1"
	install -D -m 600 /dev/stdin "$B/rootfs/root/.ssh/id_ed25519" <<< secret
	for layer in $LAYERS; do
		intrude "$1" "$layer"
	done
	took "$1: attacks"
	printf '# note: %-26s%-10s%-10s%-10s%-10s%s\n' "$1" before AppArmor seccomp caps all >&3
	table | sed 's/^/# note: /' >&3
	echo "worked before: $(grep -c ': worked' "$T/before")"
	[ "$(grep -c ': worked' "$T/before")" -ge 25 ]
	[ "$(wc -l < "$T/all")" = "$(wc -l < "$T/before")" ]
	run grep ': worked' "$T/all"
	echo "not stopped: $output"
	[ -z "$output" ]
}
