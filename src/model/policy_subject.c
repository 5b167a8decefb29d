/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy looks at in a container's config.json. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "model/policy.h"

#include <string.h>

/* By which a config of Podman's can be told: its user may put another word in the place of one, and
 * cannot take all of them out (4.3.1 always writes the second). */
#define MANAGER	       "io.container.manager"
#define MANAGER_PODMAN "libpod"
#define PODMAN_PREFIX  "io.podman.annotations."
#define PODMAN_CGROUP  "libpod"
/* containerd's bundles lie in its state folder, below the client's namespace; of those CRI's client
 * alone says the image. Docker's ("moby") and nerdctl's hand on what their users say. */
#define CONTAINERD_TASKS "/io.containerd.runtime.v"
#define CONTAINERD_CRI	 "/k8s.io/"
#define CONTAINERD_IMAGE "io.kubernetes.cri.image-name"
/* CRI-O has the labels of the pod and of the container in one annotation, as JSON. */
#define CRIO_LABELS "io.kubernetes.cri-o.Labels"

/* ---- paths ---- */

static bool is_word(const char *at, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(at, word, len) == 0;
}

static void drop_last(struct snug_buf *path)
{
	while (path->len > 0 && path->data[--path->len] != '/')
		;
	if (path->data)
		path->data[path->len] = '\0';
}

/* Adds path's words to an absolute path without "//", "." and ".." in the text, as Go's
 * filepath.Join() does in runc. */
static void add_clean(struct snug_buf *ret, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (is_word(path, len, ".."))
			drop_last(ret);
		else if (len > 0 && !is_word(path, len, ".")) {
			snug_buf_addc(ret, '/');
			snug_buf_add(ret, path, len);
		}
		path += len + (path[len] == '/');
	}
}

/* NULL in *ret where it is relative, and to what is not known. */
static int clean_path(const char *folder, const char *path, char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf clean = { 0 };

	if (path[0] != '/' && !folder)
		return 0;
	if (path[0] != '/')
		add_clean(&clean, folder);
	add_clean(&clean, path);
	if (clean.len == 0)
		snug_buf_addc(&clean, '/');
	*ret = snug_buf_take(&clean);
	return *ret ? 0 : snug_fail_memory(err);
}

/* ---- the rest ---- */

static int copy(const char *text, char **ret, struct snug_error *err)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? snug_fail_memory(err) : 0;
}

static int set_command(const struct snug_spec *spec, struct snug_subject *ret,
		       struct snug_error *err)
{
	const struct snug_json_node *args = snug_json_member(spec->process, "args");
	SNUG_AUTO(snug_buf_clear) struct snug_buf line = { 0 };

	for (const struct snug_json_node *n = snug_json_first(args); n; n = snug_json_next(n)) {
		const char *word;

		if (snug_json_string(n, &word, err) < 0)
			return -1;
		if (n == snug_json_first(args) &&
		    copy(word, &ret->texts[SNUG_MATCH_COMMAND], err) < 0)
			return -1;
		snug_buf_addf(&line, "%s%s", n == snug_json_first(args) ? "" : " ", word);
	}
	ret->texts[SNUG_MATCH_COMMAND_LINE] = snug_buf_take(&line);
	return ret->texts[SNUG_MATCH_COMMAND_LINE] ? 0 : snug_fail_memory(err);
}

static bool is_podmans(const struct snug_spec *spec)
{
	const struct snug_json_node *cgroup = snug_json_member(spec->linux_, "cgroupsPath");
	const char *manager = snug_spec_annotation(spec, MANAGER), *path;
	struct snug_error ignored;

	if (manager && strcmp(manager, MANAGER_PODMAN) == 0)
		return true;
	for (const struct snug_json_node *n = snug_json_first(spec->annotations); n;
	     n = snug_json_next(n))
		if (strncmp(snug_json_key(n), PODMAN_PREFIX, strlen(PODMAN_PREFIX)) == 0)
			return true;
	return cgroup && snug_json_type(cgroup) == SNUG_JSON_STRING &&
	       snug_json_string(cgroup, &path, &ignored) == 0 && strstr(path, PODMAN_CGROUP);
}

/* "/CLIENT/ID"; NULL: no bundle of containerd's. */
static const char *containerds(const char *bundle)
{
	const char *tasks = bundle ? strstr(bundle, CONTAINERD_TASKS) : NULL;

	return tasks ? strchr(tasks + 1, '/') : NULL;
}

/* Podman and Docker put no image into the config: what is there then was said by who started it.
 * What CRI's client hands on of a pod's annotations (its pod_annotations) is the pod's word. */
static const char *image_of(const struct snug_spec *spec, const char *bundle)
{
	const char *client = containerds(bundle);

	if (client)
		return strncmp(client, CONTAINERD_CRI, strlen(CONTAINERD_CRI)) == 0
			       ? snug_spec_annotation(spec, CONTAINERD_IMAGE)
			       : NULL;
	return is_podmans(spec) ? NULL : snug_spec_image(spec);
}

/* What cannot be read there are no labels. (Nothing is loosened by that which a rule for their
 * absence would not: there is none.) */
static int set_labels(const struct snug_spec *spec, struct snug_subject *ret,
		      struct snug_error *err)
{
	const char *text = snug_spec_annotation(spec, CRIO_LABELS);
	struct snug_error broken;

	ret->labels = spec->annotations;
	if (!text)
		return 0;
	ret->labels = NULL;
	if (snug_json_parse(&ret->labels_doc, text, strlen(text), CRIO_LABELS, &broken) == 0)
		ret->labels = snug_json_root(ret->labels_doc);
	else if (broken.code == SNUG_SYSTEM)
		return snug_fail_memory(err);
	return 0;
}

int snug_subject_init(const struct snug_spec *spec, const char *bundle, struct snug_subject *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_subject_clear)
	struct snug_subject subject = { .spec = spec, .user = (uint32_t)spec->uid };
	char **texts = subject.texts;

	if ((bundle && clean_path(NULL, bundle, &texts[SNUG_MATCH_BUNDLE], err) < 0) ||
	    clean_path(texts[SNUG_MATCH_BUNDLE], spec->root_path, &texts[SNUG_MATCH_ROOTFS], err) <
		    0 ||
	    copy(image_of(spec, texts[SNUG_MATCH_BUNDLE]), &texts[SNUG_MATCH_IMAGE], err) < 0 ||
	    set_command(spec, &subject, err) < 0 || set_labels(spec, &subject, err) < 0)
		return -1;
	*ret = subject;
	subject = (struct snug_subject){ 0 };
	return 0;
}

void snug_subject_clear(struct snug_subject *subject)
{
	for (size_t i = 0; i < SNUG_MATCH_TEXT_MAX; i++)
		free(subject->texts[i]);
	snug_json_free(subject->labels_doc);
	*subject = (struct snug_subject){ 0 };
}
