/* SPDX-License-Identifier: Apache-2.0 */
/* What hooks do for AppArmor, with a folder in place of the kernel's, and a loader that counts. */
#include "flow/confine.h"

#include "base/cleanup.h"
#include "flow/confine_text.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "unit/store/folder.h"

#define WEB  "snug-web-0123456789abcdef"
#define OLD  "snug-web-fedcba9876543210"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static unsigned loads, settles;
static bool loader_fails;

/* The kernel shows what it loaded: a folder with the digest. */
static int load_profile(const struct snug_hooked *context, const char *label, int lock,
			struct snug_error *err)
{
	SNUG_AUTO(snug_notes_close) struct snug_notes notes = SNUG_NOTES_NONE;
	struct snug_loaded loaded = { .sha1 = SHA1, .sha256 = "00" };
	char below[200];

	loads++;
	if (loader_fails)
		return snug_fail(err, SNUG_HOST, "no such thing");
	snprintf(below, sizeof(below), "kernel/%s.0", label);
	make_folders(below);
	snprintf(loaded.path, sizeof(loaded.path), "%s", in_folder(below));
	strcat(below, "/raw_sha1");
	put_file(in_folder(below), SHA1 "\n", 0644);
	return snug_notes_adopt(context->store, lock, &notes, err) < 0
		       ? -1
		       : snug_notes_write(&notes, label, &loaded, err);
}

static int settle(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	(void)context;
	(void)lock;
	(void)err;
	settles++;
	return 0;
}

static const struct snug_hooked context = { .store = &store,
					    .load_profile = load_profile,
					    .settle = settle };

static int set_up(void **state)
{
	loads = settles = 0;
	loader_fails = false;
	return make_folder(state);
}

static pid_t start_init(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void end_init(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void put_config(const char *text)
{
	put_file(in_folder("config.json"), text, 0644);
}

static int begin(const char *id, pid_t pid, struct snug_error *err)
{
	const struct snug_state state = { .id = id, .bundle = folder, .pid = pid };

	return snug_confine_begin(&context, &state, err);
}

static int end(const char *id, struct snug_error *err)
{
	const struct snug_state state = { .id = id, .bundle = folder };

	return snug_confine_end(&context, &state, err);
}

static void test_loaded_once_let_go_of_once(void **state)
{
	pid_t one = start_init(), two = start_init();
	struct snug_error err;

	(void)state;
	put_config("{\"process\":{\"apparmorProfile\":\"docker-default//&" WEB "\"}}");
	assert_int_equal(begin("one", one, &err), 0);
	assert_int_equal(begin("one", one, &err), 0); /* the other stage */
	assert_int_equal(begin("two", two, &err), 0);
	assert_int_equal(loads, 1);
	assert_int_equal(count_files(in_folder("run/snug/apparmor/" WEB)), 3);

	end_init(one);
	assert_int_equal(end("one", &err), 0);
	assert_int_equal(settles, 0);
	assert_int_equal(count_files(in_folder("run/snug/apparmor/" WEB)), 2);
	end_init(two);
	assert_int_equal(end("two", &err), 0);
	assert_int_equal(settles, 1);
	assert_int_equal(count_files(in_folder("run/snug/apparmor/" WEB)), 1);
}

static void test_each_of_a_stack(void **state)
{
	pid_t pid = start_init();
	struct snug_error err;

	(void)state;
	put_config("{\"process\":{\"apparmorProfile\":\"" OLD "//&" WEB "//&x\"}}");
	assert_int_equal(begin("c", pid, &err), 0);
	assert_int_equal(loads, 2);
	end_init(pid);
	assert_int_equal(end("c", &err), 0);
	assert_int_equal(settles, 1);
}

static void test_replaced_in_the_kernel_is_not_ours(void **state)
{
	pid_t pid = start_init();
	struct snug_error err;

	(void)state;
	put_config("{\"process\":{\"apparmorProfile\":\"" WEB "\"}}");
	assert_int_equal(begin("c", pid, &err), 0);
	put_file(in_folder("kernel/" WEB ".0/raw_sha1"), "1" SHA1 "\n", 0644);
	loader_fails = true;
	assert_true(begin("d", pid, &err) < 0);
	assert_int_equal(loads, 2);
	assert_string_equal(err.what, "no such thing");
	end_init(pid);
}

static void test_poststop_ahead_of_the_death(void **state)
{
	pid_t pid = start_init(), killer;
	struct snug_error err;

	(void)state;
	put_config("{\"process\":{\"apparmorProfile\":\"" WEB "\"}}");
	assert_int_equal(begin("c", pid, &err), 0);
	killer = fork();
	if (killer == 0) {
		usleep(100000);
		kill(pid, SIGKILL);
		_exit(0);
	}
	assert_int_equal(end("c", &err), 0);
	assert_int_equal(settles, 1);
	waitpid(killer, NULL, 0);
	waitpid(pid, NULL, 0);
}

static void test_what_is_none_of_ours(void **state)
{
	static const char *const configs[] = {
		"{\"process\":{}}",
		"{\"process\":{\"apparmorProfile\":null}}",
		"{\"process\":{\"apparmorProfile\":\"docker-default\"}}",
		"{\"process\":{\"apparmorProfile\":\"snug-web-0123456789abcdef//child\"}}",
		"{\"x\":1,\"x\":2}",
	};
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		put_config(configs[i]);
		assert_int_equal(begin("c", getpid(), &err), 0);
		assert_int_equal(end("c", &err), 0);
	}
	assert_int_equal(loads + settles, 0);
	assert_int_equal(access(in_folder("run"), F_OK), -1);
}

static void test_what_cannot_be_told_is_refused(void **state)
{
	struct snug_error err;

	(void)state;
	assert_true(begin("c", getpid(), &err) < 0); /* no config.json */
	put_config("{\"x\":1,\"x\":{\"apparmorProfile\":\"" WEB "\"}}");
	assert_true(begin("c", getpid(), &err) < 0);
	put_config("{\"process\":{\"apparmorProfile\":\"" WEB "\"}}");
	assert_true(begin("c", 0, &err) < 0);
	assert_non_null(strstr(err.what, "is no process"));
	assert_int_equal(loads, 0);
}

static void test_a_note_that_says_nothing(void **state)
{
	SNUG_AUTO(snug_notes_close) struct snug_notes notes = SNUG_NOTES_NONE;
	struct snug_loaded loaded;
	struct snug_error err;

	(void)state;
	make_folders("run/snug/apparmor/" WEB);
	put_file(in_folder("run/snug/apparmor/" WEB "/loaded"), "sha1 \nby hook\n", 0600);
	assert_int_equal(snug_notes_open(&store, &notes, &err), 0);
	assert_int_equal(snug_notes_read(&notes, WEB, &loaded, &err), 0);
	assert_int_equal(snug_notes_read(&notes, OLD, &loaded, &err), 0);
	assert_int_equal(snug_notes_drop(&notes, WEB, &err), 0);
	assert_int_equal(snug_notes_drop(&notes, WEB, &err), 0);
	assert_int_equal(count_files(in_folder("run/snug/apparmor")), 0);
}

/* ---- texts and labels ---- */

static void make_text(const char *name, const char *rules, bool complain,
		      struct snug_confine_text *ret)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };
	char text[500];

	snprintf(text, sizeof(text), "{\"snugProfile\":1,\"name\":\"%s\",\"apparmor\":%s}", name,
		 rules);
	if (snug_profile_parse(text, strlen(text), NULL, &profile, &err) < 0 ||
	    snug_confine_text_make(&profile, complain, ret, &err) < 0)
		fail_msg("%s", err.what);
}

#define FILES "\"files\":[{\"path\":\"/a\",\"access\":\"rmx\"}"
#define RULES "{" FILES "],\"signals\":[{\"access\":[\"send\"],\"peer\":\"self\"}]}"

static void test_labels_are_their_texts(void **state)
{
	struct snug_confine_text web = { 0 }, other = { 0 }, complain = { 0 }, renamed = { 0 };
	struct snug_error err;

	(void)state;
	make_text("web", RULES, false, &web);
	make_text("web", "{" FILES ",{\"path\":\"/b\",\"access\":\"r\"}]}", false, &other);
	make_text("web", RULES, true, &complain);
	make_text("shop", RULES, false, &renamed);
	assert_true(snug_label_is_ours(web.label));
	assert_string_not_equal(web.label, other.label);
	assert_string_not_equal(web.label, complain.label);
	assert_string_equal(strrchr(web.label, '-'), strrchr(renamed.label, '-'));

	assert_int_equal(snug_confine_text_check(web.label, &web.text, "f", &err), 0);
	assert_int_equal(snug_confine_text_check(renamed.label, &renamed.text, "f", &err), 0);
	assert_true(snug_confine_text_check(web.label, &other.text, "f", &err) < 0);
	assert_true(snug_confine_text_check(web.label, &renamed.text, "f", &err) < 0);
	web.text.data[web.text.len - 2] ^= 1;
	assert_true(snug_confine_text_check(web.label, &web.text, "f", &err) < 0);
	snug_confine_text_clear(&web);
	snug_confine_text_clear(&other);
	snug_confine_text_clear(&complain);
	snug_confine_text_clear(&renamed);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_loaded_once_let_go_of_once),
		IN_FOLDER(test_each_of_a_stack),
		IN_FOLDER(test_replaced_in_the_kernel_is_not_ours),
		IN_FOLDER(test_poststop_ahead_of_the_death),
		IN_FOLDER(test_what_is_none_of_ours),
		IN_FOLDER(test_what_cannot_be_told_is_refused),
		IN_FOLDER(test_a_note_that_says_nothing),
		cmocka_unit_test(test_labels_are_their_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
