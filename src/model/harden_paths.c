/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "model/harden_part.h"

#include <stdio.h>
#include <string.h>

static void clear_list(struct snug_path_list *list)
{
	snug_vec_clear(list);
}

static bool has(const struct snug_json_node *list, const char *path)
{
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		struct snug_error ignored;
		const char *theirs;

		if (snug_json_string(n, &theirs, &ignored) == 0 && strcmp(theirs, path) == 0)
			return true;
	}
	return false;
}

/* At the list's end, so that what is there stays as it is spelt. */
static int append_all(struct snug_spec *spec, const struct snug_json_node *list,
		      const struct snug_path_list *missing, struct snug_error *err)
{
	for (size_t i = 0; i < missing->count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		struct snug_json_writer w = { .out = &text };

		snug_json_put_string(&w, missing->at[i]);
		if (snug_buf_check(&text, err) < 0 ||
		    snug_json_append(spec->doc, list, text.data, err) < 0)
			return -1;
	}
	return 0;
}

/* fresh: members of a linux that the config lacks. */
static int put_missing(struct snug_spec *spec, enum snug_path_kind which,
		       const struct snug_path_list *missing, struct snug_buf *fresh,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	if (spec->paths[which])
		return append_all(spec, spec->paths[which], missing, err);
	snug_path_list_put(&w, missing);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	if (spec->linux_)
		return snug_json_set(spec->doc, spec->linux_, snug_path_kind_name(which), text.data,
				     err);
	snug_buf_addf(fresh, "%s\"%s\":%s", fresh->len ? "," : "", snug_path_kind_name(which),
		      text.data);
	return snug_buf_check(fresh, err);
}

static int harden_list(struct snug_spec *spec, const struct snug_path_list *ours,
		       enum snug_path_kind which, struct snug_buf *fresh, struct snug_changes *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(clear_list) struct snug_path_list missing = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };
	char place[64];

	for (size_t i = 0; i < ours->count; i++) {
		if (has(spec->paths[which], ours->at[i]))
			continue;
		snug_buf_addf(&words, " %s", ours->at[i]);
		if (snug_vec_push(&missing, ours->at[i]) < 0)
			return snug_fail_memory(err);
	}
	if (missing.count == 0)
		return 0;
	if (snug_buf_check(&words, err) < 0 ||
	    (fresh && put_missing(spec, which, &missing, fresh, err) < 0))
		return -1;
	(void)snprintf(place, sizeof(place), "$.linux.%s", snug_path_kind_name(which));
	return snug_harden_note(ret, err, place, "added%s", snug_buf_text(&words));
}

int snug_harden_paths(struct snug_spec *spec, const struct snug_profile *profile,
		      struct snug_buf *fresh, struct snug_changes *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf linux_ = { 0 };

	for (enum snug_path_kind which = 0; which < SNUG_PATHS_MAX; which++)
		if (harden_list(spec, &profile->paths[which], which, fresh, ret, err) < 0)
			return -1;
	if (!fresh || !fresh->len)
		return 0;
	spec->fresh = fresh->data;
	snug_buf_addf(&linux_, "{%s}", fresh->data);
	if (snug_buf_check(&linux_, err) < 0)
		return -1;
	return snug_json_set(spec->doc, snug_json_root(spec->doc), "linux", linux_.data, err);
}
