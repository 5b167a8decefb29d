/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/hardened.h"
#include "cli/policy.h"
#include "flow/apply.h"
#include "flow/wrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A container, what was decided, and what would become of it. */
struct tested {
	char *path;   /* of its config.json, as it was named */
	char *config; /* the same, absolute and without symlinks */
	char *bundle;
	struct snug_wrapped wrapped;
	struct snug_applied applied;
	bool changed;		   /* config.json is to be another than it is */
	struct snug_error refused; /* code SNUG_DONE: it is not */
};

static void tested_clear(struct tested *tested)
{
	snug_applied_clear(&tested->applied);
	snug_wrapped_clear(&tested->wrapped);
	snug_freep(&tested->path);
	snug_freep(&tested->config);
	snug_freep(&tested->bundle);
}

/* The folder that a runtime would be given. */
static int find_bundle(const char *word, struct tested *ret, struct snug_error *err)
{
	mode_t mode;

	if (snug_flow_find_config(word, &ret->path, &mode, err) < 0)
		return -1;
	ret->config = realpath(ret->path, NULL);
	if (!ret->config)
		return snug_fail_errno(err, errno, "%s", ret->path);
	ret->bundle = strdup(ret->config);
	if (!ret->bundle)
		return snug_fail_memory(err);
	*(strrchr(ret->bundle, '/') == ret->bundle ? ret->bundle + 1 : strrchr(ret->bundle, '/')) =
		'\0';
	return 0;
}

static bool same(const struct snug_buf *a, const struct snug_buf *b)
{
	return a->len == b->len && memcmp(snug_buf_text(a), snug_buf_text(b), a->len) == 0;
}

static int apply(const struct snug_store *store, const enum snug_runtime *runtime,
		 struct tested *tested, struct snug_error *err)
{
	const struct snug_apply_request request = { .store = store,
						    .tools = &snug_harden_tools,
						    .policy = &tested->wrapped.policy,
						    .decided = &tested->wrapped.decided,
						    .config = snug_wrapped_from(&tested->wrapped),
						    .path = tested->path,
						    .has_runtime = runtime != NULL,
						    .runtime = runtime ? *runtime : 0,
						    .dry_run = true };
	struct snug_error refused;

	snug_applied_clear(&tested->applied);
	tested->refused.code = SNUG_DONE;
	if (snug_flow_apply(&request, &tested->applied, &refused) == 0) {
		tested->changed = !same(&tested->applied.text, &tested->wrapped.text);
		return 0;
	}
	if (refused.code == SNUG_SYSTEM) {
		*err = refused;
		return -1;
	}
	tested->refused = refused;
	tested->changed = false;
	return 0;
}

/* What snug-runtime wrote is for one runtime, which is not known; all else for both. */
static int apply_any(const struct snug_store *store, struct tested *tested, struct snug_error *err)
{
	static const enum snug_runtime runtimes[] = { SNUG_RUNTIME_RUNC, SNUG_RUNTIME_CRUN };

	for (size_t i = 0; tested->wrapped.has_note && i < 2; i++) {
		if (apply(store, &runtimes[i], tested, err) < 0)
			return -1;
		if (!tested->changed && !tested->refused.code)
			return 0;
	}
	return apply(store, NULL, tested, err);
}

static int test(const struct snug_store *store, const struct snug_policy_arguments *arguments,
		struct tested *ret, struct snug_error *err)
{
	struct snug_wrap wrap = { .store = store,
				  .tools = &snug_harden_tools,
				  .policy = arguments->policy,
				  .looks_only = true,
				  .runtime = arguments->runtime };

	if (find_bundle(arguments->words[1], ret, err) < 0)
		return -1;
	wrap.bundle = ret->bundle;
	wrap.config = ret->config;
	if (snug_wrap_look(&wrap, &ret->wrapped, err) < 0)
		return -1;
	return arguments->has_runtime ? apply(store, &arguments->runtime, ret, err)
				      : apply_any(store, ret, err);
}

/* ---- text ---- */

static const char *const apparmor_words[] = { "required", "if present", "left out" };

/* Which rules do not match, and why, up to the one that decides. */
static void print_rules(const struct tested *tested)
{
	const struct snug_policy *policy = &tested->wrapped.policy.policy;
	int decides = tested->wrapped.decided.decision.rule;

	for (size_t i = 0; i < policy->rules.count; i++) {
		const struct snug_policy_rule *rule = &policy->rules.at[i];
		char why[512];

		if ((int)i == decides)
			break;
		(void)snug_policy_rule_matches(rule, &tested->wrapped.decided.subject, why);
		printf("  rule %zu%s%s%s does not match: %s\n", i + 1, rule->name ? " ('" : "",
		       rule->name ? rule->name : "", rule->name ? "')" : "", why);
	}
	if (decides >= 0)
		printf("  rule %d matches: %s\n", decides + 1,
		       tested->wrapped.decided.decision.why);
}

static void print_verdict(const struct snug_decision *decision)
{
	const struct snug_verdict *verdict = &decision->verdict;

	if (decision->ignored[0])
		printf("  does not count: %s\n", decision->ignored);
	if (!decision->profile_count)
		return;
	printf("  on an error: %s; a weaker config at the hook: %s; AppArmor: %s\n",
	       verdict->refuse_on_error ? "refuse" : "go on",
	       verdict->refuse_when_weaker ? "refuse" : "confine",
	       apparmor_words[verdict->apparmor]);
}

static void print_applied(const struct tested *tested)
{
	const struct snug_applied *applied = &tested->applied;
	char line[2048];

	if (tested->refused.code) {
		snug_error_line(&tested->refused, line, sizeof(line));
		printf("would be refused: %s\n", line);
		return;
	}
	for (unsigned i = 0; i < applied->hardened_count; i++) {
		printf("profile %s (%s)%s\n", applied->hardened[i].name,
		       applied->hardened[i].profile,
		       applied->hardened[i].changed ? ":" : ": within it already");
		snug_print_hardened(stdout, &applied->hardened[i]);
	}
	if (applied->failure[0])
		printf("would go on without: %s\n", applied->failure);
	printf("%s: %s\n", tested->path,
	       !tested->changed ? "would stay as it is"
	       : same(&applied->text, snug_wrapped_from(&tested->wrapped))
		       ? "would be what it was before snug-runtime again"
		       : "would be changed");
}

static void print_text(const struct tested *tested)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };

	snug_decided_words(&tested->wrapped.policy, &tested->wrapped.decided.decision, &words);
	printf("%s\n", snug_buf_text(&words));
	if (tested->wrapped.has_note)
		printf("  asked of config.json.snug-orig: config.json is what snug-runtime made of "
		       "it\n");
	print_rules(tested);
	print_verdict(&tested->wrapped.decided.decision);
	print_applied(tested);
}

/* ---- JSON ---- */

static void put_optional(struct snug_json_writer *w, const char *key, const char *text)
{
	snug_json_put_key(w, key);
	if (text)
		snug_json_put_string(w, text);
	else
		snug_json_put_null(w);
}

static void put_rules(struct snug_json_writer *w, const struct tested *tested)
{
	const struct snug_policy *policy = &tested->wrapped.policy.policy;

	snug_json_put_key(w, "rules");
	snug_json_open(w, '[');
	for (size_t i = 0; i < policy->rules.count; i++) {
		char why[512];

		snug_json_open(w, '{');
		snug_json_pair_u64(w, "rule", i + 1);
		if (policy->rules.at[i].name)
			snug_json_pair_string(w, "name", policy->rules.at[i].name);
		snug_json_pair_bool(w, "matches",
				    snug_policy_rule_matches(&policy->rules.at[i],
							     &tested->wrapped.decided.subject,
							     why));
		snug_json_pair_string(w, "why", why);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_decision(struct snug_json_writer *w, const struct snug_decision *decision)
{
	static const char *const apparmor[] = { "required", "ifPresent", "off" };
	const struct snug_verdict *verdict = &decision->verdict;

	snug_json_put_key(w, "decidedBy");
	if (decision->rule >= 0)
		snug_json_put_u64(w, (uint64_t)decision->rule + 1);
	else if (decision->rule == SNUG_DECIDED_DEFAULT)
		snug_json_put_string(w, "default");
	else
		snug_json_put_null(w);
	snug_json_pair_string(w, "why", decision->why);
	snug_json_pair_string(w, "mode", snug_mode_name(verdict->mode));
	snug_json_put_key(w, "profiles");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < decision->profile_count; i++)
		snug_json_put_string(w, decision->profiles[i]);
	snug_json_close(w);
	put_optional(w, "learn", decision->learn);
	put_optional(w, "ignored", decision->ignored[0] ? decision->ignored : NULL);
	snug_json_pair_string(w, "onError", verdict->refuse_on_error ? "refuse" : "continue");
	snug_json_pair_string(w, "whenWeaker", verdict->refuse_when_weaker ? "refuse" : "confine");
	snug_json_pair_bool(w, "allowExec", verdict->allow_exec);
	snug_json_pair_bool(w, "acceptIncomplete", verdict->accept_incomplete);
	snug_json_pair_string(w, "apparmor", apparmor[verdict->apparmor]);
}

static void put_applied(struct snug_json_writer *w, const struct tested *tested)
{
	const struct snug_applied *applied = &tested->applied;
	char line[2048];

	snug_error_line(&tested->refused, line, sizeof(line));
	put_optional(w, "refused", tested->refused.code ? line : NULL);
	put_optional(w, "failure", applied->failure[0] ? applied->failure : NULL);
	snug_json_pair_bool(w, "changed", tested->changed);
	snug_json_put_key(w, "applied");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < applied->hardened_count; i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "profile", applied->hardened[i].name);
		snug_json_pair_string(w, "profileFile", applied->hardened[i].profile);
		snug_put_hardened(w, &applied->hardened[i]);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static int print_json(const struct tested *tested, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	put_optional(&w, "policy",
		     tested->wrapped.policy.there ? tested->wrapped.policy.path : NULL);
	snug_json_pair_string(&w, "config", tested->path);
	snug_json_pair_bool(&w, "ofOriginal", tested->wrapped.has_note);
	put_decision(&w, &tested->wrapped.decided.decision);
	put_rules(&w, tested);
	put_applied(&w, tested);
	snug_json_close(&w);
	return snug_cli_print_json(&text, err);
}

int snug_policy_run_test(const struct snug_store *store,
			 const struct snug_policy_arguments *arguments, struct snug_error *err)
{
	SNUG_AUTO(tested_clear) struct tested tested = { 0 };

	if (test(store, arguments, &tested, err) < 0)
		return -1;
	if (arguments->format == SNUG_FORMAT_TEXT)
		print_text(&tested);
	else if (print_json(&tested, err) < 0)
		return -1;
	return tested.refused.code ? snug_fail(err, SNUG_NO, "%s", "") : 0;
}
