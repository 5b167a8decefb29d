/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of flow/install share. Not for others. */
#pragma once

#include "flow/install.h"

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

int snug_install_read(const char *path, enum snug_installed_kind kind, bool *ret_there,
		      struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* Snug's part out of a file of which it is a part. *ret_gone: the file goes. */
int snug_install_take_out(const struct snug_installed_file *file, const struct snug_buf *now,
			  const char *program, struct snug_buf *ret, bool *ret_gone,
			  struct snug_error *err) SNUG_CHECKED;
bool snug_install_same(const struct snug_buf *a, const struct snug_buf *b);
