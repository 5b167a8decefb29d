/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containerd's config.toml: a runtime of its CRI plugin, as tables of their own at the end of the
 * file. Not in a file that `imports` names: containerd 1.6 and 1.7 put an imported file's whole
 * section of a plugin in the place of the main file's.
 *
 * Where the file has no runtime, containerd's default one, `runc`, is written too: otherwise it
 * would be gone, and with it the CRI plugin.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

struct snug_containerd_entry {
	const char *file; /* for messages */
	const char *name; /* of the runtime */
	const char *path; /* its program, absolute */
	bool is_ours; /* what is between snug's two marks was written by it, and may be replaced */
};
/*
 * now: the file's text; NULL: there is none. SNUG_INPUT, with the line, for what cannot be read or
 * added to with certainty; the remedy is to add it by hand.
 */
int snug_containerd_add(const struct snug_containerd_entry *entry, const struct snug_buf *now,
			struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* What is between snug's marks out again, where it is what snug writes. SNUG_INPUT: it is not.
 * *ret_gone: nothing is left but what snug writes into a new file. */
int snug_containerd_take_out(const struct snug_containerd_entry *entry, const struct snug_buf *now,
			     const struct snug_buf *before, struct snug_buf *ret, bool *ret_gone,
			     struct snug_error *err) SNUG_CHECKED;
/* dump: what `containerd config dump` printed. Is there no runtime of the name that is the default
 * one's? Then the CRI plugin does not load. What cannot be read lacks nothing. */
bool snug_containerd_lacks_default(const char *dump, char *ret_name, size_t size);
