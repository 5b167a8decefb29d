/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/record.h"

#include "base/cleanup.h"
#include "json/json.h"

#include <string.h>

static const char *const kinds[SNUG_INSTALLED_MAX] = {
	[SNUG_INSTALLED_FILE] = "file",
	[SNUG_INSTALLED_LINK] = "link",
	[SNUG_INSTALLED_DOCKER] = "docker",
	[SNUG_INSTALLED_CONTAINERD] = "containerd",
};

const char *snug_installed_kind_name(enum snug_installed_kind kind)
{
	return kinds[kind];
}

void snug_installed_clear(struct snug_installed *installed)
{
	for (size_t i = 0; i < installed->folders.count; i++)
		free(installed->folders.at[i]);
	for (size_t i = 0; i < installed->files.count; i++) {
		free(installed->files.at[i].path);
		snug_buf_clear(&installed->files.at[i].before);
	}
	snug_vec_clear(&installed->folders);
	snug_vec_clear(&installed->files);
}

struct snug_installed_file *snug_installed_find(const struct snug_installed *installed,
						const char *path)
{
	for (size_t i = 0; i < installed->files.count; i++)
		if (strcmp(installed->files.at[i].path, path) == 0)
			return &installed->files.at[i];
	return NULL;
}

bool snug_installed_left(const struct snug_installed_file *file, const char *digest)
{
	return strcmp(digest, file->wrote) == 0 ||
	       (file->replaced[0] && strcmp(digest, file->replaced) == 0);
}

/* ---- reading ---- */

static int read_kind(const struct snug_json_node *node, enum snug_installed_kind *ret,
		     struct snug_error *err)
{
	const char *word;

	if (snug_json_string(node, &word, err) < 0)
		return -1;
	for (unsigned i = 0; i < SNUG_INSTALLED_MAX; i++) {
		if (strcmp(kinds[i], word) == 0) {
			*ret = (enum snug_installed_kind)i;
			return 0;
		}
	}
	return snug_json_fail(node, err, "no kind of file that snug writes");
}

static int read_path(const struct snug_json_node *node, char **ret, struct snug_error *err)
{
	const char *path;

	if (snug_json_string(node, &path, err) < 0)
		return -1;
	if (path[0] != '/')
		return snug_json_fail(node, err, "not an absolute path");
	*ret = strdup(path);
	return *ret ? 0 : snug_fail_memory(err);
}

static int read_digest(const struct snug_json_node *node, char ret[SNUG_SHA256_SIZE],
		       struct snug_error *err)
{
	const char *digits;

	if (snug_json_string(node, &digits, err) < 0)
		return -1;
	if (strlen(digits) != SNUG_SHA256_SIZE - 1 ||
	    strspn(digits, "0123456789abcdef") != SNUG_SHA256_SIZE - 1)
		return snug_json_fail(node, err, "no SHA-256");
	memcpy(ret, digits, SNUG_SHA256_SIZE);
	return 0;
}

static int read_members(const struct snug_json_node *node, struct snug_installed_file *ret,
			struct snug_error *err)
{
	const struct snug_json_node *before = snug_json_member(node, "before");
	const struct snug_json_node *replaced = snug_json_member(node, "replaced");
	static const char *const wanted[] = { "path", "kind", "wrote", NULL };
	const char *text = "";

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	for (size_t i = 0; wanted[i]; i++)
		if (!snug_json_member(node, wanted[i]))
			return snug_json_fail(node, err, "no %s", wanted[i]);
	if (read_path(snug_json_member(node, "path"), &ret->path, err) < 0 ||
	    read_kind(snug_json_member(node, "kind"), &ret->kind, err) < 0 ||
	    read_digest(snug_json_member(node, "wrote"), ret->wrote, err) < 0 ||
	    (replaced && read_digest(replaced, ret->replaced, err) < 0) ||
	    (before && snug_json_string(before, &text, err) < 0))
		return -1;
	ret->had = before != NULL;
	snug_buf_adds(&ret->before, text);
	return snug_buf_check(&ret->before, err);
}

static int read_files(const struct snug_json_node *list, struct snug_installed *ret,
		      struct snug_error *err)
{
	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	if (snug_json_count(list) > SNUG_INSTALL_FILES_MAX)
		return snug_json_fail(list, err, "more than the limit of %u files",
				      SNUG_INSTALL_FILES_MAX);
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		struct snug_installed_file file = { 0 };
		int result = read_members(n, &file, err);

		if (snug_vec_push(&ret->files, file) < 0) {
			free(file.path);
			snug_buf_clear(&file.before);
			return snug_fail_memory(err);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

static int read_folders(const struct snug_json_node *list, struct snug_installed *ret,
			struct snug_error *err)
{
	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		char *path;

		if (read_path(n, &path, err) < 0)
			return -1;
		if (snug_vec_push(&ret->folders, path) < 0) {
			free(path);
			return snug_fail_memory(err);
		}
	}
	return 0;
}

int snug_installed_parse(const struct snug_buf *text, const char *file, struct snug_installed *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *root, *version;
	uint64_t number;

	if (snug_json_parse_own(&doc, snug_buf_text(text), text->len, file, err) < 0)
		return -1;
	root = snug_json_root(doc);
	version = snug_json_member(root, "snugInstall");
	if (!version)
		return snug_json_fail(root, err, "no record of snug install");
	if (snug_json_u64(version, &number, err) < 0)
		return -1;
	if (number != SNUG_INSTALL_VERSION) {
		snug_json_fail(version, err, "a version that this snug does not know");
		return snug_remedy(err, "use the snug that wrote it, or a newer one");
	}
	return read_folders(snug_json_member(root, "folders"), ret, err) < 0
		       ? -1
		       : read_files(snug_json_member(root, "files"), ret, err);
}

/* ---- writing ---- */

static int check_text(const struct snug_installed_file *file, struct snug_error *err)
{
	const char *text = snug_buf_text(&file->before);
	size_t at = 0;

	while (at < file->before.len) {
		size_t n = text[at] ? snug_json_utf8(text + at, file->before.len - at) : 0;

		if (!n) {
			snug_fail(err, SNUG_INPUT,
				  "%s is no UTF-8 text, so snug cannot keep what was there",
				  file->path);
			return snug_remedy(err, "see what is wrong with it at byte %zu", at);
		}
		at += n;
	}
	return 0;
}

static int write_file(const struct snug_installed_file *file, struct snug_json_writer *w,
		      struct snug_error *err)
{
	if (check_text(file, err) < 0)
		return -1;
	snug_json_open(w, '{');
	snug_json_pair_string(w, "path", file->path);
	snug_json_pair_string(w, "kind", kinds[file->kind]);
	if (file->had)
		snug_json_pair_string(w, "before", snug_buf_text(&file->before));
	snug_json_pair_string(w, "wrote", file->wrote);
	if (file->replaced[0])
		snug_json_pair_string(w, "replaced", file->replaced);
	snug_json_close(w);
	return 0;
}

int snug_installed_render(const struct snug_installed *installed, const char *engine,
			  struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_u64(&w, "snugInstall", SNUG_INSTALL_VERSION);
	snug_json_pair_string(&w, "engine", engine);
	snug_json_put_key(&w, "folders");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < installed->folders.count; i++)
		snug_json_put_string(&w, installed->folders.at[i]);
	snug_json_close(&w);
	snug_json_put_key(&w, "files");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < installed->files.count; i++)
		if (write_file(&installed->files.at[i], &w, err) < 0)
			return -1;
	snug_json_close(&w);
	snug_json_close(&w);
	return snug_buf_check(&text, err) < 0 ? -1
					      : snug_json_pretty(text.data, text.len, ret, err);
}
