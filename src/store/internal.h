/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/store share. Not for others. */
#pragma once

#include "store/file.h"
#include "store/store.h"

#include <sys/stat.h>

/* What a crash between create and rename leaves starts so. */
#define TEMPORARY ".snug-"

/* A file in a folder that is open. */
struct snug_file {
	int folder;	  /* descriptor; AT_FDCWD does with a path */
	const char *name; /* below folder */
	const char *path; /* for messages */
	bool brief; /* written: without fsync, since it does no harm to lose it when the power goes;
		       whoever reads it tells a file that is not whole */
};

/* store/file.c */
int snug_file_take(int fd, const char *path, size_t max, struct snug_buf *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* keep: an existing file's owner and mode stay. */
int snug_file_put(const struct snug_file *file, mode_t mode, bool keep, const struct snug_buf *data,
		  struct snug_error *err) SNUG_CHECKED;
/* Takes away the temporaries of writers that are dead. */
void snug_file_sweep(int folder);
/* SNUG_INPUT for what is wrong with the path, SNUG_SYSTEM for the rest; with a remedy. */
int snug_file_fail(struct snug_error *err, int number, const char *path, const char *doing);

/* store/folder.c */
struct snug_folder {
	const char *root;     /* "": the host's */
	const char *path;     /* "/var/lib/snug" */
	bool create;	      /* what is missing */
	unsigned open_levels; /* this many of path's folders are made 0755, the rest 0700 */
};

/*
 * Opens a folder after a look at it and each one above. *ret is -1 when it is missing and `create`
 * is not set.
 */
int snug_folder_open(const struct snug_folder *folder, int *ret,
		     struct snug_error *err) SNUG_CHECKED;
/* Opens a file in it for reading: regular, written by root or the caller alone. -1: missing. */
int snug_folder_file(const struct snug_file *file, int *ret, struct snug_error *err) SNUG_CHECKED;
/* The same, to be looked at and not read. */
int snug_folder_look(const struct snug_file *file, int *ret, struct snug_error *err) SNUG_CHECKED;

/* store/names.c */
struct snug_paths;
struct snug_names {
	int folder;
	bool (*wanted)(const char *name);
	const char *path; /* for messages */
};
/* Calls `each` for the names in a folder for which `wanted` says so, in the order of the folder,
 * until one fails. */
int snug_names_each(const struct snug_names *names,
		    int (*each)(void *context, const char *name, struct snug_error *err),
		    void *context, struct snug_error *err) SNUG_CHECKED;
int snug_names_list(int folder, bool (*wanted)(const char *name), const char *path,
		    struct snug_paths *ret, struct snug_error *err) SNUG_CHECKED;
void snug_names_sort(struct snug_paths *paths);
