# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# commands: generate, harden, audit and diff on the largest input that there is, beside jq that only reads the same file.

title='Commands, beside jq reading the same file'
TIMES=5 # in a sample, which is their median
ways=(jq_recording generate jq_profile diff harden_large harden_first audit_large audit_first jq_config harden audit harden_new version
	empty)

# The recording: tar over all of /usr/share, until its container's room for files is full. The config: one that docker makes,
# which is larger than Podman's.
prepare() {
	mkdir -p "$T/root" "$T/root.upper" "$T/root.work" &&
		mount -t overlay root -o "lowerdir=/,upperdir=$T/root.upper,workdir=$T/root.work" "$T/root" &&
		bundle_of tar /bin/sh -c 'tar -cf - /usr/share | cat > /dev/null' &&
		config "$T/tar" --arg path "$T/root" '.root.path = $path' || return 1
	snug learn "$T/tar" --name tar --fresh > "$T/log" 2>&1 < /dev/null && recording=$(echo "$T/store/var/lib/snug/recordings/tar"/*.json) &&
		snug generate tar >> "$T/log" 2>&1 && profile=$T/store/var/lib/snug/profiles/tar.json && [ -s "$profile" ] &&
		bundle_of docker /bin/true && docker_default docker && bundle_of plain /bin/true &&
		cp "$repo/profiles/baseline.json" "$T/store/var/lib/snug/profiles/" || {
		cat "$T/log" >&2
		return 1
	}
	note "The recording: tar over /usr/share, $(jq '.files | length' "$recording") files, $(size "$recording"); its profile: $(size "$profile");" \
		"the config.json: with the engines' default for three architectures, $(size "$T/docker/config.json")."
}
size() { printf '%s KiB' $((($(stat -c %s "$1") + 1023) / 1024)); }

# The first of its kind: nothing is known to be proved.
forget() { rm -rf "$T/store/var/cache/snug"; }

# harden PROFILE [OPTION]: tar's recording is not whole, and this host may have no AppArmor.
harden() {
	local options=(--without-apparmor --accept-incomplete)
	[ "$1" = tar ] || options=()
	ms "$TIMES" "$SNUG" --root "$T/store" harden "$config" --profile "$1" "${options[@]}" "${@:2}" --output "$T/out.json"
}

one() {
	local config=$T/docker/config.json
	case $1 in
	jq_recording) ms "$TIMES" jq empty "$recording" ;;
	generate) ms "$TIMES" "$SNUG" --root "$T/store" generate tar --output "$T/out.json" ;;
	jq_profile) ms "$TIMES" jq empty "$profile" ;;
	diff) ms "$TIMES:1" "$SNUG" --root "$T/store" diff "$profile" "$T/store/var/lib/snug/profiles/baseline.json" ;;
	harden_large) harden tar ;;
	harden_first) forget && TIMES=1 harden tar ;;
	audit_large) harden tar --audit ;;
	audit_first) forget && TIMES=1 harden tar --audit ;;
	jq_config) ms "$TIMES" jq empty "$config" ;;
	harden) harden baseline ;;
	harden_new) config=$T/plain/config.json && harden baseline ;;
	audit) harden baseline --audit ;;
	version) ms 20 "$SNUG" --version ;;
	empty) ms 20 "$bin/empty" ;;
	esac < /dev/null
}

rows() {
	cat << 'ROWS'
# | a command, as a process | times jq | takes
`jq empty` of the recording | | jq_recording | ms |
`snug generate` | generate / jq_recording | generate | ms | R <= 1
`jq empty` of its profile | | jq_profile | ms |
`snug diff` of it and baseline | diff / jq_profile | diff | ms | R <= 1
`snug harden` by it | harden_large / jq_profile | harden_large | ms | R <= 1
`snug harden` by it, the first time | harden_first / jq_profile | harden_first | ms | R <= 1
`snug harden --audit` by it | audit_large / jq_profile | audit_large | ms | R <= 1
`snug harden --audit` by it, the first time | audit_first / jq_profile | audit_first | ms | R <= 1
`jq empty` of the config.json | | jq_config | ms |
`snug harden` by baseline | harden / jq_config | harden | ms |
`snug harden --audit` by baseline | audit / jq_config | audit | ms |
`snug harden` by baseline of one without a seccomp section | harden_new / jq_config | harden_new | ms |
`snug --version` | | version | ms |
an empty static program | | empty | ms |

harden and audit have libseccomp build the filter and prove it, for all calls and all arguments, the first time that a section comes of them; of
the same section it is known then. libseccomp's binary tree of an audited section takes the most of that.
ROWS
}
