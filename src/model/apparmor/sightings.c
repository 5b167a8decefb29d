/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/sightings.h"

#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *snug_aa_why_name(enum snug_aa_why why)
{
	static const char *const names[SNUG_AA_WHY_MAX] = { "exact", "typed", "siblings" };

	return names[why];
}

void snug_aa_sighting_clear(struct snug_aa_sighting *one)
{
	free(one->pattern);
	for (unsigned i = 0; i < SNUG_AA_EXAMPLES; i++)
		free(one->examples[i]);
	*one = (struct snug_aa_sighting){ 0 };
}

void snug_aa_sightings_clear(struct snug_aa_sightings *all)
{
	int saved = errno;

	for (size_t i = 0; i < all->count; i++)
		snug_aa_sighting_clear(&all->at[i]);
	snug_vec_clear(all);
	errno = saved;
}

void snug_aa_put_path(const char *path, struct snug_buf *ret)
{
	const char *twice;

	if (*path != '/')
		snug_buf_addc(ret, '/');
	for (; (twice = strstr(path, "//")); path = twice + 1)
		snug_buf_add(ret, path, (size_t)(twice - path));
	snug_buf_adds(ret, path);
}

void snug_aa_quote_path(const char *seen, struct snug_buf *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	snug_aa_put_path(seen, &text);
	snug_aare_quote(snug_buf_text(&text), ret);
	ret->failed |= text.failed;
}

/* The recording has a path once for each program, one behind the other. */
int snug_aa_sightings_add(struct snug_aa_sightings *all, const char *path, unsigned access,
			  unsigned others)
{
	struct snug_aa_sighting *last = all->count ? &all->at[all->count - 1] : NULL;
	struct snug_aa_sighting one = { .access = access, .others = others, .paths = 1 };
	struct snug_buf text = { 0 }, pattern = { 0 };

	snug_aa_put_path(path, &text);
	one.examples[0] = snug_buf_take(&text);
	if (one.examples[0] && last && strcmp(last->examples[0], one.examples[0]) == 0) {
		last->access |= access;
		last->others |= others;
		snug_aa_sighting_clear(&one);
		return 0;
	}
	snug_aare_quote(one.examples[0] ? one.examples[0] : "", &pattern);
	one.pattern = snug_buf_take(&pattern);
	if (!one.pattern || !one.examples[0] || snug_vec_push(all, one) < 0) {
		snug_aa_sighting_clear(&one);
		return -1;
	}
	return 0;
}

void snug_aa_sighting_widen(struct snug_aa_sighting *one, char *pattern, enum snug_aa_why why)
{
	free(one->pattern);
	one->pattern = pattern;
	if (one->why < why)
		one->why = why;
}

int snug_aa_sightings_copy(const struct snug_aa_sightings *all, struct snug_aa_sightings *ret)
{
	for (size_t i = 0; i < all->count; i++) {
		struct snug_aa_sighting one = all->at[i];
		bool whole;

		one.pattern = strdup(all->at[i].pattern);
		whole = one.pattern != NULL;
		for (unsigned e = 0; e < SNUG_AA_EXAMPLES; e++) {
			const char *example = all->at[i].examples[e];

			one.examples[e] = example ? strdup(example) : NULL;
			whole &= !example || one.examples[e];
		}
		if (!whole || snug_vec_push(ret, one) < 0) {
			snug_aa_sighting_clear(&one);
			return -1;
		}
	}
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct snug_aa_sighting *a = left, *b = right;
	int order = strcmp(a->pattern, b->pattern);

	/* Then by the example, so that the order does not hang on qsort. */
	return order ? order : strcmp(a->examples[0], b->examples[0]);
}

/* The smallest examples of both, without one twice; what is over is freed. */
static void join_examples(struct snug_aa_sighting *into, struct snug_aa_sighting *other)
{
	char *both[SNUG_AA_EXAMPLES] = { NULL };
	unsigned a = 0, b = 0, kept = 0;

	while (kept < SNUG_AA_EXAMPLES) {
		char *x = a < SNUG_AA_EXAMPLES ? into->examples[a] : NULL;
		char *y = b < SNUG_AA_EXAMPLES ? other->examples[b] : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(x, y);

		if (!x && !y)
			break;
		if (order <= 0) {
			both[kept++] = x;
			into->examples[a++] = NULL;
		} else {
			both[kept++] = y;
			other->examples[b++] = NULL;
		}
		if (order == 0) {
			free(y);
			other->examples[b++] = NULL;
		}
	}
	for (unsigned i = 0; i < SNUG_AA_EXAMPLES; i++) {
		free(into->examples[i]);
		into->examples[i] = both[i];
	}
}

static void join(struct snug_aa_sighting *into, struct snug_aa_sighting *other)
{
	into->access |= other->access;
	into->others |= other->others;
	into->paths += other->paths;
	if (into->why < other->why)
		into->why = other->why;
	join_examples(into, other);
	snug_aa_sighting_clear(other);
}

static bool is_sorted(const struct snug_aa_sightings *all)
{
	for (size_t i = 1; i < all->count; i++)
		if (compare(&all->at[i - 1], &all->at[i]) > 0)
			return false;
	return true;
}

void snug_aa_sightings_sort(struct snug_aa_sightings *all)
{
	size_t kept = 0;

	/* Recordings list files in this order already, most of the time. */
	if (!is_sorted(all))
		qsort(all->at, all->count, sizeof(*all->at), compare);
	for (size_t i = 0; i < all->count; i++) {
		if (kept && strcmp(all->at[kept - 1].pattern, all->at[i].pattern) == 0) {
			join(&all->at[kept - 1], &all->at[i]);
		} else if (kept++ != i) {
			all->at[kept - 1] = all->at[i];
			all->at[i] = (struct snug_aa_sighting){ 0 };
		}
	}
	all->count = kept;
}

bool snug_aa_is_code(const struct snug_aa_sighting *one)
{
	return one->access & SNUG_AA_CODE;
}

/* Where a name more is a door more: what configures, what is secret, what is the kernel's. Below
 * /proc, a process's folder alone is a type. */
bool snug_aa_is_delicate(const char *pattern)
{
	static const char *const folders[] = {
		"/etc/",   "/root/",  "/run/secrets/", "/var/run/secrets/",
		"/boot/",  "/sys/",   "/proc/",	       "/dev/",
		"/usr/",   "/bin/",   "/sbin/",	       "/lib/",
		"/lib32/", "/lib64/", "/libx32/",      "/var/spool/cron/",
	};
	static const char *const anywhere[] = { "/.ssh/", "/.gnupg/", "/.aws/", "/.kube/",
						"/.docker/" };

	if (strncmp(pattern, "/dev/shm/", strlen("/dev/shm/")) == 0)
		return false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(pattern, folders[i], strlen(folders[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (strstr(pattern, anywhere[i]))
			return true;
	return false;
}
