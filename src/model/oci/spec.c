/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/spec.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <string.h>

/* The members that snug reads, where a runtime in Go would take another spelling for them. */
static const char *const top_names[] = { "ociVersion", "root",	      "process", "linux",
					 "hooks",      "annotations", NULL };
static const char *const root_names[] = { "path", NULL };
static const char *const process_names[] = {
	"args", "capabilities", "noNewPrivileges", "apparmorProfile", "user", NULL
};
static const char *const user_names[] = { "uid", NULL };
static const char *const linux_names[] = { "seccomp", "maskedPaths", "readonlyPaths", NULL };
static const char *const caps_names[] = { "bounding",  "effective", "inheritable",
					  "permitted", "ambient",   NULL };

/* The member, or NULL in *ret where it is absent or null (the runtimes take null for absent). */
static int child(const struct snug_json_node *parent, const char *key, enum snug_json_type type,
		 const struct snug_json_node **ret, struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(parent, key);

	*ret = node && snug_json_type(node) != SNUG_JSON_NULL ? node : NULL;
	return *ret ? snug_json_expect(*ret, type, err) : 0;
}

static int object(const struct snug_json_node *parent, const char *key, const char *const *names,
		  const struct snug_json_node **ret, struct snug_error *err)
{
	if (child(parent, key, SNUG_JSON_OBJECT, ret, err) < 0)
		return -1;
	return *ret && names ? snug_json_refuse_folded(*ret, names, err) : 0;
}

static int missing(const struct snug_json_node *where, const char *what, struct snug_error *err)
{
	snug_json_fail(where, err, "%s is missing", what);
	return snug_remedy(err, "give the config.json of an OCI bundle (`runc spec` writes one)");
}

static int read_version(const struct snug_json_node *top, struct snug_spec *spec,
			struct snug_error *err)
{
	const struct snug_json_node *node;

	if (child(top, "ociVersion", SNUG_JSON_STRING, &node, err) < 0)
		return -1;
	if (!node)
		return missing(top, "ociVersion", err);
	if (snug_json_string(node, &spec->version, err) < 0)
		return -1;
	if (strncmp(spec->version, "1.", 2) == 0)
		return 0;
	snug_json_fail(node, err, "runtime-spec version %.32s is not 1.x", spec->version);
	return snug_remedy(err, "snug reads versions 1.0 to 1.2");
}

static int read_root(const struct snug_json_node *top, struct snug_spec *spec,
		     struct snug_error *err)
{
	const struct snug_json_node *path;

	if (object(top, "root", root_names, &spec->root, err) < 0)
		return -1;
	if (!spec->root)
		return missing(top, "root", err);
	if (child(spec->root, "path", SNUG_JSON_STRING, &path, err) < 0)
		return -1;
	if (!path)
		return missing(spec->root, "root.path", err);
	return snug_json_string(path, &spec->root_path, err);
}

static int read_args(const struct snug_json_node *process, struct snug_error *err)
{
	const struct snug_json_node *args;

	if (child(process, "args", SNUG_JSON_ARRAY, &args, err) < 0)
		return -1;
	if (!args || snug_json_count(args) == 0)
		return missing(args ? args : process, "process.args", err);
	for (const struct snug_json_node *arg = snug_json_first(args); arg;
	     arg = snug_json_next(arg))
		if (snug_json_expect(arg, SNUG_JSON_STRING, err) < 0)
			return -1;
	return 0;
}

static int read_caps(struct snug_spec *spec, struct snug_error *err)
{
	if (object(spec->process, "capabilities", caps_names, &spec->capabilities, err) < 0)
		return -1;
	spec->has_caps = spec->capabilities != NULL;
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++) {
		const struct snug_json_node *list;

		if (child(spec->capabilities, snug_cap_set_name(set), SNUG_JSON_ARRAY, &list, err) <
			    0 ||
		    (list && snug_caps_read(list, &spec->caps[set], err) < 0))
			return -1;
	}
	return 0;
}

static int read_user(struct snug_spec *spec, struct snug_error *err)
{
	const struct snug_json_node *uid;

	if (object(spec->process, "user", user_names, &spec->user, err) < 0 ||
	    child(spec->user, "uid", SNUG_JSON_NUMBER, &uid, err) < 0)
		return -1;
	if (!uid)
		return 0; /* absent is 0, to runc and crun alike */
	if (snug_json_u64(uid, &spec->uid, err) < 0)
		return -1;
	return spec->uid <= UINT32_MAX ? 0
				       : snug_json_fail(uid, err, "not a user id: past 4294967295");
}

static int read_process(const struct snug_json_node *top, struct snug_spec *spec,
			struct snug_error *err)
{
	const struct snug_json_node *nnp, *label;

	if (object(top, "process", process_names, &spec->process, err) < 0)
		return -1;
	if (!spec->process)
		return missing(top, "process", err);
	if (read_args(spec->process, err) < 0 || read_caps(spec, err) < 0 ||
	    read_user(spec, err) < 0 ||
	    child(spec->process, "noNewPrivileges", SNUG_JSON_BOOL, &nnp, err) < 0 ||
	    child(spec->process, "apparmorProfile", SNUG_JSON_STRING, &label, err) < 0 ||
	    (label && snug_json_string(label, &spec->apparmor, err) < 0))
		return -1;
	spec->has_no_new_privs = nnp != NULL;
	return nnp ? snug_json_bool(nnp, &spec->no_new_privs, err) : 0;
}

static int read_linux(const struct snug_json_node *top, struct snug_spec *spec,
		      struct snug_error *err)
{
	if (object(top, "linux", linux_names, &spec->linux_, err) < 0 ||
	    object(spec->linux_, "seccomp", NULL, &spec->seccomp, err) < 0)
		return -1;
	for (enum snug_path_kind which = 0; which < SNUG_PATHS_MAX; which++) {
		const struct snug_json_node *list, *path;

		if (child(spec->linux_, snug_path_kind_name(which), SNUG_JSON_ARRAY, &list, err) <
		    0)
			return -1;
		for (path = snug_json_first(list); path; path = snug_json_next(path))
			if (snug_json_expect(path, SNUG_JSON_STRING, err) < 0)
				return -1;
		spec->paths[which] = list;
	}
	return 0;
}

static int read_annotations(const struct snug_json_node *top, struct snug_spec *spec,
			    struct snug_error *err)
{
	if (object(top, "annotations", NULL, &spec->annotations, err) < 0)
		return -1;
	if (!spec->annotations)
		return 0;
	for (const struct snug_json_node *node = snug_json_first(spec->annotations); node;
	     node = snug_json_next(node))
		if (snug_json_expect(node, SNUG_JSON_STRING, err) < 0)
			return -1;
	return 0;
}

int snug_spec_read(struct snug_json *doc, struct snug_spec *ret, struct snug_error *err)
{
	const struct snug_json_node *top = snug_json_root(doc);
	struct snug_spec spec = { .doc = doc };

	if (snug_json_expect(top, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(top, top_names, err) < 0 || read_version(top, &spec, err) < 0 ||
	    read_root(top, &spec, err) < 0 || read_process(top, &spec, err) < 0 ||
	    read_linux(top, &spec, err) < 0 || read_annotations(top, &spec, err) < 0 ||
	    object(top, "hooks", NULL, &spec.hooks, err) < 0)
		return -1;
	*ret = spec;
	return 0;
}

int snug_spec_set_seccomp(struct snug_spec *spec, const char *text, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf outer = { 0 };

	if (spec->linux_)
		return snug_json_set(spec->doc, spec->linux_, "seccomp", text, err);
	snug_buf_addf(&outer, "{%s%s\"seccomp\":%s}", spec->fresh ? spec->fresh : "",
		      spec->fresh ? "," : "", text);
	if (snug_buf_check(&outer, err) < 0)
		return -1;
	return snug_json_set(spec->doc, snug_json_root(spec->doc), "linux", outer.data, err);
}

int snug_spec_set_annotation(struct snug_spec *spec, const char *key, const char *text,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf value = { 0 };
	struct snug_json_writer w = { .out = &value };

	if (!spec->annotations)
		snug_json_open(&w, '{');
	if (!spec->annotations)
		snug_json_put_key(&w, key);
	snug_json_put_string(&w, text);
	if (!spec->annotations)
		snug_json_close(&w);
	if (snug_buf_check(&value, err) < 0)
		return -1;
	if (spec->annotations)
		return snug_json_set(spec->doc, spec->annotations, key, value.data, err);
	return snug_json_set(spec->doc, snug_json_root(spec->doc), "annotations", value.data, err);
}

const char *snug_spec_annotation(const struct snug_spec *spec, const char *key)
{
	const struct snug_json_node *node = snug_json_member(spec->annotations, key);
	struct snug_error ignored;
	const char *text;

	return node && snug_json_string(node, &text, &ignored) == 0 ? text : NULL;
}

const char *snug_spec_image(const struct snug_spec *spec)
{
	/* CRI-O hands a pod's own annotations on, so its key goes before one that is not its. */
	static const char *const keys[] = { "io.kubernetes.cri-o.ImageName",
					    "io.kubernetes.cri.image-name",
					    "org.opencontainers.image.ref.name" };
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !name; i++)
		name = snug_spec_annotation(spec, keys[i]);
	return name;
}
