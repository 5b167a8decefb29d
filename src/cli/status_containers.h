/* SPDX-License-Identifier: Apache-2.0 */
/* snug status: the running containers, beside what the policy promises. */
#pragma once

#include "flow/containers.h"
#include "flow/drift.h"
#include "json/json.h"

/* What status tells of containers. */
struct snug_status_containers {
	struct snug_containers found;
	struct snug_standings standings; /* as many, in the same order */
	struct snug_buf problems;	 /* states that cannot be read, a line each */
};
void snug_status_containers_clear(struct snug_status_containers *containers);
bool snug_status_containers_drift(const struct snug_status_containers *containers);

void snug_status_containers_print(const struct snug_status_containers *containers,
				  struct snug_buf *ret);
void snug_status_containers_write(const struct snug_status_containers *containers,
				  struct snug_json_writer *w);
