/* SPDX-License-Identifier: Apache-2.0 */
/* How much a recording saw of what AppArmor's rules are about. */
#pragma once

#include "base/buf.h"
#include "model/recording.h"

/* Distinct ones, whoever did it. */
struct snug_seen_counts {
	unsigned files;
	unsigned access[SNUG_ACCESS_MAX]; /* files that were read, written, … */
	unsigned programs; /* files that were run, interpreters of scripts included */
	unsigned acts[SNUG_ACT_MAX];
};

void snug_seen_count(const struct snug_recording *recording, struct snug_seen_counts *ret);
/* Was this file run, by whichever program, as far as that was observed? index: of one that begins a
 * new path. */
bool snug_seen_is_program(const struct snug_seen_files *files, size_t index);
/* The index of the next path, files->count past the last. */
size_t snug_seen_next_path(const struct snug_seen_files *files, size_t index);
/* Do they differ in nothing but the program? */
bool snug_seen_is_same_act(const struct snug_seen_act *a, const struct snug_seen_act *b);
/* "files: 312, programs run: 5, sockets: 3", or what was not observed; no line end. */
void snug_seen_words(unsigned observed, const struct snug_seen_counts *counts,
		     struct snug_buf *out);
