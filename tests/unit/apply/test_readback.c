/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/readback.h"
#include "base/cleanup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct snug_insn first[] = {
	{ BPF_RET | BPF_K, 0, 0, SNUG_ALLOW },
};
static const struct snug_insn second[] = {
	{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
	{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x3ff },
	{ BPF_RET | BPF_K, 0, 0, SNUG_ERRNO(EPERM) },
	{ BPF_RET | BPF_K, 0, 0, SNUG_ALLOW },
};

static void load(const struct snug_insn *insns, size_t count)
{
	struct sock_fprog prog = { (unsigned short)count, (struct sock_filter *)(uintptr_t)insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		_exit(1);
}

struct child {
	pid_t tgid;
	int to, from;
};

/* Says when its filters are in place, then reads a byte, and exits with it. */
static struct child start(bool filters)
{
	struct child child;
	int in[2], out[2];
	unsigned char byte = 0;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	child = (struct child){ fork(), in[1], out[0] };
	assert_true(child.tgid >= 0);
	if (child.tgid == 0) {
		if (filters) {
			load(first, 1);
			load(second, 4);
		}
		if (write(out[1], "", 1) != 1 || read(in[0], &byte, 1) != 1)
			_exit(2); /* EINTR would show here */
		_exit(byte);
	}
	close(in[0]);
	close(out[1]);
	assert_int_equal(read(child.from, &byte, 1), 1);
	return child;
}

static void finish(const struct child *child)
{
	int status;

	assert_int_equal(write(child->to, "\x2a", 1), 1);
	assert_int_equal(waitpid(child->tgid, &status, 0), child->tgid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0x2a);
	close(child->to);
	close(child->from);
}

static void test_reads_in_order(void **state)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	struct snug_error err = { 0 };
	struct child child = start(true);

	(void)state;
	if (snug_filters_read(child.tgid, &filters, &err) < 0)
		fail_msg("%s", err.what);
	assert_int_equal(filters.count, 2);
	assert_int_equal(filters.at[0].program.count, 1);
	assert_memory_equal(filters.at[0].insns, first, sizeof(first));
	assert_int_equal(filters.at[1].program.count, 4);
	assert_memory_equal(filters.at[1].insns, second, sizeof(second));
	finish(&child);
}

static void test_none(void **state)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	struct snug_error err = { 0 };
	struct child child = start(false);

	(void)state;
	assert_int_equal(snug_filters_read(child.tgid, &filters, &err), 0);
	assert_int_equal(filters.count, 0);
	finish(&child);
}

static char state_of(pid_t tgid)
{
	char path[64], letter = '?';
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)tgid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*d (%*[^)]) %c", &letter) != 1)
		letter = '?';
	if (file)
		fclose(file);
	return letter;
}

/* A stopped process stays stopped. */
static void test_stopped(void **state)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	struct snug_error err = { 0 };
	struct child child = start(true);
	int status;

	(void)state;
	kill(child.tgid, SIGSTOP);
	assert_int_equal(waitpid(child.tgid, &status, WUNTRACED), child.tgid);
	if (snug_filters_read(child.tgid, &filters, &err) < 0)
		fail_msg("%s", err.what);
	assert_int_equal(filters.count, 2);
	/* It is woken, to stop by itself again. */
	for (unsigned i = 0; i < 60000 && state_of(child.tgid) != 'T'; i++)
		usleep(1000);
	assert_int_equal(state_of(child.tgid), 'T');
	kill(child.tgid, SIGCONT);
	finish(&child);
}

static void test_gone(void **state)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	struct snug_error err = { 0 };
	struct child child = start(false);

	(void)state;
	finish(&child);
	assert_int_equal(snug_filters_read(child.tgid, &filters, &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_in_order),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_gone),
	};

	if (geteuid() != 0) {
		print_message("1..1\nok 1 # SKIP needs root, to read filters back\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
