/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the programs of files.bpf.c beside a recorder. Part of learn/load.c. */
#pragma once

#include "base/error.h"
#include "learn/slot.h"

enum snug_files_way {
	SNUG_FILES_NONE,   /* not at all */
	SNUG_FILES_OPENED, /* opened.bpf.h's approximation, where the kernel forbids the rest */
	SNUG_FILES_FEXIT,  /* behind the functions that call the LSM hooks */
	SNUG_FILES_LSM,	   /* as LSM programs: "bpf" is among the kernel's LSMs */
};

/* Are files recorded in full here? Asks the kernel with a program that it has to refuse. */
bool snug_files_in_full(void);
/* The best that this kernel lets us do. */
enum snug_files_way snug_files_way(void);

struct bpf_object;

/* The files' maps of an object that is not loaded yet: of the size for one container. */
void snug_files_shrink(const struct bpf_object *object);

/* Descriptors of our own of the maps from first to before end, and of all programs, that a loaded
 * object has. 0, or a negative errno: then ret has some of them. */
int snug_load_take(const struct bpf_object *object, enum snug_rec_map first, enum snug_rec_map end,
		   struct snug_maps *ret);

/*
 * way: FEXIT or LSM. maps: the recorder's, already there; those of the files are added to it. 0, or
 * a negative errno: then maps is as it was.
 */
int snug_files_load(enum snug_files_way way, unsigned slots, struct snug_maps *maps);
