/* SPDX-License-Identifier: Apache-2.0 */
/* The tracer on children of this program, which wait for a byte and exec /bin/true. As root. With
 * real runtimes: tests/live/boundary.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/boundary.h"
#include "base/cleanup.h"

#include <linux/filter.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct snug_insn kill_all[] = { { BPF_RET | BPF_K, 0, 0, SNUG_KILL_PROCESS } };
static const struct snug_insn allow_all[] = { { BPF_RET | BPF_K, 0, 0, SNUG_ALLOW } };
static const struct snug_insn invalid[] = { { BPF_RET | BPF_X, 0, 0, 0 } };

static char *told; /* by the tracer, which is another process */

struct child {
	pid_t tgid;
	int pidfd, go;
};

static struct child start(void)
{
	static char *const argv[] = { (char *)"/bin/true", NULL };
	struct child child;
	int go[2];
	char byte;

	told[0] = '\0';
	assert_int_equal(pipe(go), 0);
	child.tgid = fork();
	assert_true(child.tgid >= 0);
	if (child.tgid == 0) {
		close(go[1]);
		if (read(go[0], &byte, 1) == 1)
			execv(argv[0], argv);
		_exit(99);
	}
	close(go[0]);
	child.go = go[1];
	child.pidfd = pidfd_open(child.tgid, 0);
	assert_true(child.pidfd >= 0);
	return child;
}

/* Its wait status. */
static int let_go(struct child *child)
{
	int status;

	assert_int_equal(write(child->go, "!", 1), 1);
	assert_int_equal(waitpid(child->tgid, &status, 0), child->tgid);
	close(child->go);
	close(child->pidfd);
	return status;
}

static int confined(void *data, int pidfd, struct snug_error *err)
{
	(void)data, (void)pidfd, (void)err;
	return 0;
}

static void failed(void *data, const char *line)
{
	(void)data;
	strncpy(told, line, 255);
}

static int arm(const struct child *child, const struct snug_boundary_plan *plan, pid_t *ret_tracer,
	       struct snug_error *err)
{
	const struct snug_boundary_target target = { .tgid = child->tgid,
						     .pidfd = child->pidfd,
						     .plan = plan,
						     .confined = confined,
						     .failed = failed };

	return snug_boundary_arm(&target, ret_tracer, err);
}

static struct snug_boundary_plan plan_of(const struct snug_insn *insns)
{
	return (struct snug_boundary_plan){ .filter = { insns, 1 },
					    .has_caps = true,
					    .no_new_privs = true };
}

/* The tracer's exit status. */
static int ended(pid_t tracer)
{
	int status;

	assert_int_equal(waitpid(tracer, &status, 0), tracer);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_confined(void **state)
{
	static const struct {
		const struct snug_insn *filter;
		int signal; /* 0: it runs to its end */
	} rows[] = { { kill_all, SIGSYS }, { allow_all, 0 } };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct child child = start();
		const struct snug_boundary_plan plan = plan_of(rows[i].filter);
		struct snug_error err;
		pid_t tracer;
		int status;

		assert_int_equal(arm(&child, &plan, &tracer, &err), 0);
		status = let_go(&child);
		assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[i].signal);
		assert_int_equal(ended(tracer), 0);
		assert_string_equal(told, "");
	}
}

/* What the kernel refuses kills the process, and is told: a filter that is none, and without
 * AppArmor (or with a profile that is not there) a label. */
static void test_refused(void **state)
{
	struct snug_boundary_plan plans[2] = { plan_of(invalid), plan_of(allow_all) };

	(void)state;
	strcpy(plans[1].label, "snug-none-0123456789abcdef");
	for (unsigned i = 0; i < 2; i++) {
		struct child child = start();
		struct snug_error err;
		pid_t tracer;
		int status;

		assert_int_equal(arm(&child, &plans[i], &tracer, &err), 0);
		status = let_go(&child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(ended(tracer), 1);
		assert_non_null(strstr(told, i ? "AppArmor" : "filter"));
	}
}

/* One tracer a process; its death is the process's. */
static void test_one_tracer(void **state)
{
	const struct snug_boundary_plan plan = plan_of(allow_all);
	struct child child = start();
	struct snug_error err;
	pid_t tracer, second;
	int status;

	(void)state;
	assert_int_equal(arm(&child, &plan, &tracer, &err), 0);
	assert_int_equal(arm(&child, &plan, &second, &err), -1);
	assert_int_equal(err.code, SNUG_HOST);
	kill(tracer, SIGKILL);
	assert_int_equal(ended(tracer), -1);
	assert_int_equal(waitpid(child.tgid, &status, 0), child.tgid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_string_equal(told, "");
}

/* It ends by itself: no failure. */
static void test_over(void **state)
{
	const struct snug_boundary_plan plan = plan_of(kill_all);
	struct child child = start();
	struct snug_error err;
	pid_t tracer;
	int status;

	(void)state;
	assert_int_equal(arm(&child, &plan, &tracer, &err), 0);
	close(child.go);
	assert_int_equal(waitpid(child.tgid, &status, 0), child.tgid);
	assert_int_equal(WEXITSTATUS(status), 99);
	assert_int_equal(ended(tracer), 0);
	assert_string_equal(told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confined),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_tracer),
		cmocka_unit_test(test_over),
	};
	struct snug_error err;

	if (snug_boundary_check_host(&err) < 0) {
		print_message("1..0 # SKIP %s\n", err.what);
		return 0;
	}
	told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(told != MAP_FAILED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
