/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/hook_place.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOK "snug-hook"

/* The program in this one's folder: a hook is named by its absolute path. */
static int find_hook(char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *self = realpath("/proc/self/exe", NULL);

	if (!self)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	*strrchr(self, '/') = '\0';
	if (asprintf(ret, "%s/" HOOK, self) < 0) {
		*ret = NULL;
		return snug_fail_memory(err);
	}
	if (access(*ret, X_OK) == 0)
		return 0;
	snug_fail(err, SNUG_HOST,
		  "%s, which records, and loads a profile before a container starts: %s", *ret,
		  strerror(errno));
	return snug_remedy(err, "install it beside snug");
}

int snug_hook_place_find(const struct snug_store *store, struct snug_hook_place *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_hook_place_clear) struct snug_hook_place place = { 0 };

	if (store->root[0]) {
		place.root = realpath(store->root, NULL);
		if (!place.root)
			return snug_fail_errno(err, errno, "%s", store->root);
	}
	if (find_hook(&place.hook, err) < 0)
		return -1;
	*ret = place;
	place = (struct snug_hook_place){ 0 };
	return 0;
}

void snug_hook_place_clear(struct snug_hook_place *place)
{
	snug_freep(&place->hook);
	snug_freep(&place->root);
	*place = (struct snug_hook_place){ 0 };
}
