/* SPDX-License-Identifier: Apache-2.0 */
/* The member "apparmor" of a profile: read, written, rendered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/render.h"

#include <string.h>

#define PROFILE(apparmor) "{\"snugProfile\":1,\"name\":\"web\",\"apparmor\":" apparmor "}"
#define FILES		  "\"files\":[{\"path\":\"/bin/sh\",\"access\":\"rmx\"}]"

static int parse(const char *text, struct snug_profile *ret, struct snug_error *err)
{
	return snug_profile_parse(text, strlen(text), "web.json", ret, err);
}

static const char all[] =
	PROFILE("{\"files\":[{\"path\":\"/bin/sh\",\"access\":\"rmx\"},"
		"{\"path\":\"/etc/a\\\\x22 b\",\"access\":\"r\"},"
		"{\"path\":\"/tmp/@{int}/*\",\"access\":\"rwk\",\"owner\":true},"
		"{\"path\":\"/usr/bin/foo\",\"access\":\"x\",\"child\":\"foo\"}],"
		"\"links\":[{\"name\":\"/a\",\"target\":\"/b\"}],"
		"\"network\":[{\"family\":\"inet\",\"type\":\"stream\"}],"
		"\"signals\":[{\"access\":[\"receive\"],\"peer\":\"unconfined\"},"
		"{\"access\":[\"send\",\"receive\"],\"set\":[\"term\",\"rtmin+3\"],"
		"\"peer\":\"self\"}],"
		"\"ptrace\":[{\"access\":[\"read\"],\"peer\":\"/opt/@{pid}\"},"
		"{\"access\":[\"read\",\"readby\"],\"peer\":\"self\"}],"
		"\"mounts\":[{\"fs\":\"tmpfs\",\"options\":[\"nosuid\"],\"source\":\"tmpfs\","
		"\"target\":\"/mnt/\"}],"
		"\"umounts\":[{\"target\":\"/mnt/\"}],"
		"\"pivotRoots\":[{\"new\":\"/n/\",\"old\":\"/n/o/\"}],"
		"\"children\":[{\"name\":\"foo\"," FILES "}]}");

static const char text[] =
	"abi <abi/3.0>,\n"
	"\n"
	"@{int}=\"[0-9]{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}"
	"{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}\"\n"
	"@{pid}=\"[1-9]{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}{,[0-9]}\"\n"
	"profile snug-web flags=(attach_disconnected,mediate_deleted) {\n"
	"  # capabilities\n"
	"  capability,\n"
	"\n"
	"  # network\n"
	"  network inet stream,\n"
	"\n"
	"  # signals and other processes\n"
	"  signal (send, receive) set=(term, rtmin+3) peer=\"{**//&,}snug-web{//**,}\",\n"
	"  signal (receive) peer=\"unconfined\",\n"
	"  ptrace (read) peer=\"/opt/@{pid}\",\n"
	"  ptrace (read, readby) peer=\"{**//&,}snug-web{//**,}\",\n"
	"\n"
	"  # mounts\n"
	"  mount fstype=tmpfs options=(rw, nosuid) \"tmpfs\" -> \"/mnt/\",\n"
	"  umount \"/mnt/\",\n"
	"  pivot_root oldroot=\"/n/o/\" \"/n/\",\n"
	"\n"
	"  # files\n"
	"  /bin/sh rmix,\n"
	"  \"/etc/a\\x22 b\" r,\n"
	"  owner /tmp/@{int}/* rwk,\n"
	"  /usr/bin/foo cx -> foo,\n"
	"\n"
	"  # hard links: the new name, what it is a name of\n"
	"  link \"/a\" -> \"/b\",\n"
	"\n"
	"  profile foo flags=(attach_disconnected,mediate_deleted) {\n"
	"    # capabilities\n"
	"    capability,\n"
	"\n"
	"    # files\n"
	"    /bin/sh rmix,\n"
	"  }\n"
	"}\n";

static void test_renders_all(void **state)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	if (parse(all, &profile, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
	assert_int_equal(snug_apparmor_render(&profile, "snug-web", false, &got, &err), 0);
	assert_string_equal(snug_buf_text(&got), text);
}

/* What is written reads as the same. */
static void test_writes_what_it_reads(void **state)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 }, again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf first = { 0 }, second = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse(all, &profile, &err), 0);
	for (unsigned pass = 0; pass < 2; pass++) {
		struct snug_json_writer w = { .out = pass ? &second : &first };

		snug_json_open(&w, '{');
		snug_json_pair_u64(&w, "snugProfile", 1);
		snug_json_pair_string(&w, "name", "web");
		snug_json_put_key(&w, "apparmor");
		snug_apparmor_write(&w, pass ? &again.apparmor : &profile.apparmor);
		snug_json_close(&w);
		if (pass == 0)
			assert_int_equal(parse(snug_buf_text(&first), &again, &err), 0);
	}
	assert_string_equal(snug_buf_text(&first), snug_buf_text(&second));
	assert_true(again.has_apparmor && again.apparmor.rules.files.count == 4);
}

static const struct {
	const char *text, *path, *what;
} wrong[] = {
	{ PROFILE("{}"), "$.apparmor", "no files" },
	{ PROFILE("{\"files\":[]}"), "$.apparmor", "no files" },
	{ PROFILE("{" FILES ",\"netwrok\":[]}"), "$.apparmor.netwrok", "of this name" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":\"rz\"}]}"),
	  "$.apparmor.files[0].access", "'z' is no access" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"acess\":\"r\"}]}"), "$.apparmor.files[0].acess",
	  "no member" },
	{ PROFILE("{\"files\":[{\"path\":\"a\",\"access\":\"r\"}]}"), "$.apparmor.files[0].path",
	  "starts with" },
	{ PROFILE("{\"files\":[{\"path\":\"/a//b\",\"access\":\"r\"}]}"),
	  "$.apparmor.files[0].path", "two slashes" },
	{ PROFILE("{\"files\":[{\"path\":\"/a{b\",\"access\":\"r\"}]}"), "$.apparmor.files[0].path",
	  "no '}'" },
	{ PROFILE("{\"files\":[{\"path\":\"/@{HOME}\",\"access\":\"r\"}]}"),
	  "$.apparmor.files[0].path", "@{pid}" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":\"x\",\"child\":\"b\"}]}"), "$.apparmor",
	  "no child" },
	{ PROFILE("{" FILES ",\"network\":[{\"family\":\"inet\",\"type\":\"tcp\"}]}"),
	  "$.apparmor.network[0]", "tcp" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[\"send\"],\"set\":[\"foo\"]}]}"),
	  "$.apparmor.signals[0].set[0]", "no signal" },
	{ PROFILE("{" FILES ",\"mounts\":[{\"fs\":\"a,b\",\"target\":\"/\"}]}"),
	  "$.apparmor.mounts[0]", "file system" },
	{ PROFILE("[]"), "$.apparmor", "expected an object" },
	{ PROFILE("{" FILES ",\"complainOnly\":1}"), "$.apparmor.complainOnly", "expected" },
	{ PROFILE("{\"files\":{}}"), "$.apparmor.files", "expected an array" },
	{ PROFILE("{\"files\":[1]}"), "$.apparmor.files[0]", "expected an object" },
	{ PROFILE("{\"files\":[{\"access\":\"r\"}]}"), "$.apparmor.files[0]", "path is missing" },
	{ PROFILE("{\"files\":[{\"path\":\"\",\"access\":\"r\"}]}"), "$.apparmor.files[0].path",
	  "1 to" },
	{ PROFILE("{\"files\":[{\"path\":7,\"access\":\"r\"}]}"), "$.apparmor.files[0].path",
	  "expected a string" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\"}]}"), "$.apparmor.files[0]", "access is missing" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":[]}]}"), "$.apparmor.files[0].access",
	  "expected a string" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":\"\"}]}"), "$.apparmor.files[0].access",
	  "at least" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":\"r\",\"owner\":1}]}"),
	  "$.apparmor.files[0].owner", "expected" },
	{ PROFILE("{\"files\":[{\"path\":\"/a\",\"access\":\"r\",\"child\":\"b\"}]}"),
	  "$.apparmor.files[0]", "access x" },
	{ PROFILE("{\"files\":[{\"path\":\"/*\",\"access\":\"x\",\"child\":\"b\"}]}"),
	  "$.apparmor.files[0]", "one path" },
	{ PROFILE("{\"files\":[{\"path\":\"/"
		  "a\",\"access\":\"x\",\"child\":\"b\"},{\"path\":\"/a\","
		  "\"access\":\"x\"}],\"children\":[{\"name\":\"b\"," FILES "}]}"),
	  "$.apparmor", "two ways" },
	{ PROFILE("{" FILES ",\"children\":[{\"name\":\"b\"," FILES "},{\"name\":\"b\"," FILES
		  "}]}"),
	  "$.apparmor.children[1]", "there already" },
	{ PROFILE("{" FILES ",\"children\":[{" FILES "}]}"), "$.apparmor.children[0]",
	  "name is missing" },
	{ PROFILE("{" FILES ",\"children\":[{\"name\":\"a b\"," FILES "}]}"),
	  "$.apparmor.children[0]", "letters" },
	{ PROFILE("{" FILES ",\"links\":[{\"name\":\"/a\"}]}"), "$.apparmor.links[0]",
	  "target is missing" },
	{ PROFILE("{" FILES ",\"network\":[{\"family\":\"inet7\",\"type\":\"raw\"}]}"),
	  "$.apparmor.network[0]", "no family" },
	{ PROFILE("{" FILES ",\"signals\":[{\"set\":[\"term\"]}]}"), "$.apparmor.signals[0]",
	  "access is missing" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":\"send\"}]}"),
	  "$.apparmor.signals[0].access", "expected an array" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[1]}]}"), "$.apparmor.signals[0].access[0]",
	  "expected a string" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[\"shout\"]}]}"),
	  "$.apparmor.signals[0].access[0]", "no access" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[]}]}"), "$.apparmor.signals[0].access",
	  "at least one" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[\"send\"],\"set\":[]}]}"),
	  "$.apparmor.signals[0].set", "an empty set" },
	{ PROFILE("{" FILES ",\"signals\":[{\"access\":[\"send\"],\"peer\":\"{a\"}]}"),
	  "$.apparmor.signals[0].peer", "no '}'" },
	{ PROFILE("{" FILES ",\"mounts\":[{\"target\":\"/\",\"options\":[\"loud\"]}]}"),
	  "$.apparmor.mounts[0].options[0]", "no mount option" },
};

static void test_refuses_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct snug_profile profile = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(parse(wrong[i].text, &profile, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(err.path, wrong[i].path);
		if (!strstr(err.what, wrong[i].what))
			fail_msg("%s: %s", wrong[i].text, err.what);
	}
}

static void test_enforces_what_was_seen_alone(void **state)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile none = { 0 }, part = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse("{\"snugProfile\":1,\"name\":\"web\"}", &none, &err), 0);
	assert_int_equal(snug_apparmor_render(&none, "web", true, &got, &err), -1);
	assert_non_null(strstr(err.what, "no opinion"));
	assert_int_equal(parse(PROFILE("{\"complainOnly\":true," FILES "}"), &part, &err), 0);
	assert_int_equal(snug_apparmor_render(&part, "web", false, &got, &err), -1);
	assert_non_null(strstr(err.what, "not to be enforced"));
	assert_int_equal(got.len, 0);
	assert_int_equal(snug_apparmor_render(&part, "web", true, &got, &err), 0);
	assert_non_null(strstr(snug_buf_text(&got), ",complain) {"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renders_all),
		cmocka_unit_test(test_writes_what_it_reads),
		cmocka_unit_test(test_refuses_what_is_wrong),
		cmocka_unit_test(test_enforces_what_was_seen_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
