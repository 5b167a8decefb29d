/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snug-runtime, linked as snug-runc or snug-crun: see hook/runtime.h. Its command line is the
 * runtime's, and its own places are the host's.
 */
#include "base/cleanup.h"
#include "hook/runtime.h"
#include "self/guest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

static int become(struct snug_standin *runtime, struct snug_error *err)
{
	runtime->argv[0] = runtime->path; /* it is in the help that runc prints */
	(void)execv(runtime->path, runtime->argv);
	return snug_fail_errno(err, errno, "%s", runtime->path);
}

int main(int argc, char **argv)
{
	const struct snug_store store = { .root = "" };
	/* What the kernel was given to execute: argv[0] is whatever the caller likes. */
	const char *own = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)
	const char *slash = own ? strrchr(own, '/') : NULL;
	struct snug_standin runtime = { .store = &store,
					.own_name = slash ? slash + 1
						    : own ? own
							  : "",
					.argc = argc,
					.argv = argv };
	struct snug_error err = { 0 };
	char line[1024];

	snug_guest_invite();
	if (snug_runtime_prepare(&runtime, &err) == 0) {
		if (runtime.note[0])
			(void)fprintf(stderr, "snug-runtime: %s\n", runtime.note);
		(void)!become(&runtime, &err);
	}
	snug_error_line(&err, line, sizeof(line));
	snug_runtime_log(&runtime, line);
	(void)fprintf(stderr, "snug-runtime: %s\n", line);
	return 1; /* as runtimes do */
}
