/* SPDX-License-Identifier: Apache-2.0 */
/* Random linux.seccomp sections, as text, for property tests. */
#pragma once

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/action.h"
#include "model/arch.h"
#include "model/cube.h"
#include "model/oci/seccomp.h"
#include "../random.h" /* not the one beside this file */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct section_options {
	bool all_operators; /* else EQ and MASKED_EQ alone, of which libseccomp builds no nonsense
			     */
	bool all_actions;   /* else those that a test survives in its own process: no kill */
	unsigned calls;	    /* so many of section_calls at most; 0: all */
	unsigned entries;   /* of one call at most; 0: three */
	bool once;	    /* no argument twice in an entry: profiles refuse that */
	const char *const *always; /* calls that are allowed whole, NULL-terminated; NULL: none */
};

/* Calls without effect whatever their arguments are, so that a test can make them: few, so that
 * two sections meet in them. */
static const char *const section_calls[] = {
	"getpid",
	"getppid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"gettid",
	"getpgrp",
	"sched_yield",
	"getpgid",
	"getsid",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getscheduler",
	"getpriority",
	"ioprio_get",
	"pkey_free",
	"openat2",
	"cachestat",
	"futex_requeue",
};
#define SECTION_CALLS (sizeof(section_calls) / sizeof(section_calls[0]))

/* Values in which filters go wrong: small, at a 32-bit border, dirty in the upper half. */
static uint64_t section_value(void)
{
	static const uint64_t odd[] = { 0,
					1,
					2,
					0x26,
					0x100000026,
					0xffffffff,
					0x100000000,
					0xffffffff00000000,
					UINT64_MAX,
					0x80000000,
					0x7fffffff,
					0xffffffff80000000,
					0x8000000000,
					0x8000000000000000 };

	switch (random_below(4)) {
	case 0:
		return random_below(50);
	case 1:
		return UINT64_C(1) << random_below(64);
	case 2:
		return random_u64() >> random_below(64);
	default:
		return odd[random_below(sizeof(odd) / sizeof(odd[0]))];
	}
}

static const char *section_pick(const struct section_options *options, bool fallback)
{
	static const char *const all[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",
					   "SCMP_ACT_TRAP",  "SCMP_ACT_TRACE",
					   "SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS",
					   "SCMP_ACT_LOG" };
	unsigned dice = random_below(10);

	if (dice < 4)
		return fallback ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW";
	if (dice < 6)
		return "SCMP_ACT_ERRNO";
	return all[random_below(options->all_actions ? 7 : 4)];
}

static void section_action(struct snug_buf *out, const char *key, const char *errno_key,
			   const char *action)
{
	snug_action kind;

	snug_buf_addf(out, "\"%s\":\"%s\"", key, action);
	if (snug_action_parse(action, &kind) && snug_action_has_data(kind) && random_below(3))
		snug_buf_addf(out, ",\"%s\":%u", errno_key, 1 + random_below(130));
}

/* A mask of a few bits, one of them in the low half: from masks of the upper half alone
 * libseccomp 2.5 builds wrong filters where i386 is listed too (it takes one block for two). */
static uint64_t section_mask(unsigned bits)
{
	uint64_t mask = UINT64_C(1) << random_below(32);

	while (bits-- > 1)
		mask |= UINT64_C(1) << random_below(64);
	return mask;
}

/* `sparse`: two bits. Every bit that a condition fixes makes a piece of what is left. */
static void section_condition(struct snug_buf *out, const struct section_options *options,
			      unsigned index, bool sparse)
{
	static const char *const ops[] = { "EQ", "MASKED_EQ", "NE", "LT", "LE", "GE", "GT" };
	const char *op = sparse ? "MASKED_EQ" : ops[random_below(options->all_operators ? 7 : 2)];
	bool masked = op[0] == 'M';
	uint64_t a = masked ? section_mask(sparse ? 2 : 8) : section_value(), b = section_value();

	snug_buf_addf(out, "{\"index\":%u,\"value\":%llu,", index, (unsigned long long)a);
	if (masked)
		snug_buf_addf(out, "\"valueTwo\":%llu,",
			      (unsigned long long)(random_below(8) ? b & a : b));
	snug_buf_addf(out, "\"op\":\"SCMP_CMP_%s\"}", op);
}

/* A condition on argument `index`, and sparse ones on up to two others; now and then one argument
 * twice. */
static void section_conditions(struct snug_buf *out, const struct section_options *options,
			       unsigned index)
{
	unsigned n = random_below(3);

	snug_buf_adds(out, ",\"args\":[");
	section_condition(out, options, index, false);
	for (unsigned i = 0; i < n; i++) {
		index = options->once || random_below(20)
				? (index + 1 + random_below(2)) % SNUG_ARGS
				: index;
		snug_buf_addc(out, ',');
		section_condition(out, options, index, true);
	}
	snug_buf_addc(out, ']');
}

/* Entries of one call have one action: overlapping ones that differ contradict each other. Of one
 * call, all test one argument above all: three exact values of three arguments leave 64 × 64 × 64
 * pieces, past the limit. */
static void section_call(struct snug_buf *out, const struct section_options *options,
			 const char *name)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf action = { 0 };
	unsigned entries = 1 + random_below(options->entries ? options->entries : 3),
		 index = random_below(SNUG_ARGS);
	bool flat = random_below(2);

	section_action(&action, "action", "errnoRet", section_pick(options, false));
	for (unsigned i = 0; i < entries; i++) {
		snug_buf_addf(out, ",{\"names\":[\"%s\"],%s", name, snug_buf_text(&action));
		if (!flat)
			section_conditions(out, options, index);
		snug_buf_addc(out, '}');
		if (flat)
			break;
	}
}

static void section_always(struct snug_buf *out, const char *const *names)
{
	snug_buf_adds(out, "{\"names\":[");
	for (size_t i = 0; names && names[i]; i++)
		snug_buf_addf(out, "%s\"%s\"", i ? "," : "", names[i]);
	if (!names)
		snug_buf_adds(out, "\"exit_group\"");
	snug_buf_adds(out, "],\"action\":\"SCMP_ACT_ALLOW\"}");
}

static bool section_is_always(const struct section_options *options, const char *name)
{
	for (size_t i = 0; options->always && options->always[i]; i++)
		if (strcmp(options->always[i], name) == 0)
			return true;
	return false;
}

/* x86_64 always: the test's own; libseccomp adds the native one in any case. */
static inline void section_random(struct snug_buf *out, const struct section_options *options)
{
	snug_buf_addc(out, '{');
	section_action(out, "defaultAction", "defaultErrnoRet", section_pick(options, true));
	snug_buf_adds(out, ",\"architectures\":[\"SCMP_ARCH_X86_64\"");
	snug_buf_adds(out, random_below(2) ? ",\"SCMP_ARCH_X86\"" : "");
	snug_buf_adds(out, random_below(3) ? "" : ",\"SCMP_ARCH_X32\"");
	snug_buf_adds(out, "],\"syscalls\":[");
	section_always(out, options->always);
	for (size_t i = 0; i < (options->calls ? options->calls : SECTION_CALLS); i++)
		if (random_below(3) && !section_is_always(options, section_calls[i]))
			section_call(out, options, section_calls[i]);
	snug_buf_adds(out, "]}");
}

/* ---- what one means ---- */

struct judged {
	struct snug_buf text; /* whoever has one judged fills it */
	struct snug_json *doc;
	struct snug_oci_seccomp section;
	struct snug_seccomp policy;
};

static inline void judged_clear(struct judged *judged)
{
	snug_seccomp_clear(&judged->policy);
	snug_oci_seccomp_clear(&judged->section);
	snug_json_free(judged->doc);
	snug_buf_clear(&judged->text);
}

static inline void section_must(int result, const struct snug_error *err,
				const struct snug_buf *text)
{
	if (result < 0)
		fprintf(stderr, "SNUG_SEED=%llu: %s: %s\n%s\n", (unsigned long long)random_seed,
			err->path, err->what, snug_buf_text(text));
	CHECK(result == 0);
}

/* The rest of *judged from its text. A text that is no policy fails the test. */
static inline void judge(struct judged *judged, const struct snug_target *target)
{
	struct snug_error err = { 0 };
	int result = snug_json_parse(&judged->doc, snug_buf_text(&judged->text), judged->text.len,
				     NULL, &err);

	if (result == 0)
		result = snug_oci_seccomp_read(snug_json_root(judged->doc), &judged->section, &err);
	if (result == 0)
		result = snug_oci_seccomp_mean(&judged->section, target, &judged->policy, &err);
	section_must(result, &err, &judged->text);
}
