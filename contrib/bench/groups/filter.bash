# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# filter: what a call costs whose arguments are looked at, under the profile `baseline` (but for its paths, which
# the exec boundary cannot keep).

title='A call whose argument is checked'
readonly CALLS=900000
ways=(none linear tree runc boundary)

prepare() {
	bundle_of plain /loop "$CALLS" both && cp "$bin/loop" "$T/rootfs/" && mkdir -p "$T/store/var/lib/snug/profiles" &&
		jq 'del(.maskedPaths, .readonlyPaths)' "$repo/profiles/baseline.json" \
			> "$T/store/var/lib/snug/profiles/baseline.json" && like runc plain && like boundary plain &&
		config "$T/boundary" '.process.noNewPrivileges = true' &&
		snug harden "$T/runc" --profile baseline > "$T/log" && hooks_of boundary "$T/store" prestart poststop &&
		config "$T/boundary" '.hooks.prestart[0].args += ["--profile", "baseline"]' || return 1
	# A line a rule: action, errno, name, and conditions as index:value:mask.
	jq -r '.seccomp.syscalls[] | . as $rule | .names[]
		| [$rule.action, ($rule.errnoRet // 1), .] + [$rule.args[]? | if .op == "SCMP_CMP_EQ" then "\(.index):\(.value):"
			else "\(.index):\(.valueTwo):\(.value)" end] | map(tostring) | join(" ")' \
		"$repo/profiles/baseline.json" > "$T/rules"
}

# named WAY: the loop's two lines, the way's name in front.
named() { sed "s/^/$1_/"; }

one() {
	case $1 in
	none) "$bin/loop" "$CALLS" both ;;
	linear | tree) "$bin/filter" "$1" "$bin/loop" "$CALLS" both < "$T/rules" ;;
	runc | boundary) runc --root "$T/runc" run --bundle "$T/$1" "$id" < /dev/null ;;
	esac | named "$1"
}

rows() {
	cat << 'ROWS'
# | personality(2), which the profile allows for five values, beside getppid(2), which it allows whole | times the tree's | more than a getppid
libseccomp's filter, linear | ((linear_checked - linear_whole) - (none_checked - none_whole)) / ((tree_checked - tree_whole) - (none_checked - none_whole)) | (linear_checked - linear_whole) - (none_checked - none_whole) | ns |
libseccomp's filter, a binary tree | | (tree_checked - tree_whole) - (none_checked - none_whole) | ns |
what runc loads of the config.json that snug hardened | ((runc_checked - runc_whole) - (none_checked - none_whole)) / ((tree_checked - tree_whole) - (none_checked - none_whole)) | (runc_checked - runc_whole) - (none_checked - none_whole) | ns |
what snug loads at the exec boundary | ((boundary_checked - boundary_whole) - (none_checked - none_whole)) / ((tree_checked - tree_whole) - (none_checked - none_whole)) | (boundary_checked - boundary_whole) - (none_checked - none_whole) | ns | R <= 1.1
a call that is allowed whole, under that filter: more than under none | | boundary_whole - none_whole | ns |

What the two calls differ by without a filter is taken off.
ROWS
}
