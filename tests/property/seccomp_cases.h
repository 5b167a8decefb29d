/* SPDX-License-Identifier: Apache-2.0 */
/* Random linux.seccomp objects: names that other ABIs lack or multiplex, conditions that meet. */
#pragma once

#include "model/oci/seccomp.h"
#include "model/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "random.h"

struct random_section {
	struct snug_json *doc;
	struct snug_oci_seccomp seccomp;
};

static inline void random_section_clear(struct random_section *section)
{
	snug_oci_seccomp_clear(&section->seccomp);
	snug_json_freep(&section->doc);
}

static inline void put_random_names(struct snug_json_writer *w)
{
	static const char *const pool[] = {
		"socket",	   "socket",	  "connect",	   "accept",
		"accept4",	   "send",	  "socketcall",	   "ipc",
		"shmat",	   "semop",	  "msgget",	   "read",
		"clone",	   "personality", "ioctl",	   "fstat64",
		"mmap2",	   "openat",	  "execve",	   "ptrace",
		"restart_syscall", "io_setup",	  "futex_requeue", "fchmodat2",
		"arch_prctl",	   "setsockopt",  "clone3",
	};

	snug_json_put_key(w, "names");
	snug_json_open(w, '[');
	for (unsigned n = 1 + random_below(3); n > 0; n--)
		snug_json_put_string(w, pool[random_below(sizeof(pool) / sizeof(pool[0]))]);
	snug_json_close(w);
}

static inline void put_random_arg(struct snug_json_writer *w, bool simple)
{
	static const uint64_t values[] = { 0, 1, 2, 0x26, 0x28, 0x100000026ull, 0xffffffff, 3 };
	static const uint64_t masks[] = {
		1, 3, 0xf, 0xffffffff, 0x7e020000, 0, 0xffffffff00000000ull, 0x10000000full
	};
	static const char *const ops[] = { "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",
					   "SCMP_CMP_GE", "SCMP_CMP_GT" };
	unsigned kind = simple ? random_below(2) : random_below(3);

	snug_json_open(w, '{');
	snug_json_pair_u64(w, "index", random_below(4) ? random_below(2) : random_below(6));
	snug_json_pair_u64(w, "value",
			   kind == 1 ? masks[random_below(8)] : values[random_below(8)]);
	if (kind == 1)
		snug_json_pair_u64(w, "valueTwo", values[random_below(8)]);
	snug_json_pair_string(w, "op",
			      kind == 0	  ? "SCMP_CMP_EQ"
			      : kind == 1 ? "SCMP_CMP_MASKED_EQ"
					  : ops[random_below(5)]);
	snug_json_close(w);
}

static inline void put_random_action(struct snug_json_writer *w, const char *key,
				     const char *errno_key)
{
	static const char *const actions[] = { "SCMP_ACT_ALLOW",	"SCMP_ACT_ERRNO",
					       "SCMP_ACT_ALLOW",	"SCMP_ACT_ERRNO",
					       "SCMP_ACT_LOG",		"SCMP_ACT_KILL",
					       "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRACE",
					       "SCMP_ACT_TRAP" };
	static const uint64_t errnos[] = { 1, 38, 95 };
	unsigned action = random_below(random_below(3) ? 4 : 9);

	snug_json_pair_string(w, key, actions[action]);
	if ((action == 1 || action == 3 || action == 7) && random_below(3))
		snug_json_pair_u64(w, errno_key, errnos[random_below(3)]);
}

static inline void put_random_archs(struct snug_json_writer *w)
{
	static const char *const archs[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
					     "SCMP_ARCH_AARCH64" };

	if (random_below(5) == 0)
		return;
	snug_json_put_key(w, "architectures");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < 4; i++)
		if (random_below(2))
			snug_json_put_string(w, archs[i]);
	snug_json_close(w);
}

/*
 * libseccomp 2.5 forgets to load the number on i386, arm64, and x86_64 beside x32, where the rule
 * with the fewest conditions is for a call that this ABI lacks (gen_bpf.c: acc_reset goes with the
 * list's head, which _skip_syscall leaves out). Real sections have a call without conditions.
 */
static inline void put_anchor(struct snug_json_writer *w)
{
	static const char text[] = "{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ERRNO\","
				   "\"errnoRet\":5}";

	snug_json_put_raw(w, text, sizeof(text) - 1);
}

/* simple: what libseccomp compiles right: EQ and MASKED_EQ alone, and some call without either. */
static inline struct random_section random_section(bool simple)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	struct random_section ret = { 0 };
	struct snug_error err;

	snug_json_open(&w, '{');
	put_random_action(&w, "defaultAction", "defaultErrnoRet");
	put_random_archs(&w);
	snug_json_put_key(&w, "syscalls");
	snug_json_open(&w, '[');
	if (simple)
		put_anchor(&w);
	for (unsigned n = random_below(7); n > 0; n--) {
		snug_json_open(&w, '{');
		put_random_names(&w);
		put_random_action(&w, "action", "errnoRet");
		if (random_below(4)) {
			snug_json_put_key(&w, "args");
			snug_json_open(&w, '[');
			for (unsigned a = 1 + random_below(2); a > 0; a--)
				put_random_arg(&w, simple || a > 1);
			snug_json_close(&w);
		}
		snug_json_close(&w);
	}
	snug_json_close(&w);
	snug_json_close(&w);
	assert_int_equal(snug_json_parse(&ret.doc, text.data, text.len, NULL, &err), 0);
	if (snug_oci_seccomp_read(snug_json_root(ret.doc), &ret.seccomp, &err) < 0)
		fail_msg("%s: %s", err.what, text.data);
	return ret;
}

/* ---- what a section says of one call, rule by rule, without cubes ---- */

static inline bool condition_holds(const struct snug_oci_arg *arg, uint64_t value, uint64_t width)
{
	uint64_t a = value & width, b = arg->value & width;

	switch (arg->op) {
	case SNUG_OP_NE:
		return a != b;
	case SNUG_OP_LT:
		return a < b;
	case SNUG_OP_LE:
		return a <= b;
	case SNUG_OP_EQ:
		return a == b;
	case SNUG_OP_GE:
		return a >= b;
	case SNUG_OP_GT:
		return a > b;
	case SNUG_OP_MASKED_EQ:
		return (a & b) == (arg->value2 & b);
	case SNUG_OP_MAX:
		break;
	}
	return false;
}

struct verdict {
	bool whole; /* nothing after it counts */
	bool some;
	snug_action action;
};

/* One rule of count conditions; for a multiplexed call `number` stands for the first argument's. */
static inline void judge_rule(struct verdict *verdict, const struct snug_oci_entry *entry,
			      const struct snug_oci_arg *args, size_t count, uint32_t number,
			      const struct snug_call_data *call)
{
	bool narrow = call->arch == SNUG_ARCH_I386 || call->arch == SNUG_ARCH_X32;
	uint64_t width = narrow ? UINT32_MAX : UINT64_MAX;
	bool bare = number == 0, holds = number == 0 || (call->args[0] & width) == number;

	for (size_t i = 0; i < count; i++) {
		if (number && args[i].index == 0)
			continue;
		bare &= args[i].op == SNUG_OP_MASKED_EQ && !(args[i].value & width);
		holds &= condition_holds(&args[i], call->args[args[i].index], width);
	}
	if (verdict->whole || !(holds || bare))
		return;
	verdict->whole = bare;
	verdict->some = true;
	verdict->action = entry->action;
}

static inline void judge_entry(struct verdict *verdict, const struct snug_oci_entry *entry,
			       uint32_t number, const struct snug_call_data *call)
{
	unsigned seen = 0;
	bool twice = false;

	for (size_t i = 0; i < entry->args.count; i++) {
		twice |= seen >> entry->args.at[i].index & 1;
		seen |= 1u << entry->args.at[i].index;
	}
	if (!twice)
		judge_rule(verdict, entry, entry->args.at, entry->args.count, number, call);
	for (size_t i = 0; twice && i < entry->args.count; i++)
		judge_rule(verdict, entry, &entry->args.at[i], 1, number, call);
}

/* Under a target that names every call of the table and has no stub; the ABI is in the filter. */
static inline snug_action judge(const struct snug_oci_seccomp *seccomp,
				const struct snug_call_data *call)
{
	struct verdict verdict = { .action = seccomp->fallback };

	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];

		for (size_t n = 0; n < entry->names.count && entry->action != seccomp->fallback;
		     n++) {
			const char *name = entry->names.at[n];
			const struct snug_syscall *known = snug_syscall_by_name(call->arch, name);
			uint32_t nr, number;

			if (known && known->nr == call->nr)
				judge_entry(&verdict, entry, 0, call);
			if (call->arch == SNUG_ARCH_I386 &&
			    snug_i386_multiplexed(name, &nr, &number) && nr == call->nr)
				judge_entry(&verdict, entry, number, call);
		}
	}
	return verdict.action;
}

static inline bool is_in_filter(const struct snug_oci_seccomp *seccomp, enum snug_arch arch)
{
	enum snug_arch listed;

	for (size_t i = 0; i < seccomp->archs.count; i++)
		if (snug_arch_parse(seccomp->archs.at[i], &listed) && listed == arch)
			return true;
	return arch == snug_arch_native();
}
