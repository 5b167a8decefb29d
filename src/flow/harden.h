/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardens a bundle's config.json by a profile: finds both, harden()s, proves the filter that each
 * runtime would build from the result, and only then replaces the file. The AppArmor text goes to
 * the store first, so that no config.json names one that is not there.
 */
#pragma once

#include "base/buf.h"
#include "flow/harden_tools.h"
#include "model/harden.h"
#include "model/policy.h"
#include "store/store.h"

#include <stdbool.h>
#include <sys/types.h>

/* How a config.json is hardened, wherever it comes from. */
struct snug_harden_how {
	const struct snug_store *store;
	const struct snug_harden_tools *tools; /* NULL: none */
	bool dry_run;			       /* write nothing */
	bool audit; /* what the profile denies is logged, and nothing else changed */
	bool accept_incomplete;
	enum snug_apparmor_use apparmor;
	bool complain;	  /* AppArmor logs what it would deny; so it does under audit */
	bool no_hook;	  /* it is loaded now, and by nobody later */
	bool reuse;	  /* what was proved before, and keep what is now: harden_cache.h */
	bool keep_proofs; /* work it out, and have built what is not proved yet: proofs.h */
	bool has_runtime; /* for one runtime alone; else runc and crun */
	enum snug_runtime runtime;
};

struct snug_harden_request {
	struct snug_harden_how how;
	const char *bundle;  /* a bundle's folder, or a config.json */
	const char *profile; /* NAME or path; NULL: the annotation's */
	const char *output;  /* NULL: in place; "-": nowhere, see text below; else a path */
};

/* That the section's filter was proved: proofs.h. */
struct snug_proof {
	char key[72];
	bool is_new; /* to be kept, when all went well */
};

struct snug_harden_result {
	char *config;	    /* the path that was read */
	char *profile;	    /* where the profile came from */
	char *name;	    /* the profile's name */
	char *written;	    /* the path that was written; NULL: none */
	bool changed;	    /* text differs from what was read */
	bool complain_only; /* the AppArmor part was left out: it is to complain by alone */
	bool no_apparmor;   /* it was left out: this host has none, and `how` says it need not */
	char *apparmor;	    /* the AppArmor text that was written; NULL: none */
	bool loaded;	    /* and loaded */
	struct snug_buf text;
	struct snug_hardened hardened;
	struct snug_proof proof;
};

/*
 * In memory: hardens the text of a config.json, which path names in errors, and proves the filter
 * of the result. Sets all of *ret (empty before) but config, profile and written. The AppArmor text
 * is in the store afterwards, but for how->dry_run. 1: it takes tools, which `how` has not.
 */
int snug_flow_harden_text(const struct snug_harden_how *how, const struct snug_profile *profile,
			  const struct snug_buf *config, const char *path,
			  struct snug_harden_result *ret, struct snug_error *err) SNUG_CHECKED;

/* With tools. On failure nothing was written. SNUG_USAGE where no profile is named at all. */
int snug_flow_harden(const struct snug_harden_request *request, struct snug_harden_result *ret,
		     struct snug_error *err) SNUG_CHECKED;
void snug_harden_result_clear(struct snug_harden_result *result);

/* The config.json that is named, by its folder or itself; SNUG_INPUT: there is none. *ret:
 * malloc'ed.
 */
int snug_flow_find_config(const char *bundle, char **ret, mode_t *ret_mode,
			  struct snug_error *err) SNUG_CHECKED;

/* SNUG_INPUT: the profile rests on a recording that lost events, and nobody accepts that. */
int snug_flow_check_complete(const struct snug_profile *profile, const char *path, bool accept,
			     struct snug_error *err) SNUG_CHECKED;

/* A profile by NAME from the store, or by path. *ret_path is malloc'ed. */
int snug_flow_profile(const struct snug_store *store, const char *name, struct snug_profile *ret,
		      char **ret_path, struct snug_error *err) SNUG_CHECKED;
