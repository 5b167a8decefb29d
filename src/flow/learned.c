/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a run that has ended. */
#include "flow/learn_part.h"

#include <stdlib.h>

void snug_learned_of(const struct snug_recording *recording, enum snug_gate gate,
		     struct snug_learned *ret)
{
	ret->gate = gate;
	for (size_t i = 0; i < recording->calls.count; i++)
		(*(recording->calls.at[i].refused ? &ret->refused : &ret->calls))++;
	ret->caps = (unsigned)recording->caps.count;
	ret->observed = recording->observed;
	snug_seen_count(recording, &ret->seen);
	ret->lost = recording->lost_syscalls + recording->lost_caps + recording->lost_files;
}

void snug_learn_gaps(unsigned observed, void (*note)(void *context, const char *text),
		     void *context)
{
	if (!note)
		return;
	if (!(observed & (SNUG_OBSERVED_CAPABILITIES | SNUG_OBSERVED_CAPABILITIES_APPROXIMATE)))
		note(context, "capabilities are not observed on this kernel (Linux 6.14 can)");
	if (observed & SNUG_OBSERVED_FILES_APPROXIMATE)
		note(context, "of files, opens alone are observed: this kernel forbids to look at "
			      "more (lockdown); no AppArmor profile to enforce comes of that");
	else if (!(observed & SNUG_OBSERVED_FILES))
		note(context, "files are not observed: this kernel forbids it (lockdown) or cannot "
			      "(arm64 before Linux 6.4), so there will be no AppArmor profile");
}

void snug_learned_place(const struct snug_store *store, const char *name,
			void (*note)(void *context, const char *text), void *context,
			struct snug_learned *ret)
{
	struct snug_error err = { 0 };
	struct snug_company all;
	char line[1024];

	ret->runs = 1;
	ret->expected_new = -1;
	if (snug_learn_company(store, name, &all, &err) < 0) {
		snug_error_line(&err, line, sizeof(line));
		if (note)
			note(context, line);
		return;
	}
	ret->runs = all.runs;
	ret->expected_new = all.expected_new;
	if (all.mixed && note)
		note(context, "runs of this name have different commands or images; a profile "
			      "will cover them all (snug learn --fresh starts over)");
}

void snug_learned_clear(struct snug_learned *learned)
{
	free(learned->path);
	learned->path = NULL;
}
