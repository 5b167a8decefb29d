/* SPDX-License-Identifier: Apache-2.0 */
/* SNUG_ARGS_TABLE (model/args.h) as something to look up. */
#pragma once

#include "model/arch.h"
#include "model/args.h"

#include <stdbool.h>
#include <stdint.h>

struct snug_argspec {
	unsigned count; /* of the arguments that matter: 1 … SNUG_TUPLE_ARGS */
	unsigned index[SNUG_TUPLE_ARGS];
	uint64_t mask[SNUG_TUPLE_ARGS];
};

/* false: none of the call's arguments is in the table. */
bool snug_argspec_of(const char *call, struct snug_argspec *ret);
bool snug_argspec_of_nr(enum snug_arch arch, uint32_t nr, struct snug_argspec *ret);
