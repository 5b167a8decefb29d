/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/gate.h"

#include "base/cleanup.h"
#include "flow/gate_part.h"
#include "flow/inputs.h"
#include "flow/run_folder.h"
#include "store/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER		 "gate"
#define ANSWER_BYTES_MAX 256
#define TRIES		 16
#define OTHERS		 "others can change it"

void snug_gate_clear(struct snug_gated *gate)
{
	snug_decided_clear(&gate->decided);
	snug_policy_file_clear(&gate->policy);
	snug_buf_clear(&gate->config);
}

int snug_gate_decide(const struct snug_store *store, const char *bundle, struct snug_gated *ret,
		     struct snug_error *err)
{
	*ret = (struct snug_gated){ .weaker = "" };
	if (snug_policy_file_load(store, &ret->policy, err) < 0)
		return -1;
	if (!ret->policy.there)
		return 1;
	snprintf(ret->path, sizeof(ret->path), "%s/config.json", bundle);
	return snug_file_read(ret->path, SNUG_JSON_BYTES_MAX, &ret->config, err) < 0
		       ? -1
		       : snug_decide(&ret->policy, &ret->config, ret->path, bundle, &ret->decided,
				     err);
}

/* ---- the answer ---- */

static void add_node(const struct snug_json_node *node, struct snug_buf *to)
{
	size_t len = 0;
	const char *text = node ? snug_json_source(node, &len) : "";

	snug_buf_addf(to, "%zu ", len);
	snug_buf_add(to, text, len);
}

/* All of a config that hardening looks at. */
static void add_config(const struct snug_spec *spec, struct snug_buf *to)
{
	const struct snug_json_node *nodes[] = {
		spec->seccomp,
		spec->capabilities,
		spec->user,
		snug_json_member(spec->process, "noNewPrivileges"),
		snug_json_member(spec->process, "apparmorProfile"),
		snug_json_member(spec->annotations, "run.oci.seccomp_bpf_data"),
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		add_node(nodes[i], to);
	for (size_t i = 0; i < SNUG_PATHS_MAX; i++)
		add_node(spec->paths[i], to);
	for (size_t i = 0; snug_spec_handler_name(i); i++)
		add_node(snug_json_member(spec->annotations, snug_spec_handler_name(i)), to);
}

int snug_gate_begin_inputs(const struct snug_store *store, const struct snug_decided *decided,
			   struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_verdict *verdict = &decided->decision.verdict;

	if (snug_inputs_add_host(store, ret, err) < 0)
		return -1;
	snug_buf_addf(ret, "%d %d\n", verdict->accept_incomplete, (int)verdict->apparmor);
	return 0;
}

int snug_gate_answer_path(const struct snug_store *store, const struct snug_decided *decided,
			  struct snug_buf *inputs, char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int fd = snug_run_subfolder(store->root, FOLDER, &folder, err);
	char digest[SNUG_DIGEST_SIZE];

	*ret = NULL;
	add_config(&decided->spec, inputs);
	if (fd < 0 || snug_buf_check(inputs, err) < 0)
		return -1;
	snug_digest(snug_buf_text(inputs), inputs->len, digest);
	if (asprintf(ret, "%s/%s", folder, digest) >= 0)
		return 0;
	*ret = NULL;
	(void)snug_fail_memory(err);
	return -1;
}

/* By the profiles as they are now. */
static int find_answer(const struct snug_store *store, const struct snug_decided *decided,
		       char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf inputs = { 0 };
	const struct snug_decision *decision = &decided->decision;

	if (snug_gate_begin_inputs(store, decided, &inputs, err) < 0)
		return -1;
	for (unsigned i = 0; i < decision->profile_count; i++)
		if (snug_inputs_add_profile(store, decision->profiles[i], &inputs, err) < 0)
			return -1;
	return snug_gate_answer_path(store, decided, &inputs, ret, err);
}

/* "within\n", "weaker NAME\n", or, where the profile's paths are open, "open NAME\n". */
static bool read_answer(const char *path, char ret_weaker[SNUG_NAME_MAX + 1], bool *ret_open)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error ignored;
	char *line;

	if (access(path, F_OK) < 0 || snug_file_read(path, ANSWER_BYTES_MAX, &text, &ignored) < 0)
		return false;
	line = text.data ? text.data : (char *)"";
	if (!text.len || line[text.len - 1] != '\n')
		return false;
	line[text.len - 1] = '\0';
	if (strcmp(line, "within") == 0)
		return true;
	*ret_open = strncmp(line, SNUG_GATE_OPEN, strlen(SNUG_GATE_OPEN)) == 0;
	if (!*ret_open && strncmp(line, SNUG_GATE_WEAKER, strlen(SNUG_GATE_WEAKER)) != 0)
		return false;
	snprintf(ret_weaker, SNUG_NAME_MAX + 1, "%s", strchr(line, ' ') + 1);
	return ret_weaker[0] != '\0';
}

bool snug_gate_knows_within(const struct snug_store *store, const struct snug_decided *decided)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	char weaker[SNUG_NAME_MAX + 1] = "";
	struct snug_error ignored;
	bool open;

	return decided->decision.verdict.mode == SNUG_MODE_ENFORCE &&
	       decided->decision.profile_count &&
	       find_answer(store, decided, &path, &ignored) == 0 &&
	       read_answer(path, weaker, &open) && !weaker[0];
}

/* 1: there is no answer to this: policy or profile have been edited meanwhile. */
static int judge(const struct snug_hooked *context, const struct snug_state *state,
		 struct snug_gated *gate, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (find_answer(context->store, &gate->decided, &path, err) < 0)
		return -1;
	if (read_answer(path, gate->weaker, &gate->open_paths))
		return 0;
	if (context->judge(context, state->bundle, err) < 0)
		return -1;
	return read_answer(path, gate->weaker, &gate->open_paths) ? 0 : 1;
}

/* ---- what follows ---- */

static int refuse(const struct snug_gated *gate, const char *why, const char *remedy,
		  struct snug_error *err)
{
	snug_fail(err, SNUG_NO, "%s: %s", gate->path, why);
	return snug_remedy(err, "%s", remedy);
}

/* paths_are_kept: by the config, which the runtime has read as it is. */
static int confine(struct snug_gated *gate, const char *why, bool paths_are_kept,
		   struct snug_error *err)
{
	const struct snug_decision *decision = &gate->decided.decision;
	const struct snug_verdict *verdict = &decision->verdict;

	if (verdict->refuse_when_weaker)
		return refuse(gate, why,
			      "have it hardened before the runtime reads it (precreate, "
			      "snug-runtime, snug harden), or let whenWeaker be \"confine\"",
			      err);
	if (decision->profile_count > 1)
		return refuse(gate, "it is weaker than a profile, and two are wanted",
			      "at the exec boundary there is one: have the config hardened before, "
			      "or leave the container's own io.snug.profile out",
			      err);
	gate->boundary = (struct snug_boundary_request){
		.profile = decision->profiles[0],
		.accept_incomplete = verdict->accept_incomplete,
		.paths_are_kept = paths_are_kept,
		.without_apparmor = verdict->apparmor == SNUG_APPARMOR_OFF,
		.apparmor_if_present = verdict->apparmor == SNUG_APPARMOR_IF_PRESENT,
		.allow_exec = verdict->allow_exec,
	};
	return 0;
}

/* A config that others can change says nothing of what the runtime has read. */
static bool is_safe(const struct snug_gated *gate)
{
	SNUG_AUTO(snug_freep) char *real = realpath(gate->path, NULL);
	struct snug_error ignored;

	return real && snug_store_check_links(gate->path, &ignored) == 0 &&
	       snug_store_check_bundle(real, &ignored) == 0;
}

/* 1: as judge(). */
static int look_once(const struct snug_hooked *context, const struct snug_state *state,
		     struct snug_gated *ret, struct snug_error *err)
{
	const struct snug_decision *decision = &ret->decided.decision;
	int found = snug_gate_decide(context->store, state->bundle, ret, err);
	char why[SNUG_NAME_MAX + 64];
	int judged;

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (decision->verdict.mode != SNUG_MODE_ENFORCE || !decision->profile_count)
		return snug_policy_may_enforce(&ret->policy.policy) && !is_safe(ret)
			       ? refuse(ret, OTHERS ", so nobody can tell which rule it is under",
					"let root alone write the bundle and each folder above",
					err)
			       : 0;
	if (!is_safe(ret))
		return confine(ret, OTHERS, false, err);
	judged = judge(context, state, ret, err);
	if (judged || !ret->weaker[0])
		return judged;
	snprintf(why, sizeof(why), "it is weaker than profile %s", ret->weaker);
	return confine(ret, why, !ret->open_paths, err);
}

int snug_gate_look(const struct snug_hooked *context, const struct snug_state *state,
		   struct snug_gated *ret, struct snug_error *err)
{
	int result = look_once(context, state, ret, err);

	for (unsigned i = 1; result == 1 && i < TRIES; i++) {
		snug_gate_clear(ret);
		result = look_once(context, state, ret, err);
	}
	if (result == 1)
		return snug_fail(err, SNUG_SYSTEM, "policy or profile are edited again and again");
	return result;
}
