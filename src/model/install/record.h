/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snug wrote into an engine's configuration, and what was there:
 * /var/lib/snug/install/ENGINE.json.
 *
 *     {"snugInstall":1,"engine":"docker",
 *      "folders":["/etc/docker"],                            // that were made
 *      "files":[{"path":"/etc/docker/daemon.json","kind":"docker",
 *                "before":"{}\n",                            // absent: there was none
 *                "wrote":"<64 hex digits>",                  // SHA-256 of what snug wrote
 *                "replaced":"<64 hex digits>"}]}             // of snug's own that it replaced
 *
 * The record is written before the files: a file may still have the bytes of "replaced".
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

#define SNUG_INSTALL_VERSION	1
#define SNUG_INSTALL_FILES_MAX	16u
#define SNUG_INSTALL_FILE_MAX	((size_t)1 << 20) /* bytes of an engine's configuration file */
#define SNUG_INSTALL_RECORD_MAX ((size_t)8 << 20)
#define SNUG_SHA256_SIZE	65

enum snug_installed_kind {
	SNUG_INSTALLED_FILE,	   /* whole, snug's own */
	SNUG_INSTALLED_LINK,	   /* a symlink, whose target is its text */
	SNUG_INSTALLED_DOCKER,	   /* a daemon.json, of which a part is snug's */
	SNUG_INSTALLED_CONTAINERD, /* a config.toml, likewise */
	SNUG_INSTALLED_MAX
};
const char *snug_installed_kind_name(enum snug_installed_kind kind);

struct snug_installed_file {
	char *path; /* absolute */
	enum snug_installed_kind kind;
	bool had; /* there was one */
	struct snug_buf before;
	char wrote[SNUG_SHA256_SIZE];
	char replaced[SNUG_SHA256_SIZE]; /* "": nothing of snug's */
};
struct snug_strings SNUG_VEC_BODY(char *);
struct snug_installed {
	struct snug_strings folders;
	SNUG_VEC(struct snug_installed_file) files;
};

/* SNUG_INPUT with line, column and path. *ret: to be cleared, also on failure. */
int snug_installed_parse(const struct snug_buf *text, const char *file, struct snug_installed *ret,
			 struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT: a text that JSON cannot hold (no UTF-8, or a NUL in it). */
int snug_installed_render(const struct snug_installed *installed, const char *engine,
			  struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
void snug_installed_clear(struct snug_installed *installed);
/* Are these bytes what snug left there, or what it was about to replace when it was interrupted? Of
 * both, `before` is what was there. */
bool snug_installed_left(const struct snug_installed_file *file, const char *digest);
/* NULL: none of this path. */
struct snug_installed_file *snug_installed_find(const struct snug_installed *installed,
						const char *path);
