# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of run
# attacks: which ones there are for a profile, and what became of them.

# Other arguments for each call that a profile may pin (model/args.h): what an intruder would like, with
# clean and with dirty upper halves. Harmless: bad descriptors, null pointers, own attributes.
readonly CANDIDATES='
socket 38 5 0
socket 0x100000026 5 0
socket 17 3 0
socket 0x100000011 0x100000003 0
clone 0x10000011
unshare 0x10000000
unshare 0x110000000
prctl 30
prctl 0x10000001e
ioctl 0xffffffffffffffff 0x5412
ioctl 0xffffffffffffffff 0x100005412
personality 0x40000
personality 0x100040000
setsockopt 0xffffffffffffffff 6 31
setsockopt 0xffffffffffffffff 0x100000006 0x10000001f
keyctl 0 0xfffffffffffffffd
keyctl 0x100000000 0xfffffffffffffffd
bpf 11
bpf 0x10000000b'

# pinned PROFILE: a line for each entry that allows a call by argument: the call, then
# index:mask:value for each condition.
pinned() {
	jq -r '.seccomp.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and (.args // []) != [])
		| .names[] as $name | [$name] + [.args[] | if .op == "SCMP_CMP_EQ"
			then "\(.index):-1:\(.value)"
			elif .op == "SCMP_CMP_MASKED_EQ" then "\(.index):\(.value):\(.valueTwo // 0)"
			else error("operator \(.op)") end] | join(" ")' "$1"
}

# permits PINNED-FILE CALL ARG...: does an entry allow the call with these arguments?
permits() {
	local file=$1 call=$2 name conditions condition index mask value all
	shift 2
	local -a args=("$@")
	while read -r name conditions; do
		[ "$name" = "$call" ] || continue
		all=1
		for condition in $conditions; do
			IFS=: read -r index mask value <<< "$condition"
			(((${args[index]:-0} & mask) == value)) || all=0
		done
		[ "$all" = 0 ] || return 0
	done < "$file"
	return 1
}

# attack_vectors PROFILE: a line for each attack: its name, or "call" with a call and arguments.
attack_vectors() {
	local line call covered=' '
	"$repo/$SNUG_BUILD/attack"
	pinned "$1" > "$T/pinned" || die "cannot read $1"
	while read -r line; do
		[ -n "$line" ] || continue
		call=${line%% *}
		grep -q "^$call " "$T/pinned" || continue
		# shellcheck disable=SC2086 # words
		permits "$T/pinned" $line && continue
		covered="$covered$call "
		echo "call $line"
	done <<< "$CANDIDATES"
	while read -r call; do
		[[ $covered == *" $call "* ]] || die "$call is allowed by argument, and no attack tries another one"
	done < <(cut -d ' ' -f 1 "$T/pinned" | sort -u)
}

# attack_all: each attack of $T/vectors from inside the container, as a line "STATUS ERRNO ATTACK".
attack_all() {
	local line out
	while read -r line; do
		# shellcheck disable=SC2086 # words
		out=$(runc exec "$id" /attack $line < /dev/null 2>&1)
		case $(tail -n 1 <<< "$out") in
		*' worked') echo "worked - $line" ;;
		*' reached '*) echo "reached ${out##* } $line" ;;
		*' stopped '*) echo "stopped ${out##* } $line" ;;
		'try '*) echo "stopped killed $line" ;;
		*) echo "untried - $line ($out)" ;;
		esac
	done < "$T/vectors"
}

# needed ATTACK: the workload itself was seen to need the capability that the attack stands on.
needed() {
	local cap
	case $1 in
	setuid) cap=CAP_SETUID ;;
	chroot) cap=CAP_SYS_CHROOT ;;
	mknod) cap=CAP_MKNOD ;;
	socket:AF_PACKET*) cap=CAP_NET_RAW ;;
	*) return 1 ;;
	esac
	jq -e --arg cap "$cap" '.capabilities // [] | index($cap) != null' "$profile" > /dev/null
}
