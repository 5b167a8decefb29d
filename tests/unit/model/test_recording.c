/* SPDX-License-Identifier: Apache-2.0 */
#include "model/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS	     "\"runs\":{\"count\":1,\"ids\":[\"00000000000000aa\"]}"
#define NEEDED(list) HEAD "\"capabilities\":[{\"name\":\"CAP_KILL\",\"needed\":" list "}]}"
#define HEAD	     "{\"snugRecording\":1," RUNS ","

static int parse(const char *text, struct snug_recording *ret, struct snug_error *err)
{
	*err = (struct snug_error){ 0 };
	return snug_recording_parse(text, strlen(text), "r.json", ret, err);
}

/* arch -1: in no call */
static void assert_need(const struct snug_cap_need *need, const char *program, int arch,
			uint32_t nr)
{
	assert_string_equal(need->program, program);
	assert_int_equal(need->in_call, arch >= 0);
	assert_int_equal(need->arch, arch >= 0 ? arch : 0);
	assert_int_equal(need->nr, nr);
}

static void a_recording_reads_as_it_is_written(void **state)
{
	static const char text[] =
		"{\"snugRecording\": 1, \"later\": [1, {\"x\": 2}], \"name\": \"web\",\n"
		"\"runs\": {\"count\": 2, \"ids\": [\"00000000000000aa\", \"00000000000000bb\"]},\n"
		"\"sources\": [{\"run\": \"00000000000000aa\", \"gate\": \"filter-load\", "
		"\"ended\": true,\n"
		"  \"exit\": 0, \"kernel\": \"6.1.0\", \"args\": [\"nginx\", \"-g\"]}],\n"
		"\"gates\": [\"attach\"], \"observed\": [\"syscalls\", "
		"\"capabilities:approximate\", \"moon\"],\n"
		"\"lost\": {\"syscalls\": 3, \"capabilities\": 0}, \"raisedCredentials\": true,\n"
		"\"syscalls\": {\"SCMP_ARCH_X86_64\": [{\"name\": \"socket\", \"phase\": "
		"[\"workload\"],\n"
		"  \"runs\": [\"00000000000000aa\"], \"args\": [{\"0\": 2, \"1\": 1, \"2\": 0}]},\n"
		"  {\"nr\": 900}, {\"name\": \"read\"}, {\"name\": \"mount\", \"refused\": "
		"true}]},\n"
		"\"capabilities\": [{\"name\": \"CAP_CHOWN\", \"runs\": [\"00000000000000bb\"],\n"
		"  \"needed\": [{\"program\": \"sh\", \"nr\": 901, \"arch\": "
		"\"SCMP_ARCH_X86\"},\n"
		"  {\"program\": \"nginx\", \"syscall\": \"chown\", \"nr\": 92, \"later\": 1},\n"
		"  {\"program\": \"nginx\"}, {\"program\": \"nginx\"}]},\n"
		"  {\"name\": \"CAP_KILL\"}]}";
	struct snug_recording read = { 0 };
	struct snug_error err;

	(void)state;
	if (parse(text, &read, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
	assert_string_equal(read.name, "web");
	assert_int_equal(read.run_count, 2);
	assert_int_equal(read.gates, 1u << SNUG_GATE_ATTACH | 1u << SNUG_GATE_FILTER_LOAD);
	assert_int_equal(read.observed, SNUG_OBSERVED_SYSCALLS | SNUG_OBSERVED_CAPABILITIES |
						SNUG_OBSERVED_CAPABILITIES_APPROXIMATE);
	assert_int_equal(read.lost_syscalls, 3);
	assert_true(read.raised_creds);
	assert_int_equal(read.sources.count, 1);
	assert_int_equal(read.sources.at[0].args.count, 2);
	assert_int_equal(read.calls.count, 4);
	assert_int_equal(read.calls.at[0].nr, 0);
	assert_int_equal(read.calls.at[1].nr, 41);
	assert_int_equal(read.calls.at[1].tuples.count, 1);
	assert_int_equal(read.calls.at[1].phases, SNUG_PHASE_WORKLOAD);
	assert_true(read.calls.at[2].refused);
	assert_int_equal(read.calls.at[3].nr, 900);
	assert_int_equal(read.caps.at[0].runs.id[0], 0xbb);
	assert_int_equal(read.caps.at[0].needed.count, 3);
	assert_need(&read.caps.at[0].needed.at[0], "nginx", -1, 0);
	assert_need(&read.caps.at[0].needed.at[1], "nginx", SNUG_ARCH_X86_64, 92);
	assert_need(&read.caps.at[0].needed.at[2], "sh", SNUG_ARCH_I386, 901);
	assert_int_equal(read.caps.at[1].needed.count, 0);
	snug_recording_clear(&read);
}

static void bad_recordings_are_refused_with_the_place(void **state)
{
	static const struct {
		const char *text, *path, *what;
	} rows[] = {
		{ "[]", "$", "" },
		{ "{}", "$", "this is no recording" },
		{ "{\"snugRecording\":0}", "$.snugRecording", "versions begin at 1" },
		{ "{\"snugRecording\":2}", "$.snugRecording", "format 2 is newer" },
		{ "{\"snugRecording\":1}", "$", "no \"runs\"" },
		{ "{\"snugRecording\":1,\"runs\":{\"count\":0,\"ids\":[]}}", "$.runs.ids",
		  "one run" },
		{ "{\"snugRecording\":1,\"runs\":{\"count\":2,\"ids\":[\"00000000000000aa\"]}}",
		  "$.runs.count", "not the number of ids" },
		{ "{\"snugRecording\":1,\"runs\":{\"count\":1,\"ids\":[\"aa\"]}}", "$.runs.ids[0]",
		  "16 hex" },
		{ HEAD "\"gates\":[\"moon\"]}", "$.gates[0]", "no gate" },
		{ HEAD "\"sources\":[{\"run\":\"00000000000000ab\",\"gate\":\"attach\"}]}",
		  "$.sources[0]", "kept ids" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_S390X\":[]}}", "$.syscalls.SCMP_ARCH_S390X",
		  "architecture" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"name\":\"opennat\"}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0].name", "no call 'opennat': is it 'openat'?" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"name\":\"read\",\"nr\":1}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0].nr", "not the number of read" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"nr\":1073741824}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0]", "no number of x86_64" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"name\":\"socket\",\"args\":"
		       "[{\"0\":2,\"1\":16,\"2\":0}]}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0].args[0]", "bits outside 0xf" },
		{ HEAD "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"name\":\"socket\",\"args\":[{\"0\":"
		       "2}]}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0].args[0]", "no \"1\"" },
		{ HEAD
		  "\"syscalls\":{\"SCMP_ARCH_X86_64\":[{\"name\":\"read\",\"phase\":[\"x\"]}]}}",
		  "$.syscalls.SCMP_ARCH_X86_64[0].phase[0]", "no phase" },
		{ HEAD "\"capabilities\":[{\"name\":\"CAP_MOON\"}]}", "$.capabilities[0].name",
		  "no capability" },
		{ NEEDED("5"), "$.capabilities[0].needed", "" },
		{ NEEDED("[5]"), "$.capabilities[0].needed[0]", "" },
		{ NEEDED("[{}]"), "$.capabilities[0].needed[0]", "no \"program\"" },
		{ NEEDED("[{\"program\":7}]"), "$.capabilities[0].needed[0].program", "" },
		{ NEEDED("[{\"program\":\"0123456789012345678901234567890123456789012345\"}]"),
		  "$.capabilities[0].needed[0].program", "longer than 45 bytes" },
		{ NEEDED("[{\"program\":\"a\",\"arch\":\"SCMP_ARCH_S390X\"}]"),
		  "$.capabilities[0].needed[0].arch", "architecture" },
		{ NEEDED("[{\"program\":\"a\",\"syscall\":\"moon\"}]"),
		  "$.capabilities[0].needed[0].syscall", "x86_64 has no call 'moon'" },
		{ NEEDED("[{\"program\":\"a\",\"syscall\":\"chown\",\"nr\":1}]"),
		  "$.capabilities[0].needed[0].nr", "no number of this call" },
		{ NEEDED("[{\"program\":\"a\",\"nr\":4294967296}]"),
		  "$.capabilities[0].needed[0].nr", "no number of this call" },
		{ NEEDED("[{\"program\":\"a\",\"nr\":5,\"arch\":\"SCMP_ARCH_X32\"}]"),
		  "$.capabilities[0].needed[0].nr", "of x32" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_recording read = { 0 };
		struct snug_error err;

		if (parse(rows[i].text, &read, &err) == 0)
			fail_msg("taken: %s", rows[i].text);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(err.file, "r.json");
		if (!strstr(err.path, rows[i].path) || !strstr(err.what, rows[i].what))
			fail_msg("%s: got %s: %s", rows[i].text, err.path, err.what);
		assert_null(read.name);
	}
}

static struct snug_seen_call *seen(struct snug_recording *recording, uint32_t nr)
{
	struct snug_seen_call *call = snug_recording_call(recording, SNUG_ARCH_X86_64, nr, false);

	assert_non_null(call);
	return call;
}

static void past_64_tuples_a_call_is_whole(void **state)
{
	struct snug_recording a = { 0 }, b = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_recording_set_run(&a, 1), 0);
	assert_int_equal(snug_recording_set_run(&b, 2), 0);
	for (unsigned i = 0; i < SNUG_TUPLES_MAX; i++) {
		struct snug_tuple tuple = { .value = { i } };

		assert_int_equal(snug_seen_call_tuple(seen(&a, 157), &tuple), 0);
		assert_int_equal(snug_seen_call_tuple(seen(&a, 157), &tuple), 0);
	}
	assert_false(a.calls.at[0].any_args);
	assert_int_equal(a.calls.at[0].tuples.count, SNUG_TUPLES_MAX);
	assert_int_equal(snug_seen_call_tuple(seen(&b, 157),
					      &(struct snug_tuple){ .value = { SNUG_TUPLES_MAX } }),
			 0);
	assert_int_equal(snug_recording_merge(&a, &b, &err), 0);
	assert_true(a.calls.at[0].any_args);
	assert_int_equal(a.calls.at[0].tuples.count, 0);
	snug_recording_clear(&a);
	snug_recording_clear(&b);
}

/* splitmix64 of 1, 2, 3, …: ids as a recorder draws them */
static uint64_t id_of(uint64_t n)
{
	uint64_t z = n * 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void runs_are_counted_exactly_then_estimated(void **state)
{
	struct snug_recording all = { 0 };
	struct snug_error err;

	(void)state;
	for (unsigned n = 1; n <= 10000; n++) {
		struct snug_recording one = { 0 };

		assert_int_equal(snug_recording_set_run(&one, id_of(n)), 0);
		assert_int_equal(snug_recording_merge(&all, &one, &err), 0);
		snug_recording_clear(&one);
		if (n <= SNUG_RUN_IDS_MAX)
			assert_int_equal(all.run_count, n);
		assert_true(all.run_ids.count <= SNUG_RUN_IDS_MAX);
		assert_true(all.run_ids.room <= 4 * SNUG_RUN_IDS_MAX);
	}
	/* The estimate's standard error is 1/sqrt(k - 2): 9%. */
	assert_in_range(all.run_count, 7300, 12700);
	snug_recording_clear(&all);
}

static void of_many_runs_the_three_smallest_are_kept(void **state)
{
	struct snug_seen_runs runs = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		static const uint64_t ids[] = { 7, 3, 7, 5, 1 };

		snug_seen_runs_add(&runs, ids[i]);
	}
	assert_int_equal(runs.count, 3);
	assert_int_equal(runs.id[0], 1);
	assert_int_equal(runs.id[1], 3);
	assert_int_equal(runs.id[2], 5);
}

static void the_eight_smallest_needs_are_kept(void **state)
{
	struct snug_recording recording = { 0 };
	struct snug_seen_cap *cap = snug_recording_cap(&recording, 21);

	(void)state;
	for (uint32_t i = 20; i > 0; i--)
		for (unsigned twice = 0; twice < 2; twice++)
			assert_int_equal(snug_cap_needs_add(&cap->needed,
							    &(struct snug_cap_need){
								    .program = "sh",
								    .in_call = true,
								    .nr = i,
							    }),
					 0);
	assert_int_equal(cap->needed.count, SNUG_NEEDS_MAX);
	for (uint32_t i = 0; i < SNUG_NEEDS_MAX; i++)
		assert_need(&cap->needed.at[i], "sh", SNUG_ARCH_X86_64, i + 1);
	snug_recording_clear(&recording);
}

static void a_program_is_any_bytes(void **state)
{
	static const struct {
		const char *comm, *kept, *written;
	} rows[] = {
		{ "", "", "\"\"" },
		{ "a \"b\"\\\n", "a \"b\"\\\n", "\"a \\\"b\\\"\\\\\\n\"" },
		{ "\xff"
		  "a\xc3",
		  "\xef\xbf\xbd"
		  "a\xef\xbf\xbd",
		  "\"\xef\xbf\xbd"
		  "a\xef\xbf\xbd\"" },
		{ "caf\xc3\xa9\x01", "caf\xc3\xa9\x01", "\"caf\xc3\xa9\\u0001\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_recording recording = { 0 };
		struct snug_cap_need need = { 0 };
		struct snug_buf text = { 0 };
		struct snug_error err;

		strcpy(need.program, rows[i].comm);
		assert_int_equal(snug_recording_set_run(&recording, 1), 0);
		assert_int_equal(
			snug_cap_needs_add(&snug_recording_cap(&recording, 0)->needed, &need), 0);
		assert_string_equal(recording.caps.at[0].needed.at[0].program, rows[i].kept);
		assert_int_equal(snug_recording_render(&recording, &text, &err), 0);
		if (!strstr(snug_buf_text(&text), rows[i].written))
			fail_msg("no %s in %s", rows[i].written, snug_buf_text(&text));
		snug_buf_clear(&text);
		snug_recording_clear(&recording);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_reads_as_it_is_written),
		cmocka_unit_test(bad_recordings_are_refused_with_the_place),
		cmocka_unit_test(past_64_tuples_a_call_is_whole),
		cmocka_unit_test(runs_are_counted_exactly_then_estimated),
		cmocka_unit_test(of_many_runs_the_three_smallest_are_kept),
		cmocka_unit_test(the_eight_smallest_needs_are_kept),
		cmocka_unit_test(a_program_is_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
