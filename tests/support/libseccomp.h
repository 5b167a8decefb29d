/* SPDX-License-Identifier: Apache-2.0 */
/* libseccomp itself, fed with a section the way runc and crun feed it, in this process: for
 * sections of few rules, with EQ and MASKED_EQ alone, which it ends with. */
#pragma once

#include "apply/filter.h"
#include "random.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

/* libseccomp 2.5.4 loses memory where it refuses a rule. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp";
}

static const uint32_t libseccomp_arch[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32,
					    SCMP_ARCH_AARCH64 };

static inline int libseccomp_add_rules(scmp_filter_ctx ctx, const struct snug_oci_entry *entry,
				       int nr)
{
	struct scmp_arg_cmp cmp[8];
	unsigned count = 0, seen = 0;
	bool twice = false;
	int ret = 0;

	for (; count < entry->args.count; count++) {
		const struct snug_oci_arg *arg = &entry->args.at[count];

		twice |= seen >> arg->index & 1;
		seen |= 1u << arg->index;
		cmp[count] = (struct scmp_arg_cmp){ arg->index,
						    arg->op == SNUG_OP_EQ ? SCMP_CMP_EQ
									  : SCMP_CMP_MASKED_EQ,
						    arg->value, arg->value2 };
	}
	if (!twice)
		return seccomp_rule_add_array(ctx, entry->action, nr, count, cmp);
	for (unsigned i = 0; i < count && ret == 0; i++)
		ret = seccomp_rule_add_array(ctx, entry->action, nr, 1, &cmp[i]);
	return ret;
}

/* 0, or libseccomp's error: the runtime would refuse the container. */
static inline int libseccomp_build(const struct snug_oci_seccomp *seccomp, scmp_filter_ctx *ret_ctx)
{
	scmp_filter_ctx ctx = seccomp_init(seccomp->fallback);
	int ret = 0;

	CHECK(ctx);
	*ret_ctx = ctx;
	for (size_t i = 0; i < seccomp->archs.count; i++) {
		enum snug_arch arch;

		CHECK(snug_arch_parse(seccomp->archs.at[i], &arch));
		ret = seccomp_arch_add(ctx, libseccomp_arch[arch]);
		CHECK(ret == 0 || ret == -EEXIST);
	}
	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];

		if (entry->action == seccomp->fallback)
			continue;
		for (size_t n = 0; n < entry->names.count; n++) {
			int nr = seccomp_syscall_resolve_name(entry->names.at[n]);

			if (nr == __NR_SCMP_ERROR)
				continue;
			ret = libseccomp_add_rules(ctx, entry, nr);
			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

static inline void libseccomp_export(scmp_filter_ctx ctx, struct snug_filter *ret)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	off_t size;

	CHECK(seccomp_export_bpf(ctx, fd) == 0);
	size = lseek(fd, 0, SEEK_END);
	ret->insns = malloc((size_t)size);
	CHECK(pread(fd, ret->insns, (size_t)size, 0) == size);
	ret->program = (struct snug_program){ ret->insns, (size_t)size / sizeof(*ret->insns) };
	close(fd);
}
