/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace.h"

#include "base/cleanup.h"
#include "json/json.h"

#include <string.h>

#define MARK "snug "

static int refuse(struct snug_error *err, const char *what, const char *where)
{
	snug_fail(err, SNUG_INPUT, "annotation " SNUG_ANNOTATION_TRACE ": '%.200s' %s", where,
		  what);
	return snug_remedy(err, "write of:/PATH or of:/PATH;if:/PATH");
}

/* By its words: folder, and behind it parts that each lead one step down. */
static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	while (len && folder[len - 1] == '/')
		len--;
	if (strncmp(path, folder, len) != 0 || path[len] != '/')
		return false;
	for (path += len; *path; path += strcspn(path, "/")) {
		size_t part = strcspn(++path, "/");

		if (part == 0 || (part == 1 && path[0] == '.') ||
		    (part == 2 && path[0] == '.' && path[1] == '.'))
			return false;
	}
	return true;
}

/* One part, of len bytes. */
static int take(const char *part, size_t len, const char *folder, struct snug_trace *ret,
		struct snug_error *err)
{
	char word[PATH_MAX + 3] = "";
	char *to;

	if (len >= sizeof(word))
		return refuse(err, "is too long", part);
	memcpy(word, part, len);
	to = strncmp(word, "of:", 3) == 0   ? ret->output
	     : strncmp(word, "if:", 3) == 0 ? ret->base
					    : NULL;
	if (!to)
		return refuse(err, "is neither of: nor if:", word);
	if (*to)
		return refuse(err, "is there twice", word);
	if (word[3] != '/')
		return refuse(err, "has no absolute path", word);
	if (!is_below(word + 3, folder)) {
		(void)refuse(err, "does not lie below the folder of --allow-trace-syscall", word);
		return snug_remedy(err, "name a file below %.200s", folder);
	}
	memcpy(to, word + 3, len - 2);
	return 0;
}

int snug_trace_parse(const char *annotation, const char *folder, struct snug_trace *ret,
		     struct snug_error *err)
{
	struct snug_trace trace = { 0 };
	const char *at = annotation;

	for (;;) {
		size_t len = strcspn(at, ";");

		if (take(at, len, folder, &trace, err) < 0)
			return -1;
		if (!at[len])
			break;
		at += len + 1;
	}
	if (!trace.output[0])
		return refuse(err, "has no of:", annotation);
	*ret = trace;
	return 0;
}

int snug_trace_mark(const struct snug_buf *text, const char *generator, const char *missing,
		    struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf comment = { 0 }, marked = { 0 };
	struct snug_json_writer w = { .out = &marked };
	const char *members = memchr(snug_buf_text(text), '{', text->len);

	if (!members)
		return snug_fail(err, SNUG_INPUT, "it is no object");
	snug_buf_addf(&comment, MARK "wrote this of a container's calls (%s)%s%s", generator,
		      missing ? "; it is not whole: " : "", missing ? missing : "");
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "comment", snug_buf_text(&comment));
	snug_buf_addf(&marked, ",%s", members + 1);
	if (snug_buf_check(&comment, err) < 0 || snug_buf_check(&marked, err) < 0)
		return -1;
	return snug_json_pretty(marked.data, marked.len, ret, err);
}

bool snug_trace_is_marked(const struct snug_buf *text)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *comment;
	struct snug_error ignored;
	const char *value;

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, NULL, &ignored) < 0)
		return false;
	comment = snug_json_member(snug_json_root(doc), "comment");
	return comment && snug_json_string(comment, &value, &ignored) == 0 &&
	       strncmp(value, MARK, sizeof(MARK) - 1) == 0;
}
