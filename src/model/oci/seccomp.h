/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp of the runtime-spec (config-linux.md, Seccomp): its syntax, and the way from
 * syntax to meaning (as runc and crun hand it to libseccomp) and back.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "model/seccomp.h"
#include "model/target.h"

/* One condition. */
struct snug_oci_arg {
	unsigned index;
	enum snug_op op;
	uint64_t value, value2;
};

/* One entry of syscalls[]. Names point into the document it was read from. */
struct snug_oci_entry {
	SNUG_VEC(const char *) names;
	snug_action
		action; /* errnoRet included; EPERM where the entry states none, as runtimes do */
	SNUG_VEC(struct snug_oci_arg) args;
	const struct snug_json_node *node; /* for messages */
};

struct snug_oci_seccomp {
	snug_action fallback;	      /* defaultAction with defaultErrnoRet */
	SNUG_VEC(const char *) archs; /* OCI names as listed, known and foreign */
	SNUG_VEC(struct snug_oci_entry) entries;
};

/*
 * Reads a linux.seccomp object; it stays valid as long as node's document. SNUG_INPUT with the
 * JSON path for: unknown action, operator, architecture; index past 5; errnoRet where the action
 * takes none; a call name that no ABI knows (with the nearest one); a member that only differs in
 * case.
 */
int snug_oci_seccomp_read(const struct snug_json_node *node, struct snug_oci_seccomp *ret,
			  struct snug_error *err) SNUG_CHECKED;
void snug_oci_seccomp_clear(struct snug_oci_seccomp *seccomp);
/* Does `architectures` name the ABI? (The native one is in the filter even if not.) */
bool snug_oci_seccomp_lists(const struct snug_oci_seccomp *seccomp, enum snug_arch arch);

/* The members of a section that are policy; the others (flags, listenerPath, …) are the runtime's
 * business. NULL-terminated. */
extern const char *const snug_oci_policy_members[];
bool snug_oci_is_policy_member(const char *key);

/*
 * What it means under target, as runc 1.1, crun 1.8 and libseccomp 2.5 make it (docs/design.md,
 * "From linux.seccomp to calls"; tests/property/apply holds it against libseccomp):
 * - the native ABI is in the filter whether listed or not; an ABI that is not gets KILL_THREAD;
 * - an entry whose action equals the default, errno included, is skipped; so is a name that does
 *   not resolve;
 * - conditions of an entry are ANDed, unless an index occurs twice: then each is a rule of its own;
 *   crun takes an entry's first six alone;
 * - a rule without conditions (or with none but masks of 0) beats those with, and the first of
 *   several such wins;
 * - on i386 and x32 the low 32 bits are compared alone;
 * - on i386 a socket call's rule is also one for socketcall with its first argument replaced by the
 *   call's number there, and the others as they are; likewise semop, shmat, msgsnd … and ipc;
 * - runc's stub: above the highest number that a name resolves to (skipped entries count, i386's
 *   multiplexed calls do not) ENOSYS, unless the default is ALLOW, LOG or TRACE.
 *
 * Rules with conditions that overlap and differ in action contradict each other (the answer would
 * hang on libseccomp's internals): SNUG_INPUT that names both entries and a call.
 */
int snug_oci_seccomp_mean(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			  struct snug_seccomp *ret, struct snug_error *err) SNUG_CHECKED;

/*
 * i386's multiplexed calls: the number that socketcall (ret_call 102) or ipc (117) takes in its
 * first argument for this call. false: no such call.
 */
bool snug_i386_multiplexed(const char *name, uint32_t *ret_call, uint32_t *ret_number);

/* Bits of an argument that libseccomp's filters compare on the ABI: 32 for i386 and x32, else 64.
 */
unsigned snug_oci_compared_bits(enum snug_arch arch);

/* What linux.seccomp could not say exactly, and so became stricter. */
struct snug_loss {
	char text[160];
};
struct snug_losses SNUG_VEC_BODY(struct snug_loss);

#define SNUG_PIECES_MAX 128u /* of one call, each an entry */

/*
 * Writes policy as a linux.seccomp object that means it under target: disjoint pieces with EQ and
 * MASKED_EQ, the newest call of each ABI named (so that runc's stub decides nothing below it),
 * entries in a stable order, names sorted by number. The default is what the policy says of numbers
 * that nobody can name.
 *
 * Where linux.seccomp cannot say it the result is stricter, and listed in losses (appended): an
 * action for one ABI only, more than SNUG_PIECES_MAX pieces for a call, bits above 32 where an ABI
 * is listed whose filters see 32. The result is read and compared with policy before it is handed
 * out, so losses are complete, and empty where it is the same. SNUG_INPUT if it cannot be said at
 * least as strictly (runc's stub under a policy that kills).
 *
 * keep: members of an existing section that are not policy (flags, listenerPath, listenerMetadata
 * and unknown ones) are copied from it; NULL: none.
 */
int snug_oci_seccomp_write(const struct snug_seccomp *policy, const struct snug_target *target,
			   const struct snug_json_node *keep, struct snug_buf *ret,
			   struct snug_losses *losses, struct snug_error *err) SNUG_CHECKED;
/*
 * The same with fewer conditions, for where libseccomp makes something else of them: what refuses
 * in another way than the default, and no more strictly, gets the default, which is a loss.
 */
int snug_oci_seccomp_write_plain(const struct snug_seccomp *policy,
				 const struct snug_target *target,
				 const struct snug_json_node *keep, struct snug_buf *ret,
				 struct snug_losses *losses, struct snug_error *err) SNUG_CHECKED;
