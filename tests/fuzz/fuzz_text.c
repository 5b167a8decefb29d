/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small texts that others write. The first byte says which:
 *
 * a  lines of the kernel's log: what is counted has ends, and the same line again counts once more
 * s  /proc/PID/status: under limits nothing of a task's grows
 * e  escaped bytes: one spelling for each string of bytes, and back
 * g  a pattern of a policy, and a text: matched as a plain table of all prefixes says
 * t  io.containers.trace-syscall and the folder: no path leaves the folder, by its words
 * l  AppArmor's labels, stacked: what confines still does, and stacking again changes nothing
 * p  paths: what is quoted as AppArmor's pattern matches that path alone
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/label.h"
#include "model/audited.h"
#include "model/drift.h"
#include "model/escape.h"
#include "model/glob.h"
#include "model/task_state.h"
#include "model/trace.h"

/* ---- the log ---- */

static void check_log(char *text)
{
	struct snug_audited_list list = { 0 };
	struct snug_error err;

	for (char *line = text, *next; line; line = next) {
		size_t before = list.of.count;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		CHECK(snug_audited_add(&list, line, &err) == 0);
		if (list.of.count == before)
			continue;
		CHECK(list.of.count == before + 1 && list.of.at[before].count == 1);
		CHECK(snug_audited_add(&list, line, &err) == 0);
		CHECK(list.of.count == before + 1 && list.of.at[before].count == 2);
	}
	for (size_t i = 0; i < list.of.count; i++) {
		const struct snug_audited *one = &list.of.at[i];

		CHECK(memchr(one->program, '\0', sizeof(one->program)) &&
		      memchr(one->what, '\0', sizeof(one->what)) && one->what[0] &&
		      memchr(one->profile, '\0', sizeof(one->profile)));
		CHECK(!one->profile[0] || strstr(one->profile, "snug-"));
	}
	snug_audited_clear(&list);
}

/* ---- a task ---- */

static void check_status(const char *text)
{
	struct snug_task_limits limits = { .has_caps = true, .caps = 0x123456789abcdef };
	struct snug_task_state now, then, again;
	struct snug_error err = { 0 };
	char comm[64];
	uint32_t root;

	snug_task_comm(text, comm);
	CHECK(memchr(comm, '\0', sizeof(comm)));
	(void)snug_task_is_dead(text);
	(void)snug_task_has_uid(text, 0);
	root = 7;
	CHECK(snug_user_map_root(text, &root) || root == 7);
	if (snug_task_state_read(text, &now, &err) < 0) {
		CHECK(err.code == SNUG_HOST && err.what[0]);
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		limits.no_new_privs = i & 1;
		limits.filter = i & 2;
		if (snug_task_limit(&now, &limits, &then, &err) < 0)
			continue;
		CHECK(then.no_new_privs >= now.no_new_privs &&
		      then.no_new_privs >= limits.no_new_privs);
		CHECK(then.filters == now.filters + limits.filter);
		for (unsigned set = 0; set < SNUG_CAP_SET_MAX; set++)
			CHECK((then.caps[set] & ~now.caps[set]) == 0 &&
			      ((then.caps[set] & ~limits.caps) == 0 ||
			       (set == SNUG_CAP_BOUNDING && then.no_new_privs)));
		limits.filter = false;
		CHECK(snug_task_limit(&then, &limits, &again, &err) == 0 &&
		      snug_task_state_same(&then, &again, &err) == 0);
	}
}

/* ---- bytes ---- */

static void check_escape(const char *text)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf bytes = { 0 }, back = { 0 }, put = { 0 };
	const char *why = NULL;

	snug_escape_put(&put, text);
	CHECK(snug_escape_read(snug_buf_text(&put), &back, &why) == 0);
	CHECK(strcmp(snug_buf_text(&back), text) == 0);
	if (snug_escape_read(text, &bytes, &why) != 0) {
		CHECK(why);
		return;
	}
	snug_buf_clear(&put);
	snug_escape_put(&put, snug_buf_text(&bytes));
	CHECK(strcmp(snug_buf_text(&put), text) == 0);
}

/* ---- patterns ---- */

#define GLOB_TEXT_MAX 64u

/* reach[i]: the pattern so far matches the first i bytes. */
static bool matches(const char *pattern, const char *text, size_t len)
{
	bool reach[GLOB_TEXT_MAX + 1] = { true };

	for (; *pattern; pattern++) {
		bool next[GLOB_TEXT_MAX + 1] = { false };
		bool any = *pattern == '?', many = *pattern == '*';

		pattern += *pattern == '\\';
		for (size_t i = 0; i <= len; i++) {
			if (many)
				next[i] = reach[i] || (i && next[i - 1]);
			else if (i && reach[i - 1])
				next[i] = any || text[i - 1] == *pattern;
		}
		memcpy(reach, next, sizeof(reach));
	}
	return reach[len];
}

static void check_glob(const char *pattern, const char *text)
{
	if (!snug_glob_problem(pattern) && strlen(text) <= GLOB_TEXT_MAX)
		CHECK(snug_glob_match(pattern, text) == matches(pattern, text, strlen(text)));
}

static void check_trace(const char *annotation, const char *folder)
{
	struct snug_trace trace;
	struct snug_error err = { 0 };
	size_t len = strlen(folder);

	if (folder[0] != '/' || len >= PATH_MAX)
		return;
	if (snug_trace_parse(annotation, folder, &trace, &err) < 0) {
		CHECK(err.code == SNUG_INPUT);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		const char *path = i ? trace.base : trace.output;
		char slashed[PATH_MAX + 2];

		if (i && !path[0])
			break;
		(void)snprintf(slashed, sizeof(slashed), "%s/", path);
		CHECK(path[0] == '/' && !strstr(slashed, "/../") && !strstr(slashed, "/./") &&
		      !strstr(slashed, "//"));
		while (len > 1 && folder[len - 1] == '/')
			len--;
		CHECK(len == 1 || (strncmp(path, folder, len) == 0 && path[len] == '/'));
	}
}

#define OURS "snug-p-0123456789abcdef"

static void check_label(const char *stack)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 };
	const char *cursor = stack;
	struct snug_label_part part;

	if (!stack[0])
		return;
	snug_label_stack(stack, OURS, &once);
	CHECK(snug_label_holds(snug_buf_text(&once), OURS, false));
	while (!snug_label_is_none(stack) && snug_label_next(&cursor, &part)) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf one = { 0 };

		snug_buf_add(&one, part.at, part.len);
		CHECK(snug_label_holds(snug_buf_text(&once), snug_buf_text(&one), false));
	}
	snug_label_stack(snug_buf_text(&once), OURS, &twice);
	CHECK(strcmp(snug_buf_text(&once), snug_buf_text(&twice)) == 0);
	if (snug_label_is_ours(stack)) {
		char name[SNUG_LABEL_SIZE], label[SNUG_LABEL_SIZE];

		snug_label_name(stack, name);
		snug_label_make(name, stack + strlen(stack) - 16, label);
		CHECK(strcmp(label, stack) == 0);
	}
}

static void check_path(const char *path, const char *other)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf pattern = { 0 }, back = { 0 };
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
	struct snug_error err;

	if (path[0] != '/' || strlen(path) > 4096 || strstr(path, "//"))
		return;
	snug_aare_quote(path, &pattern);
	CHECK(snug_aare_literal(snug_buf_text(&pattern), &back));
	CHECK(strcmp(snug_buf_text(&back), path) == 0);
	CHECK(snug_aare_parse(snug_buf_text(&pattern), &aare, &err) == 0);
	CHECK(snug_aare_match(&aare, path));
	CHECK(strcmp(path, other) == 0 || !snug_aare_match(&aare, other));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;

	fuzz_split(size ? data + 1 : data, size ? size - 1 : 0, &parts);
	switch (size ? data[0] : 0) {
	case 'a':
		check_log(parts.text[0]);
		break;
	case 's':
		check_status(parts.text[0]);
		break;
	case 'e':
		check_escape(parts.text[0]);
		break;
	case 'g':
		check_glob(parts.text[0], parts.text[1]);
		break;
	case 't':
		check_trace(parts.text[0], parts.text[1]);
		break;
	case 'l':
		check_label(parts.text[0]);
		break;
	case 'p':
		check_path(parts.text[0], parts.text[1]);
		break;
	default:
		break;
	}
	return 0;
}
