/* SPDX-License-Identifier: Apache-2.0 */
#include "model/completeness.h"

struct snug_completeness snug_completeness_of(const struct snug_recording *recording)
{
	struct snug_completeness seen = { .runs = recording->run_count };

	for (size_t i = 0; i < recording->calls.count; i++) {
		const struct snug_seen_call *call = &recording->calls.at[i];

		seen.once += !call->refused && call->runs.count == 1;
		seen.twice += !call->refused && call->runs.count == 2;
	}
	return seen;
}

double snug_expected_new(const struct snug_completeness *seen)
{
	double runs = (double)seen->runs, once = (double)seen->once, twice = (double)seen->twice;

	if (seen->runs < 2)
		return -1;
	if (seen->runs == 2 || seen->once == 0)
		return once / runs;
	return once / runs * (runs * once) / (runs * once + 2 * twice);
}
