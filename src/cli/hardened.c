/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/hardened.h"

#include <string.h>

/* The member that a path ends with. */
static const char *last_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* The same done to two members of one object, such as two sets of capabilities. */
static bool is_alike(const struct snug_change *a, const struct snug_change *b)
{
	size_t parent = (size_t)(last_of(a->path) - a->path);

	return strcmp(a->text, b->text) == 0 && (size_t)(last_of(b->path) - b->path) == parent &&
	       strncmp(a->path, b->path, parent) == 0;
}

/* One line for those that are alike. */
static void print_change(FILE *out, const struct snug_changes *changes, size_t first)
{
	const struct snug_change *change = &changes->at[first];

	for (size_t i = 0; i < first; i++)
		if (is_alike(&changes->at[i], change))
			return;
	fprintf(out, "  %s", change->path);
	for (size_t i = first + 1; i < changes->count; i++)
		if (is_alike(&changes->at[i], change))
			fprintf(out, ", %s", last_of(changes->at[i].path));
	fprintf(out, ": %s\n", change->text);
}

static void print_changes(FILE *out, const struct snug_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		print_change(out, changes, i);
}

void snug_print_hardened(FILE *out, const struct snug_harden_result *result)
{
	const struct snug_hardened *hardened = &result->hardened;

	print_changes(out, &hardened->changes);
	if (hardened->would.count)
		(void)fprintf(out, "  to enforce would change beside:\n");
	print_changes(out, &hardened->would);
	if (result->complain_only)
		(void)fprintf(out, "  AppArmor part left out: it rests on too little to enforce "
				   "(--complain applies it)\n");
	if (result->no_apparmor)
		(void)fprintf(out, "  AppArmor part left out: this host has no AppArmor\n");
	if (result->apparmor)
		(void)fprintf(out, "  AppArmor text: %s%s\n", result->apparmor,
			      result->loaded ? ", loaded" : "");
	for (size_t i = 0; i < hardened->losses.count; i++)
		(void)fprintf(out, "  stricter than asked: %s\n", hardened->losses.at[i].text);
}

static void put_changes(struct snug_json_writer *w, const char *key,
			const struct snug_changes *changes)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
	for (size_t i = 0; i < changes->count; i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "path", changes->at[i].path);
		snug_json_pair_string(w, "text", changes->at[i].text);
		snug_json_close(w);
	}
	snug_json_close(w);
}

void snug_put_hardened(struct snug_json_writer *w, const struct snug_harden_result *result)
{
	put_changes(w, "changes", &result->hardened.changes);
	put_changes(w, "wouldChange", &result->hardened.would);
	snug_json_put_key(w, "losses");
	snug_json_open(w, '[');
	for (size_t i = 0; i < result->hardened.losses.count; i++)
		snug_json_put_string(w, result->hardened.losses.at[i].text);
	snug_json_close(w);
}
