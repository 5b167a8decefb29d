/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a recording against what strace saw of the same runs:
 *
 *	compare RECORDING STRACE...
 *
 * STRACE is the output of `strace -f -n -X raw --decode-pids=pidns -e signal=none -o STRACE` around
 * the runtime. In each the first thread that loads a filter and executes something is the
 * container's; what it does from there on, and all that descends from it, has to be in the
 * recording, phase and arguments included, and nothing else may be. Prints each difference; exits 1
 * if there is one.
 */
#include "model/argspec.h"
#include "model/recording.h"
#include "model/syscalls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PR_SET_SECCOMP		22
#define SECCOMP_MODE_FILTER	2
#define SECCOMP_SET_MODE_FILTER 1

struct event {
	int pid;
	uint32_t nr;
	char name[32], args[256];
	size_t entered, left; /* line numbers; left 0: never */
	bool has_result;      /* "= ?" is none: the task died, perhaps before the call began */
	long result;
	int child; /* of a fork, as strace's namespace has it */
};

struct trace {
	SNUG_VEC(struct event) events;
	size_t line;
	int init;
	size_t gate, exec; /* lines: the filter load's return, the execve's entry */
};

struct seen {
	enum snug_arch arch;
	uint32_t nr;
	unsigned sure, maybe; /* phases */
	SNUG_VEC(struct snug_tuple) sure_tuples, maybe_tuples;
};
static SNUG_VEC(struct seen) all;
static unsigned differences;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "compare: %s\n", what);
	exit(2);
}

static struct event *open_event(struct trace *trace, int pid)
{
	for (size_t i = trace->events.count; i-- > 0;)
		if (trace->events.at[i].pid == pid)
			return trace->events.at[i].left ? NULL : &trace->events.at[i];
	return NULL;
}

/* What is behind the last " = ": a number, perhaps with a comment that has strace's own number. */
static void take_result(struct event *event, const char *rest, size_t line)
{
	const char *at = NULL, *inner;

	for (const char *p = rest; (p = strstr(p, " = ")); p += 3)
		at = p + 3;
	if (!at)
		return;
	event->left = line;
	if (*at == '?')
		return;
	event->has_result = true;
	event->result = strtol(at, NULL, 0);
	event->child = (int)event->result;
	inner = strstr(at, "/* ");
	if (inner && strstr(inner, "in strace's PID NS"))
		event->child = atoi(inner + 3);
}

static void take_line(struct trace *trace, const char *text)
{
	struct event event = { .entered = ++trace->line };
	int at = 0;
	const char *open;
	size_t len;

	if (sscanf(text, "%d [%u] %n", &event.pid, &event.nr, &at) != 2 || !at ||
	    strncmp(text + at, "+++", 3) == 0 || strncmp(text + at, "---", 3) == 0)
		return;
	if (strncmp(text + at, "<... ", 5) == 0) {
		struct event *begun = open_event(trace, event.pid);

		if (begun)
			take_result(begun, text + at, trace->line);
		return;
	}
	open = strchr(text + at, '(');
	if (!open)
		return;
	len = (size_t)(open - text) - (size_t)at;
	snprintf(event.name, sizeof(event.name), "%.*s", (int)len, text + at);
	snprintf(event.args, sizeof(event.args), "%s", open + 1);
	if (!strstr(open, "<unfinished ...>") || strstr(open, ") = ?"))
		take_result(&event, open, trace->line);
	if (snug_vec_push(&trace->events, event) < 0)
		die("out of memory");
}

/* The argument at index as strace prints it, past "name=". Strings are empty by -s 0. */
static uint64_t argument(const char *args, unsigned index)
{
	int depth = 0;
	const char *equals;
	size_t len;

	for (; index && *args; args++) {
		depth += (*args == '{' || *args == '[') - (*args == '}' || *args == ']');
		index -= *args == ',' && depth == 0;
	}
	while (*args == ' ')
		args++;
	len = strcspn(args, ",)|");
	equals = memchr(args, '=', len);
	return strtoull(equals ? equals + 1 : args, NULL, 0);
}

static bool loads_filter(const struct event *event)
{
	if (!event->has_result || event->result != 0)
		return false;
	if (strcmp(event->name, "prctl") == 0)
		return argument(event->args, 0) == PR_SET_SECCOMP &&
		       argument(event->args, 1) == SECCOMP_MODE_FILTER;
	return strcmp(event->name, "seccomp") == 0 &&
	       argument(event->args, 0) == SECCOMP_SET_MODE_FILTER;
}

/* The line of pid's next execve that succeeds. */
static size_t next_exec(const struct trace *trace, size_t from, int pid)
{
	for (size_t i = from; i < trace->events.count; i++) {
		const struct event *event = &trace->events.at[i];

		if (event->pid == pid && event->has_result && !event->result &&
		    strncmp(event->name, "execve", 6) == 0)
			return event->entered;
	}
	return (size_t)-1;
}

/* snug's own processes load filters too, and execute nothing. */
static void find_gate(struct trace *trace)
{
	for (size_t i = 0; i < trace->events.count; i++) {
		const struct event *event = &trace->events.at[i];

		if (!loads_filter(event))
			continue;
		trace->init = event->pid;
		trace->gate = event->left;
		trace->exec = next_exec(trace, i, event->pid);
		if (trace->exec != (size_t)-1)
			return;
	}
	die(trace->init ? "no execve after the filter load" : "no filter load");
}

static bool forks(const struct event *event)
{
	return event->has_result && event->child > 0 &&
	       (strncmp(event->name, "clone", 5) == 0 || strcmp(event->name, "fork") == 0 ||
		strcmp(event->name, "vfork") == 0);
}

/* The phase in which pid was at that line; 0: none of the container's. */
static unsigned phase_of(const struct trace *trace, int pid, size_t line)
{
	if (pid == trace->init)
		return line <= trace->gate   ? 0
		       : line <= trace->exec ? SNUG_PHASE_RUNTIME
					     : SNUG_PHASE_WORKLOAD;
	for (size_t i = trace->events.count; i-- > 0;) {
		const struct event *event = &trace->events.at[i];

		if (event->entered < line && forks(event) && event->child == pid)
			return phase_of(trace, event->pid, event->entered);
	}
	return 0;
}

static struct seen *entry(enum snug_arch arch, uint32_t nr)
{
	struct seen seen = { .arch = arch, .nr = nr };

	for (size_t i = 0; i < all.count; i++)
		if (all.at[i].arch == arch && all.at[i].nr == nr)
			return &all.at[i];
	if (snug_vec_push(&all, seen) < 0)
		die("out of memory");
	return &all.at[all.count - 1];
}

/* strace's clone has its arguments in an order of its own; clone3's are in a structure. */
static uint64_t flags_of(const struct event *event)
{
	const char *flags = strstr(event->args, "flags=");

	return flags ? strtoull(flags + strlen("flags="), NULL, 0) : 0;
}

static void add(enum snug_arch arch, uint32_t nr, const struct event *event, unsigned phase)
{
	struct seen *seen = entry(arch, nr);
	bool is_clone = strncmp(event->name, "clone", 5) == 0;
	bool sure = event->has_result || strncmp(event->name, "exit", 4) == 0;
	struct snug_tuple tuple = { 0 };
	struct snug_argspec spec;

	*(sure ? &seen->sure : &seen->maybe) |= phase;
	if (!snug_argspec_of_nr(arch, nr, &spec))
		return;
	for (unsigned i = 0; i < spec.count; i++)
		tuple.value[i] = spec.mask[i] & (is_clone ? flags_of(event)
							  : argument(event->args, spec.index[i]));
	if (sure ? snug_vec_push(&seen->sure_tuples, tuple)
		 : snug_vec_push(&seen->maybe_tuples, tuple))
		die("out of memory");
}

static void collect(const struct trace *trace)
{
	for (size_t i = 0; i < trace->events.count; i++) {
		const struct event *event = &trace->events.at[i];
		const struct snug_syscall *call = snug_syscall_by_nr(SNUG_ARCH_X86_64, event->nr);
		enum snug_arch arch = call && strcmp(call->name, event->name) == 0
					      ? SNUG_ARCH_X86_64
					      : SNUG_ARCH_I386;
		unsigned phase = phase_of(trace, event->pid, event->entered);

		if (!phase)
			continue;
		add(arch, event->nr, event, phase);
		/* What a clone3 stands for is recorded beside it. */
		call = snug_syscall_by_name(arch, "clone");
		if (strcmp(event->name, "clone3") == 0 && strstr(event->args, "flags=") && call)
			add(arch, call->nr, event, phase);
	}
}

static void read_trace(const char *path)
{
	struct trace trace = { 0 };
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		die(path);
	while (getline(&line, &room, file) > 0)
		take_line(&trace, line);
	free(line);
	fclose(file);
	find_gate(&trace);
	collect(&trace);
	free(trace.events.at);
}

static bool holds(const struct snug_tuple *list, size_t count, const struct snug_tuple *tuple)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&list[i], tuple, sizeof(*tuple)) == 0)
			return true;
	return false;
}

static void differ(const struct seen *seen, const char *what, unsigned phase)
{
	const struct snug_syscall *call = snug_syscall_by_nr(seen->arch, seen->nr);

	printf("%s: %s %s (%u)%s%s\n", what, snug_arch_word(seen->arch), call ? call->name : "?",
	       seen->nr, phase & SNUG_PHASE_RUNTIME ? " runtime" : "",
	       phase & SNUG_PHASE_WORKLOAD ? " workload" : "");
	differences++;
}

/* strace sees no difference between a call that a filter refused and one that failed. */
static void compare(const struct seen *seen, const struct snug_seen_call *call,
		    const struct snug_seen_call *refused)
{
	unsigned phases = (call ? call->phases : 0) | (refused ? refused->phases : 0);

	if (seen->sure & ~phases)
		differ(seen, "strace alone saw", seen->sure & ~phases);
	if (phases & ~(seen->sure | seen->maybe))
		differ(seen, "snug alone saw", phases & ~(seen->sure | seen->maybe));
	if (!call || refused || call->any_args)
		return;
	for (size_t i = 0; i < seen->sure_tuples.count; i++)
		if (!holds(call->tuples.at, call->tuples.count, &seen->sure_tuples.at[i]))
			differ(seen, "strace alone saw arguments of", 0);
	for (size_t i = 0; i < call->tuples.count; i++)
		if (!holds(seen->sure_tuples.at, seen->sure_tuples.count, &call->tuples.at[i]) &&
		    !holds(seen->maybe_tuples.at, seen->maybe_tuples.count, &call->tuples.at[i]))
			differ(seen, "snug alone saw arguments of", 0);
}

static void read_recording(const char *path, struct snug_recording *ret)
{
	static char text[1 << 22];
	struct snug_error err = { 0 };
	FILE *file = fopen(path, "r");

	if (!file ||
	    snug_recording_parse(text, fread(text, 1, sizeof(text), file), path, ret, &err) < 0)
		die(file ? err.what : path);
	fclose(file);
}

static const struct snug_seen_call *recorded(const struct snug_recording *recording,
					     const struct seen *seen, bool refused)
{
	for (size_t i = 0; i < recording->calls.count; i++) {
		const struct snug_seen_call *call = &recording->calls.at[i];

		if (call->arch == seen->arch && call->nr == seen->nr && call->refused == refused)
			return call;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct snug_recording recording = { 0 };

	if (argc < 3)
		die("usage: compare RECORDING STRACE...");
	read_recording(argv[1], &recording);
	for (int i = 2; i < argc; i++)
		read_trace(argv[i]);
	for (size_t i = 0; i < recording.calls.count; i++)
		(void)entry(recording.calls.at[i].arch, recording.calls.at[i].nr);
	for (size_t i = 0; i < all.count; i++)
		compare(&all.at[i], recorded(&recording, &all.at[i], false),
			recorded(&recording, &all.at[i], true));
	printf("%zu calls, %u differences\n", all.count, differences);
	snug_recording_clear(&recording);
	return differences ? 1 : 0;
}
