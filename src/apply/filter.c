/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/filter.h"

#include "apply/compile.h"
#include "base/cleanup.h"
#include "model/syscalls.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Static_assert(sizeof(struct snug_insn) == sizeof(struct sock_filter) &&
		       offsetof(struct snug_insn, k) == offsetof(struct sock_filter, k),
	       "snug_insn is the kernel's sock_filter");

void snug_filter_clear(struct snug_filter *filter)
{
	int saved = errno;

	free(filter->insns);
	*filter = (struct snug_filter){ 0 };
	errno = saved;
}

static const uint32_t scmp_arch[SNUG_ARCH_MAX] = {
	[SNUG_ARCH_X86_64] = SCMP_ARCH_X86_64,
	[SNUG_ARCH_I386] = SCMP_ARCH_X86,
	[SNUG_ARCH_X32] = SCMP_ARCH_X32,
	[SNUG_ARCH_ARM64] = SCMP_ARCH_AARCH64,
};

/*
 * Can the host's libseccomp name this call? It knows i386's socket and ipc calls by negative
 * pseudo numbers alone, and gives them their direct numbers when a rule is added; the other
 * negative numbers stand for calls that this ABI lacks.
 */
static bool host_resolves(enum snug_arch arch, const struct snug_syscall *call)
{
	int nr = seccomp_syscall_resolve_name_arch(scmp_arch[arch], call->name);

	if (nr == __NR_SCMP_ERROR)
		return false;
	return (uint32_t)nr == call->nr || (arch == SNUG_ARCH_I386 && nr < 0 && nr > -1000);
}

void snug_target_of_host(enum snug_runtime runtime, struct snug_target *ret)
{
	*ret = (struct snug_target){ .runtime = runtime };
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		size_t count;
		const struct snug_syscall *table = snug_syscall_table(arch, &count);

		for (size_t i = 0; i < count; i++) {
			uint32_t nr = table[i].nr & ~SNUG_X32_BIT;

			if (runtime == SNUG_RUNTIME_SNUG || host_resolves(arch, &table[i]))
				ret->resolves[arch][nr / 64] |= UINT64_C(1) << nr % 64;
		}
	}
}

/*
 * runc's stub (libcontainer/seccomp/patchbpf): for an architecture that the section lists, a
 * number above the highest that the section names (entries that are skipped as equal to the
 * default count too) gets ENOSYS, unless the default lets calls run. A name counts by the number
 * that libseccomp resolves it to, so i386's socket calls, being negative there, do not.
 */
static uint32_t stub_last(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			  enum snug_arch arch)
{
	uint32_t last = 0;

	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];

		for (size_t n = 0; n < entry->names.count; n++) {
			const struct snug_syscall *call =
				snug_syscall_by_name(arch, entry->names.at[n]);
			int nr;

			if (!call || !snug_target_resolves(target, arch, call->nr))
				continue;
			nr = seccomp_syscall_resolve_name_arch(scmp_arch[arch], call->name);
			if (nr > 0 && (uint32_t)nr > last)
				last = (uint32_t)nr;
		}
	}
	return last;
}

#define STUB_MAX (1 + 6 * SNUG_ARCH_MAX)
#define LOAD(field)                                                                                \
	((struct snug_insn){ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, field) })
#define JUMP(op, k, jt, jf) ((struct snug_insn){ BPF_JMP | (op) | BPF_K, (jt), (jf), (k) })
#define RETURN(action)	    ((struct snug_insn){ BPF_RET | BPF_K, 0, 0, (action) })

/* One architecture's part: falls through to the next with the token loaded again. */
static size_t stub_part(enum snug_arch arch, uint32_t last, struct snug_insn *at)
{
	bool shares = arch == SNUG_ARCH_X86_64 || arch == SNUG_ARCH_X32; /* a token with another */
	size_t n = 0;

	at[n++] = JUMP(BPF_JEQ, snug_arch_token(arch), 0, shares ? 5 : 4);
	at[n++] = LOAD(nr);
	if (shares)
		at[n++] = JUMP(BPF_JSET, SNUG_X32_BIT, arch == SNUG_ARCH_X32 ? 0 : 2,
			       arch == SNUG_ARCH_X32 ? 2 : 0);
	at[n++] = JUMP(BPF_JGT, last, 0, 1);
	at[n++] = RETURN(SNUG_ERRNO(ENOSYS));
	at[n++] = LOAD(arch);
	return n;
}

static size_t stub_make(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			struct snug_insn at[STUB_MAX])
{
	size_t n = 0;

	if (target->runtime != SNUG_RUNTIME_RUNC ||
	    !snug_action_looser(SNUG_TRACE(0), seccomp->fallback))
		return 0;
	at[n++] = LOAD(arch);
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		uint32_t last = snug_oci_seccomp_lists(seccomp, arch)
					? stub_last(seccomp, target, arch)
					: 0;

		if (last)
			n += stub_part(arch, last, at + n);
	}
	return n;
}

/* The stub and then the filter: jumps are relative, so nothing changes in it. */
static int put_behind_stub(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			   const struct snug_filter *filter, struct snug_filter *ret,
			   struct snug_error *err)
{
	struct snug_insn stub[STUB_MAX];
	size_t n = stub_make(seccomp, target, stub), count = filter->program.count;
	struct snug_insn *insns = reallocarray(NULL, n + count, sizeof(*insns));

	if (!insns)
		return snug_fail_memory(err);
	memcpy(insns, stub, n * sizeof(*insns));
	memcpy(insns + n, filter->insns, count * sizeof(*insns));
	*ret = (struct snug_filter){ insns, { insns, n + count } };
	return 0;
}

int snug_filter_compile(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			enum snug_filter_shape shape, struct snug_filter *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_compiled_clear) struct snug_compiled compiled = { 0 };

	if (snug_compile(seccomp, target, &compiled, err) < 0)
		return -1;
	return put_behind_stub(seccomp, target, &compiled.shape[shape], ret, err);
}

static const char *const shape_word[SNUG_FILTER_SHAPE_MAX] = {
	[SNUG_FILTER_LINEAR] = "the filter",
	[SNUG_FILTER_TREE] = "the filter's binary tree",
};

static int prove(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		 const struct snug_compiled *compiled, bool tree_too,
		 const struct snug_seccomp *policy, struct snug_error *err)
{
	for (enum snug_filter_shape shape = 0;
	     shape <= (tree_too ? SNUG_FILTER_TREE : SNUG_FILTER_LINEAR); shape++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
		struct snug_call_data witness;

		if (put_behind_stub(seccomp, target, &compiled->shape[shape], &filter, err) < 0)
			return -1;
		if (snug_program_prove(&filter.program, policy, &witness, err) < 0)
			return snug_context(err, "%s that libseccomp builds for %s",
					    shape_word[shape], snug_runtime_name(target->runtime));
	}
	return 0;
}

int snug_filter_check(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		      const struct snug_seccomp *policy, struct snug_error *err)
{
	return snug_filter_check_all(seccomp, target, policy, 1, err);
}

int snug_filter_check_all(const struct snug_oci_seccomp *seccomp, const struct snug_target *targets,
			  const struct snug_seccomp *policies, size_t count, struct snug_error *err)
{
	SNUG_AUTO(snug_compiled_clear) struct snug_compiled compiled = { 0 };

	for (size_t i = 0; i < count; i++) {
		bool anew = i == 0 || !snug_compiles_alike(seccomp, &targets[i - 1], &targets[i]);

		if (anew) {
			snug_compiled_clear(&compiled);
			if (snug_compile(seccomp, &targets[i], &compiled, err) < 0)
				return -1;
		}
		/* One tree, however many targets: what they put in front of it is proved with the
		 * linear one. */
		if (prove(seccomp, &targets[i], &compiled, anew, &policies[i], err) < 0)
			return -1;
	}
	return 0;
}

/* By its file, since distributions mend a library without another version. */
void snug_filter_library(char ret[128], char ret_path[1024])
{
	const struct scmp_version *version = seccomp_version();
	Dl_info info = { 0 };
	bool there = dladdr((const void *)(uintptr_t)seccomp_version, &info) && info.dli_fname;

	snprintf(ret, 128, "libseccomp %u.%u.%u", version->major, version->minor, version->micro);
	snprintf(ret_path, 1024, "%s", there ? info.dli_fname : "");
}
