/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp → a filter, by libseccomp, the way a runtime does it; and the proof that the
 * filter is the policy. libseccomp 2.5.4 builds wrong filters from some rules and loops for ever
 * on others, so it runs in a child with a time limit, and nothing it built is believed unproved.
 */
#pragma once

#include "base/error.h"
#include "model/bpf.h"
#include "model/oci/seccomp.h"
#include "model/target.h"

#define SNUG_COMPILE_SECONDS_MAX 5u

enum snug_filter_shape {
	SNUG_FILTER_LINEAR, /* as runc and crun build it */
	SNUG_FILTER_TREE,   /* binary tree (SCMP_FLTATR_CTL_OPTIMIZE 2): as snug loads it */
	SNUG_FILTER_SHAPE_MAX,
};

/* The instructions, malloc'ed. program.at points into it. */
struct snug_filter {
	struct snug_insn *insns;
	struct snug_program program;
};
void snug_filter_clear(struct snug_filter *filter);

/* The target that the host's libseccomp makes of this runtime: asks it which names it can resolve.
 */
void snug_target_of_host(enum snug_runtime runtime, struct snug_target *ret);

/* Compiles in a child. SNUG_HOST when libseccomp refuses or takes longer than the limit. */
int snug_filter_compile(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			enum snug_filter_shape shape, struct snug_filter *ret,
			struct snug_error *err) SNUG_CHECKED;

/* Compiles seccomp and proves the result, in both shapes, equal to policy; runc's stub is prepended
 * where the target has it. SNUG_INPUT that names a call where it is not. */
int snug_filter_check(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		      const struct snug_seccomp *policy, struct snug_error *err) SNUG_CHECKED;

/* The same for several targets, policies[i] being targets[i]'s; one compile where it serves all. */
int snug_filter_check_all(const struct snug_oci_seccomp *seccomp, const struct snug_target *targets,
			  const struct snug_seccomp *policies, size_t count,
			  struct snug_error *err) SNUG_CHECKED;

/* Which libseccomp it is that compiles, in words (another one may build another filter), and its
 * file's path, "" where that cannot be told. */
void snug_filter_library(char ret[128], char ret_path[1024]);
