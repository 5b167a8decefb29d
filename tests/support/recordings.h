/* SPDX-License-Identifier: Apache-2.0 */
/* Random recordings for property tests. */
#pragma once

#include "model/act_form.h"
#include "model/argspec.h"
#include "model/recording.h"
#include "model/syscalls.h"
#include "random.h"

#include <string.h>

static inline bool random_one_in(unsigned cases)
{
	return random_below(cases) == 0;
}

/* Runs come from a small pool, so that recordings share some; now and then from a large one, so
 * that unions pass SNUG_RUN_IDS_MAX. */
static inline uint64_t random_run(unsigned pool)
{
	return (random_below(pool) + 1) * 0x9e3779b97f4a7c15ull;
}

static inline void random_runs(struct snug_recording *ret)
{
	bool large = random_one_in(8);
	unsigned count = 1 + random_below(large ? 100 : 3);

	for (unsigned i = 0; i < count; i++) {
		struct snug_recording one = { 0 };
		struct snug_source source = { .run = random_run(large ? 1000 : 8),
					      .gate = random_below(SNUG_GATE_MAX),
					      .ended = random_one_in(2),
					      .exit = (int)random_below(4) - 1 };
		struct snug_error err;

		/* The same run may come with more known of it. */
		source.kernel = random_one_in(2) ? strdup("6.1.0") : NULL;
		source.started = random_one_in(2) ? strdup("2026-01-01T00:00:00Z") : NULL;
		if (random_one_in(2) && snug_vec_push(&source.args, strdup("nginx")) < 0)
			abort();
		one.gates = 1u << source.gate;
		one.observed = ret->observed;
		if (snug_recording_set_run(&one, source.run) < 0 ||
		    snug_vec_push(&one.sources, source) < 0 ||
		    snug_recording_merge(ret, &one, &err) < 0)
			abort();
		snug_recording_clear(&one);
	}
}

static inline void random_seen_runs(const struct snug_recording *recording,
				    struct snug_seen_runs *ret)
{
	for (unsigned i = random_below(4); i > 0; i--)
		snug_seen_runs_add(
			ret,
			recording->run_ids.at[random_below((unsigned)recording->run_ids.count)]);
}

/* Masked values as programs have them (small), or any. */
static inline void random_tuples(struct snug_seen_call *call)
{
	struct snug_argspec spec;
	unsigned count = random_one_in(20) ? random_below(100) : random_below(4);

	if (!snug_argspec_of_nr(call->arch, call->nr, &spec))
		return;
	if (random_one_in(10)) {
		call->any_args = true;
		snug_vec_clear(&call->tuples);
	}
	for (unsigned i = 0; i < count; i++) {
		struct snug_tuple tuple = { 0 };

		for (unsigned j = 0; j < spec.count; j++)
			tuple.value[j] =
				spec.mask[j] & (random_one_in(3) ? random_u64() : random_below(64));
		if (snug_seen_call_tuple(call, &tuple) < 0)
			abort();
	}
}

static inline void random_call(struct snug_recording *recording)
{
	static const char *const with_args[] = { "socket",  "clone", "prctl",  "ioctl",
						 "unshare", "bpf",   "clone3", "setsockopt" };
	enum snug_arch arch = random_one_in(3) ? random_below(SNUG_ARCH_MAX) : SNUG_ARCH_X86_64;
	const struct snug_syscall *table;
	struct snug_seen_call *call;
	size_t count;
	uint32_t nr;

	table = snug_syscall_table(arch, &count);
	nr = table[random_below((unsigned)count)].nr;
	if (random_one_in(3)) {
		const struct snug_syscall *known =
			snug_syscall_by_name(arch, with_args[random_below(8)]);

		nr = known ? known->nr : nr;
	} else if (random_one_in(40)) {
		nr = (arch == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0) | (600 + random_below(50));
	}
	call = snug_recording_call(recording, arch, nr, random_one_in(8));
	if (!call)
		abort();
	call->phases |= random_below(4);
	random_seen_runs(recording, &call->runs);
	random_tuples(call);
}

/* Of few programs and calls, so that recordings share some; any bytes now and then. */
static inline void random_needs(struct snug_cap_needs *ret)
{
	static const char *const programs[] = { "nginx", "sh", "", "a \"b\"\n", "caf\xc3\xa9" };

	for (unsigned i = random_below(random_one_in(4) ? 20 : 4); i > 0; i--) {
		struct snug_cap_need need = { .in_call = !random_one_in(4) };

		strcpy(need.program, programs[random_below(5)]);
		for (unsigned j = random_one_in(4) ? random_below(16) : 0; j > 0; j--)
			need.program[j - 1] = (char)random_below(256);
		need.arch = random_one_in(4) ? random_below(SNUG_ARCH_MAX) : SNUG_ARCH_X86_64;
		need.nr = (need.arch == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0) |
			  random_below(random_one_in(8) ? 2000 : 4);
		if (snug_cap_needs_add(ret, &need) < 0)
			abort();
	}
}

/* Of few names, so that recordings share some; any bytes now and then. ret has size bytes. */
static inline void random_bytes(unsigned least, char *ret, unsigned size)
{
	static const char *const names[] = {
		"/etc/passwd",	 "/usr/bin/sh",	       "/usr/sbin/nginx",
		"/tmp/\xc3\xa9", "/a \"b\"\\\n\xff{*", "",
	};
	const char *name = names[random_below(least ? 5 : 6)];
	unsigned len;

	strcpy(ret, name);
	if (random_one_in(4)) {
		len = least + random_below((random_one_in(50) ? size : 12) - least);
		for (unsigned i = 0; i < len; i++)
			ret[i] = (char)(1 + random_below(255));
		ret[len] = '\0';
	}
}

static inline void random_file(struct snug_recording *recording)
{
	char path[SNUG_PATH_MAX + 1], program[SNUG_PATH_MAX + 1];
	unsigned access = 1u << random_below(SNUG_ACCESS_MAX) | 1u << random_below(SNUG_ACCESS_MAX);
	struct snug_seen_file *file;

	random_bytes(1, path, sizeof(path));
	random_bytes(0, program, sizeof(program));
	file = snug_seen_files_add(&recording->files, path, program, access,
				   random_one_in(3) ? access & (unsigned)random_u64() : 0);
	if (!file)
		abort();
	random_seen_runs(recording, &file->runs);
}

/* Numbers that have names, numbers that have none, and those that a kind does not have are 0. */
static inline void random_act(struct snug_recording *recording)
{
	static char buffers[SNUG_ACT_TEXTS + 1][SNUG_PATH_MAX + 1];
	struct snug_seen_act act = { .kind = random_below(SNUG_ACT_MAX) }, *added;
	const struct snug_act_form *form = snug_act_form(act.kind);

	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++) {
		buffers[i][0] = '\0';
		act.text[i] = buffers[i];
	}
	act.program = buffers[SNUG_ACT_TEXTS];
	random_bytes(0, act.program, sizeof(buffers[0]));
	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++) {
		const struct snug_act_member *member = &form->members[i];
		uint32_t *number = &act.number[member->slot];

		if (snug_member_is_text(member))
			random_bytes(member->type == SNUG_MEMBER_PATH, act.text[member->slot],
				     sizeof(buffers[0]));
		else if (member->type == SNUG_MEMBER_WORD)
			*number = random_below(2);
		else
			*number = random_one_in(4) && !member->max ? (uint32_t)random_u64()
								   : random_below(20);
	}
	added = snug_seen_acts_add(&recording->acts, &act);
	if (!added)
		abort();
	random_seen_runs(recording, &added->runs);
}

/* ret is empty before. */
static inline void random_recording(struct snug_recording *ret)
{
	static const char *const names[] = { "web", "db", "cache" };
	static const unsigned seen[] = {
		SNUG_OBSERVED_SYSCALLS | SNUG_OBSERVED_CAPABILITIES | SNUG_OBSERVED_JOINERS,
		SNUG_OBSERVED_SYSCALLS | SNUG_OBSERVED_CAPABILITIES |
			SNUG_OBSERVED_CAPABILITIES_APPROXIMATE,
		SNUG_OBSERVED_SYSCALLS,
		SNUG_OBSERVED_CAPABILITIES,
	};
	static const unsigned files[] = {
		SNUG_OBSERVED_FILES | SNUG_OBSERVED_NETWORK,
		SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE | SNUG_OBSERVED_MOUNTS,
		SNUG_OBSERVED_SIGNALS | SNUG_OBSERVED_MOUNTS,
		0,
	};

	ret->observed = seen[random_one_in(2) ? 0 : random_below(4)] | files[random_below(4)];
	random_runs(ret);
	ret->name = random_one_in(8) ? NULL : strdup(names[random_below(3)]);
	ret->lost_syscalls = random_one_in(8) ? random_below(9) : 0;
	ret->lost_caps = random_one_in(8) ? random_below(9) : 0;
	ret->lost_files = random_one_in(8) ? random_below(9) : 0;
	ret->raised_creds = random_one_in(4);
	for (unsigned i = random_below(24); i > 0; i--)
		random_call(ret);
	for (unsigned i = random_below(5); i > 0; i--) {
		struct snug_seen_cap *cap = snug_recording_cap(ret, random_below(SNUG_CAP_MAX));

		if (!cap)
			abort();
		random_seen_runs(ret, &cap->runs);
		random_needs(&cap->needed);
	}
	for (unsigned i = random_below(random_one_in(3) ? 12 : 4); i > 0; i--)
		random_file(ret);
	for (unsigned i = random_below(random_one_in(3) ? 12 : 4); i > 0; i--)
		random_act(ret);
}
