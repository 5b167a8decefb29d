/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in one folder that were all written become one pattern: temporary files, logs, caches. What
 * was only read stays as it is, but below a folder that became one itself.
 *
 * Names go together by their ending (".log", none; folders apart), from SIBLINGS_MIN on. What they
 * start with alike, up to a sign, stays: "access_*.log".
 */
#include "base/cleanup.h"
#include "model/apparmor/access.h"
#include "model/apparmor/policy.h"
#include "model/apparmor/sightings.h"

#include <stdlib.h>
#include <string.h>

#define SIBLINGS_MIN 3u
#define ENDING_MAX   6u /* ".jpeg" */
#define PREFIX_LEAST 3u /* letters alike that mean something where no sign ends them */
#define DEPTH_LEAST  2u /* of the folder; but for /tmp */
#define DEPTH_MOST   128u

/* A name in a folder, within a pattern. */
struct name {
	const char *folder; /* of the pattern: its start */
	size_t folder_len;  /* with the slash */
	const char *text;
	size_t len; /* without a folder's slash */
	bool is_folder;
	const char *ending; /* of text; at its end: none */
	size_t at;	    /* of the sighting */
};
struct names SNUG_VEC_BODY(struct name);

/* Where names below a folder go: old folder → new. */
struct move {
	char *from, *to;
};
struct moves SNUG_VEC_BODY(struct move);

static void moves_clear(struct moves *moves)
{
	for (size_t i = 0; i < moves->count; i++) {
		free(moves->at[i].from);
		free(moves->at[i].to);
	}
	snug_vec_clear(moves);
}

/* ---- names ---- */

static unsigned depth_of(const char *pattern, size_t len)
{
	unsigned depth = 0;

	for (size_t i = 1; i < len; i++)
		depth += pattern[i] == '/';
	return depth;
}

static bool is_short_word(const char *text, size_t len)
{
	bool letter = false;

	for (size_t i = 0; i < len; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (!digit && !((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'))
			return false;
		letter |= !digit;
	}
	return len > 0 && len < ENDING_MAX && letter;
}

static struct name name_of(const char *pattern, size_t at)
{
	struct name name = { .folder = pattern, .at = at };
	size_t len = strlen(pattern);

	name.is_folder = len > 1 && pattern[len - 1] == '/';
	len -= name.is_folder;
	for (name.folder_len = len; name.folder_len && pattern[name.folder_len - 1] != '/';)
		name.folder_len--;
	name.text = pattern + name.folder_len;
	name.len = len - name.folder_len;
	name.ending = name.text + name.len;
	for (size_t i = name.len; i-- > 1;) {
		if (name.text[i] != '.')
			continue;
		if (is_short_word(name.text + i + 1, name.len - i - 1) && name.text[i - 1] != '\\')
			name.ending = name.text + i;
		break;
	}
	return name;
}

static bool may_be_general(const struct snug_aa_sighting *one)
{
	return !one->kept && snug_aa_perms_of(one->access) & SNUG_AA_WRITE &&
	       !snug_aa_is_code(one) && !snug_aa_is_delicate(one->pattern);
}

static bool is_deep_enough(const struct snug_aa_sighting *one, const struct name *name)
{
	static const char tmp[] = "/tmp/";

	return depth_of(name->folder, name->folder_len) >= DEPTH_LEAST ||
	       strncmp(one->pattern, tmp, sizeof(tmp) - 1) == 0;
}

static int compare_folders(const struct name *a, const struct name *b)
{
	size_t shorter = a->folder_len < b->folder_len ? a->folder_len : b->folder_len;
	int order = memcmp(a->folder, b->folder, shorter);

	if (!order)
		order = (a->folder_len > b->folder_len) - (a->folder_len < b->folder_len);
	return order;
}

static size_t ending_len(const struct name *name)
{
	return name->len - (size_t)(name->ending - name->text);
}

static int compare_groups(const struct name *a, const struct name *b)
{
	int order = compare_folders(a, b);
	size_t shorter = ending_len(a) < ending_len(b) ? ending_len(a) : ending_len(b);

	if (!order)
		order = a->is_folder - b->is_folder;
	if (!order)
		order = memcmp(a->ending, b->ending, shorter);
	if (!order)
		order = (ending_len(a) > ending_len(b)) - (ending_len(a) < ending_len(b));
	return order;
}

static int compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = compare_groups(a, b);

	return order ? order : (a->at > b->at) - (a->at < b->at);
}

/* ---- one pattern of several ---- */

static size_t common_prefix(const struct name *names, size_t count)
{
	size_t len = names[0].len - ending_len(&names[0]);

	for (size_t i = 1; i < count; i++) {
		size_t alike = 0;

		while (alike < len && alike < names[i].len - ending_len(&names[i]) &&
		       names[i].text[alike] == names[0].text[alike])
			alike++;
		len = alike;
	}
	return len;
}

/* Names that were drawn by lot may start alike by chance, and a pattern must not be cut within one
 * of its signs: to the last '-', '_' or '.', else whole where it is letters. */
static size_t safe_prefix(const char *text, size_t len)
{
	size_t cut = 0;

	for (size_t i = 0; i < len; i++)
		if (strchr("-_.", text[i]))
			cut = i + 1;
	if (cut == 0 && len >= PREFIX_LEAST && strcspn(text, "\\@[]{}*?") >= len)
		return len;
	return cut;
}

/* Files with nothing alike, of which none is hidden, do not make a pattern of the hidden ones too.
 */
static bool spares_hidden(const struct name *names, size_t count, size_t prefix)
{
	if (prefix || ending_len(&names[0]) || names[0].is_folder)
		return false;
	for (size_t i = 0; i < count; i++)
		if (names[i].text[0] == '.')
			return false;
	return true;
}

static char *united(const struct name *names, size_t count)
{
	struct snug_buf pattern = { 0 };
	size_t prefix = safe_prefix(names[0].text, common_prefix(names, count));

	snug_buf_add(&pattern, names[0].folder, names[0].folder_len);
	snug_buf_add(&pattern, names[0].text, prefix);
	snug_buf_adds(&pattern, spares_hidden(names, count, prefix) ? "[^.]*" : "*");
	snug_buf_add(&pattern, names[0].ending, ending_len(&names[0]));
	if (names[0].is_folder)
		snug_buf_addc(&pattern, '/');
	return snug_buf_take(&pattern);
}

/* Gives the group its pattern. Of folders, `moves` gets where what is below them goes. */
static int unite(struct snug_aa_sightings *all, const struct name *names, size_t count,
		 struct moves *moves, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *pattern = united(names, count);

	if (!pattern)
		return snug_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct snug_aa_sighting *one = &all->at[names[i].at];
		struct move move = { .from = strdup(one->pattern), .to = strdup(pattern) };
		char *copy = strdup(pattern);

		if (!copy || !move.from || !move.to || snug_vec_push(moves, move) < 0) {
			free(copy);
			free(move.from);
			free(move.to);
			return snug_fail_memory(err);
		}
		snug_aa_sighting_widen(one, copy, SNUG_AA_WHY_SIBLINGS);
	}
	return 0;
}

/* Groups of names[0 … count), each from SIBLINGS_MIN on. Names point into patterns: those of a
 * group are not used after it changed. */
static int unite_groups(struct snug_aa_sightings *all, struct names *names, struct moves *moves,
			struct snug_error *err)
{
	size_t first = 0;

	if (names->count)
		qsort(names->at, names->count, sizeof(*names->at), compare_names);
	for (size_t i = 1; i <= names->count; i++) {
		if (i < names->count && compare_groups(&names->at[first], &names->at[i]) == 0)
			continue;
		if (i - first >= SIBLINGS_MIN &&
		    unite(all, &names->at[first], i - first, moves, err) < 0)
			return -1;
		first = i;
	}
	return 0;
}

static int gather(const struct snug_aa_sightings *all, bool folders, unsigned depth,
		  struct names *ret, struct snug_error *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct name name;

		if (!may_be_general(&all->at[i]))
			continue;
		name = name_of(all->at[i].pattern, i);
		if (name.is_folder != folders || !is_deep_enough(&all->at[i], &name) ||
		    (folders && depth_of(name.folder, name.folder_len) != depth))
			continue;
		if (snug_vec_push(ret, name) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* ---- what is below a folder that became another ---- */

static int compare_moves(const void *left, const void *right)
{
	return strcmp(((const struct move *)left)->from, ((const struct move *)right)->from);
}

/* The move of the folder that is the first len bytes of pattern. */
static const struct move *find_move(const struct moves *moves, const char *pattern, size_t len)
{
	size_t low = 0, high = moves->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strncmp(moves->at[middle].from, pattern, len);

		if (order == 0 && moves->at[middle].from[len])
			order = 1;
		if (order == 0)
			return &moves->at[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The length of the folder that is `slashes` slashes behind the first; 0: it is not that deep. */
static size_t folder_at(const char *pattern, unsigned slashes)
{
	for (size_t i = 1; pattern[i]; i++)
		if (pattern[i] == '/' && slashes-- == 0)
			return i + 1;
	return 0;
}

static bool may_follow(const struct snug_aa_sighting *one)
{
	return !one->kept && !snug_aa_is_code(one) && !snug_aa_is_delicate(one->pattern);
}

static int follow(struct snug_aa_sightings *all, struct moves *moves, unsigned depth,
		  struct snug_error *err)
{
	if (moves->count)
		qsort(moves->at, moves->count, sizeof(*moves->at), compare_moves);
	for (size_t i = 0; moves->count && i < all->count; i++) {
		struct snug_aa_sighting *one = &all->at[i];
		size_t len = folder_at(one->pattern, depth);
		const struct move *move = len && one->pattern[len] && may_follow(one)
						  ? find_move(moves, one->pattern, len)
						  : NULL;
		struct snug_buf text = { 0 };
		char *pattern;

		if (!move)
			continue;
		snug_buf_addf(&text, "%s%s", move->to, one->pattern + len);
		pattern = snug_buf_take(&text);
		if (!pattern)
			return snug_fail_memory(err);
		snug_aa_sighting_widen(one, pattern, SNUG_AA_WHY_SIBLINGS);
	}
	return 0;
}

static int unite_at(struct snug_aa_sightings *all, bool folders, unsigned depth,
		    struct snug_error *err)
{
	SNUG_AUTO(moves_clear) struct moves moves = { 0 };
	struct names names = { 0 };
	int result = gather(all, folders, depth, &names, err);

	if (result == 0)
		result = unite_groups(all, &names, &moves, err);
	snug_vec_clear(&names);
	if (result < 0 || !moves.count) /* all is as it was, sorted */
		return result;
	if (folders)
		result = follow(all, &moves, depth, err);
	if (result == 0)
		snug_aa_sightings_sort(all);
	return result;
}

/* Folders first, from the root on: what is below one is below the pattern that it becomes. */
int snug_aa_sightings_unite(struct snug_aa_sightings *all, struct snug_error *err)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < all->count; i++) {
		unsigned depth = depth_of(all->at[i].pattern, strlen(all->at[i].pattern));

		deepest = depth > deepest ? depth : deepest;
	}
	for (unsigned depth = 0; depth <= deepest && depth < DEPTH_MOST; depth++)
		if (unite_at(all, true, depth, err) < 0)
			return -1;
	return unite_at(all, false, 0, err);
}
