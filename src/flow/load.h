/* SPDX-License-Identifier: Apache-2.0 */
/* What snug-hook leaves to snug: it has no libbpf. */
#pragma once

#include "flow/hooked.h"

/* snug_hooked.load: loads the recorder in this process and pins it. */
int snug_load_pins(const struct snug_hooked *context, int lock,
		   struct snug_error *err) SNUG_CHECKED;
