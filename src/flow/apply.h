/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was decided for a container (flow/decide.h), done to its config.json, in memory: the same
 * for every entry point that can change a config before a runtime reads it.
 *
 * - enforce: hardened by each profile of the decision, one after the other: the meet of all.
 * - audit: the same with `snug harden --audit`.
 * - learn, beside either or alone: the annotation io.snug.learn and snug-hook at createRuntime and
 *   poststop, which record.
 */
#pragma once

#include "flow/decide.h"
#include "flow/harden.h"

struct snug_apply_request {
	const struct snug_store *store;
	const struct snug_policy_file *policy;
	const struct snug_decided *decided;
	const struct snug_buf *config;	       /* the text that was decided on */
	const char *path;		       /* names it in errors */
	const struct snug_harden_tools *tools; /* NULL: by what is known already */
	bool has_runtime; /* it is for one runtime alone; else for runc and crun */
	enum snug_runtime runtime;
	bool dry_run; /* nothing goes to the store */
};

struct snug_applied {
	struct snug_buf text; /* the config as it is to be; as it was where nothing is to be done */
	bool changed;
	struct snug_harden_result hardened[2]; /* by each of the decision's profiles */
	unsigned hardened_count;
	struct snug_buf profiles; /* those, with the texts that were gone by: flow/inputs.h */
	char failure[1024]; /* what could not be done, where the container starts nevertheless:
			       loud, and to be noted (snug_hooked_note_failure); "" if nothing */
};

/*
 * An error: the container must not start (enforce, or onError says so). Where it may, what failed
 * is left out whole: text holds what could be done, and failure says the rest. A learning that
 * cannot begin never stops a container. 1: it takes tools, of which there are none; nothing was
 * done.
 */
int snug_flow_apply(const struct snug_apply_request *request, struct snug_applied *ret,
		    struct snug_error *err) SNUG_CHECKED;
void snug_applied_clear(struct snug_applied *applied);
