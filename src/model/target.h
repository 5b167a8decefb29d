/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target: who turns a linux.seccomp object into a filter. The same object is another filter
 * under another runtime: a name that its libseccomp does not know is skipped, and runc puts a stub
 * in front that answers ENOSYS for numbers above the profile's highest (libcontainer/seccomp/
 * patchbpf). So a policy is always judged for a target.
 */
#pragma once

#include "model/syscalls.h"

#include <stdbool.h>
#include <stdint.h>

enum snug_runtime {
	SNUG_RUNTIME_RUNC,
	SNUG_RUNTIME_CRUN,
	SNUG_RUNTIME_SNUG, /* snug itself at the exec boundary: names every call by number, no stub
			    */
	SNUG_RUNTIME_MAX,
};

struct snug_target {
	enum snug_runtime runtime;
	/* Bit (nr & ~SNUG_X32_BIT) of an ABI: its libseccomp can name this call. */
	uint64_t resolves[SNUG_ARCH_MAX][(SNUG_SYSCALL_NR_MAX + 1) / 64];
};

const char *snug_runtime_name(enum snug_runtime runtime); /* "runc", "crun", "snug" */
bool snug_runtime_parse(const char *name, enum snug_runtime *ret);

/*
 * A target with a libseccomp that knows every call up to Linux `major.minor` (by the table).
 * SNUG_RUNTIME_SNUG knows the whole table, whatever the version. Who can ask the runtime's
 * libseccomp fills `resolves` from it instead.
 */
void snug_target_init(struct snug_target *ret, enum snug_runtime runtime, unsigned major,
		      unsigned minor);
bool snug_target_resolves(const struct snug_target *target, enum snug_arch arch, uint32_t nr);
/* The newest (highest-numbered) call of the ABI that the target can name; NULL: none. */
const struct snug_syscall *snug_target_newest(const struct snug_target *target,
					      enum snug_arch arch);
