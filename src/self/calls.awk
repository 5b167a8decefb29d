# SPDX-License-Identifier: Apache-2.0
# calls.awk: calls.tsv to the lines of a filter (self/filter.c). What an architecture has not is left out.

/^#/ || !NF { next }
# What filter.c itself lists, with fewer arguments than were not told apart.
/^(fchmod|fcntl|prlimit64|open|openat|creat)$/ { next }
# Its mode lies where no filter can look, and snug does without it.
/^openat2$/ { next }

{
	print "#ifdef __NR_" $1
	if (NF == 1)
		printf "\tALLOW(__NR_%s),\n", $1
	else
		printf "\tALLOW_IF(__NR_%s, %su, %su, %su),\n", $1, $2, $3, $4
	print "#endif"
}
