/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded calls x options x call -> what the generated profile answers. */
#include "base/cleanup.h"
#include "model/generate.h"
#include "model/profile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define EPERM_ANSWER  SNUG_ERRNO(EPERM)
#define ENOSYS_ANSWER SNUG_ERRNO(ENOSYS)
#define RUNC_EXACT    1u /* --exact --runtime-only runc */
#define SNUG_EXACT    2u /* --exact --runtime-only snug */
#define RAISED	      4u /* an exec raised credentials */

#define HEAD                                                                                       \
	"{\"snugRecording\":1,\"runs\":{\"count\":1,\"ids\":[\"00000000000000aa\"]},"              \
	"\"observed\":[\"syscalls\"],"
#define WORKLOAD "\"phase\":[\"workload\"]"

static const struct row {
	const char *recorded; /* calls */
	unsigned options;
	const char *call;
	uint64_t args[3];
	snug_action answer;
} rows[] = {
	/* What was seen, and what was not. */
	{ "{\"name\":\"epoll_wait\"}", 0, "epoll_wait", { 1 }, SNUG_ALLOW },
	{ "", 0, "epoll_wait", { 1 }, ENOSYS_ANSWER },
	{ "", 0, "mount", { 0 }, EPERM_ANSWER },
	{ "{\"name\":\"mount\"}", 0, "mount", { 0 }, SNUG_ALLOW },
	{ "{\"name\":\"mount\",\"refused\":true}", 0, "mount", { 0 }, EPERM_ANSWER },
	/* Widening: in, but for what was refused, and not with --exact or for the runtime's own. */
	{ "{\"name\":\"open\"}", 0, "openat2", { 0 }, SNUG_ALLOW },
	{ "{\"name\":\"poll\"," WORKLOAD "}", 0, "ppoll", { 0 }, SNUG_ALLOW },
	{ "{\"name\":\"poll\",\"phase\":[\"runtime\"]}", 0, "ppoll", { 0 }, ENOSYS_ANSWER },
	{ "{\"name\":\"poll\"}", RUNC_EXACT, "ppoll", { 0 }, ENOSYS_ANSWER },
	{ "{\"name\":\"poll\"},{\"name\":\"ppoll\",\"refused\":true}",
	  0,
	  "ppoll",
	  { 0 },
	  ENOSYS_ANSWER },
	{ "{\"name\":\"execve\"}", 0, "execveat", { 0 }, ENOSYS_ANSWER },
	{ "{\"name\":\"getrlimit\"}", 0, "prlimit64", { 0, 7, 0 }, SNUG_ALLOW },
	{ "{\"name\":\"getrlimit\"}", 0, "prlimit64", { 0, 7, 4096 }, ENOSYS_ANSWER },
	{ "{\"name\":\"prlimit64\"}", 0, "prlimit64", { 0, 7, 4096 }, SNUG_ALLOW },
	/* clone: threads and children, namespaces only if seen; clone3 never. */
	{ "{\"name\":\"clone3\"}", 0, "clone3", { 0 }, ENOSYS_ANSWER },
	{ "", 0, "clone3", { 0 }, ENOSYS_ANSWER },
	{ "{\"name\":\"clone3\"}", 0, "clone", { 0x3d0f00 }, SNUG_ALLOW },
	{ "{\"name\":\"clone3\"}", 0, "clone", { 0x10000011 }, EPERM_ANSWER },
	{ "{\"name\":\"fork\"}", 0, "clone", { 0x1200011 }, SNUG_ALLOW },
	{ "{\"name\":\"fork\"}", 0, "clone", { 0x100000000 | 0x20000011 }, EPERM_ANSWER },
	{ "{\"name\":\"clone\",\"args\":[{\"0\":536870912}]}",
	  RUNC_EXACT,
	  "clone",
	  { 0x20000011 },
	  SNUG_ALLOW },
	{ "{\"name\":\"clone\",\"args\":[{\"0\":536870912}]}",
	  RUNC_EXACT,
	  "clone",
	  { 0x11 },
	  EPERM_ANSWER },
	{ "", 0, "clone", { 0x11 }, ENOSYS_ANSWER },
	/* Arguments: at the width that the kernel reads, flags left out. */
	{ "{\"name\":\"socket\",\"args\":[{\"0\":2,\"1\":1,\"2\":0}]}",
	  0,
	  "socket",
	  { 2, 0x80801, 0 },
	  SNUG_ALLOW },
	{ "{\"name\":\"socket\",\"args\":[{\"0\":2,\"1\":1,\"2\":0}]}",
	  0,
	  "socket",
	  { 0x700000002, 1, 0 },
	  SNUG_ALLOW },
	{ "{\"name\":\"socket\",\"args\":[{\"0\":2,\"1\":1,\"2\":0}]}",
	  0,
	  "socket",
	  { 0x100000026, 5, 0 },
	  ENOSYS_ANSWER },
	{ "{\"name\":\"socket\",\"args\":[{\"0\":2,\"1\":1,\"2\":0}]}",
	  0,
	  "socket",
	  { 2, 2, 0 },
	  ENOSYS_ANSWER },
	{ "{\"name\":\"unshare\",\"args\":[{\"0\":131072}]}",
	  0,
	  "unshare",
	  { 0x20000 },
	  SNUG_ALLOW },
	{ "{\"name\":\"unshare\",\"args\":[{\"0\":131072}]}",
	  0,
	  "unshare",
	  { 0x10000000 },
	  EPERM_ANSWER },
	{ "{\"name\":\"ioctl\",\"anyArgs\":true}", 0, "ioctl", { 0, 0x5412 }, SNUG_ALLOW },
	{ "{\"name\":\"ioctl\"}", 0, "ioctl", { 0, 0x5412 }, SNUG_ALLOW },
	/* Floors: of runtimes, by argument where they use few; the kernel's own always. */
	{ "", 0, "prctl", { 24, 5 }, SNUG_ALLOW },
	{ "", 0, "prctl", { 15, 5 }, ENOSYS_ANSWER },
	{ "", RUNC_EXACT, "prctl", { 24, 5 }, ENOSYS_ANSWER },
	{ "", RUNC_EXACT | RAISED, "prctl", { 24, 5 }, SNUG_ALLOW },
	{ "", RUNC_EXACT | RAISED, "prctl", { 30, 5 }, ENOSYS_ANSWER },
	{ "", 0, "ioctl", { 0, 0x5401 }, SNUG_ALLOW },
	{ "", 0, "ioctl", { 0, 0x5412 }, ENOSYS_ANSWER },
	{ "", RUNC_EXACT, "ioctl", { 0, 0x5401 }, ENOSYS_ANSWER },
	{ "", RUNC_EXACT, "fstatfs", { 0 }, SNUG_ALLOW },
	{ "", SNUG_EXACT, "fstatfs", { 0 }, ENOSYS_ANSWER },
	{ "", SNUG_EXACT, "execve", { 0 }, ENOSYS_ANSWER },
	{ "", SNUG_EXACT, "exit_group", { 0 }, SNUG_ALLOW },
	{ "", SNUG_EXACT, "rt_sigreturn", { 0 }, SNUG_ALLOW },
	{ "", RUNC_EXACT, "openat2", { 0 }, ENOSYS_ANSWER },
	{ "", 0, "openat2", { 0 }, SNUG_ALLOW },
};

static void generate(const char *recording, const struct snug_generate_options *options,
		     struct snug_profile *ret)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	if (snug_recording_parse(recording, strlen(recording), "r.json", &read, &err) < 0 ||
	    snug_generate(&read, options, &text, &err) < 0 ||
	    snug_profile_parse(text.data, text.len, "p.json", ret, &err) < 0)
		fail_msg("%s: %s: %s", recording, err.path, err.what);
}

/* Has this machine all calls that a row speaks of? */
static bool is_here(const struct row *row)
{
	static const char key[] = "\"name\":\"";
	char name[32];

	if (!snug_syscall_by_name(snug_arch_native(), row->call))
		return false;
	for (const char *at = row->recorded; (at = strstr(at, key)); at++)
		if (sscanf(at + strlen(key), "%31[^\"]", name) == 1 &&
		    !snug_syscall_by_name(snug_arch_native(), name))
			return false;
	return true;
}

static void check_row(const struct row *row, enum snug_runtime runtime)
{
	const struct snug_generate_options options = {
		.exact = row->options & (RUNC_EXACT | SNUG_EXACT),
		.has_runtime_only = row->options & (RUNC_EXACT | SNUG_EXACT),
		.runtime_only = row->options & RUNC_EXACT ? SNUG_RUNTIME_RUNC : SNUG_RUNTIME_SNUG,
	};
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_call_data call = { .arch = snug_arch_native() };
	struct snug_error err = { 0 };
	struct snug_target target;
	struct snug_seccomp policy;
	char recording[1024];
	snug_action got;

	(void)snprintf(recording, sizeof(recording),
		       HEAD "\"raisedCredentials\":%s,\"syscalls\":{\"%s\":[%s]}}",
		       row->options & RAISED ? "true" : "false", snug_arch_name(call.arch),
		       row->recorded);
	generate(recording, &options, &profile);
	assert_int_equal(profile.no_new_privs, !(row->options & RAISED));
	snug_target_init(&target, runtime, UINT8_MAX, UINT8_MAX);
	if (snug_oci_seccomp_mean(&profile.seccomp, &target, &policy, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
	call.nr = snug_syscall_by_name(call.arch, row->call)->nr;
	memcpy(call.args, row->args, sizeof(row->args));
	got = snug_seccomp_decide(&policy, &call);
	snug_seccomp_clear(&policy);
	if (got != row->answer)
		fail_msg("[%s] options %u: %s(0x%llx, …) gets 0x%x, not 0x%x", row->recorded,
			 row->options, row->call, (unsigned long long)row->args[0], got,
			 row->answer);
}

static void each_call_gets_its_answer(void **state)
{
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	size_t ran = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!is_here(&rows[i]))
			continue;
		ran++;
		check_row(&rows[i], SNUG_RUNTIME_RUNC);
		check_row(&rows[i], SNUG_RUNTIME_CRUN);
	}
	assert_true(ran == count || (snug_arch_native() != SNUG_ARCH_X86_64 && ran > count / 2));
}

static void what_is_not_whole_says_why(void **state)
{
	static const struct {
		const char *recording, *why; /* NULL: it is whole */
	} cases[] = {
		{ HEAD "\"gates\":[\"filter-load\"]}", NULL },
		{ HEAD "\"gates\":[\"attach\",\"execve\"]}", NULL },
		{ HEAD "\"gates\":[\"attach\"]}", "start-up was not seen" },
		{ HEAD "\"lost\":{\"syscalls\":7,\"capabilities\":0}}",
		  "7 syscall events were lost" },
		{ HEAD "\"lost\":{\"syscalls\":0,\"capabilities\":7}}", "7 capability events" },
		{ HEAD "\"sources\":[{\"run\":\"00000000000000aa\",\"gate\":\"execve\"}]}",
		  "had not ended" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"nr\":900}]}}", "no name" },
		{ "{\"snugRecording\":1,\"runs\":{\"count\":1,\"ids\":[\"00000000000000aa\"]}}",
		  "syscalls were not observed" },
	};
	const struct snug_generate_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };

		generate(cases[i].recording, &options, &profile);
		assert_int_equal(profile.incomplete.count, cases[i].why ? 1 : 0);
		if (cases[i].why && !strstr(profile.incomplete.at[0], cases[i].why))
			fail_msg("%s", profile.incomplete.at[0]);
		assert_false(profile.has_caps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_gets_its_answer),
		cmocka_unit_test(what_is_not_whole_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
