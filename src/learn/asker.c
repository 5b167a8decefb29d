/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/asker.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KALLSYMS "/proc/kallsyms"

/* security/commoncap.c, mm/util.c, kernel/capability.c: all pass CAP_OPT_NOAUDIT. */
static const char *const probes[] = {
	"cap_vm_enough_memory",	  "security_vm_enough_memory_mm",
	"__vm_enough_memory",	  "ns_capable_noaudit",
	"has_capability_noaudit", "has_ns_capability_noaudit",
	"capable_noaudit",	  "ptracer_capable",
};

bool snug_asker_is_probe(const char *function)
{
	size_t len = strcspn(function, "."); /* the compiler's .cold, .part.0, .constprop.0 */

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		if (strlen(probes[i]) == len && memcmp(probes[i], function, len) == 0)
			return true;
	return false;
}

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* "ffffffff81000000 T name [module]": cuts line behind the name. */
static bool read_symbol(char *line, uint64_t *ret_address, char *ret_type, const char **ret_name)
{
	char *end;

	*ret_address = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	*ret_type = end[1];
	*ret_name = end + 3;
	end[3 + strcspn(end + 3, " \t\n")] = '\0';
	return true;
}

int snug_askers_read(struct snug_rec_askers *ret, struct snug_error *err)
{
	SNUG_AUTO(close_file) FILE *file = fopen(KALLSYMS, "re");
	SNUG_AUTO(snug_freep) char *line = NULL;
	struct snug_rec_askers askers = { 0 };
	bool open = false; /* the last range waits for the symbol that ends it */
	size_t room = 0;

	if (!file)
		return snug_fail_errno(err, errno, "%s", KALLSYMS);
	while (getline(&line, &room, file) > 0) {
		uint64_t address;
		const char *name;
		char type;

		if (!read_symbol(line, &address, &type, &name))
			continue;
		if (open && address > askers.at[askers.count - 1].from) {
			askers.at[askers.count - 1].to = address;
			open = false;
		}
		if ((type != 't' && type != 'T') || !snug_asker_is_probe(name) || !address)
			continue;
		if (askers.count == SNUG_REC_ASKERS)
			return snug_fail(err, SNUG_HOST, "%s names too many functions", KALLSYMS);
		askers.at[askers.count].from = askers.at[askers.count].to = address;
		askers.count++;
		open = true;
	}
	if (!askers.count) {
		snug_fail(err, SNUG_HOST, "%s shows no addresses", KALLSYMS);
		return snug_remedy(err, "run as root with kernel.kptr_restrict below 2");
	}
	*ret = askers;
	return 0;
}

bool snug_askers_probe(const struct snug_rec_askers *askers, const uint64_t *ip, size_t count)
{
	for (size_t i = 0; i < count && ip[i]; i++)
		for (size_t k = 0; k < askers->count; k++)
			/* A return address may lie right behind a call that ends its function. */
			if (ip[i] > askers->at[k].from && ip[i] <= askers->at[k].to)
				return true;
	return false;
}
