/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/prover.h"

#include "base/cleanup.h"
#include "store/cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY  "prover"
#define HEAD "snug prover 1"

/* "/usr/bin/snug 42 1700000000.000000000 123456": another file of that name is another one. */
static void add_file(const char *path, struct snug_buf *to)
{
	struct stat st = { 0 };

	(void)stat(path, &st);
	snug_buf_addf(to, "%s\n%llu:%llu %lld.%09ld %lld\n", path, (unsigned long long)st.st_dev,
		      (unsigned long long)st.st_ino, (long long)st.st_mtim.tv_sec,
		      st.st_mtim.tv_nsec, (long long)st.st_size);
}

static void put(const char *program, const char *words, const char *library, struct snug_buf *ret)
{
	snug_buf_addf(ret, HEAD "\n%s\n", words);
	add_file(program, ret);
	add_file(library, ret);
}

void snug_prover_here(const struct snug_harden_tools *tools, struct snug_buf *ret)
{
	SNUG_AUTO(snug_freep) char *program = realpath("/proc/self/exe", NULL);
	char words[128], library[1024];

	tools->library(words, library);
	put(program ? program : "", words, library, ret);
}

static bool same(const struct snug_buf *a, const struct snug_buf *b)
{
	return a->len == b->len && memcmp(snug_buf_text(a), snug_buf_text(b), a->len) == 0;
}

static bool read_last(const struct snug_store *store, struct snug_buf *ret)
{
	struct snug_error ignored;
	bool there = false;

	return snug_store_read_cache(store, KEY, &there, ret, &ignored) == 0 && there;
}

/* The last prover's files as they are now. */
static bool look_again(const struct snug_buf *last, struct snug_buf *ret)
{
	char words[128], program[PATH_MAX], library[1024];

	if (sscanf(snug_buf_text(last), HEAD "\n%127[^\n]\n%4095[^\n]\n%*[^\n]\n%1023[^\n]\n",
		   words, program, library) != 3)
		return false;
	put(program, words, library, ret);
	return true;
}

bool snug_prover_last(const struct snug_store *store, struct snug_buf *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 };

	return read_last(store, ret) && look_again(ret, &now) && same(&now, ret);
}

int snug_prover_now(const struct snug_store *store, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf last = { 0 };
	bool there = false;

	/* A cache that others can write is none. */
	if (snug_store_read_cache(store, KEY, &there, &last, err) < 0 && err->code != SNUG_INPUT)
		return -1;
	if (!there || !look_again(&last, ret))
		snug_buf_adds(ret, "-");
	return snug_buf_check(ret, err);
}

void snug_prover_keep(const struct snug_store *store, const struct snug_buf *prover)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf last = { 0 };
	struct snug_error ignored;

	if (!read_last(store, &last) || !same(&last, prover))
		(void)!snug_store_put_cache(store, KEY, prover, &ignored);
}
