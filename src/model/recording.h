/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording: what container runs were seen doing. Facts only. Format: docs/design.md, "Files".
 * Merge is union: commutative, associative, idempotent.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"
#include "model/arch.h"
#include "model/args.h"
#include "model/argspec.h"
#include "model/need.h"
#include "model/oci/caps.h"
#include "model/seen.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_RECORDING_VERSION	 1
#define SNUG_RUN_IDS_MAX	 128u  /* ids kept; past them the count is estimated */
#define SNUG_RUN_ID_LEN		 16u   /* hex digits of a random 64-bit id */
#define SNUG_SOURCE_STRING_MAX	 4096u /* bytes of a name, an argument, … in a file */
#define SNUG_SOURCE_ARGS_MAX	 1024u
#define SNUG_RECORDING_CALLS_MAX 8192u

enum snug_gate { SNUG_GATE_FILTER_LOAD, SNUG_GATE_EXECVE, SNUG_GATE_ATTACH, SNUG_GATE_MAX };
const char *snug_gate_name(enum snug_gate gate); /* "filter-load", "execve", "attach" */

/* Phases, as bits. */
#define SNUG_PHASE_RUNTIME  1u
#define SNUG_PHASE_WORKLOAD 2u

/* What recorders observe; a merged recording observed what all of its parts did. */
#define SNUG_OBSERVED_SYSCALLS	   1u
#define SNUG_OBSERVED_CAPABILITIES 2u
/* With or without the bit above: written "capabilities:approximate", and read as both bits. Merged,
 * the less exact one counts. */
#define SNUG_OBSERVED_CAPABILITIES_APPROXIMATE 4u
#define SNUG_OBSERVED_JOINERS		       8u /* processes that `exec` adds; absent: "joiners: not seen" */
#define SNUG_OBSERVED_FILES		       16u
/* As with capabilities: written "files:approximate". Successful opens and execs alone, where the
 * kernel forbids to look at more: good to explain and to complain, never to enforce. */
#define SNUG_OBSERVED_FILES_APPROXIMATE 32u
#define SNUG_OBSERVED_NETWORK		64u
#define SNUG_OBSERVED_SIGNALS		128u /* ptrace too */
#define SNUG_OBSERVED_MOUNTS		256u
/* All that an AppArmor profile rests on. */
#define SNUG_OBSERVED_APPARMOR                                                                     \
	(SNUG_OBSERVED_FILES | SNUG_OBSERVED_NETWORK | SNUG_OBSERVED_SIGNALS |                     \
	 SNUG_OBSERVED_MOUNTS | SNUG_OBSERVED_CAPABILITIES)

/* Masked values of a call's arguments, in the order of SNUG_ARGS_TABLE's rows for that call; 0
 * past them. */
struct snug_tuple {
	uint64_t value[SNUG_TUPLE_ARGS];
};

int snug_tuple_compare(const struct snug_tuple *a, const struct snug_tuple *b);
/* As a JSON object, by argument index; spec is the call's. */
void snug_tuple_put(struct snug_json_writer *w, const struct snug_argspec *spec,
		    const struct snug_tuple *tuple);

/* As a JSON list. */
void snug_observed_put(struct snug_json_writer *w, unsigned observed);
/* "syscalls", "capabilities:approximate" … of row 0, 1, …: "" where it was not observed, NULL past
 * the last. */
const char *snug_observed_word(unsigned observed, unsigned row);
/* The bits of a word, 0 for one that this version does not know. */
unsigned snug_observed_parse(const char *word);
/* What was not observed, exactly or otherwise; without any of the _APPROXIMATE. */
unsigned snug_observed_missing(unsigned observed);
/* What both observed: the less exact of the two. */
unsigned snug_observed_merge(unsigned a, unsigned b);

struct snug_seen_call {
	enum snug_arch arch;
	uint32_t nr; /* as the kernel gets it */
	unsigned phases;
	bool refused;
	bool any_args; /* too many tuples, or some could not be read */
	SNUG_VEC(struct snug_tuple)
	tuples; /* sorted, unique; empty with any_args and for calls
		 * outside the table */
	struct snug_seen_runs runs;
};

struct snug_seen_cap {
	unsigned cap;
	struct snug_seen_runs runs;
	struct snug_cap_needs needed; /* who records adds with snug_cap_needs_add */
};

struct snug_source {
	uint64_t run;
	enum snug_gate gate;
	bool ended;
	int exit;				  /* exit status, 128 + signal; -1 unknown */
	char *kernel, *runtime, *image, *started; /* NULL: not known */
	SNUG_VEC(char *) args;
};
void snug_source_clear(struct snug_source *source);

struct snug_recording {
	char *name;
	uint64_t run_count; /* distinct runs, at least 1; past SNUG_RUN_IDS_MAX an estimate */
	SNUG_VEC(uint64_t) run_ids;	      /* ascending, the smallest SNUG_RUN_IDS_MAX */
	SNUG_VEC(struct snug_source) sources; /* of the kept ids, ascending by run */
	unsigned gates;			      /* bit per enum snug_gate */
	unsigned observed;		      /* SNUG_OBSERVED_* */
	uint64_t lost_syscalls, lost_caps;
	uint64_t lost_files; /* and acts; at least 1 where a union had no room for all */
	bool raised_creds; /* an exec raised credentials: setuid, setgid, file capabilities, root's
			      own */
	SNUG_VEC(struct snug_seen_call)
	calls; /* by arch, then nr; refused ones after the granted of the same nr */
	SNUG_VEC(struct snug_seen_cap) caps; /* ascending */
	struct snug_seen_files files;
	struct snug_seen_acts acts;
};

void snug_recording_clear(struct snug_recording *recording);
/* Its losses, as the member "lost". */
void snug_lost_put(struct snug_json_writer *w, const struct snug_recording *recording);
/* Reads any version up to SNUG_RECORDING_VERSION; a newer one is SNUG_INPUT that says so. */
int snug_recording_parse(const char *text, size_t len, const char *file, struct snug_recording *ret,
			 struct snug_error *err) SNUG_CHECKED;
/* The same of a document that is parsed already; ret keeps nothing of it. */
int snug_recording_read(const struct snug_json_node *root, struct snug_recording *ret,
			struct snug_error *err) SNUG_CHECKED;
/* Pretty JSON; the same recording gives the same bytes. */
int snug_recording_render(const struct snug_recording *recording, struct snug_buf *ret,
			  struct snug_error *err) SNUG_CHECKED;
/*
 * into := into ∪ other. A recording of no run (all zero) is neutral: a union starts from it. On
 * failure (no memory) into holds some of other, and only snug_recording_clear() is of use.
 */
int snug_recording_merge(struct snug_recording *into, const struct snug_recording *other,
			 struct snug_error *err) SNUG_CHECKED;

/* For who records: finds or adds (arch, nr, refused), keeping the order. NULL without memory. */
struct snug_seen_call *snug_recording_call(struct snug_recording *recording, enum snug_arch arch,
					   uint32_t nr, bool refused);
/* Finds or adds a capability, keeping the order. NULL without memory. */
struct snug_seen_cap *snug_recording_cap(struct snug_recording *recording, unsigned cap);
/* Adds a tuple, sorted and unique; past SNUG_TUPLES_MAX the call becomes any_args. -1 without
 * memory. */
int snug_seen_call_tuple(struct snug_seen_call *call, const struct snug_tuple *tuple);
/* The recording is of this one run (a new recording, once). -1 without memory. */
int snug_recording_set_run(struct snug_recording *recording, uint64_t run);
/* Distinct runs by the SNUG_RUN_IDS_MAX smallest of their ids, the largest of which is last. */
uint64_t snug_runs_estimate(uint64_t last);
