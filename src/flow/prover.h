/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who proves sections: a file of snug's and the libseccomp that it has. What was proved hangs on
 * both. Static programs, which have no libseccomp, go by the last prover as long as its files are
 * what they were.
 */
#pragma once

#include "flow/harden_tools.h"

/* This program, with its tools. */
void snug_prover_here(const struct snug_harden_tools *tools, struct snug_buf *ret);
/* Whom the cache knows; false: nobody, or he is not what he was. */
bool snug_prover_last(const struct snug_store *store, struct snug_buf *ret);
/* His files as they are, of whatever age what he proved is; "-": nobody. */
int snug_prover_now(const struct snug_store *store, struct snug_buf *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* Makes this one the last; best effort. */
void snug_prover_keep(const struct snug_store *store, const struct snug_buf *prover);
