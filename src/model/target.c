/* SPDX-License-Identifier: Apache-2.0 */
#include "model/target.h"

#include <string.h>

static const char *const names[SNUG_RUNTIME_MAX] = {
	[SNUG_RUNTIME_RUNC] = "runc",
	[SNUG_RUNTIME_CRUN] = "crun",
	[SNUG_RUNTIME_SNUG] = "snug",
};

const char *snug_runtime_name(enum snug_runtime runtime)
{
	return names[runtime];
}

bool snug_runtime_parse(const char *name, enum snug_runtime *ret)
{
	for (unsigned runtime = 0; runtime < SNUG_RUNTIME_MAX; runtime++) {
		if (strcmp(name, names[runtime]) == 0) {
			*ret = (enum snug_runtime)runtime;
			return true;
		}
	}
	return false;
}

static bool is_older(const struct snug_syscall *call, unsigned major, unsigned minor)
{
	return call->major < major || (call->major == major && call->minor <= minor);
}

void snug_target_init(struct snug_target *ret, enum snug_runtime runtime, unsigned major,
		      unsigned minor)
{
	*ret = (struct snug_target){ .runtime = runtime };
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		size_t count;
		const struct snug_syscall *calls = snug_syscall_table((enum snug_arch)arch, &count);

		for (size_t i = 0; i < count; i++) {
			uint32_t nr = calls[i].nr & ~SNUG_X32_BIT;

			if (runtime == SNUG_RUNTIME_SNUG || is_older(&calls[i], major, minor))
				ret->resolves[arch][nr / 64] |= UINT64_C(1) << nr % 64;
		}
	}
}

bool snug_target_resolves(const struct snug_target *target, enum snug_arch arch, uint32_t nr)
{
	if ((nr >= SNUG_X32_BIT) != (arch == SNUG_ARCH_X32))
		return false;
	nr &= ~SNUG_X32_BIT;
	return nr <= SNUG_SYSCALL_NR_MAX && (target->resolves[arch][nr / 64] >> nr % 64 & 1) != 0;
}

const struct snug_syscall *snug_target_newest(const struct snug_target *target, enum snug_arch arch)
{
	size_t count;
	const struct snug_syscall *calls = snug_syscall_table(arch, &count);

	while (count-- > 0) {
		if (snug_target_resolves(target, arch, calls[count].nr))
			return &calls[count];
	}
	return NULL;
}
