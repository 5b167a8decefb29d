/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle whose config.json is hardened just before a runtime reads it (snug-runtime).
 *
 * What was there stays in config.json.snug-orig, and a note (store/bundle.h) holds the digest of
 * what snug wrote. Where config.json is still that, hardening starts from the original, so that a
 * looser policy loosens again; else config.json is the new original. The note also says what the
 * result hangs on: while that is the same, nothing has to be done.
 */
#pragma once

#include "base/buf.h"
#include "flow/decide.h"
#include "flow/harden_tools.h"
#include "model/target.h"
#include "store/bundle.h"

/* Where the original of this config.json is; malloc'ed. */
int snug_wrap_orig_path(const char *config, char **ret, struct snug_error *err) SNUG_CHECKED;

struct snug_wrap {
	const struct snug_store *store;
	const struct snug_harden_tools *tools; /* NULL: none; what takes some is left to snug */
	const char *bundle;		       /* its folder; absolute, without symlinks */
	const char *config; /* the config.json that the runtime will read; likewise */
	const char *policy; /* NULL: the store's; else a file that the caller chose */
	bool looks_only;    /* nothing will be written: without an original no note is asked for */
	enum snug_runtime runtime;
};

/* A bundle, its policy, and what was decided. Not to be moved. */
struct snug_wrapped {
	const struct snug_store *store;
	struct snug_policy_file policy;
	struct snug_buf text; /* of config.json */
	struct snug_buf orig; /* what hardening starts from, where that is not text; else empty */
	bool was_noted;	      /* snug wrote something there once */
	bool has_note;	      /* text is what snug wrote */
	struct snug_bundle_note note;
	struct snug_decided decided;
	char key[SNUG_DIGEST_SIZE];
};
/*
 * Without libseccomp. SNUG_INPUT: the policy or, where there is one, the config cannot be read: the
 * container has to be refused. (Where there is no policy, and a config that cannot be read, nothing
 * is decided: the runtime says what it thinks of it.)
 */
int snug_wrap_look(const struct snug_wrap *wrap, struct snug_wrapped *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* What was decided on, and what hardening starts from. */
const struct snug_buf *snug_wrapped_from(const struct snug_wrapped *wrapped);
/* Is config.json as it is to be? */
bool snug_wrapped_is_done(const struct snug_wrapped *wrapped);
void snug_wrapped_clear(struct snug_wrapped *wrapped);

/* ---- flow/wrap_apply.c; 1: it takes tools, and nothing was done ---- */

/*
 * Makes config.json what it is to be. SNUG_INPUT and the rest: the container must not start. What
 * could not be done of a container that may start nevertheless is in ret_failure, "" if nothing.
 */
int snug_wrap_apply(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		    char ret_failure[1024], struct snug_error *err) SNUG_CHECKED;
/*
 * Is the process that config.json has now within what the policy enforces for the container, as the
 * one was with which it started? Where it takes tools to say so it is not.
 */
int snug_wrap_is_within(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped, bool *ret,
			struct snug_error *err) SNUG_CHECKED;
/*
 * The process of an `exec` (its JSON, read from path) within what the policy enforces for the
 * container of this bundle: capabilities, no_new_privs, AppArmor. As it was where that is nothing.
 */
int snug_wrap_process(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		      const char *path, struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
