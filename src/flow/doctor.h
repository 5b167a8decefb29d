/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there on this host, and does what snug promises hold: kernel features, snug's own
 * programs, the policy, what snug install wrote; and for each installed engine a real container,
 * started as the engine starts them, in which is looked whether the profile that the policy gives
 * it arrived.
 */
#pragma once

#include "base/vec.h"
#include "flow/install.h"
#include "store/store.h"

enum snug_check_state {
	SNUG_CHECK_OK,
	SNUG_CHECK_MISSING, /* it is not there; nothing that was promised hangs on it */
	SNUG_CHECK_UNTRIED, /* it could not be tried, for the reason given */
	SNUG_CHECK_BROKEN,  /* a promise does not hold */
	SNUG_CHECK_MAX
};
const char *snug_check_state_name(enum snug_check_state state); /* "ok", "missing", … */

struct snug_check {
	enum snug_check_state state;
	char subject[32]; /* "kernel", "policy", an engine, … */
	char what[512];
	char remedy[256]; /* "" if there is nothing to do */
};
struct snug_checks SNUG_VEC_BODY(struct snug_check);

struct snug_doctor_request {
	const struct snug_store *store;
	bool engines[SNUG_ENGINE_MAX]; /* asked for by name; none: those that are installed */
};
/* Errors are those of looking, not what was found. Containers, images and folders that it makes are
 * gone afterwards. */
int snug_doctor(const struct snug_doctor_request *request, struct snug_checks *ret,
		struct snug_error *err) SNUG_CHECKED;
