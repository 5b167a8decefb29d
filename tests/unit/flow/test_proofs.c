/* SPDX-License-Identifier: Apache-2.0 */
/* What is built and proved once is not built again, as long as all that it hangs on is the same;
 * and nothing else is kept. */
#include "flow/proofs.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "unit/store/folder.h"

#define CACHE "var/cache/snug/seccomp"

static unsigned built;
static bool is_wrong;
static unsigned misspelt; /* so many of the next texts are built to something else */
static const char *version;

static void target(enum snug_runtime runtime, struct snug_target *ret)
{
	snug_target_init(ret, runtime, 6, 1);
}

static int prove(const struct snug_oci_seccomp *section, const struct snug_harden_options *options,
		 struct snug_error *err)
{
	(void)section;
	(void)options;
	built++;
	if (misspelt) {
		misspelt--;
		return snug_fail(err, SNUG_INPUT, "another filter");
	}
	return is_wrong ? snug_fail(err, SNUG_SYSTEM, "not so") : 0;
}

static void library(char ret[128], char ret_path[1024])
{
	snprintf(ret, 128, "%s", version);
	ret_path[0] = '\0';
}

static const struct snug_harden_tools tools = { .target = target,
						.prove = prove,
						.library = library };

static struct snug_harden_how how;

static int set_up(void **state)
{
	built = 0;
	is_wrong = false;
	misspelt = 0;
	version = "1";
	how = (struct snug_harden_how){
		.store = &store, .tools = &tools, .apparmor = SNUG_APPARMOR_OFF, .keep_proofs = true
	};
	return make_folder(state);
}

/* Hardens by a profile that allows this call; was anything built? */
static bool builds(const char *call, struct snug_error *err)
{
	static const char config[] = "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
				     "\"process\":{\"args\":[\"a\"]}}";
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf from = { 0 };
	unsigned before = built;
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"snugProfile\":1,\"name\":\"p\",\"seccomp\":{\"defaultAction\":"
		 "\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"%s\"],\"action\":"
		 "\"SCMP_ACT_ALLOW\"}]}}",
		 call);
	snug_buf_adds(&from, config);
	assert_int_equal(snug_profile_parse(text, strlen(text), NULL, &profile, err), 0);
	if (snug_flow_harden_text(&how, &profile, &from, "c", &result, err) == 0) {
		assert_non_null(strstr(snug_buf_text(&result.text), call));
		snug_proof_keep(&how, &result.proof);
	} else {
		assert_true(is_wrong);
	}
	return built > before;
}

static void once(void **state)
{
	struct snug_error err;

	(void)state;
	assert_true(builds("read", &err));
	assert_false(builds("read", &err));
	assert_int_equal(count_files(in_folder(CACHE)), 1);
	/* Another text, other targets, another libseccomp. */
	assert_true(builds("write", &err));
	how.has_runtime = true;
	assert_true(builds("read", &err));
	how.has_runtime = false;
	version = "2";
	assert_true(builds("read", &err));
	assert_int_equal(count_files(in_folder(CACHE)), 4);
	version = "1";
	assert_false(builds("read", &err));
}

static void what_was_not_proved_is_not_kept(void **state)
{
	struct snug_error err;

	(void)state;
	is_wrong = true;
	assert_true(builds("read", &err));
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(access(in_folder(CACHE), F_OK), -1);
	is_wrong = false;
	how.dry_run = true;
	assert_true(builds("read", &err));
	how.dry_run = false;
	how.keep_proofs = false;
	assert_true(builds("read", &err));
	assert_int_equal(access(in_folder(CACHE), F_OK), -1);
}

/* The text that was found wrong is not kept, the one that took its place is. */
static void of_two_spellings_the_right_one(void **state)
{
	struct snug_error err;

	(void)state;
	misspelt = 1;
	assert_true(builds("read", &err));
	assert_int_equal(built, 2);
	assert_int_equal(count_files(in_folder(CACHE)), 1);
	misspelt = 1;
	assert_true(builds("read", &err));
	assert_int_equal(built, 3);
	assert_int_equal(misspelt, 0);
}

static void only_where_nobody_else_can_write(void **state)
{
	struct snug_error err;

	(void)state;
	assert_true(builds("read", &err));
	assert_false(builds("read", &err));
	assert_int_equal(chmod(in_folder(CACHE), 0777), 0);
	assert_true(builds("read", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(once, set_up, remove_folder),
		cmocka_unit_test_setup_teardown(what_was_not_proved_is_not_kept, set_up,
						remove_folder),
		cmocka_unit_test_setup_teardown(of_two_spellings_the_right_one, set_up,
						remove_folder),
		cmocka_unit_test_setup_teardown(only_where_nobody_else_can_write, set_up,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
