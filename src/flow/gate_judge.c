/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/gate.h"

#include "base/cleanup.h"
#include "flow/gate_part.h"
#include "flow/harden.h"
#include "flow/prover.h"
#include "store/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWERS_MAX 1024u /* whoever starts containers can ask for new ones without end */

/* Would hardening take anything away? Hooks that only load and learn are no part of that. */
static int is_weaker(const struct snug_store *store, const struct snug_gated *gate,
		     const char *name, bool *ret, struct snug_error *err)
{
	const struct snug_verdict *verdict = &gate->decided.decision.verdict;
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	const struct snug_harden_how how = {
		.store = store,
		.tools = &snug_harden_tools,
		.dry_run = true,
		.no_hook = true,
		.accept_incomplete = verdict->accept_incomplete,
		.apparmor = verdict->apparmor,
	};

	if (snug_flow_profile(store, name, &profile, &path, err) < 0 ||
	    snug_flow_check_complete(&profile, path, verdict->accept_incomplete, err) < 0 ||
	    snug_flow_harden_text(&how, &profile, &gate->config, gate->path, &result, err) < 0)
		return -1;
	*ret = result.hardened.changes.count > 0;
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

int snug_gate_judge(const struct snug_hooked *context, const char *bundle, struct snug_error *err)
{
	SNUG_AUTO(snug_gate_clear) struct snug_gated gate = { 0 };
	const struct snug_decision *decision = &gate.decided.decision;
	SNUG_AUTO(snug_buf_clear) struct snug_buf answer = { 0 }, prover = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	bool weaker = false;
	unsigned i = 0;

	/* The answer is this one's. */
	snug_prover_here(&snug_harden_tools, &prover);
	snug_prover_keep(context->store, &prover);

	if (snug_gate_decide(context->store, bundle, &gate, err) != 0)
		return gate.policy.there ? -1 : snug_fail(err, SNUG_INPUT, "there is no policy");
	for (; i < decision->profile_count && !weaker; i++)
		if (is_weaker(context->store, &gate, decision->profiles[i], &weaker, err) < 0)
			return -1;
	if (weaker)
		snug_buf_addf(&answer, "weaker %s\n", decision->profiles[i - 1]);
	else
		snug_buf_adds(&answer, "within\n");
	if (snug_buf_check(&answer, err) < 0 ||
	    snug_gate_answer_path(context->store, &gate.decided, &path, err) < 0)
		return -1;
	make_room(path);
	return snug_file_write(path, 0600, answer.data, answer.len, err);
}
