/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy that apparmor_parser makes of a text, walked as the kernel walks it
 * (security/apparmor/match.c and file.c of Linux 6.1). For tests.
 */
#pragma once

#include "model/apparmor/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define AADFA_FEATURES "/etc/apparmor.d/abi/3.0"
#define AADFA_START    1u
#define AADFA_SECONDS  3u

/* The kernel's bits of one owner's half of an accept entry. */
#define AADFA_EXEC   0x01u
#define AADFA_WRITE  0x02u
#define AADFA_READ   0x04u
#define AADFA_APPEND 0x08u
#define AADFA_LINK   0x10u
#define AADFA_LOCK   0x20u
#define AADFA_MMAP   0x40u

struct aadfa_table {
	const unsigned char *data;
	unsigned width;
	uint32_t count;
};

enum { AADFA_ACCEPT = 1, AADFA_BASE, AADFA_CHECK, AADFA_DEFAULT, AADFA_CLASSES, AADFA_NEXT = 8 };

struct aadfa {
	struct aadfa_table table[9];
};

static inline bool aadfa_is_here(void)
{
	return access("/usr/sbin/apparmor_parser", X_OK) == 0 ||
	       access("/sbin/apparmor_parser", X_OK) == 0;
}

static inline uint32_t aadfa_be(const unsigned char *at, unsigned width)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value = value << 8 | at[i];
	return value;
}

/* The output of the parser for a text; malloc'ed. NULL: it refused, and what it said is on stderr;
 * or *ret_slow: it took too long, for some patterns have very many states together. */
static inline unsigned char *aadfa_compile(const char *text, size_t *ret_len, bool *ret_slow)
{
	const struct rlimit seconds = { AADFA_SECONDS, AADFA_SECONDS };
	char path[] = "/tmp/snug-aadfa-XXXXXX", out[] = "/tmp/snug-aadfa-XXXXXX";
	int fd = mkstemp(path), out_fd = mkstemp(out), status;
	unsigned char *data = NULL;
	pid_t child;
	off_t len;

	if (fd < 0 || out_fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CPU, &seconds);
		setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
		dup2(out_fd, STDOUT_FILENO);
		execlp("apparmor_parser", "apparmor_parser", "-q", "-Q", "-K", "-S", "-j0", "-M",
		       AADFA_FEATURES, path, (char *)NULL);
		_exit(127);
	}
	if (child < 0)
		abort();
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR) /* libFuzzer's clock */
			abort();
	*ret_slow = WIFSIGNALED(status);
	len = lseek(out_fd, 0, SEEK_END);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && len > 0) {
		data = malloc((size_t)len);
		if (!data || pread(out_fd, data, (size_t)len, 0) != (ssize_t)len)
			abort();
		*ret_len = (size_t)len;
	}
	close(fd);
	close(out_fd);
	unlink(path);
	unlink(out);
	return data;
}

static inline size_t aadfa_pad(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

/* The tables of the one that starts at data[at]. */
static inline bool aadfa_read(const unsigned char *data, size_t len, size_t at, struct aadfa *ret)
{
	size_t head = aadfa_be(data + at + 4, 4), size = aadfa_be(data + at + 8, 4);
	size_t pos = at + head, end = at + size;

	memset(ret, 0, sizeof(*ret));
	if (end > len)
		return false;
	while (pos + 12 <= end) {
		unsigned id = aadfa_be(data + pos, 2), width = aadfa_be(data + pos + 2, 2);
		uint32_t count = aadfa_be(data + pos + 8, 4);

		if (id > 8)
			return false;
		ret->table[id] = (struct aadfa_table){ data + pos + 12, width, count };
		pos += aadfa_pad(12 + (size_t)width * count);
	}
	return ret->table[AADFA_ACCEPT].count > 0;
}

/* The last of the text's automata: of a profile without children, its files'. */
static inline bool aadfa_files(const unsigned char *data, size_t len, struct aadfa *ret)
{
	static const unsigned char magic[] = { 0x1b, 0x5e, 0x78, 0x3d };
	bool found = false;

	for (size_t at = 0; at + 16 < len; at++)
		if (memcmp(data + at, magic, sizeof(magic)) == 0)
			found |= aadfa_read(data, len, at, ret);
	return found;
}

static inline uint32_t aadfa_at(const struct aadfa *dfa, unsigned table, uint32_t index)
{
	const struct aadfa_table *t = &dfa->table[table];

	return index < t->count ? aadfa_be(t->data + (size_t)index * t->width, t->width) : 0;
}

static inline uint32_t aadfa_step(const struct aadfa *dfa, uint32_t state, unsigned char byte)
{
	uint32_t c = byte;

	if (dfa->table[AADFA_CLASSES].count)
		c = aadfa_at(dfa, AADFA_CLASSES, byte);
	for (;;) {
		uint32_t base = aadfa_at(dfa, AADFA_BASE, state);
		uint32_t pos = (base & 0xffffff) + c;

		if (aadfa_at(dfa, AADFA_CHECK, pos) == state)
			return aadfa_at(dfa, AADFA_NEXT, pos);
		state = aadfa_at(dfa, AADFA_DEFAULT, state);
		if (!(base & 0x80000000u)) /* MATCH_FLAG_DIFF_ENCODE */
			return state;
	}
}

static inline uint32_t aadfa_walk(const struct aadfa *dfa, uint32_t state, const char *path)
{
	for (; *path; path++)
		state = aadfa_step(dfa, state, (unsigned char)*path);
	return state;
}

static inline uint32_t aadfa_perms_of(const struct aadfa *dfa, uint32_t state, bool owner)
{
	return aadfa_at(dfa, AADFA_ACCEPT, state) >> (owner ? 0 : 14) & 0x7f;
}

static inline uint32_t aadfa_perms(const struct aadfa *dfa, const char *path, bool owner)
{
	return aadfa_perms_of(dfa, aadfa_walk(dfa, AADFA_START, path), owner);
}

/* As SNUG_AA_*. */
static inline unsigned aadfa_to_model(uint32_t kernel)
{
	static const struct {
		uint32_t kernel;
		unsigned model;
	} bits[] = {
		{ AADFA_READ, SNUG_AA_READ },	  { AADFA_WRITE, SNUG_AA_WRITE },
		{ AADFA_APPEND, SNUG_AA_APPEND }, { AADFA_LOCK, SNUG_AA_LOCK },
		{ AADFA_MMAP, SNUG_AA_MAP },	  { AADFA_EXEC, SNUG_AA_EXECUTE },
	};
	unsigned perms = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (kernel & bits[i].kernel)
			perms |= bits[i].model;
	return perms;
}

/* profile_path_link: the name, then behind a NUL the target; without the test of subsets. */
static inline bool aadfa_may_link(const struct aadfa *dfa, const char *name, const char *target)
{
	uint32_t state = aadfa_walk(dfa, AADFA_START, name);

	if (!(aadfa_perms_of(dfa, state, true) & AADFA_LINK))
		return false;
	state = aadfa_walk(dfa, aadfa_step(dfa, state, 0), target);
	return aadfa_perms_of(dfa, state, true) & AADFA_LINK;
}
