/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syscall table: every call of each ABI, with its number and the Linux version that brought it.
 * Generated from src/model/syscalls.tsv, whose head names its origin. It knows calls that the
 * host's libseccomp does not; what a runtime can name is a target's question (model/target.h).
 */
#pragma once

#include "model/arch.h"

#include <stddef.h>
#include <stdint.h>

/* The largest number any ABI's table may reach (x32's without its bit). */
#define SNUG_SYSCALL_NR_MAX 1023u

struct snug_syscall {
	const char *name;     /* "openat" */
	uint32_t nr;	      /* as the kernel gets it: x32's with SNUG_X32_BIT */
	uint8_t major, minor; /* the Linux version that brought it to this ABI; 0.0 = before 2.6 */
};

/* NULL if the ABI has no such call. */
const struct snug_syscall *snug_syscall_by_name(enum snug_arch arch, const char *name);
const struct snug_syscall *snug_syscall_by_nr(enum snug_arch arch, uint32_t nr);
/* All of an ABI's calls, sorted by number. */
const struct snug_syscall *snug_syscall_table(enum snug_arch arch, size_t *ret_count);
/*
 * Has Linux a call of this name, on one of our ABIs or on any other architecture? (Else nobody
 * knows it: a typo, or newer than this table.) Engines' own profiles list other architectures'
 * calls too (Podman writes pciconfig_read into an x86_64 config.json); runtimes skip them.
 */
bool snug_syscall_is_known(const char *name);
/* The nearest known name, for "did you mean"; NULL when none is near. */
const char *snug_syscall_suggest(const char *name);
