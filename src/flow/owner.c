/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/owner.h"

#include "base/cleanup.h"
#include "flow/decide.h"
#include "flow/process.h"
#include "flow/trace.h"
#include "model/oci/spec.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Cuts: what a hook cannot keep whole is for people to read. */
static void set_text(char *ret, size_t size, const char *text)
{
	snprintf(ret, size, "%s", text ? text : "");
}

/* What called the hook, by its name: "runc", "crun" (which runs from a sealed copy of itself, so
 * that /proc/PID/exe does not tell). */
static void set_runtime(struct snug_rec_owner *ret)
{
	SNUG_AUTO_FD int fd = -1;
	char path[64], name[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/comm", getppid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	name[len > 0 ? len : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	set_text(ret->runtime, sizeof(ret->runtime), name);
}

void snug_owner_add_arg(struct snug_rec_owner *owner, const char *word)
{
	size_t size = strlen(word) + 1;

	if (size > sizeof(owner->args) - owner->args_len)
		return;
	memcpy(owner->args + owner->args_len, word, size);
	owner->args_len += (__u32)size;
}

static int set_args(const struct snug_spec *spec, struct snug_rec_owner *ret,
		    struct snug_error *err)
{
	const struct snug_json_node *args = snug_json_member(spec->process, "args");

	for (const struct snug_json_node *n = snug_json_first(args); n; n = snug_json_next(n)) {
		const char *word;

		if (snug_json_string(n, &word, err) < 0)
			return -1;
		snug_owner_add_arg(ret, word);
	}
	return 0;
}

static int read_config(const char *bundle, struct snug_json **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0)
		return -1;
	return snug_json_parse(ret, snug_buf_text(&text), text.len, path, err);
}

static int set_name(const char *name, struct snug_rec_owner *ret, struct snug_error *err)
{
	/* What ends in .json would be a path to every command. */
	if (!snug_name_is_valid(name) || snug_name_is_path(name)) {
		snug_fail(err, SNUG_INPUT,
			  "annotation " SNUG_ANNOTATION_LEARN ": '%.80s' is no name", name);
		return snug_remedy(err, "letters, digits, . _ -, at most %u", SNUG_NAME_MAX);
	}
	set_text(ret->name, sizeof(ret->name), name);
	return 0;
}

/* What the policy says; its rules look at the config. *ret_name: NULL: nobody wants it learned. */
static int ask_policy(const struct snug_policy_file *file, const struct snug_spec *spec,
		      const char *bundle, const char **ret_name, struct snug_error *err)
{
	SNUG_AUTO(snug_subject_clear) struct snug_subject subject = { 0 };
	struct snug_decision decision;

	if (snug_subject_init(spec, bundle, &subject, err) < 0)
		return -1;
	snug_policy_decide(&file->policy, &subject, &decision);
	*ret_name = decision.learn;
	return 0;
}

void snug_owner_set_root(struct snug_rec_owner *owner, const char *bundle, const char *path)
{
	int len = snprintf(owner->root, sizeof(owner->root), "%s%s%s", path[0] == '/' ? "" : bundle,
			   path[0] == '/' ? "" : "/", path);

	if (len < 0 || (size_t)len >= sizeof(owner->root))
		owner->root[0] = '\0';
}

static int set_all(const struct snug_store *store, const struct snug_state *state,
		   const struct snug_spec *spec, const char *name, struct snug_rec_owner *ret,
		   struct snug_error *err)
{
	if (set_name(name, ret, err) < 0 || set_args(spec, ret, err) < 0 ||
	    snug_store_check_recordings(store, name, err) < 0)
		return -1;
	if (getrandom(&ret->run, sizeof(ret->run), 0) != (ssize_t)sizeof(ret->run))
		return snug_fail_errno(err, errno, "no random numbers");
	ret->started = (__u64)time(NULL);
	ret->pid = (__u32)state->pid;
	set_text(ret->id, sizeof(ret->id), state->id);
	set_text(ret->image, sizeof(ret->image), snug_spec_image(spec));
	snug_owner_set_root(ret, state->bundle, spec->root_path);
	set_runtime(ret);
	return 1;
}

int snug_owner_read(const struct snug_hooked *context, const struct snug_state *state,
		    struct snug_rec_owner *ret, bool *ret_filter, struct snug_error *err)
{
	const char *name = snug_state_annotation(state, SNUG_ANNOTATION_LEARN);
	bool traced = snug_trace_is_asked(context, state);
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file policy = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	char trace[SNUG_TRACED_NAME_SIZE];
	struct snug_spec spec;

	if (snug_policy_file_load(context->store, &policy, err) < 0)
		return -1;
	if (!policy.there && !name && !traced && state->annotations)
		return 0;
	memset(ret, 0, sizeof(*ret));
	if (read_config(state->bundle, &doc, err) < 0 || snug_spec_read(doc, &spec, err) < 0)
		return -1;
	if (policy.there && ask_policy(&policy, &spec, state->bundle, &name, err) < 0)
		return -1;
	if (!policy.there && !name)
		name = snug_spec_annotation(&spec, SNUG_ANNOTATION_LEARN);
	*ret_filter = spec.seccomp != NULL;
	if (!name && traced) {
		if (snug_trace_begin(context, state, trace, err) < 0)
			return -1;
		name = trace;
	}
	return name ? set_all(context->store, state, &spec, name, ret, err) : 0;
}

void snug_owner_started(const struct snug_rec_owner *owner, char ret[SNUG_STARTED_SIZE])
{
	time_t at = (time_t)owner->started;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret, SNUG_STARTED_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int copy(char **ret, const char *text)
{
	*ret = text[0] ? strdup(text) : NULL;
	return text[0] && !*ret ? -1 : 0;
}

static int add_arg(struct snug_source *ret, const char *word)
{
	char *copied = strdup(word);

	if (copied && snug_vec_push(&ret->args, copied) == 0)
		return 0;
	free(copied);
	return -1;
}

static int copy_args(const struct snug_rec_owner *owner, const struct snug_paths *args,
		     struct snug_source *ret)
{
	for (size_t i = 0; args && i < args->count; i++)
		if (add_arg(ret, args->at[i]) < 0)
			return -1;
	for (size_t at = 0; !args && at < owner->args_len; at += strlen(owner->args + at) + 1)
		if (add_arg(ret, owner->args + at) < 0)
			return -1;
	return 0;
}

int snug_owner_describe(const struct snug_rec_owner *owner, const struct snug_paths *args,
			const struct snug_ending *ending, struct snug_recording *ret,
			struct snug_error *err)
{
	struct snug_source source = { .run = owner->run,
				      .gate = ending->gate,
				      .ended = ending->ended,
				      .exit = ending->exit };
	char started[SNUG_STARTED_SIZE];
	struct utsname host;

	uname(&host);
	snug_owner_started(owner, started);
	if (copy(&ret->name, owner->name) < 0 || copy(&source.kernel, host.release) < 0 ||
	    copy(&source.started, started) < 0 || copy(&source.image, owner->image) < 0 ||
	    copy(&source.runtime, owner->runtime) < 0 || copy_args(owner, args, &source) < 0 ||
	    snug_recording_set_run(ret, owner->run) < 0 ||
	    snug_vec_push(&ret->sources, source) < 0) {
		snug_source_clear(&source);
		return snug_fail_memory(err);
	}
	return 0;
}
