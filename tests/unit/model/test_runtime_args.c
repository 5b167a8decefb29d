/* SPDX-License-Identifier: Apache-2.0 */
/* runc's and crun's command lines, as these read them (asked of runc 1.1.5 and crun 1.8.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/oci/runtime_args.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 16

struct row {
	enum snug_runtime runtime;
	const char *line; /* words, a space between */
	enum snug_verb verb;
	const char *bundle, *id;
	bool refused;
};

#define RUNC SNUG_RUNTIME_RUNC
#define CRUN SNUG_RUNTIME_CRUN

static const struct row rows[] = {
	{ RUNC, "run c", SNUG_VERB_RUN, NULL, "c", false },
	{ RUNC, "run --bundle /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run --bundle=/b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run -bundle /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run -bundle=/b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run -b /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "create -b=/b c", SNUG_VERB_CREATE, "/b", "c", false },
	{ RUNC, "create --b=/b c", SNUG_VERB_CREATE, "/b", "c", false },
	{ RUNC, "run c --bundle /b", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run c -b /b --pid-file p", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run -- -b /b", SNUG_VERB_RUN, NULL, "-b", false },
	{ RUNC, "-- run -b /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ RUNC, "run c -- -b /b", SNUG_VERB_RUN, NULL, "c", false },
	{ RUNC, "run --pid-file --bundle c", SNUG_VERB_RUN, NULL, "c", false },
	{ RUNC, "--root /r --log=/l --systemd-cgroup create -b /b c", SNUG_VERB_CREATE, "/b", "c",
	  false },
	{ RUNC, "--root run state c", SNUG_VERB_OTHER, NULL, NULL, false },
	{ RUNC, "--debug", SNUG_VERB_OTHER, NULL, NULL, false },
	{ RUNC, "state --bundle x", SNUG_VERB_OTHER, NULL, NULL, false },
	{ RUNC, "exec c sh --process x", SNUG_VERB_EXEC, NULL, "c", false },
	{ RUNC, "restore --whatever", SNUG_VERB_RESTORE, NULL, NULL, false },
	{ RUNC, "run -b /b -b /c c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run --bundle /b c -b /c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run --bundle --pid-file c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run --bun /b c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run -b", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run -b= c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "run --later x c", SNUG_VERB_RUN, NULL, NULL, true },
	{ RUNC, "--later run c", SNUG_VERB_OTHER, NULL, NULL, true },
	{ RUNC, "run --config x c", SNUG_VERB_RUN, NULL, NULL, true },

	{ CRUN, "run c", SNUG_VERB_RUN, NULL, "c", false },
	{ CRUN, "run -b /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run -b/b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run -b=/b c", SNUG_VERB_RUN, "=/b", "c", false },
	{ CRUN, "run -db /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run -db/b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run --bundle /b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run --bun=/b c", SNUG_VERB_RUN, "/b", "c", false },
	{ CRUN, "run c --bundle /b", SNUG_VERB_RUN, NULL, "c", false },
	{ CRUN, "--cgroup-manager disabled --root=/r run --bundle=/b c", SNUG_VERB_RUN, "/b", "c",
	  false },
	{ CRUN, "--cgroup disabled create c", SNUG_VERB_CREATE, NULL, "c", false },
	{ CRUN, "run -- -c", SNUG_VERB_RUN, NULL, "-c", false },
	{ CRUN, "run -b /b --bundle /c c", SNUG_VERB_RUN, NULL, NULL, true },
	{ CRUN, "run --con x c", SNUG_VERB_RUN, NULL, NULL, true },
	{ CRUN, "run -bundle /b c", SNUG_VERB_RUN, "undle", "/b", false },
	{ CRUN, "run -x c", SNUG_VERB_RUN, NULL, NULL, true },
	{ CRUN, "run -b", SNUG_VERB_RUN, NULL, NULL, true },
};

/* text is cut up. */
static int split(char *text, char *words[WORDS_MAX + 1])
{
	int count = 0;

	words[count++] = (char *)"runtime";
	for (char *word = strtok(text, " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	return count;
}

static int read_line(enum snug_runtime runtime, char *text, struct snug_runtime_args *ret,
		     struct snug_error *err)
{
	char *words[WORDS_MAX + 1];
	int count = split(text, words);

	return snug_runtime_args_read(runtime, count, words, ret, err);
}

static void same_text(const char *got, const char *wanted)
{
	if (wanted && got)
		assert_string_equal(got, wanted);
	else
		assert_true(got == wanted);
}

static void reads_as_the_runtime(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_runtime_args args;
		struct snug_error err = { 0 };
		char text[256];
		int result;

		snprintf(text, sizeof(text), "%s", rows[i].line);
		result = read_line(rows[i].runtime, text, &args, &err);
		print_message("# %s: %s\n", rows[i].line, result ? err.what : "read");
		assert_int_equal(result, rows[i].refused ? -1 : 0);
		assert_int_equal(args.verb, rows[i].verb);
		if (rows[i].refused)
			continue;
		same_text(args.bundle, rows[i].bundle);
		same_text(args.id, rows[i].id);
	}
}

static void finds_the_process_of_an_exec(void **state)
{
	static const char *const lines[] = { "exec --process /p c", "exec --process=/p c",
					     "--root /r exec -t -p /p -d c" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (int runtime = RUNC; runtime <= CRUN; runtime++) {
			char *words[WORDS_MAX + 1], text[256];
			struct snug_runtime_args args;
			struct snug_error err;
			int count;

			snprintf(text, sizeof(text), "%s", lines[i]);
			count = split(text, words);
			assert_int_equal(snug_runtime_args_read((enum snug_runtime)runtime, count,
								words, &args, &err),
					 0);
			assert_string_equal(args.process, "/p");
			assert_string_equal(args.id, "c");
			assert_null(args.adds);
			assert_true(args.process >= words[args.process_at] &&
				    args.process <= words[args.process_at] +
							    strlen(words[args.process_at]));
		}
}

static void sees_what_an_exec_adds(void **state)
{
	struct snug_runtime_args args;
	struct snug_error err;
	char cap[] = "exec -c CAP_SYS_ADMIN c sh", apparmor[] = "exec --apparmor=x c sh",
	     inside[] = "exec c sh -c x --cap y", gives[] = "exec --no-new-privs=F c sh",
	     same[] = "exec --no-new-privs=true c sh", takes[] = "exec --no-new-privs c sh";

	(void)state;
	assert_int_equal(read_line(RUNC, cap, &args, &err), 0);
	assert_string_equal(args.adds, "cap");
	assert_int_equal(read_line(CRUN, apparmor, &args, &err), 0);
	assert_string_equal(args.adds, "apparmor");
	assert_int_equal(read_line(RUNC, inside, &args, &err), 0);
	assert_null(args.adds);
	assert_int_equal(read_line(RUNC, gives, &args, &err), 0);
	assert_string_equal(args.adds, "no-new-privs");
	assert_int_equal(read_line(RUNC, same, &args, &err), 0);
	assert_null(args.adds);
	assert_int_equal(read_line(CRUN, takes, &args, &err), 0);
	assert_null(args.adds);
	assert_int_equal(args.verb_at, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_the_runtime),
		cmocka_unit_test(finds_the_process_of_an_exec),
		cmocka_unit_test(sees_what_an_exec_adds),
	};

	return cmocka_run_group_tests_name("runtime_args", tests, NULL, NULL);
}
