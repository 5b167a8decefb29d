/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/gate.h"

#include "base/cleanup.h"
#include "flow/gate_part.h"
#include "flow/harden.h"
#include "flow/inputs.h"
#include "flow/prover.h"
#include "store/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWERS_MAX 1024u /* whoever starts containers can ask for new ones without end */

/* A profile and its text, which the answer hangs on. */
struct text {
	char *path;
	struct snug_buf text;
};

static void text_clear(struct text *text)
{
	snug_freep(&text->path);
	snug_buf_clear(&text->text);
}

static bool is_of_paths(const struct snug_changes *changes)
{
	char place[64];

	for (size_t i = 0; i < changes->count; i++)
		for (enum snug_path_kind kind = 0; kind < SNUG_PATHS_MAX; kind++) {
			snprintf(place, sizeof(place), "$.linux.%s", snug_path_kind_name(kind));
			if (strcmp(changes->at[i].path, place) == 0)
				return true;
		}
	return false;
}

/* Would hardening take anything away? Hooks that only load and learn are no part of that. *ret: how
 * the answer begins; NULL: it would not. */
static int is_weaker(const struct snug_store *store, const struct snug_gated *gate,
		     const struct text *text, const char **ret, struct snug_error *err)
{
	const struct snug_verdict *verdict = &gate->decided.decision.verdict;
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	const struct snug_harden_how how = {
		.store = store,
		.tools = &snug_harden_tools,
		.dry_run = true,
		.no_hook = true,
		.accept_incomplete = verdict->accept_incomplete,
		.apparmor = verdict->apparmor,
	};

	if (snug_profile_parse(snug_buf_text(&text->text), text->text.len, text->path, &profile,
			       err) < 0 ||
	    snug_flow_check_complete(&profile, text->path, verdict->accept_incomplete, err) < 0 ||
	    snug_flow_harden_text(&how, &profile, &gate->config, gate->path, &result, err) < 0)
		return -1;
	if (result.hardened.changes.count)
		*ret = is_of_paths(&result.hardened.changes) ? SNUG_GATE_OPEN : SNUG_GATE_WEAKER;
	return 0;
}

static void make_room(const char *path)
{
	SNUG_AUTO(snug_freep) char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	unsigned count = 0;

	while (dir && (entry = readdir(dir)))
		count++;
	if (dir && count > ANSWERS_MAX) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* ret: the answer, of the first profile that it is not within. ret_inputs: what was read. */
static int make_answer(const struct snug_store *store, const struct snug_gated *gate,
		       struct snug_buf *ret_inputs, struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_decision *decision = &gate->decided.decision;

	for (unsigned i = 0; i < decision->profile_count; i++) {
		SNUG_AUTO(text_clear) struct text text = { 0 };
		const char *name = decision->profiles[i];
		const char *weaker = NULL;

		if (snug_store_read_profile(store, name, &text.text, &text.path, err) < 0)
			return -1;
		snug_inputs_add_text(name, &text.text, ret_inputs);
		if (!ret->len && is_weaker(store, gate, &text, &weaker, err) < 0)
			return -1;
		if (weaker)
			snug_buf_addf(ret, "%s%s\n", weaker, name);
	}
	if (!ret->len)
		snug_buf_adds(ret, "within\n");
	return snug_buf_check(ret, err);
}

int snug_gate_judge(const struct snug_hooked *context, const char *bundle, struct snug_error *err)
{
	SNUG_AUTO(snug_gate_clear) struct snug_gated gate = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf answer = { 0 }, prover = { 0 }, inputs = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	/* The answer is this one's. */
	snug_prover_here(&snug_harden_tools, &prover);
	snug_prover_keep(context->store, &prover);

	if (snug_gate_decide(context->store, bundle, &gate, err) != 0)
		return gate.policy.there ? -1 : snug_fail(err, SNUG_INPUT, "there is no policy");
	if (snug_gate_begin_inputs(context->store, &gate.decided, &inputs, err) < 0 ||
	    make_answer(context->store, &gate, &inputs, &answer, err) < 0 ||
	    snug_gate_answer_path(context->store, &gate.decided, &inputs, &path, err) < 0)
		return -1;
	make_room(path);
	return snug_file_write(path, 0600, answer.data, answer.len, err);
}
