/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What files.bpf.c and opened.bpf.h have in common: maps, and how a file is noted. The recorder's
 * maps come ahead of it.
 */
#pragma once

#define FMODE_READ     1u /* include/linux/fs.h */
#define FMODE_WRITE    2u
#define O_CREAT	       00000100
#define O_TRUNC	       00001000
#define O_APPEND       00002000
#define MNT_INTERNAL   0x4000	  /* include/linux/mount.h */
#define ERR_MIN	       (-4095ul)  /* IS_ERR */
#define INHERITED_MOST 1024	  /* descriptors that a program was started with */
#define WHAT_FOLDER    (1u << 30) /* the name is a folder's, whatever stands there now */

#define HASH(map, key_type, value_type, entries)                                                   \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, entries);                                                      \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} map SEC(".maps")

HASH(files, struct snug_rec_file, struct snug_rec_done, SNUG_REC_FILES);
HASH(acts, struct snug_rec_act, __u8, SNUG_REC_ACTS);
HASH(programs, struct snug_rec_program, struct snug_rec_hash, SNUG_REC_PROGRAMS);

#include "learn/texts.bpf.h"

#include "learn/note.bpf.h"
