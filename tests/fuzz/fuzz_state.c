/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's state on a hook's stdin, and what the hook makes of it, with a policy and the
 * bundle's config.json, below a folder of its own that holds no profiles. What snug-hook asks snug
 * for fails here, and nobody is traced or signalled, whatever process the state names: so a
 * container that the policy enforces, or the hook itself wants confined, is refused. What fails is
 * noted in lines that are one each; what nobody asks anything of is let through, and nothing is
 * noted.
 *
 * Input: a letter for the stage (p, c, e; P, C: with --profile) and the state, in which BUNDLE
 * stands for the bundle's folder; the config; the policy ("": none).
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "hook/stage.h"
#include "hook/state.h"
#include "model/apparmor/label.h"
#include "model/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64], bundle[128], config[160], policy_path[160], failures[160];
static bool asked; /* snug, for something that it did not do */

long ptrace(int request, ...);
long ptrace(int request, ...)
{
	(void)request;
	errno = EPERM;
	return -1;
}

int kill(pid_t pid, int number);
int kill(pid_t pid, int number)
{
	(void)pid, (void)number;
	errno = EPERM;
	return -1;
}

/* ---- a place ---- */

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void drop_all(void)
{
	(void)nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void make(const char *name, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/%s", root, name);
	if (mkdir(ret, 0755) < 0)
		abort();
}

static void make_place(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[160];

	(void)snprintf(root, sizeof(root), "%s/snug-fuzz-XXXXXX",
		       tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(root))
		abort();
	(void)atexit(drop_all);
	make("bundle", bundle, sizeof(bundle));
	make("etc", path, sizeof(path));
	make("etc/snug", path, sizeof(path));
	make("traces", path, sizeof(path));
	(void)snprintf(config, sizeof(config), "%s/config.json", bundle);
	(void)snprintf(policy_path, sizeof(policy_path), "%s/etc/snug/policy.json", root);
	(void)snprintf(failures, sizeof(failures), "%s/run/snug/failures", root);
}

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

/* ---- what snug-hook asks snug for ---- */

static int no(struct snug_error *err)
{
	asked = true;
	return snug_fail(err, SNUG_HOST, "not here");
}

static int no_load(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	(void)context, (void)lock;
	return no(err);
}

static int no_named(const struct snug_hooked *context, const char *name, int lock,
		    struct snug_error *err)
{
	(void)context, (void)name, (void)lock;
	return no(err);
}

static int no_judge(const struct snug_hooked *context, const char *path, struct snug_error *err)
{
	(void)context, (void)path;
	return no(err);
}

static int no_trace(const struct snug_hooked *context, const struct snug_traced *traced,
		    struct snug_error *err)
{
	(void)context, (void)traced;
	return no(err);
}

/* ---- what has to come of it ---- */

enum wanted { ANYTHING, REFUSED, LET_THROUGH };

/* By the policy, the config and the state alone. */
static enum wanted judge(const struct snug_json *doc, const struct fuzz_parts *parts)
{
	SNUG_AUTO(snug_policy_clear) struct snug_policy policy = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *config_doc = NULL;
	SNUG_AUTO(snug_subject_clear) struct snug_subject subject = { 0 };
	struct snug_decision decision;
	struct snug_error err;
	struct snug_state state;
	struct snug_spec spec;

	if (snug_state_read(doc, &state, &err) < 0)
		return REFUSED;
	if (parts->len[2] &&
	    snug_policy_parse(parts->text[2], parts->len[2], "p", &policy, &err) < 0)
		return REFUSED;
	if (strcmp(state.bundle, bundle) != 0 ||
	    snug_json_parse(&config_doc, parts->text[1], parts->len[1], "c", &err) < 0 ||
	    snug_spec_read(config_doc, &spec, &err) < 0 ||
	    snug_subject_init(&spec, bundle, &subject, &err) < 0)
		return ANYTHING;
	if (!parts->len[2])
		return state.annotations && !snug_json_first(state.annotations) &&
				       snug_label_is_none(spec.apparmor)
			       ? LET_THROUGH
			       : ANYTHING;
	snug_policy_decide(&policy, &subject, &decision);
	return decision.verdict.mode == SNUG_MODE_ENFORCE && decision.profile_count &&
			       decision.verdict.refuse_on_error
		       ? REFUSED
		       : ANYTHING;
}

/* How many lines; each of them is printable. */
static unsigned count_failures(void)
{
	FILE *file = fopen(failures, "re");
	unsigned lines = 0;
	int c, last = '\n';

	while (file && (c = fgetc(file)) != EOF) {
		CHECK(c == '\n' || (c >= ' ' && c != 0x7f));
		lines += c == '\n';
		last = c;
	}
	CHECK(last == '\n');
	if (file)
		(void)fclose(file);
	return lines;
}

static int run(const struct snug_hook_options *options, const struct snug_buf *state,
	       struct snug_error *err)
{
	const struct snug_store store = { .root = root };
	const struct snug_hooked context = { .store = &store,
					     .load = no_load,
					     .load_profile = no_named,
					     .settle = no_load,
					     .plan = no_named,
					     .load_guard = no_load,
					     .judge = no_judge,
					     .trace = no_trace };
	int fd = memfd_create("state", MFD_CLOEXEC), result;
	char note[1024];

	if (fd < 0 || write(fd, snug_buf_text(state), state->len) != (ssize_t)state->len ||
	    lseek(fd, 0, SEEK_SET) < 0)
		abort();
	result = snug_hook_stage(&context, options, fd, note, err);
	CHECK(result == 0 || result == -1);
	CHECK(strlen(note) < sizeof(note));
	close(fd);
	return result;
}

static void check_stage(const struct snug_hook_options *options, const struct snug_buf *state,
			const struct fuzz_parts *parts)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err = { 0 }, told;
	enum wanted wanted = REFUSED;
	bool ends = strcmp(options->stage, "poststop") == 0;
	unsigned lines;
	int result;

	asked = false;
	(void)unlink(failures);
	result = run(options, state, &err);
	lines = count_failures();
	CHECK(lines <= 4);
	told = err;
	CHECK(result == 0 || (err.code >= SNUG_NO && err.code <= SNUG_SYSTEM && err.what[0]));
	if (snug_json_parse(&doc, snug_buf_text(state), state->len, "s", &err) < 0) {
		CHECK(result < 0 && lines == 0);
		return;
	}
	wanted = judge(doc, parts);
	if (options->boundary.profile)
		wanted = REFUSED;
	if (ends)
		return;
	if (wanted == REFUSED)
		CHECK(result < 0);
	if (wanted == LET_THROUGH && result < 0)
		(void)fprintf(stderr, "refused: %s: %s\n", told.path, told.what);
	if (wanted == LET_THROUGH)
		CHECK(result == 0 && lines == 0 && !asked);
}

/* BUNDLE → the folder. */
static void put_state(const char *text, size_t len, struct snug_buf *ret)
{
	static const char word[] = "BUNDLE";
	const char *end = text + len, *found;

	while ((found = memmem(text, (size_t)(end - text), word, sizeof(word) - 1))) {
		snug_buf_add(ret, text, (size_t)(found - text));
		snug_buf_adds(ret, bundle);
		text = found + sizeof(word) - 1;
	}
	snug_buf_add(ret, text, (size_t)(end - text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_buf_clear) struct snug_buf state = { 0 };
	struct snug_hook_options options = { .stage = "prestart" };
	char traces[160];

	if (!root[0])
		make_place();
	fuzz_split(data, size, &parts);
	if (!parts.len[0])
		return 0;
	if (strchr("cC", parts.text[0][0]))
		options.stage = "createRuntime";
	else if (parts.text[0][0] == 'e')
		options.stage = "poststop";
	if (strchr("PC", parts.text[0][0]))
		options.boundary.profile = "web";
	(void)snprintf(traces, sizeof(traces), "%s/traces", root);
	options.traces = parts.len[0] & 1 ? traces : NULL;
	put_state(parts.text[0] + 1, parts.len[0] - 1, &state);
	write_file(config, parts.text[1], parts.len[1]);
	if (parts.len[2])
		write_file(policy_path, parts.text[2], parts.len[2]);
	else
		(void)unlink(policy_path);
	check_stage(&options, &state, &parts);
	return 0;
}
