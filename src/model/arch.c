/* SPDX-License-Identifier: Apache-2.0 */
#include "model/arch.h"

#include <linux/audit.h>
#include <string.h>

static const struct {
	const char *name, *word;
	uint32_t token;
	unsigned bits;
} archs[SNUG_ARCH_MAX] = {
	[SNUG_ARCH_X86_64] = { "SCMP_ARCH_X86_64", "x86_64", AUDIT_ARCH_X86_64, 64 },
	[SNUG_ARCH_I386] = { "SCMP_ARCH_X86", "i386", AUDIT_ARCH_I386, 32 },
	[SNUG_ARCH_X32] = { "SCMP_ARCH_X32", "x32", AUDIT_ARCH_X86_64, 64 },
	[SNUG_ARCH_ARM64] = { "SCMP_ARCH_AARCH64", "arm64", AUDIT_ARCH_AARCH64, 64 },
};

/* Those of the runtime-spec that snug has no table for. */
static const char *const foreign[] = {
	"SCMP_ARCH_ARM",    "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
	"SCMP_ARCH_MIPS",   "SCMP_ARCH_MIPS64",	     "SCMP_ARCH_MIPS64N32",
	"SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",    "SCMP_ARCH_MIPSEL64N32",
	"SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",    "SCMP_ARCH_PPC",
	"SCMP_ARCH_PPC64",  "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",
	"SCMP_ARCH_S390",   "SCMP_ARCH_S390X",	     "SCMP_ARCH_SH",
	"SCMP_ARCH_SHEB",
};

const char *snug_arch_name(enum snug_arch arch)
{
	return archs[arch].name;
}

const char *snug_arch_word(enum snug_arch arch)
{
	return archs[arch].word;
}

bool snug_arch_parse(const char *name, enum snug_arch *ret)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		if (strcmp(name, archs[arch].name) == 0) {
			*ret = (enum snug_arch)arch;
			return true;
		}
	}
	return false;
}

bool snug_arch_is_oci(const char *name)
{
	enum snug_arch ours;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strcmp(name, foreign[i]) == 0)
			return true;
	}
	return snug_arch_parse(name, &ours);
}

uint32_t snug_arch_token(enum snug_arch arch)
{
	return archs[arch].token;
}

bool snug_arch_of(uint32_t token, uint32_t nr, enum snug_arch *ret)
{
	/*
	 * Numbers past bit 30 are no call of any ABI. libseccomp's filters count them as x32's
	 * ("jge 0x40000000"), so they are here too: the two ABIs stay ranges of numbers.
	 */
	switch (token) {
	case AUDIT_ARCH_X86_64:
		*ret = nr >= SNUG_X32_BIT ? SNUG_ARCH_X32 : SNUG_ARCH_X86_64;
		return true;
	case AUDIT_ARCH_I386:
		*ret = SNUG_ARCH_I386;
		return true;
	case AUDIT_ARCH_AARCH64:
		*ret = SNUG_ARCH_ARM64;
		return true;
	default:
		return false;
	}
}

unsigned snug_arch_bits(enum snug_arch arch)
{
	return archs[arch].bits;
}

enum snug_arch snug_arch_native(void)
{
#if defined(__x86_64__) && defined(__ILP32__)
	return SNUG_ARCH_X32;
#elif defined(__x86_64__)
	return SNUG_ARCH_X86_64;
#elif defined(__i386__)
	return SNUG_ARCH_I386;
#elif defined(__aarch64__)
	return SNUG_ARCH_ARM64;
#else
#error "snug has no syscall table for this architecture"
#endif
}
