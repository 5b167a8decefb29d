/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hardening takes that static programs do not have: libseccomp, libapparmor and
 * apparmor_parser. Without (NULL) it goes by what was proved and checked before, or says that
 * somebody else has to do it.
 */
#pragma once

#include "base/buf.h"
#include "model/harden.h"
#include "store/store.h"

#define SNUG_TARGETS_MAX 2u /* runc and crun */

struct snug_harden_tools {
	void (*target)(enum snug_runtime runtime, struct snug_target *ret);
	/* Is this the filter that it should be, under each target? */
	int (*prove)(const struct snug_oci_seccomp *section,
		     const struct snug_harden_options *options, struct snug_error *err);
	/* Which libseccomp that is, in words, and its file's path, "" where it cannot be told. */
	void (*library)(char ret[128], char ret_path[1024]);
	/* SNUG_HOST: this host has no AppArmor, or shows none. */
	int (*find_apparmor)(struct snug_error *err);
	/* Of that error: there is none, so that nothing is lost without. */
	bool (*lacks_apparmor)(const struct snug_error *err);
	int (*check_apparmor)(const struct snug_buf *text, const char *shown,
			      struct snug_error *err);
	int (*load_apparmor)(const struct snug_store *store, const char *label, bool *ret_loaded,
			     struct snug_error *err);
};
/* snug's own. */
extern const struct snug_harden_tools snug_harden_tools;
