/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/compile.h"

#include "apply/child.h"
#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the child says of itself, in a page that both see. */
struct report {
	bool done;
	int error; /* libseccomp's, negative */
	char what[200];
};

struct job {
	const struct snug_oci_seccomp *seccomp;
	const struct snug_target *target;
	int out[SNUG_FILTER_SHAPE_MAX];
	struct report *report;
};

void snug_compiled_clear(struct snug_compiled *compiled)
{
	for (enum snug_filter_shape shape = 0; shape < SNUG_FILTER_SHAPE_MAX; shape++)
		snug_filter_clear(&compiled->shape[shape]);
}

/* ---- in the child ---- */

static int complain(struct report *report, int error, const char *step, const char *word)
{
	report->error = error;
	snprintf(report->what, sizeof(report->what), "%s %s", step, word);
	return -1;
}

/* Architectures that snug has no table of are left out: no call of theirs can reach this kernel,
 * and those of the other endianness libseccomp refuses. */
static int add_archs(scmp_filter_ctx ctx, const struct job *job)
{
	for (size_t i = 0; i < job->seccomp->archs.count; i++) {
		const char *name = job->seccomp->archs.at[i];
		enum snug_arch arch;
		char word[32] = "";
		int result;

		if (!snug_arch_parse(name, &arch))
			continue;
		for (size_t c = 0; c < sizeof(word) - 1 && name[strlen("SCMP_ARCH_") + c]; c++)
			word[c] = (char)tolower((unsigned char)name[strlen("SCMP_ARCH_") + c]);
		result = seccomp_arch_add(ctx, seccomp_arch_resolve_name(word));
		if (result < 0 && result != -EEXIST)
			return complain(job->report, result, "architecture", name);
	}
	return 0;
}

/* The number by which libseccomp takes this call: the native ABI's, or its pseudo number for one
 * that other ABIs alone have. */
static bool resolve(const struct snug_target *target, const char *name, int *ret_nr)
{
	bool named = false, known = false;

	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		const struct snug_syscall *call = snug_syscall_by_name(arch, name);

		known |= call != NULL;
		named |= call && snug_target_resolves(target, arch, call->nr);
	}
	*ret_nr = seccomp_syscall_resolve_name(name);
	/* i386's send and recv have no number anywhere, yet a name: socketcall's. */
	if (!known)
		return *ret_nr != __NR_SCMP_ERROR;
	if (*ret_nr == __NR_SCMP_ERROR && named) {
		const struct snug_syscall *call = snug_syscall_by_name(snug_arch_native(), name);

		*ret_nr = call ? (int)call->nr : __NR_SCMP_ERROR;
	}
	return named && *ret_nr != __NR_SCMP_ERROR;
}

static const enum scmp_compare compare[SNUG_OP_MAX] = {
	[SNUG_OP_NE] = SCMP_CMP_NE,
	[SNUG_OP_LT] = SCMP_CMP_LT,
	[SNUG_OP_LE] = SCMP_CMP_LE,
	[SNUG_OP_EQ] = SCMP_CMP_EQ,
	[SNUG_OP_GE] = SCMP_CMP_GE,
	[SNUG_OP_GT] = SCMP_CMP_GT,
	[SNUG_OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

#define CONDITIONS_MAX	    64u
#define CRUN_CONDITIONS_MAX 6u /* it takes the first six of an entry and drops the others */

/* One entry for one name: all conditions in one rule, or, where an index occurs twice, a rule for
 * each (what runc and crun do). Returns libseccomp's error. */
static int add_rules(scmp_filter_ctx ctx, const struct snug_oci_entry *entry, int nr,
		     enum snug_runtime runtime)
{
	struct scmp_arg_cmp condition[CONDITIONS_MAX];
	unsigned count = (unsigned)entry->args.count, seen = 0;
	bool twice = false;
	int result = 0;

	if (runtime == SNUG_RUNTIME_CRUN && count > CRUN_CONDITIONS_MAX)
		count = CRUN_CONDITIONS_MAX;
	if (count > CONDITIONS_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < count; i++) {
		const struct snug_oci_arg *arg = &entry->args.at[i];

		twice |= seen >> arg->index & 1;
		seen |= 1u << arg->index;
		condition[i] = (struct scmp_arg_cmp){ arg->index, compare[arg->op], arg->value,
						      arg->value2 };
	}
	if (!twice)
		return seccomp_rule_add_array(ctx, entry->action, nr, count, condition);
	for (unsigned i = 0; i < count && result == 0; i++)
		result = seccomp_rule_add_array(ctx, entry->action, nr, 1, &condition[i]);
	return result;
}

static int add_entries(scmp_filter_ctx ctx, const struct job *job, size_t *ret_rules)
{
	for (size_t e = 0; e < job->seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &job->seccomp->entries.at[e];

		if (entry->action == job->seccomp->fallback)
			continue;
		for (size_t n = 0; n < entry->names.count; n++) {
			int nr, result;

			if (!resolve(job->target, entry->names.at[n], &nr))
				continue;
			result = add_rules(ctx, entry, nr, job->target->runtime);
			if (result < 0)
				return complain(job->report, result, "call", entry->names.at[n]);
			++*ret_rules;
		}
	}
	return 0;
}

static int export(scmp_filter_ctx ctx, const struct job *job, size_t rules)
{
	int result = seccomp_export_bpf(ctx, job->out[SNUG_FILTER_LINEAR]);

	/* libseccomp 2.5 builds a broken tree from a filter without rules. */
	if (result == 0 && rules > 0)
		result = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (result == 0)
		result = seccomp_export_bpf(ctx, job->out[SNUG_FILTER_TREE]);
	return result < 0 ? complain(job->report, result, "export of", "the filter") : 0;
}

static void child(const struct job *job)
{
	scmp_filter_ctx ctx;
	size_t rules = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A parent that has confined itself may not kill. */
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(SNUG_COMPILE_SECONDS_MAX + 1);
	ctx = seccomp_init(job->seccomp->fallback);
	if (!ctx)
		complain(job->report, -EINVAL, "default", "action");
	else if (add_archs(ctx, job) == 0 && add_entries(ctx, job, &rules) == 0 &&
		 export(ctx, job, rules) == 0)
		job->report->done = true;
	_exit(0);
}

/* ---- in the parent ---- */

static int await(pid_t tgid, struct snug_error *err)
{
	int status, result = snug_child_await(tgid, SNUG_COMPILE_SECONDS_MAX, &status, err);

	if (result <= 0)
		return result;
	snug_fail(err, SNUG_HOST, "libseccomp did not finish the filter within %u s",
		  SNUG_COMPILE_SECONDS_MAX);
	return snug_remedy(err,
			   "put fewer conditions on one call, or use libseccomp 2.6: 2.5 never "
			   "ends with some");
}

static int read_all(int fd, char *ret, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, ret + done, len - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : EIO; /* it was that long just now */
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

static int read_filter(int fd, struct snug_filter *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	struct stat st;
	size_t count;

	if (fstat(fd, &st) < 0)
		return snug_fail_errno(err, errno, "the filter from libseccomp");
	count = (size_t)st.st_size / sizeof(*filter.insns);
	if (count == 0 || count > SNUG_PROGRAM_MAX ||
	    (size_t)st.st_size % sizeof(*filter.insns) != 0)
		return snug_fail(
			err, SNUG_HOST,
			"libseccomp built a filter of %zu instructions; the kernel takes 1 "
			"to %u",
			count, SNUG_PROGRAM_MAX);
	filter.insns = malloc((size_t)st.st_size);
	if (!filter.insns)
		return snug_fail_memory(err);
	if (read_all(fd, (char *)filter.insns, (size_t)st.st_size) < 0)
		return snug_fail_errno(err, errno, "the filter from libseccomp");
	*ret = (struct snug_filter){ filter.insns, { filter.insns, count } };
	filter.insns = NULL;
	return 0;
}

/* ECANCELED is libseccomp's word for a call to the kernel that failed: nothing is wrong with the
 * section then, and another spelling of it would fare no better. */
static int fail_refused(const struct report *report, struct snug_error *err)
{
	bool system = report->error == -ECANCELED || report->error == -ENOMEM;

	return snug_fail(err, system ? SNUG_SYSTEM : SNUG_HOST, "libseccomp %s %s: %s",
			 system ? "could not make" : "refuses", report->what,
			 strerror(-report->error));
}

static int run(struct job *job, struct snug_compiled *ret, struct snug_error *err)
{
	pid_t tgid = fork();

	if (tgid == 0)
		child(job);
	if (tgid < 0)
		return snug_fail_errno(err, errno, "fork for libseccomp");
	if (await(tgid, err) < 0)
		return -1;
	if (job->report->error)
		return fail_refused(job->report, err);
	if (!job->report->done)
		return snug_fail(err, SNUG_HOST, "libseccomp died while it built the filter");
	for (enum snug_filter_shape shape = 0; shape < SNUG_FILTER_SHAPE_MAX; shape++)
		if (read_filter(job->out[shape], &ret->shape[shape], err) < 0)
			return -1;
	return 0;
}

bool snug_compiles_alike(const struct snug_oci_seccomp *seccomp, const struct snug_target *a,
			 const struct snug_target *b)
{
	if (memcmp(a->resolves, b->resolves, sizeof(a->resolves)) != 0)
		return false;
	for (size_t i = 0; i < seccomp->entries.count; i++)
		if (seccomp->entries.at[i].args.count > CRUN_CONDITIONS_MAX)
			return a->runtime == b->runtime;
	return true;
}

int snug_compile(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		 struct snug_compiled *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_compiled_clear) struct snug_compiled compiled = { 0 };
	SNUG_AUTO_FD int linear = memfd_create("snug-filter", MFD_CLOEXEC);
	SNUG_AUTO_FD int tree = memfd_create("snug-filter-tree", MFD_CLOEXEC);
	struct job job = { seccomp, target, { linear, tree }, NULL };
	int result;

	if (linear < 0 || tree < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	job.report = mmap(NULL, sizeof(*job.report), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.report == MAP_FAILED)
		return snug_fail_errno(err, errno, "mmap");
	result = run(&job, &compiled, err);
	munmap(job.report, sizeof(*job.report));
	if (result < 0)
		return -1;
	*ret = compiled;
	compiled = (struct snug_compiled){ 0 };
	return 0;
}
