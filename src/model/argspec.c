/* SPDX-License-Identifier: Apache-2.0 */
#include "model/argspec.h"

#include "model/syscalls.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *call;
	unsigned index;
	uint64_t mask;
} rows[] = {
#define ROW(call, index, mask) { #call, index, mask },
	SNUG_ARGS_TABLE(ROW)
#undef ROW
};

bool snug_argspec_of(const char *call, struct snug_argspec *ret)
{
	*ret = (struct snug_argspec){ 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].call, call) != 0)
			continue;
		ret->index[ret->count] = rows[i].index;
		ret->mask[ret->count++] = rows[i].mask;
	}
	return ret->count > 0;
}

bool snug_argspec_of_nr(enum snug_arch arch, uint32_t nr, struct snug_argspec *ret)
{
	const struct snug_syscall *call = snug_syscall_by_nr(arch, nr);

	return call && snug_argspec_of(call->name, ret);
}
