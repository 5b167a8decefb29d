/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/filter.h"
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/self.h"
#include "cli/simulate_access.h"
#include "flow/harden.h"
#include "model/simulate.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "simulate"

#define WORDS_MAX (2 + SNUG_ARGS) /* PROFILE SYSCALL ARG... */

struct arguments {
	char *words[WORDS_MAX];
	size_t count;
	enum snug_arch arch;
	bool has_runtime;
	enum snug_runtime runtime;
	enum snug_format format;
	bool owner;	   /* asks for files that it owns */
	const char *child; /* of AppArmor's child profile; NULL: of the profile itself */
};

struct answer {
	enum snug_runtime runtime;
	struct snug_simulation said;
};

/* ---- the command line ---- */

static int parse_arch(const char *word, enum snug_arch *ret, struct snug_error *err)
{
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		if (strcmp(word, snug_arch_word(arch)) == 0 ||
		    strcmp(word, snug_arch_name(arch)) == 0) {
			*ret = arch;
			return 0;
		}
	}
	return snug_usage(err, NAME, "unknown architecture '%s': it is x86_64, i386, x32 or arm64",
			  word);
}

static int take_word(char *word, struct arguments *ret, struct snug_error *err)
{
	if (ret->count == WORDS_MAX)
		return snug_usage(err, NAME, "a call has at most %u arguments", SNUG_ARGS);
	ret->words[ret->count++] = word;
	return 0;
}

static int take(int option, char **argv, struct arguments *ret, struct snug_error *err)
{
	/* A negative argument looks like a short option. */
	if (option == 1 || (option >= '0' && option <= '9'))
		return take_word(option == 1 ? optarg : argv[optind - 1], ret, err);
	switch (option) {
	case 'a':
		return parse_arch(optarg, &ret->arch, err);
	case 'r':
		ret->has_runtime = true;
		return snug_runtime_option(NAME, optarg, true, &ret->runtime, err);
	case 'f':
		return snug_format_parse(optarg, &ret->format, err);
	case 'o':
		ret->owner = true;
		return 0;
	case 'c':
		ret->child = optarg;
		return 0;
	default:
		return snug_usage_option(err, NAME, option, argv);
	}
}

static int parse(int argc, char **argv, struct arguments *ret, struct snug_error *err)
{
	static const struct option options[] = {
		{ "arch", required_argument, NULL, 'a' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "format", required_argument, NULL, 'f' },
		{ "owner", no_argument, NULL, 'o' },
		{ "child", required_argument, NULL, 'c' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "-:0::1::2::3::4::5::6::7::8::9::", options,
				     NULL)) != -1)
		if (take(option, argv, ret, err) < 0)
			return -1;
	for (; optind < argc; optind++) /* behind "--" */
		if (take_word(argv[optind], ret, err) < 0)
			return -1;
	if (ret->count < 2 || !ret->words[0][0] || !ret->words[1][0])
		return snug_usage(err, NAME, "a profile and a syscall are wanted");
	return 0;
}

/* Decimal, hexadecimal (0x…), octal (0…) or negative (as the kernel sees it: two's complement). */
static int parse_number(const char *word, uint64_t *ret, struct snug_error *err)
{
	bool negative = word[0] == '-';
	const char *digits = word + negative;
	char *end;

	errno = 0;
	*ret = strtoull(digits, &end, 0);
	if (digits[0] < '0' || digits[0] > '9' || *end)
		return snug_usage(err, NAME, "'%s' is not a number", word);
	if (errno || (negative && *ret > UINT64_C(1) << 63))
		return snug_usage(err, NAME, "%s does not fit in 64 bits", word);
	if (negative)
		*ret = -*ret;
	return 0;
}

static int unknown_call(const char *word, enum snug_arch arch, struct snug_error *err)
{
	const char *near = snug_syscall_suggest(word);

	if (snug_syscall_is_known(word)) {
		snug_fail(err, SNUG_INPUT, "%s has no call '%s'", snug_arch_word(arch), word);
		return snug_remedy(err, "name another --arch");
	}
	snug_fail(err, SNUG_INPUT, "nobody knows a call '%s'", word);
	return near ? snug_remedy(err, "did you mean %s?", near)
		    : snug_remedy(err, "give its name or its number");
}

static int parse_call(const struct arguments *arguments, struct snug_call_data *ret,
		      struct snug_error *err)
{
	const char *word = arguments->words[1];
	const struct snug_syscall *call = snug_syscall_by_name(arguments->arch, word);
	uint64_t number = 0;

	assert(word);
	*ret = (struct snug_call_data){ .arch = arguments->arch };
	if (!call && (word[0] < '0' || word[0] > '9'))
		return unknown_call(word, arguments->arch, err);
	if (!call && parse_number(word, &number, err) < 0)
		return -1;
	if (call)
		number = call->nr;
	else if (number < snug_abi_first(arguments->arch))
		number += snug_abi_first(arguments->arch);
	if (number > snug_abi_last(arguments->arch))
		return snug_usage(err, NAME, "%s is past the highest number that a call can have",
				  word);
	ret->nr = (uint32_t)number;
	for (size_t i = 2; i < arguments->count; i++) {
		if (parse_number(arguments->words[i], &ret->args[i - 2], err) < 0)
			return -1;
		if (snug_arch_bits(arguments->arch) == 32)
			ret->args[i - 2] &= UINT32_MAX;
	}
	return 0;
}

/* ---- the answer ---- */

static int rule_text(const struct answer *answer, struct snug_buf *ret, struct snug_error *err)
{
	switch (answer->said.rule) {
	case SNUG_RULE_ENTRY:
		snug_json_path(answer->said.entry->node, ret);
		break;
	case SNUG_RULE_DEFAULT:
		snug_buf_adds(ret, "the default: no entry holds");
		break;
	case SNUG_RULE_UNLISTED:
		snug_buf_adds(ret, "the architectures: this one is not listed");
		break;
	case SNUG_RULE_STUB:
		snug_buf_adds(ret, "runc's stub: the number is above the highest that is named");
		break;
	}
	return snug_buf_check(ret, err);
}

static int print_text(const struct snug_call_data *call, const struct answer *answer, bool both,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf rule = { 0 };
	char words[200], action[64];

	if (rule_text(answer, &rule, err) < 0)
		return -1;
	snug_call_words(call, words, sizeof(words));
	snug_action_words(answer->said.action, action, sizeof(action));
	printf("%s%s%s: %s\n  by %s\n", words, both ? "" : " under ",
	       both ? "" : snug_runtime_name(answer->runtime), action, snug_buf_text(&rule));
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		if (!(answer->said.dirty >> i & 1))
			continue;
		snug_action_words(answer->said.dirty_action[i], action, sizeof(action));
		printf("  with a dirty upper half (0x%llx) in argument %u, which a call that reads "
		       "32 bits cannot see: %s\n",
		       (unsigned long long)(call->args[i] ^ UINT64_C(1) << 32), i, action);
	}
	return 0;
}

static int put_answer(struct snug_json_writer *w, const struct answer *answer,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf rule = { 0 };
	char action[64];

	if (rule_text(answer, &rule, err) < 0)
		return -1;
	snug_action_words(answer->said.action, action, sizeof(action));
	snug_json_open(w, '{');
	snug_json_pair_string(w, "runtime", snug_runtime_name(answer->runtime));
	snug_json_pair_string(w, "action", snug_action_name(answer->said.action));
	if (snug_action_has_data(answer->said.action))
		snug_json_pair_u64(w, "errnoRet", answer->said.action & 0xffff);
	snug_json_pair_string(w, "words", action);
	snug_json_pair_bool(w, "permitted", snug_action_permits(answer->said.action));
	snug_json_pair_string(w, "rule", snug_buf_text(&rule));
	snug_json_put_key(w, "dirty");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		if (!(answer->said.dirty >> i & 1))
			continue;
		snug_action_words(answer->said.dirty_action[i], action, sizeof(action));
		snug_json_open(w, '{');
		snug_json_pair_u64(w, "index", i);
		snug_json_pair_string(w, "words", action);
		snug_json_close(w);
	}
	snug_json_close(w);
	snug_json_close(w);
	return 0;
}

static int print_json(const struct snug_call_data *call, const struct answer *answers, size_t count,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	char words[200];

	snug_call_words(call, words, sizeof(words));
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "call", words);
	snug_json_pair_string(&w, "arch", snug_arch_name(call->arch));
	snug_json_pair_u64(&w, "nr", call->nr);
	snug_json_put_key(&w, "answers");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < count; i++)
		if (put_answer(&w, &answers[i], err) < 0)
			return -1;
	snug_json_close(&w);
	snug_json_close(&w);
	return snug_cli_print_json(&text, err);
}

static bool same_answer(const struct answer *a, const struct answer *b)
{
	return a->said.action == b->said.action && a->said.rule == b->said.rule &&
	       a->said.entry == b->said.entry && a->said.dirty == b->said.dirty;
}

static int print_answers(const struct arguments *arguments, const struct snug_call_data *call,
			 const struct answer *answers, size_t count, struct snug_error *err)
{
	bool both = count == 2 && same_answer(&answers[0], &answers[1]);

	if (arguments->format == SNUG_FORMAT_JSON)
		return print_json(call, answers, count, err);
	for (size_t i = 0; i < (both ? 1 : count); i++)
		if (print_text(call, &answers[i], both, err) < 0)
			return -1;
	return 0;
}

/* The answer under both runtimes, or under the one that was named. */
static int simulate(const struct arguments *arguments, const struct snug_profile *profile,
		    struct snug_error *err)
{
	struct answer answers[2] = { { .runtime = SNUG_RUNTIME_RUNC },
				     { .runtime = SNUG_RUNTIME_CRUN } };
	size_t count = arguments->has_runtime ? 1 : 2;
	struct snug_call_data call;
	bool permitted = true;

	if (arguments->has_runtime)
		answers[0].runtime = arguments->runtime;
	if (parse_call(arguments, &call, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct snug_target target;

		snug_target_of_host(answers[i].runtime, &target);
		if (snug_simulate(&profile->seccomp, &target, &call, &answers[i].said, err) < 0)
			return -1;
		permitted &= snug_action_permits(answers[i].said.action);
	}
	if (print_answers(arguments, &call, answers, count, err) < 0)
		return -1;
	return permitted ? 0 : snug_fail(err, SNUG_NO, "%s", "");
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct arguments arguments = { .arch = snug_arch_native() };
	const struct snug_cli_files files = { .reads = (const char *const *)arguments.words,
					      .count = 1 };

	if (parse(argc, argv, &arguments, err) < 0 || snug_cli_confine(context, &files, err) < 0 ||
	    snug_flow_profile(&context->store, arguments.words[0], &profile, &path, err) < 0)
		return -1;
	if (snug_is_access_word(arguments.words[1])) {
		const struct snug_access_question question = { .profile = &profile,
							       .path = path,
							       .words = arguments.words + 1,
							       .count = arguments.count - 1,
							       .child = arguments.child,
							       .owner = arguments.owner };

		return snug_simulate_access(&question, arguments.format == SNUG_FORMAT_JSON, err);
	}
	if (profile.seccomp_node)
		return simulate(&arguments, &profile, err);
	snug_fail(err, SNUG_INPUT, "%s: the profile says nothing of syscalls", path);
	return snug_remedy(err, "simulate a profile that has a seccomp member");
}

const struct snug_command snug_cmd_simulate = {
	.name = NAME,
	.arguments = "PROFILE SYSCALL [ARG...] | PROFILE file PATH ACCESS | …",
	.summary = "says what a profile answers to a call or an access, and by which rule",
	.options = "  file PATH ACCESS    ACCESS is of r w a k m x; a folder's PATH ends with '/'\n"
		   "  exec PROGRAM        hardlink NEW-NAME TARGET\n"
		   "  network FAMILY TYPE capability NAME\n"
		   "  --owner             the file is the asking user's own\n"
		   "  --child NAME        of a child profile for AppArmor\n\n"
		   "  SYSCALL             a name, or a number\n"
		   "  ARG                 decimal, 0x hexadecimal or negative; 0 where not given\n"
		   "  --arch A            x86_64, i386, x32 or arm64 (default: this machine's)\n"
		   "  --runtime R         under runc, crun or snug (default: runc and crun)\n"
		   "  --format text|json  how the answer is printed\n"
		   "\nexit status 1: it is denied\n",
	.run = run,
};
