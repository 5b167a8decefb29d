# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# apps: what learning costs nginx and redis, in requests per second.

title='Throughput while learning'
readonly SECONDS_EACH=1 REQUESTS=150000
ways=(nginx nginx_syscalls nginx_learn redis redis_syscalls redis_learn nginx_strace)
# shellcheck source=contrib/bench/apps.bash
source "$here/apps.bash"

fetch() {
	workload_fetch nginx "$repo/build/cache" && workload_fetch redis "$repo/build/cache"
}
prepare() {
	app_root nginx "$repo/build/cache/nginx" && nginx_bundle && app_root redis "$repo/build/cache/redis-server" && redis_bundle
}

one() {
	local app=${1%_*} how=${1#*_}
	case $how in
	syscalls) loaded "$app" snug learn "$T/$app" --name "$app" --id "$id" --fresh --no-files ;;
	learn) loaded "$app" snug learn "$T/$app" --name "$app" --id "$id" --fresh ;;
	strace) loaded "$app" strace -f -o "$T/strace" -e trace=%file,%desc,%network runc run --bundle "$T/$app" "$id" ;;
	*) loaded "$app" runc run --bundle "$T/$app" "$id" ;;
	esac
}

rows() {
	cat << 'ROWS'
# | nginx, one worker, 6 KB a request, wrk with 4 connections | of its requests while nobody learns | requests a second
nobody learns | | nginx | |
`snug learn --no-files` | nginx_syscalls / nginx | nginx_syscalls | | R >= 0.97
`snug learn` | nginx_learn / nginx | nginx_learn | | R >= 0.97
strace of its file, descriptor and network calls | nginx_strace / nginx | nginx_strace | |
# | redis, redis-benchmark with 20 connections, SET | of its requests while nobody learns | requests a second
nobody learns | | redis | |
`snug learn --no-files` | redis_syscalls / redis | redis_syscalls | | R >= 0.97
`snug learn` | redis_learn / redis | redis_learn | | R >= 0.97

nginx opens a file in each request. Client and server share the machine's cores.
ROWS
}
