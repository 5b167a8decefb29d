/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/act_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/seen.h"

#define RUNS	"\"runs\":{\"count\":1,\"ids\":[\"00000000000000aa\"]}"
#define HEAD	"{\"snugRecording\":1," RUNS ","
#define FILE(m) HEAD "\"files\":[{" m "}]}"
#define PATH	"\"path\":\"/a\",\"access\":[\"read\"]"

/* As a person would write it: other white space and order come back sorted. */
static const char whole[] =
	"{\n"
	"  \"snugRecording\": 1,\n"
	"  \"runs\": {\"count\": 1, \"ids\": [\"00000000000000aa\"]},\n"
	"  \"sources\": [],\n"
	"  \"gates\": [],\n"
	"  \"observed\": [\"files:approximate\", \"network\", \"signals\", \"mounts\"],\n"
	"  \"lost\": {\"syscalls\": 0, \"capabilities\": 0, \"files\": 7},\n"
	"  \"raisedCredentials\": false,\n"
	"  \"syscalls\": {},\n"
	"  \"capabilities\": [],\n"
	"  \"files\": [\n"
	"    {\"path\": \"/a\\\\012\\\"b\\\"\\\\377\", \"access\": [\"execute\", \"raise\"]},\n"
	"    {\n"
	"      \"path\": \"/etc/passwd\",\n"
	"      \"program\": \"/usr/sbin/nginx\",\n"
	"      \"access\": [\"read\", \"mapExec\"],\n"
	"      \"byOthers\": [\"read\"],\n"
	"      \"runs\": [\"00000000000000aa\"]\n"
	"    }\n"
	"  ],\n"
	"  \"network\": [\n"
	"    {\"family\": \"AF_UNIX\", \"type\": \"SOCK_DGRAM\", \"protocol\": 0},\n"
	"    {\n"
	"      \"family\": \"AF_INET\",\n"
	"      \"type\": \"SOCK_STREAM\",\n"
	"      \"protocol\": 6,\n"
	"      \"program\": \"/bin/nc\",\n"
	"      \"runs\": [\"00000000000000aa\"]\n"
	"    },\n"
	"    {\"family\": 99, \"type\": 98, \"protocol\": 97}\n"
	"  ],\n"
	"  \"signals\": [\n"
	"    {\"signal\": 0, \"to\": \"outside\"},\n"
	"    {\"signal\": \"SIGTERM\", \"to\": \"container\"},\n"
	"    {\"signal\": 34, \"to\": \"container\"}\n"
	"  ],\n"
	"  \"ptrace\": [{\"access\": \"trace\", \"of\": \"container\"}],\n"
	"  \"mounts\": [\n"
	"    {\"op\": \"mount\", \"target\": \"/x\", \"flags\": [\"MS_REC\", \"MS_PRIVATE\"]},\n"
	"    {\n"
	"      \"op\": \"mount\",\n"
	"      \"source\": \"none\",\n"
	"      \"target\": \"/tmp/\",\n"
	"      \"type\": \"tmpfs\",\n"
	"      \"flags\": [\"MS_NOSUID\", 2147483648]\n"
	"    },\n"
	"    {\"op\": \"umount\", \"target\": \"/tmp/\", \"flags\": [\"MNT_DETACH\"]},\n"
	"    {\"op\": \"pivotRoot\", \"newRoot\": \"/new/\", \"putOld\": \"/new/old/\"}\n"
	"  ],\n"
	"  \"links\": [{\"from\": \"/a\", \"to\": \"/b\", \"program\": \"/bin/ln\"}]\n"
	"}\n";

static void assert_act(const struct snug_seen_act *act, enum snug_act_kind kind, const char *words,
		       const char *program)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };

	assert_int_equal(act->kind, kind);
	snug_act_words(act, &out);
	assert_string_equal(snug_buf_text(&out), words);
	assert_string_equal(act->program, program);
}

static void files_and_acts_read_as_they_are_written(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	SNUG_AUTO(snug_freep) char *again = NULL;
	const struct snug_seen_file *files;
	const struct snug_seen_act *acts;

	(void)state;
	parse_good(whole, &read);
	assert_int_equal(read.observed, SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE |
						SNUG_OBSERVED_NETWORK | SNUG_OBSERVED_SIGNALS |
						SNUG_OBSERVED_MOUNTS);
	assert_int_equal(read.lost_files, 7);
	assert_int_equal(read.files.count, 2);
	files = read.files.at;
	assert_string_equal(files[0].path, "/a\n\"b\"\xff");
	assert_string_equal(files[0].program, "");
	assert_int_equal(files[0].access, SNUG_ACCESS_EXECUTE | SNUG_ACCESS_RAISE);
	assert_int_equal(files[0].others, 0);
	assert_int_equal(files[0].runs.count, 0);
	assert_string_equal(files[1].program, "/usr/sbin/nginx");
	assert_int_equal(files[1].access, SNUG_ACCESS_READ | SNUG_ACCESS_MAP);
	assert_int_equal(files[1].others, SNUG_ACCESS_READ);
	assert_int_equal(files[1].runs.id[0], 0xaa);
	assert_int_equal(read.acts.count, 12);
	acts = read.acts.at;
	assert_act(&acts[0], SNUG_ACT_SOCKET, "socket AF_UNIX SOCK_DGRAM", "");
	assert_act(&acts[1], SNUG_ACT_SOCKET, "socket AF_INET SOCK_STREAM protocol 6", "/bin/nc");
	assert_int_equal(acts[1].runs.id[0], 0xaa);
	assert_act(&acts[2], SNUG_ACT_SOCKET, "socket 99 98 protocol 97", "");
	assert_act(&acts[3], SNUG_ACT_SIGNAL, "signal 0 to outside", "");
	assert_act(&acts[4], SNUG_ACT_SIGNAL, "signal SIGTERM to container", "");
	assert_act(&acts[5], SNUG_ACT_SIGNAL, "signal 34 to container", "");
	assert_act(&acts[6], SNUG_ACT_PTRACE, "ptrace trace of container", "");
	assert_act(&acts[7], SNUG_ACT_MOUNT, "mount on /x MS_REC|MS_PRIVATE", "");
	assert_act(&acts[8], SNUG_ACT_MOUNT, "mount none on /tmp/ type tmpfs MS_NOSUID|0x80000000",
		   "");
	assert_int_equal(acts[8].number[0], 0x80000002);
	assert_string_equal(acts[8].text[2], "tmpfs");
	assert_act(&acts[9], SNUG_ACT_UMOUNT, "umount /tmp/ MNT_DETACH", "");
	assert_string_equal(acts[9].text[0], "");
	assert_act(&acts[10], SNUG_ACT_PIVOT, "pivot_root to /new/ old root /new/old/", "");
	assert_act(&acts[11], SNUG_ACT_LINK, "link /a as /b", "/bin/ln");
	again = rendered(&read);
	assert_string_equal(again, whole);
}

static void older_recordings_observed_none_of_it(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	SNUG_AUTO(snug_freep) char *text = NULL;

	(void)state;
	parse_good(HEAD "\"observed\":[\"syscalls\"],\"lost\":{\"syscalls\":1}}", &read);
	assert_int_equal(read.observed, SNUG_OBSERVED_SYSCALLS);
	assert_int_equal(read.lost_files, 0);
	assert_int_equal(read.files.count + read.acts.count, 0);
	text = rendered(&read);
	assert_null(strstr(text, "\"files\": ["));
	assert_null(strstr(text, "\"network\""));
}

/* Who sees successful opens alone looks for no links: read and written again it says so still. */
static void approximate_files_are_no_links(void **state)
{
	struct snug_recording made = { .run_count = 1,
				       .observed = SNUG_OBSERVED_FILES_APPROXIMATE };
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	SNUG_AUTO(snug_freep) char *text = NULL, *again = NULL;

	(void)state;
	assert_int_equal(snug_recording_set_run(&made, 0xaa), 0);
	text = rendered(&made);
	assert_non_null(strstr(text, "\"files\": []"));
	assert_null(strstr(text, "\"links\""));
	parse_good(text, &read);
	again = rendered(&read);
	assert_string_equal(again, text);
	snug_recording_clear(&made);
}

/* What was looked for and not found is an empty list. */
static void none_seen_is_not_unobserved(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	SNUG_AUTO(snug_freep) char *text = NULL;

	(void)state;
	parse_good(HEAD "\"observed\":[\"files\",\"signals\"]}", &read);
	text = rendered(&read);
	for (unsigned i = 0; i < 4; i++) {
		static const char *const lists[] = { "files", "signals", "ptrace", "links" };
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "\"%s\": []", lists[i]);
		assert_non_null(strstr(text, wanted));
	}
	assert_null(strstr(text, "\"network\""));
	assert_null(strstr(text, "\"mounts\""));
}

static void observed_is_the_less_exact(void **state)
{
	const unsigned exact = SNUG_OBSERVED_FILES,
		       about = SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE;

	(void)state;
	assert_int_equal(snug_observed_merge(exact, exact), exact);
	assert_int_equal(snug_observed_merge(exact, about), about);
	assert_int_equal(snug_observed_merge(about, about), about);
	assert_int_equal(snug_observed_merge(exact, SNUG_OBSERVED_FILES_APPROXIMATE), about);
	assert_int_equal(snug_observed_merge(exact, 0), 0);
	assert_int_equal(snug_observed_merge(about, SNUG_OBSERVED_NETWORK), 0);
	assert_int_equal(snug_observed_merge(SNUG_OBSERVED_APPARMOR, SNUG_OBSERVED_APPARMOR),
			 SNUG_OBSERVED_APPARMOR);
}

static const struct {
	const char *text, *path, *what;
} bad_rows[] = {
	{ HEAD "\"files\":{}}", "$.files", "" },
	{ HEAD "\"files\":[7]}", "$.files[0]", "" },
	{ HEAD "\"lost\":{\"files\":-1}}", "$.lost.files", "" },
	{ HEAD "\"lost\":[]}", "$.lost", "" },
	{ FILE("\"access\":[\"read\"]"), "$.files[0]", "no \"path\"" },
	{ FILE("\"path\":\"/a\""), "$.files[0]", "no \"access\"" },
	{ FILE("\"path\":5,\"access\":[\"read\"]"), "$.files[0].path", "" },
	{ FILE("\"path\":\"\",\"access\":[\"read\"]"), "$.files[0].path", "1 to 4096 bytes" },
	{ FILE("\"path\":\"/a\\\\\",\"access\":[\"read\"]"), "$.files[0].path",
	  "byte 3: a backslash has three octal digits" },
	{ FILE("\"path\":\"/a\\\\000\",\"access\":[\"read\"]"), "$.files[0].path",
	  "byte 3: no name has a NUL" },
	{ FILE("\"path\":\"/\\\\101\",\"access\":[\"read\"]"), "$.files[0].path",
	  "byte 2: this is written without a backslash" },
	{ FILE("\"path\":\"/\\n\",\"access\":[\"read\"]"), "$.files[0].path",
	  "byte 2: this byte is written as a backslash" },
	{ FILE("\"path\":\"/a\",\"access\":\"read\""), "$.files[0].access", "" },
	{ FILE("\"path\":\"/a\",\"access\":[]"), "$.files[0].access", "one way at least" },
	{ FILE("\"path\":\"/a\",\"access\":[\"read\",\"raed\"]"), "$.files[0].access[1]",
	  "no access is called 'raed'" },
	{ FILE(PATH ",\"byOthers\":[\"write\"]"), "$.files[0].byOthers", "not in \"access\"" },
	{ FILE(PATH ",\"byOthers\":[\"rite\"]"), "$.files[0].byOthers[0]", "no access" },
	{ FILE(PATH ",\"program\":\"a\\\\b\""), "$.files[0].program", "byte 2:" },
	{ FILE(PATH ",\"program\":null"), "$.files[0].program", "" },
	{ FILE(PATH ",\"runs\":[\"aa\"]"), "$.files[0].runs[0]", "16 hex" },
	{ HEAD "\"files\":[{" PATH "},{\"path\":\"/b\",\"access\":[\"read\"]},{" PATH "}]}",
	  "$.files[2]", "twice" },
	{ HEAD "\"network\":[{\"type\":1,\"protocol\":0}]}", "$.network[0]", "no \"family\"" },
	{ HEAD "\"network\":[{\"family\":\"AF_MOON\",\"type\":1,\"protocol\":0}]}",
	  "$.network[0].family", "'AF_MOON' is no \"family\" that snug knows" },
	{ HEAD "\"network\":[{\"family\":2,\"type\":4294967296,\"protocol\":0}]}",
	  "$.network[0].type", "at most 4294967295" },
	{ HEAD "\"network\":[{\"family\":2,\"type\":1,\"protocol\":\"tcp\"}]}",
	  "$.network[0].protocol", "" },
	{ HEAD "\"network\":[{\"family\":2,\"type\":1,\"protocol\":6},{\"family\":"
	       "\"AF_INET\",\"type\":\"SOCK_STREAM\",\"protocol\":6}]}",
	  "$.network[1]", "twice" },
	{ HEAD "\"signals\":[{\"signal\":65,\"to\":\"outside\"}]}", "$.signals[0].signal",
	  "at most 64" },
	{ HEAD "\"signals\":[{\"signal\":\"TERM\",\"to\":\"outside\"}]}", "$.signals[0].signal",
	  "'TERM'" },
	{ HEAD "\"signals\":[{\"signal\":9,\"to\":1}]}", "$.signals[0].to", "" },
	{ HEAD "\"signals\":[{\"signal\":9,\"to\":\"moon\"}]}", "$.signals[0].to", "'moon'" },
	{ HEAD "\"ptrace\":[{\"access\":\"write\",\"of\":\"outside\"}]}", "$.ptrace[0].access",
	  "'write'" },
	{ HEAD "\"mounts\":[{\"target\":\"/x\"}]}", "$.mounts[0]", "no \"op\"" },
	{ HEAD "\"mounts\":[{\"op\":\"move\",\"target\":\"/x\"}]}", "$.mounts[0].op", "'move'" },
	{ HEAD "\"mounts\":[{\"op\":\"mount\"}]}", "$.mounts[0]", "no \"target\"" },
	{ HEAD "\"mounts\":[{\"op\":\"mount\",\"target\":\"\"}]}", "$.mounts[0].target",
	  "1 to 4096 bytes" },
	{ HEAD "\"mounts\":[{\"op\":\"mount\",\"target\":\"/\",\"flags\":[\"MS_MOON\"]}]}",
	  "$.mounts[0].flags[0]", "'MS_MOON'" },
	{ HEAD "\"mounts\":[{\"op\":\"umount\",\"target\":\"/\",\"flags\":[\"MS_REC\"]}]}",
	  "$.mounts[0].flags[0]", "'MS_REC'" },
	{ HEAD "\"mounts\":[{\"op\":\"pivotRoot\",\"newRoot\":\"/\"}]}", "$.mounts[0]",
	  "no \"putOld\"" },
	{ HEAD "\"links\":[{\"from\":\"/a\",\"to\":\"/b\"},{\"from\":\"/a\",\"to\":\"/b\","
	       "\"program\":\"\"}]}",
	  "$.links[1]", "twice" },
};

static void bad_members_are_refused_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		struct snug_recording read = { 0 };
		struct snug_error err;

		if (parse(bad_rows[i].text, &read, &err) == 0)
			fail_msg("taken: %s", bad_rows[i].text);
		assert_int_equal(err.code, SNUG_INPUT);
		if (strcmp(err.path, bad_rows[i].path) != 0 || !strstr(err.what, bad_rows[i].what))
			fail_msg("%s: got %s: %s", bad_rows[i].text, err.path, err.what);
	}
}

/* count bytes that are five each in JSON */
static char *long_path(size_t count)
{
	char *path = malloc(count + 1);

	assert_non_null(path);
	memset(path, '\xff', count);
	path[0] = '/';
	path[count] = '\0';
	return path;
}

static void paths_have_4096_bytes(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_freep) char *path = long_path(SNUG_PATH_MAX);
	SNUG_AUTO(snug_freep) char *longer = long_path(SNUG_PATH_MAX + 1);
	SNUG_AUTO(snug_freep) char *text = NULL;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_recording_set_run(&a, 1), 0);
	assert_non_null(snug_seen_files_add(&a.files, path, path, SNUG_ACCESS_READ, 0));
	text = rendered(&a);
	parse_good(text, &b);
	assert_string_equal(b.files.at[0].path, path);
	assert_string_equal(b.files.at[0].program, path);
	free(text);
	assert_non_null(snug_seen_files_add(&a.files, longer, "", SNUG_ACCESS_READ, 0));
	text = rendered(&a);
	assert_int_equal(parse(text, &b, &err), -1);
	assert_string_equal(err.path, "$.files[1].path");
	assert_non_null(strstr(err.what, "1 to 4096 bytes"));
}

static void adding_unites(void **state)
{
	struct snug_seen_files files = { 0 };
	struct snug_seen_acts acts = { 0 };
	struct snug_seen_act act = { .kind = SNUG_ACT_SIGNAL,
				     .number = { 15 },
				     .text = { "", "", "" },
				     .program = "/bin/kill" };

	(void)state;
	assert_non_null(snug_seen_files_add(&files, "/b", "p", SNUG_ACCESS_READ, 0));
	assert_non_null(snug_seen_files_add(&files, "/a", "p", SNUG_ACCESS_READ, 0));
	assert_non_null(snug_seen_files_add(&files, "/a", "o", SNUG_ACCESS_LOCK, 0));
	assert_non_null(
		snug_seen_files_add(&files, "/a", "p", SNUG_ACCESS_WRITE, SNUG_ACCESS_WRITE));
	assert_int_equal(files.count, 3);
	assert_string_equal(files.at[0].program, "o");
	assert_int_equal(files.at[1].access, SNUG_ACCESS_READ | SNUG_ACCESS_WRITE);
	assert_int_equal(files.at[1].others, SNUG_ACCESS_WRITE);
	assert_string_equal(files.at[2].path, "/b");
	for (unsigned i = 0; i < 2; i++)
		assert_non_null(snug_seen_acts_add(&acts, &act));
	act.number[1] = SNUG_PEER_OUTSIDE;
	assert_non_null(snug_seen_acts_add(&acts, &act));
	assert_int_equal(acts.count, 2);
	snug_seen_files_clear(&files);
	snug_seen_acts_clear(&acts);
	assert_int_equal(files.count + acts.count, 0);
}

/* What a recorder noted in two steps, and was asked for between them. */
static void what_is_half_noted_is_read(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_freep) char *text = NULL;

	(void)state;
	assert_int_equal(snug_recording_set_run(&a, 1), 0);
	assert_non_null(snug_seen_files_add(&a.files, "/none", "", 0, 0));
	assert_non_null(snug_seen_files_add(&a.files, "/others", "", 0, SNUG_ACCESS_READ));
	text = rendered(&a);
	parse_good(text, &b);
	assert_int_equal(b.files.count, 1);
	assert_int_equal(b.files.at[0].access, SNUG_ACCESS_READ);
}

static void tables_are_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SNUG_ACCESS_MAX; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(snug_access_name(i), snug_access_name(j));
	for (enum snug_act_kind kind = 0; kind < SNUG_ACT_MAX; kind++) {
		const struct snug_act_form *form = snug_act_form(kind);

		assert_non_null(form->list);
		for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++) {
			const struct snug_act_member *member = &form->members[i];

			if (snug_member_is_text(member))
				assert_in_range(member->slot, 0, SNUG_ACT_TEXTS - 1);
			else
				assert_in_range(member->slot, 0, SNUG_ACT_NUMBERS - 1);
			for (const struct snug_named *n = member->names; n && n->name; n++)
				assert_string_equal(snug_named_name(member->names, n->value),
						    n->name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_acts_read_as_they_are_written),
		cmocka_unit_test(older_recordings_observed_none_of_it),
		cmocka_unit_test(approximate_files_are_no_links),
		cmocka_unit_test(none_seen_is_not_unobserved),
		cmocka_unit_test(observed_is_the_less_exact),
		cmocka_unit_test(bad_members_are_refused_with_the_place),
		cmocka_unit_test(paths_have_4096_bytes),
		cmocka_unit_test(adding_unites),
		cmocka_unit_test(what_is_half_noted_is_read),
		cmocka_unit_test(tables_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
