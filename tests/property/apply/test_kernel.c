/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three judges: what the model says of a call, what the compiled filter says of it (read back from
 * the kernel and proved), and what the kernel does. Random sections, compiled as runc and as crun
 * do, linear and as a tree, are loaded by a child of ours, which then makes random calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/filter.h"
#include "apply/readback.h"
#include "base/cleanup.h"
#include "model/oci/docker.h"
#include "support/section.h"
#include "support/syscall.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILTERS	  random_cases(1000u)
#define CALLS_MAX 24
#define TRAPPED	  INT64_C(0x7472617070656400) /* and the filter's data in the lowest byte */
#define DIED	  INT64_C(0x6469656400000000)
#define SECONDS	  60 /* a child may take, on a slow machine */

struct made_call {
	struct snug_call_data call;
	snug_action expected;
	int64_t before, after; /* without the filter, and under it */
};

/* Seen by both processes: under the filter the child may have no call left to talk by. */
struct stage {
	_Atomic int loaded, go;
	_Atomic unsigned done;
	unsigned count;
	struct made_call calls[CALLS_MAX];
};

static struct stage *stage;
static bool has_i386;

static int64_t make_call(const struct snug_call_data *call)
{
	return call->arch == SNUG_ARCH_I386 ? raw_syscall_i386(call->nr, call->args)
					    : raw_syscall(call->nr, call->args);
}

/* ---- the child ---- */

/* No setjmp(3): with ASan's, which looks at the stack, a jump makes a call that the filter refuses.
 */
static void *back[5];

/* Leaves without rt_sigreturn, which the filter may refuse. */
__attribute__((no_sanitize_address)) static void on_sigsys(int number, siginfo_t *info,
							   void *context)
{
	struct made_call *made = &stage->calls[stage->done];

	(void)number, (void)context;
	made->after = TRAPPED | (info->si_errno & 0xff);
	__builtin_longjmp(back, 1);
}

static void load(const struct snug_program *program)
{
	struct sigaction action = { .sa_sigaction = on_sigsys,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct sock_fprog prog = { (unsigned short)program->count,
				   (struct sock_filter *)(uintptr_t)program->at };

	if (sigaction(SIGSYS, &action, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
	for (unsigned i = 0; i < stage->count; i++)
		stage->calls[i].before = make_call(&stage->calls[i].call);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog) <
	    0)
		_exit(2);
}

__attribute__((no_sanitize_address)) static void child(const struct snug_program *program)
{
	load(program);
	stage->loaded = 1;
	while (!stage->go)
		;
	while (stage->done < stage->count) {
		struct made_call *made = &stage->calls[stage->done];

		if (__builtin_setjmp(back) == 0) {
			made->after = DIED;
			made->after = make_call(&made->call);
		}
		stage->done++;
	}
	for (;;)
		;
}

/* ---- the parent ---- */

/* Waits until value is at least `want`, or the child is dead. */
static void await(pid_t tgid, const _Atomic unsigned *value, unsigned want)
{
	time_t end = time(NULL) + SECONDS;
	siginfo_t info = { 0 };

	for (unsigned i = 0; *value < want && time(NULL) < end; i++) {
		if (waitid(P_PID, (id_t)tgid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid)
			return;
		i % 64 ? (void)sched_yield() : (void)usleep(1000);
	}
}

static bool kills(snug_action action)
{
	return snug_action_kind(action) == SNUG_KILL_PROCESS ||
	       snug_action_kind(action) == SNUG_KILL_THREAD;
}

static int64_t expected_result(const struct made_call *made)
{
	snug_action kind = snug_action_kind(made->expected);

	if (kills(made->expected))
		return DIED;
	if (kind == SNUG_TRAP)
		return TRAPPED | (made->expected & 0xff);
	if (kind == SNUG_ERRNO(0))
		return -(int64_t)(made->expected & 0xffff);
	/* Nobody traces, nobody listens. */
	if (kind == SNUG_TRACE(0) || kind == SNUG_USER_NOTIF)
		return -ENOSYS;
	return made->before;
}

/* A call of interest: arguments in one of the pieces that the policy makes of its number. */
static void random_call(const struct snug_seccomp *policy, struct made_call *ret)
{
	const struct snug_split *split;
	const struct snug_cube *cube;
	struct snug_call_data *call = &ret->call;
	const struct snug_syscall *known;
	unsigned dice = random_below(8);

	call->arch = dice < 2 && has_i386 ? SNUG_ARCH_I386
		     : dice == 2	  ? SNUG_ARCH_X32
					  : SNUG_ARCH_X86_64;
	known = snug_syscall_by_name(call->arch, section_calls[random_below(SECTION_CALLS)]);
	/* Numbers that no kernel has are harmless too; they show runc's stub. */
	call->nr = known && random_below(6) ? known->nr
					    : snug_abi_first(call->arch) + 600 + random_below(400);
	split = snug_seccomp_split(policy, call->arch, call->nr);
	cube = &split->at[random_below((unsigned)split->count)].cube;
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		call->args[i] = cube->value[i] | (section_value() & ~cube->mask[i]);
		if (call->arch == SNUG_ARCH_I386)
			call->args[i] &= 0xffffffff;
	}
	ret->expected = snug_seccomp_decide(policy, call);
	ret->after = 0;
}

/* Nothing comes after a call that kills. */
static void prepare_calls(const struct snug_seccomp *policy)
{
	stage->count = 0;
	do
		random_call(policy, &stage->calls[stage->count]);
	while (!kills(stage->calls[stage->count++].expected) && stage->count < CALLS_MAX);
	stage->loaded = 0;
	stage->go = 0;
	stage->done = 0;
}

static void check_calls(void)
{
	for (unsigned i = 0; i < stage->count; i++) {
		const struct made_call *made = &stage->calls[i];
		char words[200], action[64];

		if (made->after == expected_result(made))
			continue;
		snug_call_words(&made->call, words, sizeof(words));
		snug_action_words(made->expected, action, sizeof(action));
		print_error("SNUG_SEED=%llu: %s: model %s, kernel %lld, unfiltered %lld\n",
			    (unsigned long long)random_seed, words, action, (long long)made->after,
			    (long long)made->before);
		fail();
	}
}

/* What the kernel holds is what was compiled, and means what the model says. */
static void check_readback(pid_t tgid, const struct snug_program *program,
			   const struct snug_seccomp *policy)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters live = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	if (snug_filters_read(tgid, &live, &err) < 0)
		print_error("%s\n", err.what);
	CHECK(live.count == 1 && live.at[0].program.count == program->count);
	CHECK(memcmp(live.at[0].insns, program->at, program->count * sizeof(*program->at)) == 0);
	if (snug_program_prove(&live.at[0].program, policy, &witness, &err) < 0)
		print_error("%s\n", err.what);
	else
		return;
	CHECK(false);
}

static void run_filter(const struct snug_program *program, const struct snug_seccomp *policy)
{
	int status;
	pid_t tgid = fork();

	assert_true(tgid >= 0);
	if (tgid == 0)
		child(program);
	await(tgid, (const _Atomic unsigned *)&stage->loaded, 1);
	CHECK(stage->loaded == 1);
	check_readback(tgid, program, policy);
	stage->go = 1;
	await(tgid, &stage->done, stage->count);
	kill(tgid, SIGKILL);
	assert_int_equal(waitpid(tgid, &status, 0), tgid);
	CHECK(WIFSIGNALED(status) &&
	      WTERMSIG(status) ==
		      (kills(stage->calls[stage->count - 1].expected) ? SIGSYS : SIGKILL));
	check_calls();
}

static void test_kernel_agrees(void **state)
{
	static const struct section_options options = { .all_actions = true };
	struct snug_target targets[2];

	(void)state;
	snug_target_of_host(SNUG_RUNTIME_RUNC, &targets[0]);
	snug_target_of_host(SNUG_RUNTIME_CRUN, &targets[1]);
	for (unsigned i = 0; i < FILTERS; i++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
		SNUG_AUTO(judged_clear) struct judged judged = { 0 };
		struct snug_error err = { 0 };
		const struct snug_target *target;

		random_case(i);
		target = &targets[random_below(2)];
		section_random(&judged.text, &options);
		judge(&judged, target);
		if (snug_filter_compile(&judged.section, target, random_below(2), &filter, &err) <
		    0) {
			print_error("%s\n%s\n", err.what, judged.text.data);
			CHECK(false);
		}
		/* One that libseccomp builds wrong (test_filter.c) proves nothing of the kernel. */
		if (snug_filter_check(&judged.section, target, &judged.policy, &err) < 0) {
			CHECK(strstr(err.what, "is not the policy"));
			continue;
		}
		prepare_calls(&judged.policy);
		if (getenv("SNUG_SEED"))
			fprintf(stderr, "%s\n", judged.text.data);
		run_filter(&filter.program, &judged.policy);
	}
}

/* ---- known cases ---- */

#define SOCKET(op, value)                                                                          \
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"            \
	"\"value\":" #value ",\"op\":\"SCMP_CMP_" #op "\"}]}"
#define DIRTY UINT64_C(0x100000000)

/* How Docker has kept containers from AF_VSOCK (40), then from AF_ALG (38) too: all but one, all
 * but two, a list of what is allowed; and how snug would say it. */
static const char *const socket_rules[] = {
	SOCKET(NE, 40),
	SOCKET(LT, 38) "," SOCKET(EQ, 39) "," SOCKET(GT, 40),
	SOCKET(LT, 12) "," SOCKET(EQ, 16) "," SOCKET(EQ, 39) "," SOCKET(EQ, 41),
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":"
	"4294967295,\"valueTwo\":2,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}",
};

/* A type of 0 makes no socket of any domain. */
static const struct {
	uint64_t domain;
	bool allowed[sizeof(socket_rules) / sizeof(socket_rules[0])];
} socket_calls[] = {
	{ 2, { true, true, true, true } },
	{ 38, { true, false, false, false } },
	{ 39, { true, true, true, false } },
	{ 40, { false, false, false, false } },
	{ 41, { true, true, true, false } },
	/* The kernel reads 32 bits: the same domains as above. */
	{ 2 | DIRTY, { true, true, false, true } },
	{ 38 | DIRTY, { true, true, false, false } },
	{ 40 | DIRTY, { true, true, false, false } },
	{ 0xffffffff00000000 | 38, { true, true, false, false } },
};
#define SOCKET_CALLS (sizeof(socket_calls) / sizeof(socket_calls[0]))

static void prepare_sockets(const struct snug_seccomp *policy, size_t rules)
{
	stage->count = 0;
	stage->loaded = stage->go = 0;
	stage->done = 0;
	for (size_t i = 0; i < SOCKET_CALLS; i++) {
		struct made_call *made = &stage->calls[stage->count++];

		*made = (struct made_call){ .call = { .arch = SNUG_ARCH_X86_64,
						      .nr = SYS_socket,
						      .args = { socket_calls[i].domain } } };
		made->expected = snug_seccomp_decide(policy, &made->call);
		assert_int_equal(snug_action_permits(made->expected),
				 socket_calls[i].allowed[rules]);
	}
}

static void test_dockers_socket_rules(void **state)
{
	static const char *const archs[] = { "", ",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"" };
	struct snug_target target;

	(void)state;
	snug_target_of_host(SNUG_RUNTIME_RUNC, &target);
	for (size_t i = 0; i < 2 * sizeof(socket_rules) / sizeof(socket_rules[0]); i++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
		SNUG_AUTO(judged_clear) struct judged judged = { 0 };
		struct snug_error err = { 0 };

		snug_buf_addf(&judged.text,
			      "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":"
			      "[\"SCMP_ARCH_X86_64\"%s],\"syscalls\":[%s]}",
			      archs[i % 2], socket_rules[i / 2]);
		judge(&judged, &target);
		if (snug_filter_check(&judged.section, &target, &judged.policy, &err) < 0 ||
		    snug_filter_compile(&judged.section, &target, SNUG_FILTER_LINEAR, &filter,
					&err) < 0)
			fail_msg("%s: %s", judged.text.data, err.what);
		prepare_sockets(&judged.policy, i / 2);
		run_filter(&filter.program, &judged.policy);
	}
}

/* What the host's engines ship: resolved as they do, compiled as runtimes do. */
static void test_engines_default(void **state)
{
	static const struct snug_docker_host host = { SNUG_ARCH_X86_64, 6, 1, SNUG_DOCKER_CAPS };
	SNUG_AUTO(snug_buf_clear) struct snug_buf file = { 0 }, text = { 0 };
	struct snug_target targets[2];
	struct snug_error err = { 0 };
	char part[4096];
	size_t n;
	FILE *in = fopen("/usr/share/containers/seccomp.json", "re");

	(void)state;
	if (!in)
		skip();
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		snug_buf_add(&file, part, n);
	fclose(in);
	if (snug_docker_resolve(file.data, file.len, "seccomp.json", &host, &text, &err) < 0)
		fail_msg("%s", err.what);
	snug_target_of_host(SNUG_RUNTIME_RUNC, &targets[0]);
	snug_target_of_host(SNUG_RUNTIME_CRUN, &targets[1]);
	for (unsigned i = 0; i < 2; i++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
		SNUG_AUTO(judged_clear) struct judged judged = { 0 };

		random_case(i);
		snug_buf_add(&judged.text, text.data, text.len);
		judge(&judged, &targets[i]);
		if (snug_filter_check(&judged.section, &targets[i], &judged.policy, &err) < 0 ||
		    snug_filter_compile(&judged.section, &targets[i], SNUG_FILTER_LINEAR, &filter,
					&err) < 0)
			fail_msg("%s", err.what);
		prepare_calls(&judged.policy);
		run_filter(&filter.program, &judged.policy);
	}
}

static int setup(void **state)
{
	const uint64_t none[SNUG_ARGS] = { 0 };
	pid_t tgid;
	int status;

	(void)state;
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (stage == MAP_FAILED)
		return -1;
	tgid = fork(); /* a kernel without the i386 ABI answers with SIGSEGV */
	if (tgid == 0)
		_exit(raw_syscall_i386(20, none) == getpid() ? 0 : 1);
	has_i386 = waitpid(tgid, &status, 0) == tgid && WIFEXITED(status) && !WEXITSTATUS(status);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dockers_socket_rules),
		cmocka_unit_test(test_engines_default),
		cmocka_unit_test(test_kernel_agrees),
	};

	if (geteuid() != 0) {
		print_message("1..1\nok 1 # SKIP needs root, to read filters back\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
