/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/seccomp.h"

#include "base/cleanup.h"
#include "model/syscalls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CRUN_CONDITIONS_MAX 6u /* crun's arg_cmp[6]: it looks at no more of an entry */

unsigned snug_oci_compared_bits(enum snug_arch arch)
{
	/* x32 passes 64 bits, but libseccomp calls it a 32-bit architecture. */
	return arch == SNUG_ARCH_X32 ? 32 : snug_arch_bits(arch);
}

#define SOCKETCALL 102u
#define IPC	   117u

/* linux/net.h, linux/ipc.h; libseccomp's __PNR_ numbers are these, less 100 and 200. */
static const struct {
	const char *name;
	uint8_t call, number;
} multiplexed[] = {
	{ "accept", SOCKETCALL, 5 },
	{ "accept4", SOCKETCALL, 18 },
	{ "bind", SOCKETCALL, 2 },
	{ "connect", SOCKETCALL, 3 },
	{ "getpeername", SOCKETCALL, 7 },
	{ "getsockname", SOCKETCALL, 6 },
	{ "getsockopt", SOCKETCALL, 15 },
	{ "listen", SOCKETCALL, 4 },
	{ "msgctl", IPC, 14 },
	{ "msgget", IPC, 13 },
	{ "msgrcv", IPC, 12 },
	{ "msgsnd", IPC, 11 },
	{ "recv", SOCKETCALL, 10 },
	{ "recvfrom", SOCKETCALL, 12 },
	{ "recvmmsg", SOCKETCALL, 19 },
	{ "recvmsg", SOCKETCALL, 17 },
	{ "semctl", IPC, 3 },
	{ "semget", IPC, 2 },
	{ "semop", IPC, 1 },
	{ "semtimedop", IPC, 4 },
	{ "send", SOCKETCALL, 9 },
	{ "sendmmsg", SOCKETCALL, 20 },
	{ "sendmsg", SOCKETCALL, 16 },
	{ "sendto", SOCKETCALL, 11 },
	{ "setsockopt", SOCKETCALL, 14 },
	{ "shmat", IPC, 21 },
	{ "shmctl", IPC, 24 },
	{ "shmdt", IPC, 22 },
	{ "shmget", IPC, 23 },
	{ "shutdown", SOCKETCALL, 13 },
	{ "socket", SOCKETCALL, 1 },
	{ "socketpair", SOCKETCALL, 8 },
};

bool snug_i386_multiplexed(const char *name, uint32_t *ret_call, uint32_t *ret_number)
{
	for (size_t i = 0; i < sizeof(multiplexed) / sizeof(multiplexed[0]); i++) {
		if (strcmp(name, multiplexed[i].name) == 0) {
			*ret_call = multiplexed[i].call;
			*ret_number = multiplexed[i].number;
			return true;
		}
	}
	return false;
}

/* A rule as libseccomp gets it: at most one condition an argument. */
struct rule {
	struct snug_oci_arg args[SNUG_ARGS];
	unsigned count;
	const struct snug_oci_entry *entry;
};

/* What was said of one call so far. */
struct said {
	bool whole; /* a rule without conditions came: nothing after it counts */
	snug_action action;
	SNUG_VEC(struct part {
		struct snug_cube cube;
		const struct snug_oci_entry *entry;
	})
	parts;
};

struct meaning {
	const struct snug_oci_seccomp *seccomp;
	const struct snug_target *target;
	enum snug_arch arch;
	struct said said[SNUG_SYSCALL_NR_MAX + 1]; /* by number, x32's less its bit */
};

static void meaning_free(struct meaning **meaning)
{
	for (size_t i = 0; *meaning && i <= SNUG_SYSCALL_NR_MAX; i++)
		snug_vec_clear(&(*meaning)->said[i].parts);
	snug_freep(meaning);
}

/* ---- one rule ---- */

static uint64_t compared(const struct meaning *meaning)
{
	return snug_oci_compared_bits(meaning->arch) == 32 ? UINT32_MAX : UINT64_MAX;
}

/* libseccomp builds nothing for MASKED_EQ with no bit in its mask, and takes a rule of nothing for
 * one without conditions. */
static bool is_unconditional(const struct rule *rule, uint64_t compared)
{
	for (unsigned i = 0; i < rule->count; i++)
		if (rule->args[i].op != SNUG_OP_MASKED_EQ || rule->args[i].value & compared)
			return false;
	return true;
}

/* The rule's conditions ANDed: from each condition a cube. */
static int cubes_of_rule(const struct rule *rule, unsigned bits, struct snug_cubes *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes now = { 0 };
	const struct snug_cube all = { 0 };

	if (snug_vec_push(&now, all) < 0)
		return snug_fail_memory(err);
	for (unsigned i = 0; i < rule->count; i++) {
		const struct snug_oci_arg *arg = &rule->args[i];
		SNUG_AUTO(snug_cubes_clear) struct snug_cubes one = { 0 };
		SNUG_AUTO(snug_cubes_clear) struct snug_cubes old = now;

		now = (struct snug_cubes){ 0 };
		if (snug_cubes_of(arg->index, arg->op, arg->value, arg->value2, bits, &one, err) <
		    0)
			return -1;
		if (old.count * one.count > SNUG_CUBES_MAX)
			return snug_fail(err, SNUG_INPUT, "conditions need more than %u pieces",
					 SNUG_CUBES_MAX);
		for (size_t a = 0; a < old.count; a++)
			for (size_t b = 0; b < one.count; b++) {
				struct snug_cube both;

				if (snug_cube_meet(&old.at[a], &one.at[b], &both) &&
				    snug_vec_push(&now, both) < 0)
					return snug_fail_memory(err);
			}
	}
	*ret = now;
	now = (struct snug_cubes){ 0 };
	return 0;
}

static int contradict(const struct meaning *meaning, uint32_t nr, const struct part *part,
		      const struct rule *rule, const struct snug_cube *both, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf first = { 0 };
	struct snug_call_data call = { .arch = meaning->arch,
				       .nr = nr | snug_abi_first(meaning->arch) };
	char words[160], one[40], other[40];

	memcpy(call.args, both->value, sizeof(call.args));
	snug_call_words(&call, words, sizeof(words));
	snug_action_words(part->entry->action, one, sizeof(one));
	snug_action_words(rule->entry->action, other, sizeof(other));
	snug_json_path(part->entry->node, &first);
	snug_json_fail(rule->entry->node, err, "contradicts %s: %s is %s here, %s there",
		       snug_buf_text(&first), words, other, one);
	return snug_remedy(err, "change the args of one so that no call fits both");
}

static int say(struct meaning *meaning, uint32_t nr, const struct rule *rule,
	       struct snug_error *err)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes cubes = { 0 };
	struct said *said = &meaning->said[nr & ~SNUG_X32_BIT];
	const unsigned bits = snug_oci_compared_bits(meaning->arch);
	struct snug_cube both;

	if (said->whole)
		return 0;
	if (is_unconditional(rule, compared(meaning))) {
		said->whole = true;
		said->action = rule->entry->action;
		return 0;
	}
	if (cubes_of_rule(rule, bits, &cubes, err) < 0)
		return -1;
	for (size_t i = 0; i < cubes.count; i++) {
		const struct part new = { cubes.at[i], rule->entry };

		for (size_t j = 0; j < said->parts.count; j++) {
			const struct part *part = &said->parts.at[j];

			if (part->entry->action != rule->entry->action &&
			    snug_cube_meet(&part->cube, &new.cube, &both))
				return contradict(meaning, nr & ~SNUG_X32_BIT, part, rule, &both,
						  err);
		}
		if (snug_vec_push(&said->parts, new) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* i386: a rule for socket(…) is one for socketcall(SYS_SOCKET, …) too, whose arguments but the
 * first libseccomp takes over as if they meant the same there. */
static int say_multiplexed(struct meaning *meaning, const char *name, const struct rule *rule,
			   struct snug_error *err)
{
	struct rule moved = { .count = 1, .entry = rule->entry };
	uint32_t call, number;

	if (meaning->arch != SNUG_ARCH_I386 || !snug_i386_multiplexed(name, &call, &number))
		return 0;
	moved.args[0] = (struct snug_oci_arg){ .op = SNUG_OP_EQ, .value = number };
	for (unsigned i = 0; i < rule->count; i++)
		if (rule->args[i].index != 0)
			moved.args[moved.count++] = rule->args[i];
	return say(meaning, call, &moved, err);
}

static int say_name(struct meaning *meaning, const char *name, const struct rule *rule,
		    struct snug_error *err)
{
	const struct snug_syscall *call = snug_syscall_by_name(meaning->arch, name);

	if (call && snug_target_resolves(meaning->target, meaning->arch, call->nr) &&
	    say(meaning, call->nr, rule, err) < 0)
		return -1;
	return say_multiplexed(meaning, name, rule, err);
}

/* ---- entries ---- */

static bool has_index_twice(const struct snug_oci_entry *entry, size_t count)
{
	unsigned seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (seen >> entry->args.at[i].index & 1)
			return true;
		seen |= 1u << entry->args.at[i].index;
	}
	return false;
}

static int say_entry(struct meaning *meaning, const struct snug_oci_entry *entry, const char *name,
		     struct snug_error *err)
{
	struct rule rule = { .entry = entry };
	size_t count = entry->args.count;

	if (meaning->target->runtime == SNUG_RUNTIME_CRUN && count > CRUN_CONDITIONS_MAX)
		count = CRUN_CONDITIONS_MAX;
	if (!has_index_twice(entry, count)) {
		rule.count = (unsigned)count;
		if (count)
			memcpy(rule.args, entry->args.at, count * sizeof(*rule.args));
		return say_name(meaning, name, &rule, err);
	}
	rule.count = 1;
	for (size_t i = 0; i < count; i++) {
		rule.args[0] = entry->args.at[i];
		if (say_name(meaning, name, &rule, err) < 0)
			return -1;
	}
	return 0;
}

static int say_all(struct meaning *meaning, struct snug_error *err)
{
	const struct snug_oci_seccomp *seccomp = meaning->seccomp;

	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];

		if (entry->action == seccomp->fallback)
			continue;
		for (size_t n = 0; n < entry->names.count; n++)
			if (say_entry(meaning, entry, entry->names.at[n], err) < 0)
				return -1;
	}
	return 0;
}

static unsigned fixed_bits(const struct snug_cube *cube)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < SNUG_ARGS; i++)
		bits += (unsigned)__builtin_popcountll(cube->mask[i]);
	return bits;
}

static int by_fixed_bits(const void *a, const void *b)
{
	unsigned one = fixed_bits(&((const struct part *)a)->cube);
	unsigned other = fixed_bits(&((const struct part *)b)->cube);

	return (one > other) - (one < other);
}

static int put_said(struct meaning *meaning, uint32_t nr, struct snug_seccomp *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	struct said *said = &meaning->said[nr];

	if (!said->whole && said->parts.count == 0)
		return 0;
	if (snug_split_init(&split, said->whole ? said->action : meaning->seccomp->fallback, err) <
	    0)
		return -1;
	/* Parts of unlike action are disjoint, so their order is free: wide ones first, which leave
	 * the narrow ones few pieces to cut. */
	if (said->parts.count)
		qsort(said->parts.at, said->parts.count, sizeof(*said->parts.at), by_fixed_bits);
	for (size_t i = 0; !said->whole && i < said->parts.count; i++)
		if (snug_split_assign(&split, &said->parts.at[i].cube,
				      said->parts.at[i].entry->action, err) < 0)
			return -1;
	snug_split_simplify(&split);
	return snug_seccomp_put(ret, meaning->arch, nr | snug_abi_first(meaning->arch), &split,
				err);
}

/* ---- architectures ---- */

/* runc 1.1's libcontainer/seccomp/patchbpf: findLastSyscalls, generatePatch. */
static int add_stub(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		    enum snug_arch arch, struct snug_seccomp *ret, struct snug_error *err)
{
	uint32_t last = 0, ignored;

	if (target->runtime != SNUG_RUNTIME_RUNC || !snug_oci_seccomp_lists(seccomp, arch) ||
	    !snug_action_looser(SNUG_TRACE(0), seccomp->fallback))
		return 0;
	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];

		for (size_t n = 0; n < entry->names.count; n++) {
			const char *name = entry->names.at[n];
			const struct snug_syscall *call = snug_syscall_by_name(arch, name);

			if (call && call->nr > last &&
			    snug_target_resolves(target, arch, call->nr) &&
			    !(arch == SNUG_ARCH_I386 &&
			      snug_i386_multiplexed(name, &ignored, &ignored)))
				last = call->nr;
		}
	}
	if (last == 0)
		return 0;
	return snug_seccomp_fill(ret, arch, last + 1, snug_abi_last(arch), SNUG_ERRNO(ENOSYS), err);
}

static int mean_arch(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		     enum snug_arch arch, struct snug_seccomp *ret, struct snug_error *err)
{
	SNUG_AUTO(meaning_free) struct meaning *meaning = calloc(1, sizeof(*meaning));

	if (!meaning)
		return snug_fail_memory(err);
	meaning->seccomp = seccomp;
	meaning->target = target;
	meaning->arch = arch;
	if (snug_seccomp_fill(ret, arch, snug_abi_first(arch), snug_abi_last(arch),
			      seccomp->fallback, err) < 0 ||
	    say_all(meaning, err) < 0)
		return -1;
	for (uint32_t nr = 0; nr <= SNUG_SYSCALL_NR_MAX; nr++)
		if (put_said(meaning, nr, ret, err) < 0)
			return -1;
	return add_stub(seccomp, target, arch, ret, err);
}

int snug_oci_seccomp_mean(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
			  struct snug_seccomp *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

	if (snug_seccomp_init(&policy, SNUG_UNLISTED, err) < 0)
		return -1;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if ((snug_oci_seccomp_lists(seccomp, (enum snug_arch)arch) ||
		     arch == snug_arch_native()) &&
		    mean_arch(seccomp, target, (enum snug_arch)arch, &policy, err) < 0)
			return -1;
	*ret = policy;
	policy = (struct snug_seccomp){ 0 };
	return 0;
}
