# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# start: a container's start under what snug makes of its config, under both runtimes.

title='Starting a container'
readonly STARTS=7 # in a sample, which is their median
ways=()
for how in none docker hardened empty_hook gate boundary; do
	ways+=("runc_$how" "crun_$how")
done

prepare() {
	start_cgroup2
	bundle_of none /bin/true && like docker none && docker_default docker || return 1
	snug learn "$T/none" --name true --fresh > "$T/log" 2>&1 < /dev/null && snug generate true >> "$T/log" 2>&1 &&
		like hardened none && snug harden "$T/hardened" --profile true --without-apparmor >> "$T/log" 2>&1 || {
		cat "$T/log" >&2
		return 1
	}
	like gate hardened && hooks_of gate "$T/store" createRuntime poststop && config "$T/gate" 'del(.hooks.poststop)' &&
		like empty_hook hardened && config "$T/empty_hook" --arg path "$bin/empty" '.hooks = {createRuntime: [{path: $path}]}' &&
		like boundary none && hooks_of boundary "$T/store" createRuntime poststop || return 1
	mkdir -p "$T/store/etc/snug" && echo '{"snugPolicy": 1, "default": {"mode": "enforce", "profile": "true", "apparmor": "off"}}' \
		> "$T/store/etc/snug/policy.json"
	one runc_gate > "$T/log" && [ "$(cat "$T/store/run/snug/gate"/*)" = within ] || {
		echo 'the hardened config is not within its profile' >&2
		return 1
	}
}

one() {
	local bundle=$T/${1#*_}
	case $1 in
	runc_*) ms "$STARTS" runc --root "$T/runc" run --bundle "$bundle" "$id" < /dev/null ;;
	crun_*) read -r took _ < <(in_cgroup2 "$bin/spawn" "$STARTS" crun --root "$T/crun" --cgroup-manager=disabled \
		run --bundle "$bundle" "$id" < /dev/null) && echo "$took" ;;
	esac
}

rows() {
	local runtime
	for runtime in crun runc; do
		cat << ROWS
# | \`$runtime run\` of \`true\` | times one without a profile | takes
no profile | | ${runtime}_none | ms |
the engines' default, three architectures | ${runtime}_docker / ${runtime}_none | ${runtime}_docker | ms |
hardened by snug, no hook | ${runtime}_hardened / ${runtime}_none | ${runtime}_hardened | ms | R <= 1.03
hardened, sooner than the engines' default | ${runtime}_docker / ${runtime}_hardened | ${runtime}_docker - ${runtime}_hardened | ms | $([ $runtime = crun ] && echo 'F >= 10')
hardened, and an empty static program as hook | ${runtime}_empty_hook / ${runtime}_none | ${runtime}_empty_hook | ms |
hardened, and snug's hook under an enforcing policy: more than that | ${runtime}_gate / ${runtime}_empty_hook | ${runtime}_gate - ${runtime}_empty_hook | ms | F <= 0.5
not hardened: confined at its exec boundary by that hook: more than the empty hook | ${runtime}_boundary / ${runtime}_empty_hook | ${runtime}_boundary - ${runtime}_empty_hook | ms |
ROWS
	done
}
