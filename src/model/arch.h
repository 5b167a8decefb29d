/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABIs that snug knows calls of, and their names in the OCI runtime-spec (SCMP_ARCH_*).
 * A filter sees an ABI as (AUDIT_ARCH_* token, call number); x32 shares x86_64's token and sets
 * bit 30 of the number (arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum snug_arch {
	SNUG_ARCH_X86_64,
	SNUG_ARCH_I386,
	SNUG_ARCH_X32,
	SNUG_ARCH_ARM64,
	SNUG_ARCH_MAX,
};

#define SNUG_X32_BIT 0x40000000u

/* "SCMP_ARCH_X86_64", … */
const char *snug_arch_name(enum snug_arch arch);
/* The short word for people: "x86_64", "i386", "x32", "arm64". */
const char *snug_arch_word(enum snug_arch arch);
/* By the OCI name. false: a name the runtime-spec has but snug has no table for, or none at all. */
bool snug_arch_parse(const char *name, enum snug_arch *ret);
/* Is it a SCMP_ARCH_* that the runtime-spec (1.2, config-linux.md, Seccomp) lists? */
bool snug_arch_is_oci(const char *name);
/* The kernel's token, linux/audit.h. X32 gives x86_64's. */
uint32_t snug_arch_token(enum snug_arch arch);
/* Which ABI a filter's (token, number) pair is. false: none of ours. */
bool snug_arch_of(uint32_t token, uint32_t nr, enum snug_arch *ret);
/* Bits of an argument that the ABI passes: 32 for i386, else 64. */
unsigned snug_arch_bits(enum snug_arch arch);
/* The ABI this program was compiled for. */
enum snug_arch snug_arch_native(void);
