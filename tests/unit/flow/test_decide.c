/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/decide.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/store/folder.h"

#define CONFIG(annotations)                                                                        \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"/bin/"       \
	"sh\"]},"                                                                                  \
	"\"annotations\":{" annotations "}}"

static void put_policy(const char *text)
{
	make_folders("etc/snug");
	put_file(in_folder("etc/snug/policy.json"), text, 0644);
}

/* Decides for a text in the bundle /b. */
static int decide(const char *text, struct snug_policy_file *file, struct snug_decided *ret,
		  struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };

	*file = (struct snug_policy_file){ 0 };
	*ret = (struct snug_decided){ 0 };
	snug_buf_adds(&config, text);
	if (snug_policy_file_load(&store, file, err) < 0)
		return -1;
	return snug_decide(file, &config, "config.json", "/b", ret, err);
}

static void done(struct snug_policy_file *file, struct snug_decided *decided)
{
	snug_decided_clear(decided);
	snug_policy_file_clear(file);
}

static void test_without_a_policy_most_is_not_even_read(void **state)
{
	struct snug_policy_file file;
	struct snug_decided decided;
	struct snug_error err;

	(void)state;
	assert_int_equal(decide("no JSON at all", &file, &decided, &err), 0);
	assert_false(file.there);
	assert_null(decided.doc);
	assert_true(snug_decision_is_off(&decided.decision));
	done(&file, &decided);
	/* what could be an annotation of ours is */
	assert_int_equal(decide("no JSON, io.snug.learn", &file, &decided, &err), -1);
	done(&file, &decided);
}

static void test_without_a_policy_the_annotation_counts_however_spelt(void **state)
{
	static const char *const texts[] = { CONFIG("\"io.snug.learn\":\"web\""),
					     CONFIG("\"io\\u002esnug.learn\":\"web\"") };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct snug_policy_file file;
		struct snug_decided decided;
		struct snug_error err;

		assert_int_equal(decide(texts[i], &file, &decided, &err), 0);
		assert_string_equal(decided.decision.learn, "web");
		done(&file, &decided);
	}
}

static void test_decides_by_the_file(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };
	struct snug_policy_file file;
	struct snug_decided decided;
	struct snug_error err;
	char want[PATH_MAX];

	(void)state;
	put_policy("{\"snugPolicy\":1,\"annotations\":[\"io.snug.profile\",\"io.snug.learn\"],"
		   "\"rules\":[{\"name\":\"b\",\"match\":{\"rootfs\":\"/b/r\"},"
		   "\"mode\":\"enforce\",\"profile\":\"web\"}]}");
	assert_int_equal(decide(CONFIG("\"io.snug.profile\":\"own\",\"io.snug.learn\":\"new\""),
				&file, &decided, &err),
			 0);
	assert_int_equal(decided.decision.rule, 0);
	snug_decided_words(&file, &decided.decision, &words);
	snprintf(want, sizeof(want), "%s: rule 1 ('b'): enforce web and own, learn new",
		 in_folder("etc/snug/policy.json"));
	assert_string_equal(snug_buf_text(&words), want);
	done(&file, &decided);
	/* there is one, so what cannot be read has to be refused */
	assert_int_equal(decide("no JSON at all", &file, &decided, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	done(&file, &decided);
}

static void test_trusts_no_file_of_others(void **state)
{
	static const char sound[] = "{\"snugPolicy\":1,\"default\":{\"mode\":\"off\"}}";
	struct snug_policy_file file;
	struct snug_decided decided;
	struct snug_error err;

	(void)state;
	put_policy(sound);
	assert_int_equal(decide("{}", &file, &decided, &err), -1); /* no config */
	done(&file, &decided);
	assert_int_equal(decide(CONFIG(""), &file, &decided, &err), 0);
	done(&file, &decided);
	assert_int_equal(chmod(in_folder("etc/snug/policy.json"), 0664), 0);
	assert_int_equal(decide(CONFIG(""), &file, &decided, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	done(&file, &decided);
	assert_int_equal(chmod(in_folder("etc/snug/policy.json"), 0644), 0);
	assert_int_equal(chmod(in_folder("etc/snug"), 0777), 0);
	assert_int_equal(decide(CONFIG(""), &file, &decided, &err), -1);
	done(&file, &decided);
	assert_int_equal(chmod(in_folder("etc/snug"), 0755), 0);
	assert_int_equal(rename(in_folder("etc/snug/policy.json"), in_folder("p.json")), 0);
	assert_int_equal(symlink(in_folder("p.json"), in_folder("etc/snug/policy.json")), 0);
	assert_int_equal(decide(CONFIG(""), &file, &decided, &err), -1);
	done(&file, &decided);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_a_policy_most_is_not_even_read,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			test_without_a_policy_the_annotation_counts_however_spelt, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(test_decides_by_the_file, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(test_trusts_no_file_of_others, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
