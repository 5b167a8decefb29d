/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AppArmor at a container's start and end. A hardened config.json names profiles of snug's
 * (model/apparmor/label.h); createRuntime or prestart has them in the kernel before the runtime
 * asks for them, or refuses the container; poststop lets them go after the last that uses them.
 * What snug-hook cannot do itself, it asks snug for (snug_hooked.load_profile, .settle).
 */
#pragma once

#include "flow/confine_notes.h"
#include "flow/hooked.h"

/* createRuntime, prestart. Nothing to do where the bundle's config.json names none of ours. An
 * error: the container must not start. */
int snug_confine_begin(const struct snug_hooked *context, const struct snug_state *state,
		       struct snug_error *err) SNUG_CHECKED;
/* The same for a label that no config.json names: the container enters it otherwise. */
int snug_confine_label(const struct snug_hooked *context, const struct snug_state *state,
		       const char *label, struct snug_error *err) SNUG_CHECKED;
/* poststop */
int snug_confine_end(const struct snug_hooked *context, const struct snug_state *state,
		     struct snug_error *err) SNUG_CHECKED;

/* ---- snug's own, with libapparmor: flow/confine_load.c ---- */

/* snug_hooked.load_profile and .settle. */
int snug_confine_load(const struct snug_hooked *context, const char *label, int lock,
		      struct snug_error *err) SNUG_CHECKED;
int snug_confine_settle(const struct snug_hooked *context, int lock,
			struct snug_error *err) SNUG_CHECKED;
/* Loads it to stay, for containers without hooks. *ret_loaded: it was not there yet. */
int snug_confine_load_by_hand(const struct snug_store *store, const char *label, bool *ret_loaded,
			      struct snug_error *err) SNUG_CHECKED;
/* What died without a poststop; cheap where nothing is loaded. */
int snug_confine_reap(const struct snug_store *store, struct snug_error *err) SNUG_CHECKED;
/*
 * snug unload: what is given (NAMEs or labels), or all that nobody uses. Adds the labels that went
 * to ret. SNUG_NO: nothing of that name is loaded, or a process uses it; SNUG_INPUT: not ours. What
 * was unloaded before stays so.
 */
int snug_confine_unload(const struct snug_store *store, char *const *names, size_t count,
			struct snug_paths *ret, struct snug_error *err) SNUG_CHECKED;

/* A running container that a hook has noted. */
struct snug_confined {
	struct snug_confined_user user;
	char *label;   /* what the kernel says; malloc'ed */
	char mode[16]; /* "enforce", "complain", "mixed" */
};
struct snug_confined_list SNUG_VEC_BODY(struct snug_confined);
void snug_confined_list_clear(struct snug_confined_list *list);
int snug_confine_list(const struct snug_store *store, struct snug_confined_list *ret,
		      struct snug_error *err) SNUG_CHECKED;
