/* SPDX-License-Identifier: Apache-2.0 */
/* `snug simulate` for what is no call: files, programs, hard links, sockets, capabilities. */
#pragma once

#include "cli/cli.h"
#include "model/profile.h"

struct snug_access_question {
	const struct snug_profile *profile;
	const char *path;   /* the profile's file, for errors */
	char *const *words; /* "file", PATH, ACCESS, … */
	size_t count;
	const char *child; /* of this child profile; NULL: of the profile */
	bool owner;	   /* as the file's owner */
};

bool snug_is_access_word(const char *word);
/* Prints the answer. SNUG_NO where it is denied. */
int snug_simulate_access(const struct snug_access_question *question, bool json,
			 struct snug_error *err) SNUG_CHECKED;
