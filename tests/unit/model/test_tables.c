/* SPDX-License-Identifier: Apache-2.0 */
/* The generator's tables: floor, widening, dangerous calls, arguments. */
#include "model/argspec.h"
#include "model/dangerous.h"
#include "model/floor.h"
#include "model/syscalls.h"
#include "model/widen.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <sys/socket.h>

static const struct snug_floor_query everything = { .all = true };

/* NULL: not in that floor. */
static const char *floor_why(const struct snug_floor_query *query, const char *name)
{
	struct snug_floor_call call;
	size_t cursor = 0;

	while (snug_floor_next(query, &cursor, &call)) {
		if (strcmp(call.name, name) == 0)
			return call.why;
	}
	return NULL;
}

/* Different calls of the floor that x86_64 has. */
static size_t floor_size(const struct snug_floor_query *query)
{
	struct snug_floor_call call;
	size_t cursor = 0, count = 0;
	const char *last = "";

	while (snug_floor_next(query, &cursor, &call)) {
		if (snug_syscall_by_name(SNUG_ARCH_X86_64, call.name) && strcmp(last, call.name))
			count++;
		last = call.name;
	}
	return count;
}

static void test_floor_is_sorted_and_known(void **state)
{
	struct snug_floor_call call;
	size_t cursor = 0;
	const char *last = "";

	(void)state;
	while (snug_floor_next(&everything, &cursor, &call)) {
		struct snug_argspec spec;
		bool listed = snug_argspec_of(call.name, &spec);

		assert_true(snug_syscall_is_known(call.name));
		assert_true(call.every_abi || snug_syscall_by_name(SNUG_ARCH_X86_64, call.name));
		assert_true(strcmp(last, call.name) < (call.has_arg ? 1 : 0));
		/* A call that profiles allow by argument has its arguments here too. */
		assert_int_equal(listed, call.has_arg);
		if (listed) {
			assert_int_equal(spec.count, 1);
			assert_int_equal(spec.index[0], call.index);
			assert_int_equal(call.value & ~spec.mask[0], 0);
		}
		last = call.name;
	}
}

static void test_floor_of_whom(void **state)
{
	const struct snug_floor_query runc = { .only = SNUG_RUNTIME_RUNC, .no_new_privs = true };
	const struct snug_floor_query runc_priv = { .only = SNUG_RUNTIME_RUNC };
	const struct snug_floor_query crun = { .only = SNUG_RUNTIME_CRUN, .no_new_privs = true };
	const struct snug_floor_query crun_priv = { .only = SNUG_RUNTIME_CRUN };
	const struct snug_floor_query snug = { .only = SNUG_RUNTIME_SNUG };

	(void)state;
	assert_string_equal(floor_why(&runc, "fstatfs"), "floor:runc");
	assert_string_equal(floor_why(&runc, "exit_group"), "kernel");
	assert_string_equal(floor_why(&runc, "mmap"), "floor:runc");
	assert_null(floor_why(&runc, "setuid"));
	assert_null(floor_why(&runc, "prctl"));
	assert_null(floor_why(&runc, "openat2"));
	assert_null(floor_why(&runc, "setresuid"));
	assert_string_equal(floor_why(&runc_priv, "fchown"), "floor:runc");
	assert_string_equal(floor_why(&runc_priv, "prctl"), "floor:runc");
	assert_string_equal(floor_why(&crun, "setresuid"), "floor:crun");
	assert_string_equal(floor_why(&crun, "statx"), "floor:crun");
	assert_null(floor_why(&crun, "pselect6"));
	assert_null(floor_why(&crun, "fstatfs"));
	assert_string_equal(floor_why(&crun_priv, "pselect6"), "floor:crun");
	assert_null(floor_why(&snug, "execve"));
	assert_string_equal(floor_why(&snug, "rt_sigreturn"), "kernel");
	assert_string_equal(floor_why(&everything, "openat2"), "floor:runc-newer");
	assert_string_equal(floor_why(&everything, "close_range"), "floor:runc-newer");
	assert_string_equal(floor_why(&everything, "setuid"), "floor:runc");
}

/* Each call of the floor costs every profile: growth is a decision. */
static void test_floor_size(void **state)
{
	(void)state;
	assert_int_equal(floor_size(&(struct snug_floor_query){ .only = SNUG_RUNTIME_RUNC,
								.no_new_privs = true }),
			 25);
	assert_int_equal(floor_size(&(struct snug_floor_query){ .only = SNUG_RUNTIME_RUNC }), 40);
	assert_int_equal(floor_size(&(struct snug_floor_query){ .only = SNUG_RUNTIME_SNUG }), 9);
	assert_int_equal(floor_size(&everything), 49);
}

static bool brings(const char *call, const char *other)
{
	const struct snug_widened *group = snug_widen_group(call);

	for (; group != NULL && group->name != NULL; group++) {
		if (strcmp(group->name, other) == 0)
			return true;
	}
	return false;
}

static void test_widening(void **state)
{
	(void)state;
	assert_true(brings("open", "openat2"));
	assert_true(brings("openat2", "creat"));
	assert_true(brings("fork", "clone"));
	assert_true(brings("getrlimit", "prlimit64"));
	assert_true(brings("recvmmsg", "recvfrom"));
	assert_true(brings("sendfile", "copy_file_range"));
	assert_true(brings("epoll_wait", "epoll_pwait2"));
	assert_null(snug_widen_group("socket"));
	assert_null(snug_widen_group(""));
}

static void test_widening_never(void **state)
{
	static const char *const never[][2] = {
		{ "execve", "execveat" },
		{ "splice", "vmsplice" },
		{ "read", "process_vm_readv" },
		{ "write", "process_vm_writev" },
		{ "io_submit", "io_uring_enter" },
		{ "io_setup", "io_uring_setup" },
		{ "mount", "fsopen" },
		{ "mount", "fsmount" },
		{ "mount", "move_mount" },
		{ "umount2", "umount" },
		{ "clone", "clone3" },
		{ "clone", "unshare" },
		{ "openat", "open_by_handle_at" },
		{ "prlimit64", "setrlimit" },
		{ "fchmod", "fchmodat" },
		{ "setuid", "setresuid" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_true(snug_syscall_is_known(never[i][0]));
		assert_true(snug_syscall_is_known(never[i][1]));
		assert_false(brings(never[i][0], never[i][1]));
		assert_false(brings(never[i][1], never[i][0]));
	}
}

/* Every known call's group: all names known, the call in it, its members share it. */
static void test_widening_groups_are_whole(void **state)
{
	(void)state;
	for (unsigned a = 0; a < SNUG_ARCH_MAX; a++) {
		size_t count;
		const struct snug_syscall *calls = snug_syscall_table((enum snug_arch)a, &count);

		for (size_t i = 0; i < count; i++) {
			const struct snug_widened *group = snug_widen_group(calls[i].name);

			if (group == NULL)
				continue;
			assert_true(brings(calls[i].name, calls[i].name));
			for (const struct snug_widened *m = group; m->name != NULL; m++) {
				struct snug_argspec spec;

				assert_true(snug_syscall_is_known(m->name));
				assert_ptr_equal(snug_widen_group(m->name), group);
				assert_false(snug_is_dangerous(m->name));
				if (!snug_argspec_of(m->name, &spec))
					continue;
				/* Never whole where profiles allow by argument. */
				assert_true(m->has_arg);
				assert_int_equal(m->index, spec.index[0]);
				assert_int_equal(m->mask, spec.mask[0]);
			}
		}
	}
}

static void test_dangerous(void **state)
{
	static const char *const fallbacks[] = { "clone3",	  "openat2",  "faccessat2",
						 "statx",	  "fsopen",   "setuid",
						 "execveat",	  "io_setup", "mount_setattr",
						 "io_uring_setup" };
	size_t count;
	const char *const *calls = snug_dangerous_calls(&count);

	(void)state;
	assert_in_range(count, 30, 80);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || strcmp(calls[i - 1], calls[i]) < 0);
		assert_true(snug_syscall_is_known(calls[i]));
		assert_true(snug_is_dangerous(calls[i]));
		assert_null(floor_why(&everything, calls[i]));
	}
	for (size_t i = 0; i < sizeof(fallbacks) / sizeof(fallbacks[0]); i++)
		assert_false(snug_is_dangerous(fallbacks[i]));
}

static void test_arguments(void **state)
{
	static const char *const calls[] = {
#define ROW(call, index, mask) #call,
		SNUG_ARGS_TABLE(ROW)
#undef ROW
	};

	(void)state;
	assert_int_equal(SNUG_CLONE_NS, CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP |
						CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
						CLONE_NEWPID | CLONE_NEWNET);
	assert_int_equal(SNUG_CLONE_NS_FLAGS, SNUG_CLONE_NS & ~0xffu); /* less CSIGNAL */
	assert_int_equal(SNUG_SOCK_TYPE & (SOCK_NONBLOCK | SOCK_CLOEXEC), 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct snug_argspec spec;

		assert_true(snug_argspec_of(calls[i], &spec));
		assert_in_range(spec.count, 1, SNUG_TUPLE_ARGS);
		for (unsigned a = 0; a < SNUG_ARCH_MAX; a++)
			assert_non_null(snug_syscall_by_name((enum snug_arch)a, calls[i]));
		for (unsigned k = 0; k < spec.count; k++) {
			assert_in_range(spec.index[k], 0, 5);
			assert_true(k == 0 || spec.index[k - 1] < spec.index[k]);
			assert_int_not_equal(spec.mask[k], 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floor_is_sorted_and_known),
		cmocka_unit_test(test_floor_of_whom),
		cmocka_unit_test(test_floor_size),
		cmocka_unit_test(test_widening),
		cmocka_unit_test(test_widening_never),
		cmocka_unit_test(test_widening_groups_are_whole),
		cmocka_unit_test(test_dangerous),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
