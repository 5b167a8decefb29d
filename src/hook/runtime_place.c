/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/runtime_part.h"

#include "base/cleanup.h"
#include "json/json.h"
#include "store/file.h"
#include "store/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define DESCRIPTOR_MIN 100

void snug_bundle_clear(struct snug_bundle *bundle)
{
	free(bundle->folder);
	free(bundle->config);
	free(bundle->named);
	*bundle = (struct snug_bundle){ 0 };
}

/* A path below /proc/PID/fd may lead to a mount that is nowhere, where its words say another. */
int snug_bundle_realpath(const char *path, char **ret)
{
	SNUG_AUTO(snug_freep) char *resolved = realpath(path, NULL);
	struct stat named, found;

	*ret = NULL;
	if (!resolved || stat(path, &named) < 0 || stat(resolved, &found) < 0 ||
	    named.st_dev != found.st_dev || named.st_ino != found.st_ino)
		return -1;
	*ret = SNUG_TAKE(resolved);
	return 0;
}

static int in_folder(const char *folder, const char *name, char **ret)
{
	if (asprintf(ret, "%s/%s", folder, name) >= 0)
		return 0;
	*ret = NULL;
	return -1;
}

/* The config's own name stays: a symlink there is refused where something is to be written. */
static int config_of(const struct snug_runtime_args *args, struct snug_bundle *ret)
{
	if (args->config && strcmp(args->config, "config.json") != 0)
		return snug_bundle_realpath(args->config, &ret->config);
	return in_folder(ret->folder, "config.json", &ret->config);
}

int snug_bundle_find(const struct snug_runtime_args *args, struct snug_bundle *ret)
{
	return snug_bundle_realpath(args->bundle ? args->bundle : ".", &ret->folder) < 0
		       ? -1
		       : config_of(args, ret);
}

/* ---- a container that there is ---- */

/* runc: {"config":{"labels":["KEY=VALUE", …, "bundle=/b"]}}: annotations, which may be called that
 * too, go before, and its exec takes the first; crun: {"bundle":"/b"} */
static const char *bundle_in(const struct snug_json_node *state, enum snug_runtime runtime,
			     bool *ret_shadowed)
{
	static const char label[] = "bundle=";
	const struct snug_json_node *node;
	const char *text, *found = NULL;
	struct snug_error ignored;

	*ret_shadowed = false;
	if (runtime == SNUG_RUNTIME_CRUN)
		return snug_json_text(state, "bundle");
	node = snug_json_first(snug_json_member(snug_json_member(state, "config"), "labels"));
	for (; node; node = snug_json_next(node))
		if (snug_json_string(node, &text, &ignored) == 0 &&
		    strncmp(text, label, strlen(label)) == 0) {
			*ret_shadowed = found != NULL;
			found = text + strlen(label);
		}
	return found;
}

static int state_path(const struct snug_runtime_args *args, enum snug_runtime runtime, char **ret,
		      struct snug_error *err)
{
	bool is_runc = runtime == SNUG_RUNTIME_RUNC;
	char theirs[PATH_MAX];
	const char *root = args->root ? args->root : is_runc ? "/run/runc" : "/run/crun";

	const char *named = getenv("XDG_RUNTIME_DIR");
	uid_t outer;
	bool is_within = snug_in_user_namespace(&outer);
	bool is_heeded = !is_runc || is_within || geteuid() != 0;
	/* Podman gives root's an empty one. */
	bool is_named = !args->root && named && named[0] && is_heeded;

	*ret = NULL;
	/* crun looks into the folder that this names, and runc does where it is not the host's
	 * root. Rootless, his environment is his own, as his containers are. Whoever takes nothing
	 * but what that container has gets no more by it. */
	if (is_named && (is_within || (!args->process && !args->adds))) {
		snprintf(theirs, sizeof(theirs), "%s/%s", named, is_runc ? "runc" : "crun");
		root = theirs;
	} else if (!args->root && (geteuid() != 0 || is_named)) {
		snug_fail(err, SNUG_INPUT,
			  "exec: which container is meant hangs on the environment");
		(void)snug_remedy(err, "add --root DIR to the runtime's options");
		return -1;
	}
	if (asprintf(ret, "%s/%s/%s", root, args->id, is_runc ? "state.json" : "status") >= 0)
		return 0;
	*ret = NULL;
	(void)snug_fail_memory(err);
	return -1;
}

/* crun keeps what it has read, and reads that at an exec. */
static int config_of_container(enum snug_runtime runtime, const char *state,
			       struct snug_bundle *ret)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;

	if (runtime == SNUG_RUNTIME_RUNC)
		return in_folder(ret->folder, "config.json", &ret->config);
	folder = strndup(state, (size_t)(strrchr(state, '/') - state));
	return folder ? in_folder(folder, "config.json", &ret->config) : -1;
}

int snug_bundle_of_container(const struct snug_runtime_args *args, enum snug_runtime runtime,
			     struct snug_bundle *ret, bool *ret_there, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	const char *bundle;

	*ret_there = false;
	if (!args->id || strchr(args->id, '/'))
		return 0;
	if (state_path(args, runtime, &path, err) < 0)
		return -1;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0 ||
	    snug_json_parse(&doc, snug_buf_text(&text), text.len, path, err) < 0)
		return -1;
	bundle = bundle_in(snug_json_root(doc), runtime, &ret->is_shadowed);
	if (!bundle || snug_bundle_realpath(bundle, &ret->folder) < 0 ||
	    config_of_container(runtime, path, ret) < 0 || !(ret->named = strdup(bundle)))
		return snug_fail(err, SNUG_INPUT, "%s: it names no bundle that is there", path);
	*ret_there = true;
	return 0;
}

/* ---- exec's process ---- */

int snug_runtime_add_option(struct snug_standin *runtime, const char *option,
			    struct snug_error *err)
{
	size_t head = (size_t)runtime->args.verb_at + 1;
	char **words = calloc((size_t)runtime->argc + 2, sizeof(*words));

	if (!words)
		return snug_fail_memory(err);
	memcpy(words, runtime->argv, head * sizeof(*words));
	words[head] = (char *)(uintptr_t)option;
	memcpy(words + head + 1, runtime->argv + head,
	       ((size_t)runtime->argc - head) * sizeof(*words));
	runtime->words = words;
	runtime->argv = words;
	runtime->argc++;
	return 0;
}

int snug_runtime_memory(struct snug_error *err)
{
	SNUG_AUTO_FD int low = memfd_create("snug-process", MFD_CLOEXEC);
	int fd = low < 0 ? -1 : fcntl(low, F_DUPFD, DESCRIPTOR_MIN);

	return fd < 0 ? snug_fail_errno(err, errno, "memfd") : fd;
}

int snug_runtime_put_process(struct snug_standin *runtime, int fd, struct snug_error *err)
{
	char **word = &runtime->argv[runtime->args.process_at];
	int head = (int)(runtime->args.process - *word); /* "--process=", "-p" */

	if (asprintf(&runtime->process, "%.*s/proc/self/fd/%d", head, *word, fd) < 0) {
		runtime->process = NULL;
		return snug_fail_memory(err);
	}
	*word = runtime->process;
	return 0;
}

/* ---- the log ---- */

static void render(const struct snug_standin *runtime, const char *line, struct snug_buf *ret)
{
	struct snug_json_writer w = { .out = ret };
	const char *format = runtime->args.log_format;
	char now[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	if (!format || strcmp(format, "json") != 0) {
		snug_buf_addf(ret, "time=\"%s\" level=error msg=", now);
		snug_json_put_string(&w, line);
		snug_buf_adds(ret, "\n");
		return;
	}
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "msg", line);
	snug_json_pair_string(&w, "level", "error");
	snug_json_pair_string(&w, "time", now);
	snug_json_close(&w);
	snug_buf_adds(ret, "\n");
}

void snug_runtime_log(const struct snug_standin *runtime, const char *line)
{
	static const char file[] = "file:";
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const char *path = runtime->args.log;
	SNUG_AUTO_FD int fd = -1;

	if (path && strncmp(path, file, strlen(file)) == 0)
		path += strlen(file);
	if (!path || path[0] != '/')
		return;
	render(runtime, line, &text);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd >= 0 && !text.failed)
		(void)!write(fd, text.data, text.len);
}
