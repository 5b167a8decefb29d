/* SPDX-License-Identifier: Apache-2.0 */
/* The process of an exec under an AppArmor part, on any host: what says that there is AppArmor is
 * not snug's own here. */
#include "flow/wrap.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/store/folder.h"

#define PROFILE                                                                                    \
	"{\"snugProfile\":1,\"name\":\"web\",\"origin\":\"hand\",\"apparmor\":{\"files\":["        \
	"{\"path\":\"/etc/passwd\",\"access\":\"r\"}]}}"
#define CONFIG(label)                                                                              \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"a\"]" label  \
	"}}"
#define LABEL(text) ",\"apparmorProfile\":\"" text "\""

static char hook[4096];

static void target(enum snug_runtime runtime, struct snug_target *ret)
{
	snug_target_init(ret, runtime, 6, 1);
}

static int find_apparmor(struct snug_error *err)
{
	(void)err;
	return 0;
}

static int check_apparmor(const struct snug_buf *text, const char *shown, struct snug_error *err)
{
	(void)text;
	(void)shown;
	(void)err;
	return 0;
}

static const struct snug_harden_tools tools = { .target = target,
						.find_apparmor = find_apparmor,
						.check_apparmor = check_apparmor };

/* A hook has to lie beside the program. */
static int set_up(void **state)
{
	ssize_t len = readlink("/proc/self/exe", hook, sizeof(hook) - sizeof("snug-hook"));
	FILE *file;

	if (len <= 0)
		return -1;
	hook[len] = '\0';
	strcpy(strrchr(hook, '/') + 1, "snug-hook");
	file = fopen(hook, "w");
	if (!file || fclose(file) != 0 || chmod(hook, 0755) < 0)
		return -1;
	return make_folder(state);
}

static int tear_down(void **state)
{
	unlink(hook);
	return remove_folder(state);
}

/* What an exec's process is named in a container of this config. */
static void harden(const char *config, const char *process, char *ret, size_t size)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char config_path[512], process_path[512];
	const struct snug_wrap wrap = {
		.store = &store, .tools = &tools, .bundle = "/b", .config = config_path
	};
	struct snug_error err = { 0 };

	snprintf(config_path, sizeof(config_path), "%s", in_folder("config.json"));
	snprintf(process_path, sizeof(process_path), "%s", in_folder("process.json"));
	put_file(config_path, config, 0644);
	put_file(process_path, process, 0644);
	if (snug_wrap_look(&wrap, &wrapped, &err) < 0 ||
	    snug_wrap_process(&wrap, &wrapped, process_path, &text, &err) != 0)
		fail_msg("%s", err.what);
	assert_int_equal(snug_json_parse(&doc, snug_buf_text(&text), text.len, "p", &err), 0);
	snprintf(ret, size, "%s", snug_json_text(snug_json_root(doc), "apparmorProfile"));
}

/* Without a name of its own a process is what the container is. */
static void test_a_process_keeps_the_containers_own(void **state)
{
	static const struct {
		const char *config, *process, *starts;
	} rows[] = {
		{ CONFIG(""), "{\"args\":[\"a\"]}", "snug-web-" },
		{ CONFIG(LABEL("engines")), "{\"args\":[\"a\"]}", "engines//&snug-web-" },
		{ CONFIG(LABEL("engines")), "{\"args\":[\"a\"]" LABEL("") "}",
		  "engines//&snug-web-" },
		{ CONFIG(LABEL("engines")), "{\"args\":[\"a\"]" LABEL("other") "}",
		  "other//&snug-web-" },
		{ CONFIG(LABEL("unconfined")), "{\"args\":[\"a\"]}", "snug-web-" },
	};
	char label[256];

	(void)state;
	make_folders("etc/snug/profiles");
	put_file(in_folder("etc/snug/profiles/web.json"), PROFILE, 0644);
	put_file(in_folder("etc/snug/policy.json"),
		 "{\"snugPolicy\":1,\"default\":{\"mode\":\"enforce\",\"profile\":\"web\"}}", 0644);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		harden(rows[i].config, rows[i].process, label, sizeof(label));
		if (strncmp(label, rows[i].starts, strlen(rows[i].starts)) != 0)
			fail_msg("%zu: %s", i, label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_process_keeps_the_containers_own, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
