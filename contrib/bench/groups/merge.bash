# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# merge: recordings of a web server (contrib/bench/recordings.c), in memory.

title='Merging recordings'
readonly LARGEST=100000
ways=(10 1000 10000 "$LARGEST")

prepare() {
	mkdir "$T/recordings" && "$bin/recordings" "$LARGEST" "$T/recordings" || return 1
	(cd "$T/recordings" && printf '%s\0' *.json) > "$T/names"
	# As many names as no command line holds: snug merge takes the folder of a name of the store.
	store=$T/store/var/lib/snug/recordings
	for count in "${ways[@]}"; do
		mkdir -p "$store/r$count" && head -z -n "$count" "$T/names" | (cd "$T/recordings" && xargs -0 ln -t "$store/r$count") || return 1
	done
}

one() {
	local took memory
	# 100,000 take seconds.
	[ "$1" != "$LARGEST" ] || [ "$round" -le "$ROUNDS_LONG" ] || return
	read -r took memory < <("$bin/spawn" 1 "$SNUG" --root "$T/store" merge "r$1" --output "$T/merged.json") &&
		printf 'time_%s %s\nmemory_%s %s\n' "$1" "$took" "$1" "$memory"
}

rows() {
	cat << 'ROWS'
# | `snug merge` of so many recordings | times what a tenth of them takes, by ten | takes
10 | | time_10 | ms |
1,000 | | time_1000 | ms |
10,000 | time_10000 / time_1000 / 10 | time_10000 | ms | R <= 1.1
100,000 | time_100000 / time_10000 / 10 | time_100000 | ms | R <= 1.1
100,000: in 5 s | | time_100000 / 1000 | s | F <= 5
# | its most memory | times that for 10 | KiB
10 | | memory_10 | KiB |
1,000 | memory_1000 / memory_10 | memory_1000 | KiB | R <= 1.1
10,000 | memory_10000 / memory_10 | memory_10000 | KiB | R <= 1.1
100,000 | memory_100000 / memory_10 | memory_100000 | KiB | R <= 1.1
ROWS
}
