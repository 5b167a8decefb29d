/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge section SEED [small]                prints a random linux.seccomp that a container starts
 *                                            under, with either runtime; small: fit to be
 *                                            one of two that meet
 * judge run SEED RUNTIME CONFIG PIDFILE CMD… runs CMD, which starts a container of CONFIG's with
 *                                            `calls` in it, and holds three judges against each
 *                                            other: the model, the filter that the kernel has
 *                                            loaded for the container, and what calls get
 *
 * Prints what differs and exits 1.
 */
#include "calls.h"

#include "apply/filter.h"
#include "apply/readback.h"
#include "base/cleanup.h"
#include "model/floor.h"
#include "model/oci/spec.h"

static void print_error(const char *fmt, ...);
static void fail_msg(const char *fmt, ...);
#include "support/section.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 100

static void die(const char *what, const struct snug_error *err)
{
	fprintf(stderr, "judge: seed %llu: %s: %s %s\n", (unsigned long long)random_seed, what,
		err ? err->path : "", err ? err->what : "");
	exit(1);
}

/* section.h's CHECK is not used here; these are what it would call. */
static void __attribute__((unused)) print_error(const char *fmt, ...)
{
	(void)fmt;
}
static void __attribute__((unused)) fail_msg(const char *fmt, ...)
{
	die(fmt, NULL);
}

/* ---- section ---- */

static int print_section(bool small)
{
	static const char *own[] = { "read", "write", "clone", "wait4", "exit_group", "execve" };
	const struct snug_floor_query all = { .all = true };
	const char *always[256] = { 0 };
	struct section_options options = { .all_actions = true,
					   .once = small,
					   .calls = small ? 8 : 0,
					   .entries = small ? 2 : 0,
					   .always = always };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_floor_call call;
	size_t cursor = 0, count = 0;

	while (snug_floor_next(&all, &cursor, &call) && count < 240)
		if (!section_is_always(&options, call.name))
			always[count++] = call.name;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!section_is_always(&options, own[i]))
			always[count++] = own[i];
	section_random(&text, &options);
	puts(snug_buf_text(&text));
	return 0;
}

/* ---- run ---- */

struct container {
	int to, from; /* calls' standard input and output */
	pid_t command, init;
};

static void start(struct container *container, char **command)
{
	int in[2], out[2];

	if (pipe(in) < 0 || pipe(out) < 0 || (container->command = fork()) < 0)
		die("pipe, fork", NULL);
	if (container->command == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	container->to = in[1];
	container->from = out[0];
}

static int64_t hear(const struct container *container)
{
	int64_t answer;
	size_t have = 0;

	while (have < sizeof(answer)) {
		ssize_t n = read(container->from, (char *)&answer + have, sizeof(answer) - have);

		if (n <= 0)
			die("the container said nothing", NULL);
		have += (size_t)n;
	}
	return answer;
}

/* runc writes it when the program runs already. */
static pid_t read_pid(const char *path)
{
	for (unsigned i = 0; i < 60000; i++) {
		FILE *file = fopen(path, "re");
		int pid = 0, n = file ? fscanf(file, "%d", &pid) : 0;

		if (file)
			fclose(file);
		if (n == 1)
			return pid;
		usleep(1000);
	}
	die(path, NULL);
	return -1;
}

struct law {
	struct snug_json *doc;
	struct snug_spec spec;
	struct snug_oci_seccomp section;
	struct snug_target target;
	struct snug_seccomp policy;
};

static void read_law(const char *path, const char *runtime, struct law *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };
	enum snug_runtime which;
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t n;

	if (!file || !snug_runtime_parse(runtime, &which))
		die(path, NULL);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		snug_buf_add(&text, part, n);
	fclose(file);
	snug_target_of_host(which, &ret->target);
	if (snug_json_parse(&ret->doc, text.data, text.len, path, &err) < 0 ||
	    snug_spec_read(ret->doc, &ret->spec, &err) < 0 ||
	    snug_oci_seccomp_read(ret->spec.seccomp, &ret->section, &err) < 0 ||
	    snug_oci_seccomp_mean(&ret->section, &ret->target, &ret->policy, &err) < 0)
		die(path, &err);
}

/* libseccomp 2.5.4 builds some filters in 10,000 wrong, where i386 is listed too. */
static bool is_built_right(const struct law *law)
{
	struct snug_error err = { 0 };

	if (snug_filter_check(&law->section, &law->target, &law->policy, &err) == 0)
		return true;
	if (!strstr(err.what, "is not the policy"))
		die("the filter", &err);
	printf("no case: %s\n", err.what);
	return false;
}

/* What is loaded is the policy, and is what snug's own compile makes. */
static void judge_loaded(const struct law *law, pid_t tid)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters live = { 0 };
	SNUG_AUTO(snug_filter_clear) struct snug_filter ours = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	if (snug_filters_read(tid, &live, &err) < 0)
		die("read back", &err);
	if (live.count != 1)
		die("not one filter", NULL);
	if (snug_program_prove(&live.at[0].program, &law->policy, &witness, &err) < 0)
		die("the loaded filter", &err);
	if (snug_filter_compile(&law->section, &law->target, SNUG_FILTER_LINEAR, &ours, &err) < 0 ||
	    snug_program_prove(&ours.program, &law->policy, &witness, &err) < 0)
		die("our filter", &err);
}

/* Calls that cannot fail by themselves, or that no kernel has. */
static void random_call(const struct law *law, struct snug_call_data *call)
{
	static const char *const sure[] = { "getuid",  "geteuid", "getgid",
					    "getegid", "gettid",  "getpgrp" };
	const struct snug_syscall *known;
	const struct snug_split *split;
	const struct snug_cube *cube;
	unsigned dice = random_below(8);

	call->arch = dice < 2 ? SNUG_ARCH_I386 : dice == 2 ? SNUG_ARCH_X32 : SNUG_ARCH_X86_64;
	known = snug_syscall_by_name(call->arch, sure[random_below(6)]);
	call->nr = known && random_below(6) ? known->nr
					    : snug_abi_first(call->arch) + 600 + random_below(400);
	split = snug_seccomp_split(&law->policy, call->arch, call->nr);
	cube = &split->at[random_below((unsigned)split->count)].cube;
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		call->args[i] = cube->value[i] | (section_value() & ~cube->mask[i]);
		if (call->arch == SNUG_ARCH_I386)
			call->args[i] &= 0xffffffff;
	}
}

static bool agrees(const struct snug_call_data *call, snug_action action, int64_t answer)
{
	snug_action kind = snug_action_kind(action);
	uint32_t plain = call->nr & ~SNUG_X32_BIT;

	if (kind == SNUG_KILL_PROCESS || kind == SNUG_KILL_THREAD || kind == SNUG_TRAP)
		return answer == (CALL_DIED | SIGSYS);
	if (kind == SNUG_ERRNO(0))
		return answer == -(int64_t)(action & 0xffff);
	if (kind == SNUG_TRACE(0) || plain >= 600)
		return answer == -ENOSYS;
	/* A kernel without x32 has none of its calls. */
	return answer >= 0 || (call->arch == SNUG_ARCH_X32 && answer == -ENOSYS);
}

static void judge_call(const struct law *law, const struct container *container)
{
	struct snug_call_data call = { 0 };
	struct told_call told = { 0 };
	snug_action action;
	int64_t answer;
	char words[200], action_words[64];

	random_call(law, &call);
	action = snug_seccomp_decide(&law->policy, &call);
	told.i386 = call.arch == SNUG_ARCH_I386;
	told.nr = call.nr;
	memcpy(told.args, call.args, sizeof(told.args));
	if (write(container->to, &told, sizeof(told)) != sizeof(told))
		die("write", NULL);
	answer = hear(container);
	if (agrees(&call, action, answer))
		return;
	snug_call_words(&call, words, sizeof(words));
	snug_action_words(action, action_words, sizeof(action_words));
	fprintf(stderr, "judge: %s: model %s, kernel %lld\n", words, action_words,
		(long long)answer);
	die("the kernel disagrees", NULL);
}

static int run(char **argv)
{
	struct container container;
	struct law law = { 0 };
	int status;

	read_law(argv[1], argv[0], &law);
	unlink(argv[2]);
	if (!is_built_right(&law))
		return 0;
	start(&container, argv + 3);
	if (hear(&container) != CALLS_READY)
		die("the container is not ready", NULL);
	judge_loaded(&law, read_pid(argv[2]));
	for (unsigned i = 0; i < CALLS; i++)
		judge_call(&law, &container);
	close(container.to);
	if (waitpid(container.command, &status, 0) < 0 || status != 0)
		die("the container failed", NULL);
	snug_seccomp_clear(&law.policy);
	snug_oci_seccomp_clear(&law.section);
	snug_json_free(law.doc);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	random_seed = random_state = strtoull(argv[2], NULL, 0);
	if (strcmp(argv[1], "section") == 0)
		return print_section(argc > 3);
	return strcmp(argv[1], "run") == 0 && argc > 6 ? run(argv + 3) : 2;
}
