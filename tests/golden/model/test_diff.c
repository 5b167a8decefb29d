/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two profiles and between two recordings, byte for byte. SNUG_GOLDEN_WRITE=1
 * writes the files anew; read the difference before it is committed.
 */
#include "base/cleanup.h"
#include "model/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden_file.h"
#include "support/native.h"

static const char *const titles[SNUG_SIDE_MAX] = { "old", "new.json" };

/* Both have x86_64 and i386, A a foreign ABI too; B looks at other arguments of socket, knows
 * kexec's name, and allows bind. */
static const char *const profiles[SNUG_SIDE_MAX] = {
	"{\"snugProfile\": 1, \"name\": \"a\", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\","
	" \"defaultErrnoRet\": 38, \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"],"
	" \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_MIPS\"],"
	" \"syscalls\": [{\"names\": [\"read\", \"write\", \"ioctl\"],"
	"                 \"action\": \"SCMP_ACT_ALLOW\"},"
	"  {\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\","
	"   \"args\": [{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}]},"
	" \"capabilities\": [\"CAP_CHOWN\", \"CAP_KILL\"], \"noNewPrivileges\": true,"
	" \"maskedPaths\": [\"/proc/kcore\", \"/a\"], \"readonlyPaths\": [\"/proc/sys\"]}",
	"{\"snugProfile\": 1, \"name\": \"b\", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\","
	" \"defaultErrnoRet\": 38, \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"],"
	" \"syscalls\": [{\"names\": [\"read\", \"bind\"], \"action\": \"SCMP_ACT_ALLOW\"},"
	"  {\"names\": [\"write\"], \"action\": \"SCMP_ACT_LOG\"},"
	"  {\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\","
	"   \"args\": [{\"index\": 1, \"value\": 21505, \"op\": \"SCMP_CMP_EQ\"}]},"
	"  {\"names\": [\"kexec_load\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1},"
	"  {\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\","
	"   \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}]},"
	" \"capabilities\": [\"CAP_KILL\", \"CAP_SETUID\"], \"runAsNonRoot\": true,"
	" \"maskedPaths\": [\"/a\", \"/b\"]}",
};

/* clang-format off */
#define RUN(id, observed, lost)                                                                    \
	"\"runs\": {\"count\": 1, \"ids\": [\"" id "\"]}, \"sources\": [], \"gates\": [\"execve\"]," \
	" \"observed\": [" observed "], \"lost\": {\"syscalls\": " lost ", \"capabilities\": 0},"

/* Each with calls, refusals and tuples of its own, and some in common. */
static const char *const recordings[SNUG_SIDE_MAX] = {
	"{\"snugRecording\": 1,"
	RUN("00000000000000a1", "\"syscalls\", \"capabilities\", \"files\"", "0")
	" \"raisedCredentials\": true,"
	" \"syscalls\": {\"SCMP_ARCH_X86_64\": [{\"name\": \"read\"}, {\"name\": \"open\"},"
	"  {\"name\": \"ioctl\", \"anyArgs\": true},"
	"  {\"name\": \"socket\", \"args\": [{\"0\": 2, \"1\": 1, \"2\": 0},"
	"                                    {\"0\": 10, \"1\": 2, \"2\": 17}]},"
	"  {\"name\": \"mount\", \"refused\": true}, {\"nr\": 900}],"
	"  \"SCMP_ARCH_X86\": [{\"name\": \"mmap2\"}]},"
	" \"capabilities\": [{\"name\": \"CAP_CHOWN\"}, {\"name\": \"CAP_KILL\"}],"
	" \"files\": [{\"path\": \"/bin/sh\", \"access\": [\"execute\"]},"
	"  {\"path\": \"/etc/passwd\", \"program\": \"/bin/sh\", \"access\": [\"read\", \"lock\"]},"
	"  {\"path\": \"/etc/passwd\", \"program\": \"/bin/cat\", \"access\": [\"read\"],"
	"   \"byOthers\": [\"read\"]},"
	"  {\"path\": \"/tmp/\\\\012x \\\"\", \"program\": \"/bin/sh\", \"access\": [\"create\", \"write\"]}],"
	" \"links\": [{\"from\": \"/a\", \"to\": \"/b\", \"program\": \"/bin/ln\"}]}",
	"{\"snugRecording\": 1,"
	RUN("00000000000000b2", "\"syscalls\", \"files:approximate\", \"network\"", "7")
	" \"raisedCredentials\": false,"
	" \"syscalls\": {\"SCMP_ARCH_X86_64\": [{\"name\": \"read\"},"
	"  {\"name\": \"ioctl\", \"args\": [{\"1\": 21505}]},"
	"  {\"name\": \"socket\", \"args\": [{\"0\": 1, \"1\": 1, \"2\": 0},"
	"                                    {\"0\": 2, \"1\": 1, \"2\": 0}]},"
	"  {\"name\": \"bind\"}, {\"name\": \"prctl\", \"args\": [{\"0\": 15}]},"
	"  {\"name\": \"mount\"}]},"
	" \"capabilities\": [],"
	" \"files\": [{\"path\": \"/bin/sh\", \"access\": [\"execute\"]},"
	"  {\"path\": \"/etc/passwd\", \"program\": \"/bin/sh\", \"access\": [\"read\", \"append\"]},"
	"  {\"path\": \"/etc/passwd\", \"program\": \"/bin/cat\", \"access\": [\"read\"]},"
	"  {\"path\": \"/etc/shadow\", \"program\": \"/bin/cat\", \"access\": [\"read\"]}],"
	" \"network\": [{\"family\": \"AF_INET\", \"type\": \"SOCK_STREAM\", \"protocol\": 6,"
	"  \"program\": \"/bin/nc\"}],"
	" \"links\": [{\"from\": \"/a\", \"to\": \"/b\", \"program\": \"/bin/ln\"}]}",
};
/* clang-format on */

static void expect(int result, const struct snug_error *err)
{
	if (result < 0)
		fail_msg("%s: %s", err->path, err->what);
}

static void diff_profiles(const char *a, const char *b, struct snug_profile_diff *ret,
			  struct snug_buf *text, struct snug_buf *json)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile of_a = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile of_b = { 0 };
	struct snug_error err = { 0 };

	expect(snug_profile_parse(a, strlen(a), NULL, &of_a, &err), &err);
	expect(snug_profile_parse(b, strlen(b), NULL, &of_b, &err), &err);
	expect(snug_profile_diff_make(&of_a, &of_b, ret, &err), &err);
	expect(snug_profile_diff_text(ret, titles, text, &err), &err);
	expect(snug_profile_diff_json(ret, titles, json, &err), &err);
}

static void diff_recordings(const char *a, const char *b, struct snug_buf *text,
			    struct snug_buf *json)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording of_a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording of_b = { 0 };
	SNUG_AUTO(snug_recording_diff_clear) struct snug_recording_diff diff = { 0 };
	struct snug_error err = { 0 };

	expect(snug_recording_parse(a, strlen(a), NULL, &of_a, &err), &err);
	expect(snug_recording_parse(b, strlen(b), NULL, &of_b, &err), &err);
	expect(snug_recording_diff_make(&of_a, &of_b, &diff, &err), &err);
	assert_int_equal(snug_recording_diff_is_empty(&diff), strcmp(a, b) == 0);
	expect(snug_recording_diff_text(&diff, titles, text, &err), &err);
	expect(snug_recording_diff_json(&diff, titles, json, &err), &err);
}

static void profiles_that_differ(void **state)
{
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

	need_x86_64(state);
	diff_profiles(profiles[0], profiles[1], &diff, &text, &json);
	assert_false(snug_profile_diff_is_empty(&diff));
	check("diff.profile.txt", &text);
	check("diff.profile.json", &json);
}

/* Most of an ABI is told by what is left of it. */
static void an_abi_that_one_does_not_list(void **state)
{
	static const char listed[] = "{\"snugProfile\": 1, \"name\": \"a\", \"seccomp\": {"
				     "\"defaultAction\": \"SCMP_ACT_ERRNO\","
				     "\"architectures\": [\"SCMP_ARCH_X86\"],"
				     "\"syscalls\": [{\"action\": \"SCMP_ACT_ALLOW\","
				     "\"names\": [\"read\", \"socket\"]}]}}";
	static const char bare[] = "{\"snugProfile\": 1, \"name\": \"b\", \"seccomp\": {"
				   "\"defaultAction\": \"SCMP_ACT_ALLOW\","
				   "\"architectures\": [\"SCMP_ARCH_X32\"]}}";
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

	need_x86_64(state);
	diff_profiles(listed, bare, &diff, &text, &json);
	check("diff.abi.txt", &text);
}

/* AppArmor's part: a path that shows each file rule, but where that is its pattern; what is too
 * much to decide; another child's rules; and lines that only one has. */
#define MANY "????????????????????????"
#define APPARMOR(files, signals, children)                                                         \
	"{\"snugProfile\": 1, \"name\": \"x\", \"apparmor\": {\"files\": [" files                  \
	"], \"signals\": [" signals "], \"children\": [" children "]}}"
static const char *const apparmor[SNUG_SIDE_MAX] = {
	APPARMOR("{\"path\": \"/bin/sh\", \"access\": \"rmx\", \"child\": \"sh\"},"
		 "{\"path\": \"/etc/a\", \"access\": \"rw\"},"
		 "{\"path\": \"/tmp/*\", \"access\": \"rwk\", \"owner\": true},"
		 "{\"path\": \"/v/**a" MANY "\", \"access\": \"r\"}",
		 "{\"access\": [\"receive\"], \"peer\": \"unconfined\"}",
		 "{\"name\": \"sh\", \"files\": [{\"path\": \"/bin/sh\", \"access\": \"rm\"},"
		 "{\"path\": \"/own/\\\\x0a[12]\", \"access\": \"a\"}],"
		 "\"network\": [{\"family\": \"inet\", \"type\": \"stream\"}]}"),
	APPARMOR("{\"path\": \"/bin/sh\", \"access\": \"rmx\"},"
		 "{\"path\": \"/etc/a\", \"access\": \"r\"},"
		 "{\"path\": \"/tmp/[a-z]*\", \"access\": \"rw\"},"
		 "{\"path\": \"/v/**b" MANY "\", \"access\": \"r\"}",
		 "{\"access\": [\"receive\"], \"peer\": \"unconfined\"},"
		 "{\"access\": [\"send\"], \"set\": [\"term\"], \"peer\": \"self\"}",
		 "{\"name\": \"ls\", \"files\": [{\"path\": \"/bin/ls\", \"access\": \"r\"}]}"),
};

static void apparmors_part_that_differs(void **state)
{
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

	(void)state;
	diff_profiles(apparmor[0], apparmor[1], &diff, &text, &json);
	assert_false(snug_profile_diff_is_empty(&diff));
	check("diff.apparmor.txt", &text);
	check("diff.apparmor.json", &json);
}

/* Children are compared by the programs that run there. */
#define RUNS(child, files)                                                                         \
	APPARMOR("{\"path\": \"/bin/sh\", \"access\": \"x\", \"child\": \"" child "\"}", "",       \
		 "{\"name\": \"" child "\", \"files\": [" files "]}")
#define READS(path) "{\"path\": \"" path "\", \"access\": \"r\"}"

static void a_program_in_children_of_other_names(void **state)
{
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, same = { 0 }, json = { 0 };

	(void)state;
	diff_profiles(RUNS("sh", READS("/a")), RUNS("dash", READS("/a")), &diff, &same, &json);
	assert_true(snug_profile_diff_is_empty(&diff));
	snug_profile_diff_clear(&diff);
	snug_buf_clear(&json);
	diff_profiles(RUNS("sh", READS("/a") "," READS("/b")),
		      RUNS("dash", READS("/a") "," READS("/c")), &diff, &text, &json);
	assert_string_equal(snug_buf_text(&text), "A: old, a profile\nB: new.json, a profile\n"
						  "\nFiles: B allows, A does not (1)\n"
						  "  child dash: /c r\n"
						  "\nFiles: A allows, B does not (1)\n"
						  "  child sh: /b r\n");
}

static void recordings_that_differ(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

	(void)state;
	diff_recordings(recordings[0], recordings[1], &text, &json);
	check("diff.recording.txt", &text);
	check("diff.recording.json", &json);
}

/* A person gets the first of many, JSON all. */
static void long_lists_are_cut(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_recording_diff_clear) struct snug_recording_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };
	struct snug_seen_act act = { .text = { "", "", "" }, .program = "" };
	struct snug_error err = { 0 };
	char path[16];

	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		(void)snprintf(path, sizeof(path), "/f%02u", i);
		act.number[0] = i;
		assert_non_null(snug_seen_files_add(&b.files, path, "", SNUG_ACCESS_READ, 0));
		assert_non_null(snug_seen_acts_add(&b.acts, &act));
	}
	expect(snug_recording_diff_make(&a, &b, &diff, &err), &err);
	expect(snug_recording_diff_text(&diff, titles, &text, &err), &err);
	expect(snug_recording_diff_json(&diff, titles, &json, &err), &err);
	assert_non_null(strstr(text.data, "in A (25)\n  /f00: read\n"));
	assert_non_null(strstr(text.data, "/f19: read\n  and 5 more, which --format json lists\n"));
	assert_null(strstr(text.data, "/f20"));
	assert_non_null(strstr(text.data, "in A (25)\n  socket AF_UNSPEC 0\n"));
	assert_null(strstr(text.data, "AF_IB"));
	assert_non_null(strstr(json.data, "\"/f24\""));
}

static void the_same_is_said_so(void **state)
{
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

	(void)state;
	for (unsigned i = 0; i < SNUG_SIDE_MAX; i++) {
		snug_profile_diff_clear(&diff);
		diff_profiles(profiles[i], profiles[i], &diff, &text, &json);
		assert_true(snug_profile_diff_is_empty(&diff));
		assert_string_equal(snug_buf_text(&text), "the same\n");
		snug_buf_clear(&text);
	}
	diff_recordings(recordings[SNUG_SIDE_A], recordings[SNUG_SIDE_A], &text, &json);
	assert_string_equal(snug_buf_text(&text), "the same\n");
}

/* The same was seen; what the one was blind to, the other may have had. */
static void the_same_as_far_as_both_looked(void **state)
{
	static const char calls[] = " \"syscalls\": {\"SCMP_ARCH_X86_64\": [{\"name\": \"read\"}]},"
				    " \"capabilities\": []}";
	static const char *const heads[] = {
		"{\"snugRecording\": 1," RUN("00000000000000a1", "\"syscalls\", \"capabilities\"",
					     "0"),
		"{\"snugRecording\": 1," RUN("00000000000000a1", "\"syscalls\", \"capabilities\"",
					     "7"),
		"{\"snugRecording\": 1," RUN("00000000000000a1", "\"syscalls\"", "0"),
	};
	static const char *const says[] = {
		"the same\n",
		"B lost events: 7 of syscalls, 0 of capabilities, 0 of files\n",
		"B did not look at capabilities\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };
		char a[512], b[512];

		(void)snprintf(a, sizeof(a), "%s%s", heads[0], calls);
		(void)snprintf(b, sizeof(b), "%s%s", heads[i], calls);
		diff_recordings(a, b, &text, &json);
		if (!strstr(snug_buf_text(&text), says[i]))
			fail_msg("%s", snug_buf_text(&text));
		snug_buf_clear(&text);
		diff_recordings(b, b, &text, &json);
		if (i == 1)
			assert_string_equal(
				snug_buf_text(&text),
				"A: old, a recording\nB: new.json, a recording\n"
				"A lost events: 7 of syscalls, 0 of capabilities, 0 of files\n"
				"B lost events: 7 of syscalls, 0 of capabilities, 0 of files\n"
				"the same, as far as they looked\n");
	}
}

/* One member at a time: each by itself makes a difference, on the side that has it. */
static void each_member_counts(void **state)
{
#define HEAD  "{\"snugProfile\": 1, \"name\": \"x\""
#define RULES "\"apparmor\": {\"files\": [{\"path\": \"/a\", \"access\": \"r\"}]"
#define ALL   "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": ["
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ HEAD "}", HEAD ", \"origin\": \"hand\"}", true },
		{ HEAD "}", HEAD ", \"noNewPrivileges\": false}", true },
		{ HEAD "}", HEAD ", \"noNewPrivileges\": true}", false },
		{ HEAD "}", HEAD ", \"runAsNonRoot\": false}", true },
		{ HEAD "}", HEAD ", \"runAsNonRoot\": true}", false },
		{ HEAD "}", HEAD ", \"maskedPaths\": [], \"readonlyPaths\": []}", true },
		{ HEAD "}", HEAD ", \"maskedPaths\": [\"/a\"]}", false },
		{ HEAD ", \"maskedPaths\": [\"/a\"]}",
		  HEAD ", \"maskedPaths\": [\"/a\", \"/a/b\"], \"readonlyPaths\": [\"/a\"]}",
		  true },
		{ HEAD ", \"maskedPaths\": [\"/a\"]}", HEAD ", \"readonlyPaths\": [\"/a\"]}",
		  false },
		{ HEAD ", \"maskedPaths\": [\"/a\"]}", HEAD ", \"maskedPaths\": [\"/a-b\"]}",
		  false },
		{ HEAD ", \"readonlyPaths\": [\"/a\", \"/b\"]}",
		  HEAD ", \"readonlyPaths\": [\"/a\"]}", false },
		{ HEAD ", \"readonlyPaths\": [\"/a\", \"/b\"]}",
		  HEAD ", \"readonlyPaths\": [\"/b\", \"/a\"]}", true },
		{ HEAD "}", HEAD ", \"capabilities\": []}", false },
		{ HEAD ", " RULES "}}", HEAD ", " RULES ", \"complainOnly\": false}}", true },
		{ HEAD ", " RULES "}}", HEAD ", " RULES ", \"complainOnly\": true}}", false },
		{ HEAD "}", HEAD ", " RULES ", \"complainOnly\": true}}", false },
		{ HEAD ", \"capabilities\": [\"CAP_KILL\"]}", HEAD ", \"capabilities\": []}",
		  false },
		{ HEAD "}",
		  HEAD ", " ALL "\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\", \"SCMP_ARCH_AARCH64\"]}}",
		  true },
		{ HEAD "}", HEAD ", " ALL "\"SCMP_ARCH_X86\", \"SCMP_ARCH_AARCH64\"]}}", false },
		{ HEAD ", " ALL "]}}", HEAD ", " ALL "], \"flags\": []}}", false },
		{ HEAD ", " ALL "\"SCMP_ARCH_MIPS\"]}}", HEAD ", " ALL "\"SCMP_ARCH_MIPS\"]}}",
		  true },
		{ HEAD ", " ALL "]}}", HEAD ", " ALL "\"SCMP_ARCH_MIPS\"]}}", false },
	};

	need_x86_64(state);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned swapped = 0; swapped < 2; swapped++) {
			SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
			SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
			SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };

			diff_profiles(swapped ? rows[i].b : rows[i].a,
				      swapped ? rows[i].a : rows[i].b, &diff, &text, &json);
			if (snug_profile_diff_is_empty(&diff) != rows[i].same)
				fail_msg("%s against %s: %s", rows[i].a, rows[i].b,
					 snug_buf_text(&text));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_that_differ),
		cmocka_unit_test(an_abi_that_one_does_not_list),
		cmocka_unit_test(apparmors_part_that_differs),
		cmocka_unit_test(a_program_in_children_of_other_names),
		cmocka_unit_test(recordings_that_differ),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(the_same_is_said_so),
		cmocka_unit_test(the_same_as_far_as_both_looked),
		cmocka_unit_test(each_member_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
