# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# apps: what learning costs nginx and redis, in requests per second.

title='Throughput while learning'
readonly SECONDS_EACH=1 REQUESTS=150000
ways=()
for app in nginx redis; do
	ways+=("$app" "${app}_empty" "${app}_syscalls" "${app}_learn" "${app}_spo" "${app}_gadget")
done
ways+=(nginx_strace)
# shellcheck source=contrib/bench/apps.bash
source "$here/apps.bash"

fetch() {
	workload_fetch nginx "$repo/build/cache" && workload_fetch redis "$repo/build/cache"
}
prepare() {
	app_root nginx "$repo/build/cache/nginx" && nginx_bundle && app_root redis "$repo/build/cache/redis-server" && redis_bundle || return 1
	host_mntns=$(stat -L -c %i /proc/self/ns/mnt)
}

ran() { loaded "$1" runc run --bundle "$T/$1" "$id"; }

one() {
	local app=${1%_*} how=${1#*_}
	case $how in
	empty) while_attached empty.bpf.o ran "$app" ;;
	spo) while_attached "peer_spo.bpf.o excluded $host_mntns 1" ran "$app" ;;
	gadget) while_attached peer_gadget.bpf.o ran "$app" ;;
	syscalls) loaded "$app" snug learn "$T/$app" --name "$app" --id "$id" --fresh --no-files ;;
	learn) loaded "$app" snug learn "$T/$app" --name "$app" --id "$id" --fresh ;;
	strace) loaded "$app" strace -f -o "$T/strace" -e trace=%file,%desc,%network runc run --bundle "$T/$app" "$id" ;;
	*) ran "$app" ;;
	esac
}

rows() {
	cat << 'ROWS'
# | nginx, one worker, 6 KB a request, wrk with 4 connections | of its requests while nobody learns | requests a second
nobody learns | | nginx | |
an empty program on sys_enter: the floor | nginx_empty / nginx | nginx_empty | |
`snug learn --no-files` | nginx_syscalls / nginx | nginx_syscalls | | R >= 0.97
`snug learn` | nginx_learn / nginx | nginx_learn | | R >= 0.97
security-profiles-operator's sequence, calls alone | nginx_spo / nginx | nginx_spo | |
Inspektor Gadget's sequence, calls alone | nginx_gadget / nginx | nginx_gadget | |
strace of its file, descriptor and network calls | nginx_strace / nginx | nginx_strace | |
# | redis, redis-benchmark with 20 connections, SET | of its requests while nobody learns | requests a second
nobody learns | | redis | |
an empty program on sys_enter: the floor | redis_empty / redis | redis_empty | |
`snug learn --no-files` | redis_syscalls / redis | redis_syscalls | | R >= 0.97
`snug learn` | redis_learn / redis | redis_learn | | R >= 0.97
security-profiles-operator's sequence, calls alone | redis_spo / redis | redis_spo | |
Inspektor Gadget's sequence, calls alone | redis_gadget / redis | redis_gadget | |

nginx opens a file in each request. Client and server share the machine's cores, and what is attached to the calls of all slows the client too.
ROWS
}
