/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How complete recordings are: how many calls that no run has made yet are to be expected in the
 * next one.
 *
 * Each call has a chance p of its own to be made in a run. After n runs the answer is the sum of
 * p(1-p)^n over all calls. Good and Turing (Good 1953, Biometrika 40) take once/n, whose mean is
 * the sum of p(1-p)^(n-1): what the last of the n runs was expected to add, so too high by the
 * share p of each call. Chao and Jost (2012, Ecology 93; for runs: Chao et al. 2014, Ecological
 * Monographs 84) correct it by how rare the calls seen once are, which those seen twice show:
 *
 *     once/n × (n-1)·once / ((n-1)·once + 2·twice)
 *
 * Here n stands for their n-1: exact where chances lie as p^(a-1), as in the tails of Zipf's law,
 * and too high by the share p/n where all are the same. Theirs is exact for the latter and says too
 * little of a mix of common and rare calls after few runs.
 *
 * Promised of the mean, and tested on several such shapes: from four runs on within 3% of the
 * truth, after three within 10%. After two, those of both runs are mostly the calls of every run
 * and show nothing: once/n it is, not below the truth. One estimate strays from its mean as counts
 * do: by once/n ÷ √once, and past SNUG_RUN_IDS_MAX runs by 9% more, for their number is estimated
 * then.
 */
#pragma once

#include "model/recording.h"

#include <stdint.h>

struct snug_completeness {
	uint64_t runs;	      /* distinct ones; 0: not known */
	uint64_t once, twice; /* granted calls seen in exactly one run, in exactly two */
};

struct snug_completeness snug_completeness_of(const struct snug_recording *recording);
/* New calls to expect in the next run. -1: unknown (fewer than two runs). */
double snug_expected_new(const struct snug_completeness *seen);
