/* SPDX-License-Identifier: Apache-2.0 */
/* `snug status`: what audit let pass. */
#pragma once

#include "json/json.h"
#include "model/audited.h"
#include "store/store.h"

/* Reads it from the kernel's log, where that may be read; only where the policy audits anybody, for
 * other programs have filters that log, too. */
int snug_status_audited(const struct snug_store *store, struct snug_audited_list *ret,
			struct snug_error *err) SNUG_CHECKED;
void snug_print_audited(const struct snug_audited_list *list);
/* The member "audited" of the object that is open. */
void snug_put_audited(struct snug_json_writer *w, const struct snug_audited_list *list);
