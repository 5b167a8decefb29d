/* SPDX-License-Identifier: Apache-2.0 */
/* The shadow bundle's config.json: the bundle's, edited where a learning needs it. */
#include "flow/learn_part.h"

#include "base/cleanup.h"
#include "flow/owner.h"
#include "json/json.h"
#include "model/oci/spec.h"
#include "store/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct edit {
	struct snug_json *doc;
	const char *bundle; /* absolute */
	struct snug_error *err;
};

/* Every ABI of this machine: without its own, libseccomp's filter kills an i386 program's call. */
static const char *const host_archs[] = {
#if defined(__x86_64__)
	"SCMP_ARCH_X86_64",
	"SCMP_ARCH_X86",
	"SCMP_ARCH_X32",
#elif defined(__aarch64__)
	"SCMP_ARCH_AARCH64",
	"SCMP_ARCH_ARM",
#endif
};

static void write_allow_all(struct snug_json_writer *w)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "defaultAction", "SCMP_ACT_ALLOW");
	snug_json_put_key(w, "architectures");
	snug_json_open(w, '[');
	for (size_t i = 0; i < sizeof(host_archs) / sizeof(host_archs[0]); i++)
		snug_json_put_string(w, host_archs[i]);
	snug_json_close(w);
	snug_json_close(w);
}

/* Gives the container a filter that allows all, unless it has one of its own. */
static int add_seccomp(const struct edit *edit, struct snug_spec *spec)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	if (spec->seccomp)
		return 0;
	write_allow_all(&w);
	if (snug_buf_check(&text, edit->err) < 0)
		return -1;
	return snug_spec_set_seccomp(spec, snug_buf_text(&text), edit->err);
}

static bool is_there(const struct snug_json_node *node)
{
	return node && snug_json_type(node) != SNUG_JSON_NULL;
}

/* First of all hooks: what later ones do to the container is seen too. */
static int add_hook(const struct edit *edit, const struct snug_spec *spec, const char *hook)
{
	const struct snug_json_node *stage = snug_json_member(spec->hooks, "prestart");
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (is_there(stage)) {
		if (snug_json_expect(stage, SNUG_JSON_ARRAY, edit->err) < 0)
			return -1;
		return snug_json_prepend(edit->doc, stage, hook, edit->err);
	}
	snug_buf_addf(&text, is_there(spec->hooks) ? "[%s]" : "{\"prestart\":[%s]}", hook);
	if (snug_buf_check(&text, edit->err) < 0)
		return -1;
	if (is_there(spec->hooks))
		return snug_json_set(edit->doc, spec->hooks, "prestart", snug_buf_text(&text),
				     edit->err);
	return snug_json_set(edit->doc, snug_json_root(edit->doc), "hooks", snug_buf_text(&text),
			     edit->err);
}

/* Writes object.key = bundle/relative; what is absolute stays. */
static int make_absolute(const struct edit *edit, const struct snug_json_node *object,
			 const char *key)
{
	const struct snug_json_node *member = snug_json_member(object, key);
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	const char *relative;

	if (!is_there(member))
		return 0;
	if (snug_json_string(member, &relative, edit->err) < 0)
		return -1;
	if (relative[0] == '/')
		return 0;
	snug_buf_addf(&path, "%s/%s", edit->bundle, relative);
	snug_json_put_string(&w, snug_buf_text(&path));
	if (snug_buf_check(&path, edit->err) < 0 || snug_buf_check(&text, edit->err) < 0)
		return -1;
	return snug_json_replace(edit->doc, member, snug_buf_text(&text), edit->err);
}

/* Runtimes take a bind mount's relative source from the bundle. */
static bool is_bind(const struct snug_json_node *mount)
{
	const struct snug_json_node *type = snug_json_member(mount, "type");
	const struct snug_json_node *options = snug_json_member(mount, "options");
	struct snug_error ignored;
	const char *word;

	if (type && snug_json_type(type) == SNUG_JSON_STRING &&
	    snug_json_string(type, &word, &ignored) == 0 && strcmp(word, "bind") == 0)
		return true;
	if (!options || snug_json_type(options) != SNUG_JSON_ARRAY)
		return false;
	for (const struct snug_json_node *n = snug_json_first(options); n; n = snug_json_next(n))
		if (snug_json_type(n) == SNUG_JSON_STRING &&
		    snug_json_string(n, &word, &ignored) == 0 &&
		    (strcmp(word, "bind") == 0 || strcmp(word, "rbind") == 0))
			return true;
	return false;
}

static int fix_paths(const struct edit *edit)
{
	const struct snug_json_node *root = snug_json_root(edit->doc), *mounts;

	if (make_absolute(edit, snug_json_member(root, "root"), "path") < 0)
		return -1;
	mounts = snug_json_member(root, "mounts");
	if (!is_there(mounts))
		return 0;
	if (snug_json_expect(mounts, SNUG_JSON_ARRAY, edit->err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(mounts); n; n = snug_json_next(n))
		if (is_bind(n) && make_absolute(edit, n, "source") < 0)
			return -1;
	return 0;
}

/* Hooks of snug's that the bundle has would record the same run a second time. */
static int drop_annotation(const struct edit *edit, const struct snug_spec *spec)
{
	const struct snug_json_node *node =
		spec->annotations ? snug_json_member(spec->annotations, SNUG_ANNOTATION_LEARN)
				  : NULL;

	return node ? snug_json_remove(edit->doc, node, edit->err) : 0;
}

/* What the recording says of the container, its command and its image; and whose terminal it is. */
static int read_facts(const struct edit *edit, const struct snug_spec *spec,
		      struct snug_shadow *shadow)
{
	const struct snug_json_node *terminal = snug_json_member(spec->process, "terminal");
	const struct snug_json_node *args = snug_json_member(spec->process, "args");
	const char *image = snug_spec_image(spec);

	if (is_there(terminal) && snug_json_bool(terminal, &shadow->has_terminal, edit->err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(args); n; n = snug_json_next(n)) {
		const char *word;
		char *copy;

		if (snug_json_string(n, &word, edit->err) < 0)
			return -1;
		copy = strdup(word);
		if (!copy || snug_vec_push(&shadow->args, copy) < 0) {
			free(copy);
			return snug_fail_memory(edit->err);
		}
	}
	if (asprintf(&shadow->root, "%s%s%s", spec->root_path[0] == '/' ? "" : edit->bundle,
		     spec->root_path[0] == '/' ? "" : "/", spec->root_path) < 0) {
		shadow->root = NULL;
		return snug_fail_memory(edit->err);
	}
	shadow->image = image ? strdup(image) : NULL;
	return image && !shadow->image ? snug_fail_memory(edit->err) : 0;
}

static int read_document(const char *bundle, struct snug_json **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (asprintf(&path, "%s/config.json", bundle) < 0) {
		path = NULL;
		return snug_fail_memory(err);
	}
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0)
		return -1;
	return snug_json_parse(ret, snug_buf_text(&text), text.len, path, err);
}

/* The folder's absolute name, malloc'ed. */
static char *find_bundle(const char *bundle, struct snug_error *err)
{
	char *absolute = realpath(bundle, NULL);
	struct stat st;
	int number = errno;

	if (absolute && stat(absolute, &st) == 0 && S_ISDIR(st.st_mode))
		return absolute;
	snug_fail(err, SNUG_INPUT, "bundle %s: %s", bundle, strerror(absolute ? ENOTDIR : number));
	snug_remedy(err, "name a folder that holds a config.json");
	free(absolute);
	return NULL;
}

int snug_shadow_config(const char *bundle, const char *hook, struct snug_shadow *shadow,
		       struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_freep) char *absolute = find_bundle(bundle, err);
	struct edit edit = { .bundle = absolute, .err = err };
	struct snug_spec spec;

	if (!absolute)
		return -1;
	if (read_document(bundle, &doc, err) < 0 || snug_spec_read(doc, &spec, err) < 0)
		return -1;
	edit.doc = doc;
	shadow->has_filter = spec.seccomp != NULL;
	if (read_facts(&edit, &spec, shadow) < 0 || fix_paths(&edit) < 0 ||
	    drop_annotation(&edit, &spec) < 0 || add_seccomp(&edit, &spec) < 0 ||
	    add_hook(&edit, &spec, hook) < 0)
		return -1;
	return snug_json_render(doc, ret, err);
}
