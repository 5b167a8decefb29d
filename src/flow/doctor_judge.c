/* SPDX-License-Identifier: Apache-2.0 */
/* A container ran: is it confined as the policy promises? */
#include "flow/doctor_part.h"

#include "apply/apparmor.h"
#include "base/cleanup.h"
#include "flow/apply.h"
#include "model/probe.h"

#include <stdio.h>
#include <string.h>

/* All that is known of the container. */
struct judged {
	const struct snug_store *store;
	const struct snug_trial *trial;
	struct snug_policy_file policy;
	struct snug_decided decided;
	struct snug_probe probe;
};

static void judged_clear(struct judged *judged)
{
	snug_decided_clear(&judged->decided);
	snug_policy_file_clear(&judged->policy);
}

static const char *name_of(const struct judged *judged)
{
	return snug_engine_name(judged->trial->engine);
}

static bool has_apparmor(const struct snug_verdict *verdict)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };
	struct snug_error ignored;

	return verdict->apparmor == SNUG_APPARMOR_REQUIRED ||
	       (verdict->apparmor == SNUG_APPARMOR_IF_PRESENT &&
		snug_aa_kernel_open(&kernel, &ignored) == 0);
}

/* The kernel's word beside each profile of the decision. */
static int ask_kernel(const struct judged *judged, struct snug_buf *why, struct snug_error *err)
{
	const struct snug_decision *decision = &judged->decided.decision;

	for (unsigned i = 0; i < decision->profile_count; i++) {
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
		SNUG_AUTO(snug_freep) char *path = NULL;

		if (snug_flow_profile(judged->store, decision->profiles[i], &profile, &path, err) <
		    0)
			return -1;
		(void)snug_probe_is_within(&judged->probe, &profile,
					   has_apparmor(&decision->verdict), why);
	}
	return snug_buf_check(why, err);
}

/* What would still be done to the config that the runtime read: nothing, if it was done. A seccomp
 * filter there may be the engine's own; only the config tells whose it is. */
static int ask_config(const struct judged *judged, struct snug_buf *why, struct snug_error *err)
{
	SNUG_AUTO(snug_applied_clear) struct snug_applied applied = { 0 };
	const struct snug_apply_request request = {
		.store = judged->store,
		.tools = &snug_harden_tools,
		.policy = &judged->policy,
		.decided = &judged->decided,
		.config = &judged->trial->config,
		.path = judged->trial->config_path,
		.dry_run = true,
	};

	if (snug_flow_apply(&request, &applied, err) < 0)
		return -1;
	if (!applied.changed)
		return 0;
	snug_buf_adds(why, "its config.json is as if snug had not seen it");
	for (unsigned i = 0; i < applied.hardened_count; i++) {
		const struct snug_changes *changes = &applied.hardened[i].hardened.changes;

		if (changes->count)
			snug_buf_addf(why, " (%s)", changes->at[0].path);
	}
	return snug_buf_check(why, err);
}

/* Confined at the exec boundary, where the config does not show it? There is one profile there. */
static bool was_confined_late(const struct judged *judged)
{
	const struct snug_decision *decision = &judged->decided.decision;

	return !decision->verdict.refuse_when_weaker && decision->profile_count == 1 &&
	       strcmp(judged->trial->boundary, decision->profiles[0]) == 0;
}

/* Where nobody can tell whether it was, that is said, and it is not believed. */
static int add_unlisted(const struct judged *judged, struct snug_buf *config,
			struct snug_error *err)
{
	if (judged->trial->unlisted.what[0])
		snug_buf_addf(config,
			      "; whether it was confined at the exec boundary is not known: %s",
			      judged->trial->unlisted.what);
	return snug_buf_check(config, err);
}

static int say_broken(const struct judged *judged, const char *words, const struct snug_buf *config,
		      const struct snug_buf *kernel, struct snug_checks *ret,
		      struct snug_error *err)
{
	if (snug_doctor_add(ret, err, SNUG_CHECK_BROKEN, name_of(judged),
			    "a container ran, and not as promised (%s): %s%s%s", words,
			    snug_buf_text(config), config->len && kernel->len ? ", " : "",
			    snug_buf_text(kernel)) < 0)
		return -1;
	snug_doctor_remedy(ret, "is snug asked at all? snug install %s; then see snug status",
			   name_of(judged));
	return 0;
}

/* Enforce, audit and learn alike: done, or not. */
static int judge_promise(const struct judged *judged, const char *words, struct snug_checks *ret,
			 struct snug_error *err)
{
	bool enforced = judged->decided.decision.verdict.mode == SNUG_MODE_ENFORCE;
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 }, kernel = { 0 };
	const struct snug_probe *probe = &judged->probe;
	bool late;

	if (ask_config(judged, &config, err) < 0 ||
	    (enforced && ask_kernel(judged, &kernel, err) < 0))
		return -1;
	late = config.len && enforced && was_confined_late(judged);
	if (config.len && enforced && !late && add_unlisted(judged, &config, err) < 0)
		return -1;
	if (kernel.len || (config.len && !late))
		return say_broken(judged, words, &config, &kernel, ret, err);
	return snug_doctor_add(ret, err, SNUG_CHECK_OK, name_of(judged),
			       "a container ran as promised%s (%s); it says Seccomp: %u, "
			       "NoNewPrivs: %d%s%s",
			       late ? ", confined at the exec boundary" : "", words, probe->seccomp,
			       probe->no_new_privs, probe->label[0] ? ", AppArmor: " : "",
			       probe->label);
}

static int decide(const struct judged *judged, struct snug_checks *ret, struct snug_error *err)
{
	const struct snug_decision *decision = &judged->decided.decision;
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };

	snug_decided_words(&judged->policy, decision, &words);
	if (snug_buf_check(&words, err) < 0)
		return -1;
	if (!snug_decision_is_off(decision))
		return judge_promise(judged, snug_buf_text(&words), ret, err);
	return snug_doctor_add(ret, err, SNUG_CHECK_OK, name_of(judged),
			       "a container ran; it is promised nothing (%s)",
			       snug_buf_text(&words));
}

static int look(struct judged *judged, struct snug_error *err)
{
	const struct snug_trial *trial = judged->trial;

	if (snug_probe_parse(&trial->said, &judged->probe, err) < 0)
		return snug_remedy(err, "a profile that lets it read nothing of /proc arrived, or "
					"none of the container's output did");
	if (!trial->config.len) {
		snug_fail(err, SNUG_HOST,
			  "a container ran, and its config.json is not to be found");
		return snug_remedy(err, "look at a running container: snug status");
	}
	if (snug_policy_file_load(judged->store, &judged->policy, err) < 0)
		return -1;
	return snug_decide(&judged->policy, &trial->config, trial->config_path, NULL,
			   &judged->decided, err);
}

int snug_doctor_judge(const struct snug_store *store, const struct snug_trial *trial,
		      struct snug_checks *ret, struct snug_error *err)
{
	SNUG_AUTO(judged_clear) struct judged judged = { .store = store, .trial = trial };
	struct snug_error why;

	if (look(&judged, &why) == 0 && decide(&judged, ret, &why) == 0)
		return 0;
	return snug_doctor_add_error(ret, err, SNUG_CHECK_BROKEN, name_of(&judged), &why);
}
