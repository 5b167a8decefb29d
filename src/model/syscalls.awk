# SPDX-License-Identifier: Apache-2.0
# syscalls.tsv -> C: for each ABI its calls by number, and the order of their names.
# Run with LC_ALL=C; any awk.

BEGIN {
	FS = "\t"
	abis = split("x86_64 i386 x32 arm64", abi, " ")
	first["x32"] = "3.4"
	first["arm64"] = "3.7"
}

function die(what)
{
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}

# "2.6.39" -> 2006, "6.10" -> 6010, "-" -> 0: two parts, in order.
function version(text, part, n)
{
	if (text == "-")
		return 0
	n = split(text, part, ".")
	if (n < 2 || text !~ /^[0-9.]+$/)
		die("bad version: " text)
	return part[1] * 1000 + part[2]
}

function since(name, general, but, i, n, word, pair, v)
{
	v = version(general)
	if ((name in first) && version(first[name]) > v)
		v = version(first[name])
	n = split(but, word, ",")
	for (i = 1; i <= n; i++) {
		if (split(word[i], pair, "=") == 2 && pair[1] == name)
			v = version(pair[2])
	}
	return v
}

/^#/ { next }

{
	if (NF != 7)
		die("not seven columns")
	if ($1 <= last)
		die($1 " is not in order")
	last = $1
	ours = 0
	for (a = 1; a <= abis; a++) {
		nr = $(a + 1)
		if (nr == "-")
			continue
		if (nr !~ /^[0-9]+$/ || nr > 1023)
			die("bad number: " nr)
		if ((a, nr) in name)
			die(nr " is taken by " name[a, nr] " on " abi[a])
		name[a, nr] = $1
		v[a, nr] = since(abi[a], $6, $7)
		order[a, ++count[a]] = nr
		ours = 1
	}
	if (!ours)
		foreign[++foreigners] = $1
}

END {
	if (failed)
		exit 1
	print "/* Made by syscalls.awk from syscalls.tsv: do not edit. */"
	for (a = 1; a <= abis; a++) {
		printf "\nstatic const struct snug_syscall %s_calls[] = {\n", abi[a]
		bit = abi[a] == "x32" ? " | SNUG_X32_BIT" : ""
		at = 0
		for (nr = 0; nr <= 1023; nr++) {
			if (!((a, nr) in name))
				continue
			place[a, nr] = at++
			printf "\t{ \"%s\", %d%s, %d, %d },\n", name[a, nr], nr, bit, \
				int(v[a, nr] / 1000), v[a, nr] % 1000
		}
		printf "};\n\nstatic const uint16_t %s_by_name[] = {", abi[a]
		for (i = 1; i <= count[a]; i++)
			printf "%s%d,", (i - 1) % 16 ? " " : "\n\t", place[a, order[a, i]]
		print "\n};"
	}
	print "\nstatic const char *const foreign_names[] = {"
	for (i = 1; i <= foreigners; i++)
		printf "\t\"%s\",\n", foreign[i]
	print "};"
}
