/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/runtime_args.h"

#include <stddef.h>
#include <string.h>

/* ---- what options there are ---- */

/* Where an option's value goes in snug_runtime_args. */
#define TO(member) .value = true, .to = offsetof(struct snug_runtime_args, member) + 1
#define VALUE	   .value = true
#define OF(verb)   (1u << SNUG_VERB_##verb)
#define GLOBAL	   OF(OTHER)
#define STARTS	   (OF(CREATE) | OF(RUN) | OF(RESTORE))
#define RUNC	   (1u << SNUG_RUNTIME_RUNC)
#define CRUN	   (1u << SNUG_RUNTIME_CRUN)
#define BOTH	   (RUNC | CRUN)

struct option {
	const char *name;
	char letter; /* 0: none */
	bool value, adds;
	bool takes; /* something away; what a "=false" behind it adds */
	size_t to;  /* one more than the offset; 0: nowhere */
	unsigned verbs, runtimes;
};

/* runc 1.1 to 1.3, crun 1.8 to 1.20: their help and their sources. */
static const struct option options[] = {
	{ "debug", 0, .verbs = GLOBAL, .runtimes = BOTH },
	{ "log", 0, TO(log), .verbs = GLOBAL, .runtimes = BOTH },
	{ "log-format", 0, TO(log_format), .verbs = GLOBAL, .runtimes = BOTH },
	{ "log-level", 0, VALUE, .verbs = GLOBAL, .runtimes = CRUN },
	{ "root", 0, TO(root), .verbs = GLOBAL, .runtimes = BOTH },
	{ "criu", 0, VALUE, .verbs = GLOBAL, .runtimes = RUNC },
	{ "systemd-cgroup", 0, .verbs = GLOBAL, .runtimes = BOTH },
	{ "cgroup-manager", 0, VALUE, .verbs = GLOBAL, .runtimes = CRUN },
	{ "rootless", 0, VALUE, .verbs = GLOBAL, .runtimes = BOTH },
	{ "help", 'h', .verbs = GLOBAL | STARTS | OF(EXEC) | OF(CHECKPOINT), .runtimes = RUNC },
	{ "help", '?', .verbs = GLOBAL | STARTS | OF(EXEC) | OF(CHECKPOINT), .runtimes = CRUN },
	{ "usage", 0, .verbs = GLOBAL | STARTS | OF(EXEC) | OF(CHECKPOINT), .runtimes = CRUN },
	{ "version", 'v', .verbs = GLOBAL, .runtimes = BOTH },
	{ "version", 'V', .verbs = GLOBAL, .runtimes = CRUN },

	{ "bundle", 'b', TO(bundle), .verbs = STARTS, .runtimes = BOTH },
	{ "config", 'f', TO(config), .verbs = STARTS, .runtimes = CRUN },
	{ "console-socket", 0, VALUE, .verbs = STARTS | OF(EXEC), .runtimes = BOTH },
	{ "pidfd-socket", 0, VALUE, .verbs = STARTS | OF(EXEC), .runtimes = RUNC },
	{ "pid-file", 0, VALUE, .verbs = STARTS | OF(EXEC), .runtimes = BOTH },
	{ "preserve-fds", 0, VALUE, .verbs = STARTS | OF(EXEC), .runtimes = BOTH },
	{ "detach", 'd', .verbs = OF(RUN) | OF(RESTORE) | OF(EXEC), .runtimes = BOTH },
	{ "keep", 0, .verbs = OF(RUN), .runtimes = BOTH },
	{ "no-pivot", 0, .verbs = STARTS, .runtimes = BOTH },
	{ "no-new-keyring", 0, .verbs = STARTS, .runtimes = BOTH },
	{ "no-subreaper", 0, .verbs = STARTS, .runtimes = BOTH },

	{ "process", 'p', TO(process), .verbs = OF(EXEC), .runtimes = BOTH },
	{ "cap", 'c', VALUE, .adds = true, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "apparmor", 0, VALUE, .adds = true, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "process-label", 0, VALUE, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "no-new-privs", 0, .takes = true, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "cwd", 0, VALUE, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "env", 'e', VALUE, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "tty", 't', .verbs = OF(EXEC), .runtimes = BOTH },
	{ "user", 'u', VALUE, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "additional-gids", 'g', VALUE, .verbs = OF(EXEC), .runtimes = RUNC },
	{ "cgroup", 0, VALUE, .verbs = OF(EXEC), .runtimes = BOTH },
	{ "ignore-paused", 0, .verbs = OF(EXEC), .runtimes = RUNC },
};

static const char *const verb_names[SNUG_VERB_MAX] = {
	[SNUG_VERB_CREATE] = "create",	 [SNUG_VERB_RUN] = "run",
	[SNUG_VERB_EXEC] = "exec",	 [SNUG_VERB_CHECKPOINT] = "checkpoint",
	[SNUG_VERB_RESTORE] = "restore",
};

/* ---- reading ---- */

struct reading {
	enum snug_runtime runtime;
	int argc, at;
	char *const *argv;
	struct snug_runtime_args *ret;
	bool ended; /* by "--": no word after it is an option */
};

static int refuse(const char *word, const char *why, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "'%.200s': %s", word, why);
	return snug_remedy(err, "spell it as --option=VALUE, once, before the container's id");
}

static bool fits(const struct reading *r, const struct option *option)
{
	return option->runtimes & 1u << r->runtime && option->verbs & 1u << r->ret->verb;
}

/* By a name that need not be whole (getopt_long takes what begins one option alone); NULL: none,
 * or several. */
static const struct option *by_name(const struct reading *r, const char *name, size_t len)
{
	const struct option *found = NULL;
	bool part = r->runtime == SNUG_RUNTIME_CRUN;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (!fits(r, option) || strncmp(option->name, name, len) != 0)
			continue;
		if (!option->name[len])
			return option;
		if (part && found && strcmp(found->name, option->name) != 0)
			return NULL;
		if (part)
			found = option;
	}
	return found;
}

static const struct option *by_letter(const struct reading *r, char letter)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (letter && options[i].letter == letter && fits(r, &options[i]))
			return &options[i];
	return NULL;
}

static int keep(struct reading *r, const struct option *option, const char *value,
		struct snug_error *err)
{
	const char **to;

	if (option->adds || (option->takes && value[0] && strcmp(value, "true") != 0))
		r->ret->adds = option->name;
	if (!option->to)
		return 0;
	to = (const char **)(void *)((char *)r->ret + option->to - 1);
	if (*to)
		return refuse(r->argv[r->at], "the option is given twice", err);
	if (!value[0])
		return refuse(r->argv[r->at], "the option has no value", err);
	*to = value;
	if (to == &r->ret->process)
		r->ret->process_at = r->at;
	return 0;
}

/* The value is the next word. One that looks like an option is another to Go, which sorts words
 * first. */
static int keep_next(struct reading *r, const struct option *option, struct snug_error *err)
{
	const char *word = r->argv[r->at];

	if (r->at + 1 >= r->argc)
		return refuse(word, "the option has no value", err);
	if (option->to && r->argv[r->at + 1][0] == '-')
		return refuse(word, "its value looks like an option", err);
	r->at++;
	return keep(r, option, r->argv[r->at], err);
}

static int take_named(struct reading *r, const char *name, struct snug_error *err)
{
	const char *word = r->argv[r->at], *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct option *option = by_name(r, name, len);

	/* Go takes letters by name too. */
	if (!option && len == 1 && r->runtime == SNUG_RUNTIME_RUNC)
		option = by_letter(r, name[0]);
	if (!option)
		return refuse(word, "no option that snug knows of this runtime", err);
	if (!option->value || equals)
		return keep(r, option, equals ? equals + 1 : "", err);
	return keep_next(r, option, err);
}

/* getopt's: -d, -bX, -b X, -dbX */
static int take_letters(struct reading *r, const char *letters, struct snug_error *err)
{
	for (; letters[0]; letters++) {
		const struct option *option = by_letter(r, letters[0]);

		if (!option)
			return refuse(r->argv[r->at], "no option that snug knows of this runtime",
				      err);
		/* argp's optional value of --tty takes the rest of the word. */
		if (!option->value && option->letter != 't')
			continue;
		if (!option->value)
			return 0;
		return letters[1] ? keep(r, option, letters + 1, err) : keep_next(r, option, err);
	}
	return 0;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* The word at r->at, which is an option. */
static int take(struct reading *r, struct snug_error *err)
{
	const char *word = r->argv[r->at];

	if (word[1] == '-')
		return take_named(r, word + 2, err);
	return r->runtime == SNUG_RUNTIME_RUNC ? take_named(r, word + 1, err)
					       : take_letters(r, word + 1, err);
}

/* Options up to the first word that is none, which r->at is then at. */
static int take_all(struct reading *r, struct snug_error *err)
{
	for (; r->at < r->argc && is_option(r->argv[r->at]); r->at++) {
		if (strcmp(r->argv[r->at], "--") == 0) {
			r->at++;
			r->ended = true;
			return 0;
		}
		if (take(r, err) < 0)
			return -1;
	}
	return 0;
}

/* runc's create and run take options behind the id too. */
static int take_behind(struct reading *r, struct snug_error *err)
{
	for (; r->at < r->argc && strcmp(r->argv[r->at], "--") != 0; r->at++)
		if (is_option(r->argv[r->at]) && take(r, err) < 0)
			return -1;
	return 0;
}

static enum snug_verb verb_of(const char *word)
{
	for (enum snug_verb verb = SNUG_VERB_OTHER + 1; verb < SNUG_VERB_MAX; verb++)
		if (strcmp(word, verb_names[verb]) == 0)
			return verb;
	return SNUG_VERB_OTHER;
}

int snug_runtime_args_read(enum snug_runtime runtime, int argc, char *const *argv,
			   struct snug_runtime_args *ret, struct snug_error *err)
{
	struct reading r = { .runtime = runtime, .argc = argc, .at = 1, .argv = argv, .ret = ret };
	bool behind;

	*ret = (struct snug_runtime_args){ .verb = SNUG_VERB_OTHER };
	if (take_all(&r, err) < 0)
		return -1;
	if (r.at >= argc)
		return 0;
	ret->verb_at = r.at;
	ret->verb = verb_of(argv[r.at++]);
	/* Whose options are of no matter: they are refused, or are none of snug's. */
	if (ret->verb == SNUG_VERB_OTHER || ret->verb == SNUG_VERB_CHECKPOINT ||
	    ret->verb == SNUG_VERB_RESTORE)
		return 0;
	r.ended = false; /* one ahead of the command is the runtime's own */
	if (take_all(&r, err) < 0)
		return -1;
	ret->id = r.at < argc ? argv[r.at] : NULL;
	behind = runtime == SNUG_RUNTIME_RUNC && ret->verb != SNUG_VERB_EXEC && !r.ended;
	return behind ? take_behind(&r, err) : 0;
}
