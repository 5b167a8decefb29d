/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exec boundary (docs/design.md): a small process that traces a container's first process
 * through its execve, confines it before the first instruction of the user's program, and lets it
 * go. By ptrace alone: snug-hook, which is static, has no libseccomp.
 *
 * Whatever is not as it should be ends in SIGKILL for the container, and so does the tracer's own
 * death (PTRACE_O_EXITKILL).
 */
#pragma once

#include "base/error.h"
#include "model/apparmor/label.h"
#include "model/bpf.h"
#include "model/oci/caps.h"

#include <stdbool.h>
#include <sys/types.h>

#define SNUG_BOUNDARY_THREADS_MAX 4096u /* of a runtime that waits for its hook */

/* What the process gets. What is empty has no opinion. */
struct snug_boundary_plan {
	struct snug_program filter; /* count 0: none; not owned */
	bool has_caps;
	snug_caps caps;
	bool no_new_privs;
	bool non_root; /* root of its user namespace, by any of its user ids, is killed */
	char label[SNUG_LABEL_SIZE]; /* an AppArmor profile that is loaded; "": none */
};

/* Can this process, on this host? SNUG_HOST: Yama forbids all tracing, this process is under a
 * filter itself. */
int snug_boundary_check_host(struct snug_error *err) SNUG_CHECKED;

struct snug_boundary_target {
	pid_t tgid; /* the container's first process, which waits for a hook */
	int pidfd;  /* of it */
	const struct snug_boundary_plan *plan;
	/* Called in the tracer when it is confined, and stopped still; pidfd: of it. An error: it
	 * is killed. */
	int (*confined)(void *data, int pidfd, struct snug_error *err);
	/* Called in the tracer when the container had to be killed; line says why. */
	void (*failed)(void *data, const char *line);
	void *data;
};

/*
 * Forks the tracer, and returns once it holds every thread. From then on the process is confined by
 * the plan at its execve, or dead. *ret_tracer: the tracer's number; to kill it is to kill the
 * container. SNUG_HOST where the kernel does not let it trace: then nothing is traced.
 */
int snug_boundary_arm(const struct snug_boundary_target *target, pid_t *ret_tracer,
		      struct snug_error *err) SNUG_CHECKED;
