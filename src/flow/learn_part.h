/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a learning. Private to flow/learn*.c. */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "flow/learn.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define SNUG_LEARN_ID_MAX 128u

/* The shadow bundle. */
struct snug_shadow {
	char *path;		/* absolute */
	int parent_fd;		/* ROOT/run/snug */
	int fd;			/* the folder itself, locked as long as it is in use; -1: none */
	bool has_filter;	/* the bundle's own config.json has a linux.seccomp */
	bool has_terminal;	/* the container's, and so not ours to draw on */
	char *root;		/* the root file system, absolute */
	char *image;		/* the image's name, where an annotation tells; else NULL */
	struct snug_paths args; /* process.args */
};
#define SNUG_SHADOW_NONE                                                                           \
	{                                                                                          \
		.parent_fd = -1, .fd = -1                                                          \
	}

/* Makes and locks the folder alone: ROOT/run/snug/HOW-ID. Removes those that died with their snug.
 * SNUG_INPUT: it is there, and in use. */
int snug_shadow_folder(const char *root, const char *how, const char *id, struct snug_shadow *ret,
		       struct snug_error *err) SNUG_CHECKED;
/* Makes it for a container called id. Removes shadows that died with their snug. */
int snug_shadow_make(const struct snug_learn *request, const char *id, struct snug_shadow *ret,
		     struct snug_error *err) SNUG_CHECKED;
void snug_shadow_remove(struct snug_shadow *shadow); /* from the disk too; half-made is fine */

/* config.json's text, changed for a learning. hook: a JSON object, the prestart hook. */
int snug_shadow_config(const char *bundle, const char *hook, struct snug_shadow *shadow,
		       struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;

/* The runtime's process. */
struct snug_runtime {
	char *path; /* of the program, absolute */
	pid_t pid;  /* -1: not running */
	int pidfd;
	int status; /* of waitpid, once it has ended */
};
#define SNUG_RUNTIME_NONE                                                                          \
	{                                                                                          \
		.pid = -1, .pidfd = -1                                                             \
	}

/* Looks for name in PATH unless it is a path. SNUG_HOST when there is none. */
int snug_runtime_find(const char *name, struct snug_runtime *ret,
		      struct snug_error *err) SNUG_CHECKED;
/* RUNTIME run --bundle BUNDLE ID, with our stdio and the signal mask given. */
int snug_runtime_run(struct snug_runtime *runtime, const char *bundle, const char *id,
		     const sigset_t *mask, struct snug_error *err) SNUG_CHECKED;
void snug_runtime_wait(struct snug_runtime *runtime);
/* The state of its container ID, as it prints it; false when it has none. */
bool snug_runtime_state(const struct snug_runtime *runtime, const char *id, char *ret, size_t size);
/* Has it a container of this id that was made from another bundle? */
bool snug_runtime_has_other(const struct snug_runtime *runtime, const char *id, const char *bundle);
/* RUNTIME delete --force ID, silent: for what a runtime that was killed left. */
void snug_runtime_delete(const struct snug_runtime *runtime, const char *id);
/* "runc 1.1.5": first line of RUNTIME --version without the word; NULL when it does not say. */
char *snug_runtime_version(const struct snug_runtime *runtime);
/* The runtime must have ended (or never begun). */
void snug_runtime_clear(struct snug_runtime *runtime);

/* Is pid the runtime, or a descendant of it? */
bool snug_runtime_owns(const struct snug_runtime *runtime, pid_t pid);

/* What is told of a finished run: its counts, and where it stands among those of its name. It is on
 * disk already: what fails here is a note. */
void snug_learned_of(const struct snug_recording *recording, enum snug_gate gate,
		     struct snug_learned *ret);
/* Says what this kernel lets nobody see. note may be NULL. */
void snug_learn_gaps(unsigned observed, void (*note)(void *context, const char *text),
		     void *context);
void snug_learned_place(const struct snug_store *store, const char *name,
			void (*note)(void *context, const char *text), void *context,
			struct snug_learned *ret);
