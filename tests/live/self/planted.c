/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bug in each of the parsers: a document that holds "snug-planted:ATTACK:ARGUMENT;" has the
 * parser do that, as code of an attacker's would. What came of it is told as the parse's error:
 * "got through", or what the system said.
 */
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

snug_json_reader __real_snug_json_parse_yajl, __wrap_snug_json_parse_yajl;
snug_json_reader __real_snug_json_parse_own, __wrap_snug_json_parse_own;

static long run_shell(const char *path)
{
	char command[4096];

	snprintf(command, sizeof(command), "echo got through > %s", path);
	return execl("/bin/sh", "sh", "-c", command, (char *)NULL);
}

static long read_file(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : read(fd, &byte, 1);
}

static long write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : write(fd, "got through\n", 12);
}

/* A folder can be opened to be listed, wherever it is. */
static long open_wide(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fchmod(fd, 0777);
}

/* Anybody's from then on, with root's rights. */
static long make_setid(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 04755);
}

static long give_away(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fchown(fd, 65534, 65534);
}

/* Other ways to end a process than kill(2). */
static long starve_process(const char *pid)
{
	const struct rlimit none = { 0, 0 };

	return prlimit(atoi(pid), RLIMIT_NOFILE, &none, NULL);
}

static long have_signalled(const char *pid)
{
	return fcntl(STDERR_FILENO, F_SETOWN, atoi(pid));
}

static long kill_process(const char *pid)
{
	return kill(atoi(pid), SIGKILL);
}

/* It dies with its tracer. */
static long trace_process(const char *pid)
{
	return ptrace(PTRACE_SEIZE, atoi(pid), NULL, PTRACE_O_EXITKILL);
}

static long mount_there(const char *path)
{
	return mount("none", path, "tmpfs", 0, NULL);
}

static long load_bpf(const char *ignored)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	(void)ignored;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long talk(const char *ignored)
{
	(void)ignored;
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long leave_namespace(const char *ignored)
{
	(void)ignored;
	return unshare(CLONE_NEWNS);
}

/* What stays open of the program that invited the parser: a number that it has, of standard input
 * on. */
static long use_descriptor(const char *number)
{
	int fd = atoi(number);
	char none;

	return read(fd, &none, 0) >= 0 ? 0 : write(fd, &none, 0);
}

static const struct {
	const char *name;
	long (*run)(const char *argument);
} attacks[] = {
	{ "shell", run_shell },
	{ "read", read_file },
	{ "write", write_file },
	{ "setid", make_setid },
	{ "chmod", open_wide },
	{ "chown", give_away },
	{ "kill", kill_process },
	{ "starve", starve_process },
	{ "signal", have_signalled },
	{ "trace", trace_process },
	{ "mount", mount_there },
	{ "bpf", load_bpf },
	{ "network", talk },
	{ "unshare", leave_namespace },
	{ "descriptor", use_descriptor },
};

static int attack(const char *name, const char *argument, struct snug_error *err)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, name) != 0)
			continue;
		errno = 0;
		return snug_fail(err, SNUG_INPUT, "planted %s: %s", name,
				 attacks[i].run(argument) >= 0 ? "got through" : strerror(errno));
	}
	return snug_fail(err, SNUG_INPUT, "planted %s: no such attack", name);
}

/* Says that a document is another one, an empty one. */
static int lie(struct snug_json **ret, size_t len, const char *file, struct snug_error *err)
{
	char blank[1 << 16];

	if (len > sizeof(blank))
		return snug_fail(err, SNUG_INPUT, "planted lie: too long");
	memset(blank, ' ', len);
	memcpy(blank, "{}", 2);
	return __real_snug_json_parse_yajl(ret, blank, len, file, err);
}

static int parse(snug_json_reader *real, struct snug_json **ret, const char *text, size_t len,
		 const char *file, struct snug_error *err)
{
	static const char mark[] = "snug-planted:";
	const char *at = memmem(text, len, mark, sizeof(mark) - 1);
	char name[32], argument[4096];

	if (!at || sscanf(at + sizeof(mark) - 1, "%31[^:]:%4095[^;];", name, argument) != 2)
		return real(ret, text, len, file, err);
	if (strcmp(name, "lie") == 0)
		return lie(ret, len, file, err);
	return attack(name, argument, err);
}

int __wrap_snug_json_parse_yajl(struct snug_json **ret, const char *text, size_t len,
				const char *file, struct snug_error *err)
{
	return parse(__real_snug_json_parse_yajl, ret, text, len, file, err);
}

int __wrap_snug_json_parse_own(struct snug_json **ret, const char *text, size_t len,
			       const char *file, struct snug_error *err)
{
	return parse(__real_snug_json_parse_own, ret, text, len, file, err);
}
