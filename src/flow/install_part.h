/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of flow/install share. Not for others. */
#pragma once

#include "flow/install.h"
#include "model/install/hooks_dir.h"

/* A file that an engine's installation has, before it is known what is there. */
struct snug_install_wish {
	char *path;
	enum snug_installed_kind kind;
	struct snug_buf text; /* _FILE, _LINK: all of it */
	const char *runtime;  /* _DOCKER, _CONTAINERD: the runtime's name, */
	char *program;	      /* and its program */
	bool make_default;    /* _DOCKER */
};
struct snug_install_wishes SNUG_VEC_BODY(struct snug_install_wish);
void snug_install_wishes_clear(struct snug_install_wishes *wishes);

/* What the engine is to have. root: what is before each path. */
int snug_install_wish(const struct snug_install_request *request, const char *root,
		      struct snug_install_wishes *ret, struct snug_error *err) SNUG_CHECKED;
#define SNUG_INSTALL_RUNTIME "snug-runc" /* the runtime's name in daemon.json and config.toml */

/* flow/install_settings.c: hooks_dir as the engine has it, but for what snug's own file says.
 * SNUG_INPUT: a file that snug cannot read, or that has the last word. */
int snug_install_hook_folders(enum snug_hooks_reader reader, const char *root,
			      struct snug_hook_folders *ret, struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT: Podman's settings say where this runtime is. */
int snug_install_refuse_runtime(const char *root, const char *runtime,
				struct snug_error *err) SNUG_CHECKED;
/* snug's own file among the settings; malloc'ed. */
char *snug_install_dropin(enum snug_hooks_reader reader, const char *root);

int snug_install_read(const char *path, enum snug_installed_kind kind, bool *ret_there,
		      struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* Snug's part out of a file of which it is a part. *ret_gone: the file goes. */
int snug_install_take_out(const struct snug_installed_file *file, const struct snug_buf *now,
			  const char *program, struct snug_buf *ret, bool *ret_gone,
			  struct snug_error *err) SNUG_CHECKED;
bool snug_install_same(const struct snug_buf *a, const struct snug_buf *b);
