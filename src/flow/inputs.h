/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer that is kept hangs on, put into a text whose digest it is kept under. Who makes an
 * answer puts the host in before, and of each profile the very text that he went by: what is read
 * afterwards may be another one, of which the answer is not true.
 */
#pragma once

#include "base/buf.h"
#include "store/store.h"

/* "Y\n" or "N\n", as the kernel has it; "": it has no AppArmor. Without libapparmor. */
int snug_inputs_read_apparmor(struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* This program's version, the files of who last proved a section (flow/prover.h): with another
 * libseccomp a runtime makes another filter; and whether the kernel has AppArmor. */
int snug_inputs_add_host(const struct snug_store *store, struct snug_buf *to,
			 struct snug_error *err) SNUG_CHECKED;
/* A profile: name and text. */
void snug_inputs_add_text(const char *name, const struct snug_buf *text, struct snug_buf *to);
/* The store's as it is now, for who looks for an answer. */
int snug_inputs_add_profile(const struct snug_store *store, const char *name, struct snug_buf *to,
			    struct snug_error *err) SNUG_CHECKED;
