/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf(2), as far as using what is pinned needs it: the static snug-hook has no libbpf (which would
 * bring libelf, and a start-up of its own). Loading is libbpf's (learn/load.h).
 * All return a descriptor or 0, or -1 with errno. include/uapi/linux/bpf.h says what they do.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int snug_bpf_get(const char *path); /* of something pinned */
int snug_bpf_pin(int fd, const char *path);

int snug_bpf_lookup(int map, const void *key, void *ret_value);
int snug_bpf_update(int map, const void *key, const void *value); /* there or not */
int snug_bpf_delete(int map, const void *key);
/*
 * Up to *count entries of a hash from where *cursor stands (0 and first: true to begin with).
 * ENOENT: these are the last. *count is set.
 */
int snug_bpf_batch(int map, int first, uint32_t *cursor, void *ret_keys, void *ret_values,
		   uint32_t *count);

/* Attaches a tp_btf program; the link's descriptor. */
int snug_bpf_attach(int prog);
/* Runs an iter/task program over the process of pidfd, -1: over all tasks. How many bytes it has
 * said. */
int snug_bpf_iterate(int prog, int pidfd);
/* How often the kernel left the program out, since it was running on that CPU already. */
int snug_bpf_misses(int prog, uint64_t *ret);
/* Does the kernel load programs on its functions and LSM hooks? (Lockdown forbids it.) */
int snug_bpf_may_trace(void);
