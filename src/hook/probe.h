/* SPDX-License-Identifier: Apache-2.0 */
/* What `snug doctor` runs in a container, for it is static and at hand. */
#pragma once

#include "base/error.h"

/* Writes how this process is confined (model/probe.h) to out, and waits until `in` ends. */
int snug_hook_probe(int in, int out, struct snug_error *err) SNUG_CHECKED;
