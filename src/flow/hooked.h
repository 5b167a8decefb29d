/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learning by hooks alone: a prestart (or createRuntime) hook begins it, poststop ends it, and in
 * between no process of snug's is there. What is recorded lives in a pinned recorder
 * (learn/pins.h); everything here holds the lock of ROOT/run/snug meanwhile.
 *
 * A container is dead when its slot tracks no task any more. Whoever comes next writes its
 * recording to disk and frees the slot: the poststop hook, or any command where none came.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "learn/slot.h"
#include "model/oci/state.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct snug_traced;

struct snug_hooked {
	const struct snug_store *store;
	const char *traces; /* the folder of --allow-trace-syscall (flow/trace.h); NULL: none */
	/* Loads the recorder and pins it (flow/load.h); snug-hook, which has no libbpf, asks snug,
	 * which holds the lock too: it may outlive the hook. */
	int (*load)(const struct snug_hooked *context, int lock, struct snug_error *err);
	/* AppArmor (flow/confine.h), under that one's lock: has the label's profile in the kernel;
	 * unloads those without a container. */
	int (*load_profile)(const struct snug_hooked *context, const char *label, int lock,
			    struct snug_error *err);
	int (*settle)(const struct snug_hooked *context, int lock, struct snug_error *err);
	/* The exec boundary (flow/boundary.h), under its lock: has a profile's plan in its folder;
	 * has the guard pinned. */
	int (*plan)(const struct snug_hooked *context, const char *profile, int lock,
		    struct snug_error *err);
	int (*load_guard)(const struct snug_hooked *context, int lock, struct snug_error *err);
	/* The gate (flow/gate.h): is a bundle's config.json within what the policy enforces? */
	int (*judge)(const struct snug_hooked *context, const char *bundle, struct snug_error *err);
	/* Writes what a container's annotation asks for (flow/trace.h). */
	int (*trace)(const struct snug_hooked *context, const struct snug_traced *traced,
		     struct snug_error *err);
};

/*
 * prestart and createRuntime. Nothing to do where the policy has it not learned (without one:
 * without the annotation io.snug.learn=NAME, in the state, or in the bundle's config.json where the
 * runtime gives no annotations) and it is not traced (flow/trace.h), or where another stage has
 * begun already. Returns when the container is recorded from its gate on.
 */
int snug_hooked_begin(const struct snug_hooked *context, const struct snug_state *state,
		      struct snug_error *err) SNUG_CHECKED;
/*
 * Loads a recorder for a hook that holds the lock and hands it down as `given`. By hand it is only
 * to see whether that works: the lock is taken, and nothing stays where nobody is learned.
 */
int snug_hooked_load(const struct snug_hooked *context, int given,
		     struct snug_error *err) SNUG_CHECKED;
/* poststop: writes the container's recording. Nothing to do where it is not learned. What cannot be
 * written stays pinned, and whoever comes next tries again. */
int snug_hooked_end(const struct snug_hooked *context, const struct snug_state *state,
		    struct snug_error *err) SNUG_CHECKED;
/* Writes what died without a poststop; cheap where nothing is learned. */
int snug_hooked_reap(const struct snug_store *store, struct snug_error *err) SNUG_CHECKED;

/* Writes what was recorded so far of each container, or of those learned as name. Adds the paths
 * (malloc'ed) of what it wrote to ret, and the containers to *count. */
int snug_hooked_flush(const struct snug_store *store, const char *name, struct snug_paths *ret,
		      unsigned *count, struct snug_error *err) SNUG_CHECKED;

struct snug_hooked_one {
	struct snug_rec_owner owner;
	struct snug_progress progress;
};
struct snug_hooked_list SNUG_VEC_BODY(struct snug_hooked_one);
/* Who is learned by hooks now. The caller clears ret (snug_vec_clear). */
int snug_hooked_list(const struct snug_store *store, struct snug_hooked_list *ret,
		     struct snug_error *err) SNUG_CHECKED;

/*
 * A learning that could not begin lets its container run on, and few look at what a poststop says,
 * so such an error is kept where `snug status` finds it: a line in ROOT/run/snug/failures. Best
 * effort.
 */
void snug_hooked_note_failure(const struct snug_store *store, const char *id, const char *line);
/* Adds what was noted to ret. */
int snug_hooked_failures(const struct snug_store *store, struct snug_buf *ret,
			 struct snug_error *err) SNUG_CHECKED;
