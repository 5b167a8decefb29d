/* SPDX-License-Identifier: Apache-2.0 */
/* What the BPF side needs to know of calls, from the model's tables. */
#pragma once

#include "learn/recorder.h"
#include "model/arch.h"

#include <stdbool.h>

/* Constant; made at the first call. */
const struct snug_rec_tables *snug_rec_tables(void);
/* The slot of a container of which nothing was seen. */
void snug_rec_slot_init(struct snug_rec_slot *slot);
/* The model's word for one of the recorder's ABIs, a number below SNUG_REC_ABIS. */
enum snug_arch snug_rec_arch(unsigned abi);
/* The number that the model knows a call by (x32's with its bit). */
uint32_t snug_rec_model_nr(unsigned abi, uint32_t nr);
