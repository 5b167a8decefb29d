/* SPDX-License-Identifier: Apache-2.0 */
/* What flow/gate.c and flow/gate_judge.c share. Not for others. */
#pragma once

#include "flow/gate.h"
#include "store/bundle.h"

/* What an answer begins with, the profile's name behind it. */
#define SNUG_GATE_WEAKER "weaker "
#define SNUG_GATE_OPEN	 "open "

/* Reads policy and config, and decides. 0: there is a policy; 1: none. */
int snug_gate_decide(const struct snug_store *store, const char *bundle, struct snug_gated *ret,
		     struct snug_error *err) SNUG_CHECKED;
/* What the answer hangs on (flow/inputs.h), host and verdict; the profiles follow. */
int snug_gate_begin_inputs(const struct snug_store *store, const struct snug_decided *decided,
			   struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* Where the answer is kept of a container with these, the profiles' included; malloc'ed. */
int snug_gate_answer_path(const struct snug_store *store, const struct snug_decided *decided,
			  struct snug_buf *inputs, char **ret, struct snug_error *err) SNUG_CHECKED;
