/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/access.h"

#include "model/apparmor/policy.h"
#include "model/seen.h"

#define BIT(access) __builtin_ctz(access)

static const unsigned char by_access[SNUG_ACCESS_MAX] = {
	[BIT(SNUG_ACCESS_READ)] = SNUG_AA_READ,
	[BIT(SNUG_ACCESS_WRITE)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_APPEND)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_CREATE)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_DELETE)] = SNUG_AA_WRITE,
	/* apparmor_path_rename: the old name is read, written and deleted, the new one created */
	[BIT(SNUG_ACCESS_RENAME)] = SNUG_AA_READ | SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_REPLACE)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_LOCK)] = SNUG_AA_LOCK,
	/* PROT_EXEC comes with PROT_READ, and the label may have changed since the open */
	[BIT(SNUG_ACCESS_MAP)] = SNUG_AA_READ | SNUG_AA_MAP,
	[BIT(SNUG_ACCESS_EXECUTE)] = SNUG_AA_READ | SNUG_AA_MAP | SNUG_AA_EXECUTE,
	/* Only what is given to execve is asked for x: the rest is opened within it. */
	[BIT(SNUG_ACCESS_INTERPRET)] = SNUG_AA_READ | SNUG_AA_MAP,
	[BIT(SNUG_ACCESS_CHMOD)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_CHOWN)] = SNUG_AA_WRITE,
	[BIT(SNUG_ACCESS_TRUNCATE)] = SNUG_AA_WRITE,
};

unsigned snug_aa_perms_of(unsigned access)
{
	unsigned perms = 0;

	for (access &= SNUG_ACCESS_ALL; access; access &= access - 1)
		perms |= by_access[BIT(access)];
	return perms;
}

unsigned snug_aa_perms_given(unsigned perms, bool to_child)
{
	if (perms & SNUG_AA_WRITE)
		perms |= SNUG_AA_APPEND;
	/* parser_regex.c, process_dfa_entry */
	if (perms & SNUG_AA_EXECUTE && !to_child)
		perms |= SNUG_AA_MAP;
	return perms;
}
