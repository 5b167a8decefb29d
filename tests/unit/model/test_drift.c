/* SPDX-License-Identifier: Apache-2.0 */
#include "model/drift.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHOWN	  UINT64_C(1)
#define SYS_ADMIN (UINT64_C(1) << 21)

static char label[] = "snug-web-0123456789abcdef";

static struct snug_task_view confined(void)
{
	struct snug_task_view view = {
		.tgid = 7, .tid = 7, .comm = "sh", .label = label, .mode = "enforce"
	};

	view.state.seccomp = 2;
	view.state.filters = 1;
	view.state.no_new_privs = true;
	view.state.caps[SNUG_CAP_PERMITTED] = view.state.caps[SNUG_CAP_EFFECTIVE] = CHOWN;
	view.state.caps[SNUG_CAP_BOUNDING] = CHOWN;
	return view;
}

static struct snug_promise all(void)
{
	struct snug_promise promise = {
		.filter = true, .no_new_privs = true, .has_caps = true, .caps = CHOWN
	};

	snprintf(promise.labels[0], sizeof(promise.labels[0]), "%s", label);
	promise.label_count = 1;
	return promise;
}

static void lacks(const struct snug_promise *promise, const struct snug_task_view *view,
		  const char *what)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	assert_int_equal(snug_task_falls_short(promise, view, &text), what[0] != '\0');
	assert_string_equal(snug_buf_text(&text), what);
}

static void test_kept(void **state)
{
	const struct snug_promise promise = all(), none = { 0 };
	struct snug_task_view view = confined();
	char stack[] = "docker-default//&snug-web-0123456789abcdef";
	char child[] = "snug-web-0123456789abcdef//sh";
	struct snug_task_view bare = { .label = (char[]){ "" } };

	(void)state;
	lacks(&promise, &view, "");
	view.label = stack;
	lacks(&promise, &view, "");
	view.label = child;
	lacks(&promise, &view, "");
	lacks(&none, &bare, "");
}

static void test_root(void **state)
{
	const struct snug_profile profile = { .has_non_root = true, .non_root = true };
	struct snug_promise promise = { .filter = false };
	struct snug_task_view view = confined(), other = confined();

	(void)state;
	view.root = SNUG_IS_ROOT;
	lacks(&promise, &view, "");
	snug_promise_add(&promise, &profile);
	lacks(&promise, &view, "runs as root");
	assert_false(snug_task_is_alike(&view, &other));
	lacks(&promise, &other, "");
	view.root = SNUG_MAYBE_ROOT;
	lacks(&promise, &view, "root, for all that can be told");
}

static void test_filter(void **state)
{
	const struct snug_promise promise = all();
	struct snug_task_view view = confined();

	(void)state;
	view.state.filters = view.state.seccomp = 0;
	lacks(&promise, &view, "no filter");
	/* read, write, exit and sigreturn alone. */
	view.state.seccomp = 1;
	lacks(&promise, &view, "");
	view.state.no_new_privs = false;
	view.state.seccomp = 0;
	lacks(&promise, &view, "no filter, no no_new_privs");
}

static void test_caps(void **state)
{
	struct snug_promise promise = all();
	struct snug_task_view view = confined();

	(void)state;
	view.state.caps[SNUG_CAP_BOUNDING] |= SYS_ADMIN;
	lacks(&promise, &view, "");
	view.state.no_new_privs = false;
	lacks(&promise, &view, "no no_new_privs, can get CAP_SYS_ADMIN");
	view.state.no_new_privs = true;
	view.state.caps[SNUG_CAP_PERMITTED] |= SYS_ADMIN;
	lacks(&promise, &view, "has CAP_SYS_ADMIN");
	view.own_user_ns = true;
	lacks(&promise, &view, "");
	view.own_user_ns = false;
	view.state.caps[SNUG_CAP_PERMITTED] = 0x1fe;
	lacks(&promise, &view,
	      "has CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID and 4 more");
	view.state.caps[SNUG_CAP_PERMITTED] = UINT64_C(1) << 63;
	lacks(&promise, &view, "has capability 63");
	promise.has_caps = false;
	lacks(&promise, &view, "");
}

static void test_label(void **state)
{
	const struct snug_promise promise = all();
	struct snug_task_view view = confined();
	char other[] = "snug-web-fedcba9876543210", none[] = "";

	(void)state;
	snprintf(view.mode, sizeof(view.mode), "complain");
	lacks(&promise, &view, "AppArmor only complains by snug-web-0123456789abcdef");
	view.label = other;
	lacks(&promise, &view,
	      "AppArmor has it under snug-web-fedcba9876543210, not snug-web-0123456789abcdef");
	view.label = none;
	lacks(&promise, &view, "AppArmor has it under nothing, not snug-web-0123456789abcdef");
}

static void add(struct snug_promise *promise, const char *text)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_error err;

	assert_int_equal(snug_profile_parse(text, strlen(text), "p", &profile, &err), 0);
	snug_promise_add(promise, &profile);
}

/* Of two profiles both hold. */
static void test_add(void **state)
{
	struct snug_promise promise = { 0 };

	(void)state;
	add(&promise, "{\"snugProfile\":1,\"name\":\"a\",\"seccomp\":{\"defaultAction\":"
		      "\"SCMP_ACT_ALLOW\"},\"noNewPrivileges\":false}");
	assert_false(promise.filter || promise.no_new_privs || promise.has_caps);
	add(&promise, "{\"snugProfile\":1,\"name\":\"a\",\"capabilities\":[\"CAP_CHOWN\","
		      "\"CAP_SYS_ADMIN\"],\"noNewPrivileges\":true}");
	assert_true(promise.no_new_privs && promise.has_caps);
	assert_int_equal(promise.caps, CHOWN | SYS_ADMIN);
	add(&promise, "{\"snugProfile\":1,\"name\":\"b\",\"capabilities\":[\"CAP_CHOWN\","
		      "\"CAP_KILL\"],\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}}");
	assert_true(promise.filter && promise.no_new_privs);
	assert_int_equal(promise.caps, CHOWN);
	add(&promise, "{\"snugProfile\":1,\"name\":\"c\"}");
	assert_int_equal(promise.caps, CHOWN);
}

static void test_weaker(void **state)
{
	const struct snug_task_view strong = confined();
	struct snug_task_view weak = confined();

	(void)state;
	assert_false(snug_task_is_weaker(&weak, &strong));
	assert_true(snug_task_is_alike(&weak, &strong));
	weak.state.caps[SNUG_CAP_PERMITTED] |= SYS_ADMIN;
	assert_true(snug_task_is_weaker(&weak, &strong));
	assert_false(snug_task_is_alike(&weak, &strong));
	weak.own_user_ns = true;
	assert_false(snug_task_is_weaker(&weak, &strong));
	weak = confined();
	weak.state.no_new_privs = false;
	weak.state.caps[SNUG_CAP_PERMITTED] = 0;
	assert_true(snug_task_is_weaker(&weak, &strong));
	weak = confined();
	weak.state.filters = 0;
	assert_true(snug_task_is_weaker(&weak, &strong));
	assert_false(snug_task_is_weaker(&strong, &weak));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),   cmocka_unit_test(test_filter),
		cmocka_unit_test(test_root),   cmocka_unit_test(test_caps),
		cmocka_unit_test(test_label),  cmocka_unit_test(test_add),
		cmocka_unit_test(test_weaker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
