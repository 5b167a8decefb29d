/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/oci/seccomp_plan.h"
#include "model/syscalls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a stable order ---- */

static int compare_words(const uint64_t *a, const uint64_t *b)
{
	for (int i = 0; i < SNUG_ARGS; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Looser actions first: what is allowed stands before what is refused of the same call. */
static int compare_pieces(const void *left, const void *right)
{
	const struct snug_piece *a = left, *b = right;
	int order;

	if (a->action != b->action)
		return (int32_t)a->action > (int32_t)b->action ? -1 : 1; /* the kernel's order */
	order = compare_words(a->cube.mask, b->cube.mask);
	return order ? order : compare_words(a->cube.value, b->cube.value);
}

static bool is_same(const struct snug_split *a, const struct snug_split *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare_pieces(&a->at[i], &b->at[i]) != 0)
			return false;
	return true;
}

/* ---- JSON ---- */

static void put_action(struct snug_json_writer *w, const char *key, const char *errno_key,
		       snug_action action)
{
	snug_json_pair_string(w, key, snug_action_name(action));
	if (snug_action_has_data(action))
		snug_json_pair_u64(w, errno_key, action & 0xffff);
}

static void put_args(struct snug_json_writer *w, const struct snug_cube *cube)
{
	if (snug_cube_is_all(cube))
		return;
	snug_json_put_key(w, "args");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		bool whole = cube->mask[i] == UINT64_MAX;

		if (!cube->mask[i])
			continue;
		snug_json_open(w, '{');
		snug_json_pair_u64(w, "index", i);
		snug_json_pair_u64(w, "value", whole ? cube->value[i] : cube->mask[i]);
		if (!whole)
			snug_json_pair_u64(w, "valueTwo", cube->value[i]);
		snug_json_pair_string(w, "op", whole ? "SCMP_CMP_EQ" : "SCMP_CMP_MASKED_EQ");
		snug_json_close(w);
	}
	snug_json_close(w);
}

/* The names from `first` on that share its entries, as one for this piece. */
static void put_entry(struct snug_json_writer *w, const struct snug_oci_plan *plan, size_t first,
		      const struct snug_piece *piece)
{
	const struct snug_split *entries = &plan->names.at[first].entries;

	snug_json_open(w, '{');
	snug_json_put_key(w, "names");
	snug_json_open(w, '[');
	for (size_t i = first; i < plan->names.count; i++)
		if (is_same(&plan->names.at[i].entries, entries))
			snug_json_put_string(w, plan->names.at[i].name);
	snug_json_close(w);
	put_action(w, "action", "errnoRet", piece->action);
	put_args(w, &piece->cube);
	snug_json_close(w);
}

static void put_names(struct snug_json_writer *w, const struct snug_oci_plan *plan)
{
	for (size_t i = 0; i < plan->names.count; i++) {
		const struct snug_split *entries = &plan->names.at[i].entries;
		bool done = entries->count == 0;

		for (size_t earlier = 0; earlier < i && !done; earlier++)
			done = is_same(&plan->names.at[earlier].entries, entries);
		for (size_t p = 0; !done && p < entries->count; p++)
			put_entry(w, plan, i, &entries->at[p]);
	}
}

/*
 * The newest call of each ABI by name, where no entry names it: runtimes skip an entry that equals
 * the default, but runc's stub looks at its names.
 */
static void put_newest(struct snug_json_writer *w, const struct snug_oci_plan *plan,
		       const struct snug_target *target)
{
	const char *put[SNUG_ARCH_MAX] = { NULL };
	size_t count = 0;

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		const struct snug_syscall *newest =
			plan->listed[arch] ? snug_target_newest(target, (enum snug_arch)arch)
					   : NULL;
		bool done = !newest;

		for (size_t i = 0; i < count; i++)
			done |= newest && strcmp(put[i], newest->name) == 0;
		for (size_t i = 0; !done && i < plan->names.count; i++)
			done = strcmp(plan->names.at[i].name, newest->name) == 0 &&
			       plan->names.at[i].entries.count > 0;
		if (!done)
			put[count++] = newest->name;
	}
	if (count == 0)
		return;
	snug_json_open(w, '{');
	snug_json_put_key(w, "names");
	snug_json_open(w, '[');
	for (size_t i = 0; i < count; i++)
		snug_json_put_string(w, put[i]);
	snug_json_close(w);
	put_action(w, "action", "errnoRet", plan->fallback);
	snug_json_close(w);
}

static void put_kept(struct snug_json_writer *w, const struct snug_json_node *keep)
{
	for (const struct snug_json_node *n = snug_json_first(keep); n; n = snug_json_next(n)) {
		size_t len;
		const char *text = snug_json_source(n, &len);

		if (snug_oci_is_policy_member(snug_json_key(n)))
			continue;
		snug_json_put_key(w, snug_json_key(n));
		snug_json_put_raw(w, text, len);
	}
}

static void put_section(struct snug_json_writer *w, const struct snug_oci_plan *plan,
			const struct snug_target *target, const struct snug_json_node *keep)
{
	snug_json_open(w, '{');
	put_action(w, "defaultAction", "defaultErrnoRet", plan->fallback);
	snug_json_put_key(w, "architectures");
	snug_json_open(w, '[');
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (plan->listed[arch])
			snug_json_put_string(w, snug_arch_name((enum snug_arch)arch));
	snug_json_close(w);
	if (keep)
		put_kept(w, keep);
	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '[');
	put_names(w, plan);
	put_newest(w, plan, target);
	snug_json_close(w);
	snug_json_close(w);
}

/* ---- the check: what was written is read again ---- */

static int lose(struct snug_losses *losses, const char *call, snug_action is, snug_action was,
		struct snug_error *err)
{
	struct snug_loss loss;
	char now[24], before[24];

	snug_action_words(is, now, sizeof(now));
	snug_action_words(was, before, sizeof(before));
	snprintf(loss.text, sizeof(loss.text), "%.96s: %s instead of %s", call, now, before);
	return snug_vec_push(losses, loss) < 0 ? snug_fail_memory(err) : 0;
}

/* One loss for each step of numbers where the two differ, by a call that shows it. */
static int compare_abi(const struct snug_seccomp *written, const struct snug_seccomp *policy,
		       enum snug_arch arch, struct snug_losses *losses, struct snug_error *err)
{
	const struct snug_abi_policy *a = &written->abi[arch], *b = &policy->abi[arch];

	for (size_t i = 0, j = 0; i < a->spans.count && j < b->spans.count;) {
		uint32_t next_a = i + 1 < a->spans.count ? a->spans.at[i + 1].first : UINT32_MAX;
		uint32_t next_b = j + 1 < b->spans.count ? b->spans.at[j + 1].first : UINT32_MAX;
		uint32_t first_a = a->spans.at[i].first, first_b = b->spans.at[j].first;
		struct snug_call_data call = { .arch = arch,
					       .nr = first_a > first_b ? first_a : first_b };
		char words[100];

		if (!snug_split_same(&a->spans.at[i].split, &b->spans.at[j].split, call.args)) {
			snug_call_words(&call, words, sizeof(words));
			if (lose(losses, words, snug_seccomp_decide(written, &call),
				 snug_seccomp_decide(policy, &call), err) < 0)
				return -1;
		}
		i += next_a <= next_b;
		j += next_b <= next_a;
	}
	return 0;
}

static int find_losses(const struct snug_seccomp *written, const struct snug_seccomp *policy,
		       const struct snug_json_node *keep, struct snug_losses *losses,
		       struct snug_error *err)
{
	const struct snug_json_node *archs = snug_json_member(keep, "architectures");

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (compare_abi(written, policy, (enum snug_arch)arch, losses, err) < 0)
			return -1;
	for (const struct snug_json_node *n = archs ? snug_json_first(archs) : NULL; n;
	     n = snug_json_next(n)) {
		struct snug_loss loss;
		enum snug_arch known;
		const char *name;

		if (snug_json_string(n, &name, err) < 0)
			return -1;
		if (snug_arch_parse(name, &known))
			continue;
		snprintf(loss.text, sizeof(loss.text),
			 "%.40s: no longer listed, snug has no table of its calls", name);
		if (snug_vec_push(losses, loss) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

static int check(const struct snug_buf *text, const struct snug_seccomp *policy,
		 const struct snug_target *target, const struct snug_json_node *keep,
		 struct snug_losses *losses, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp seccomp = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp written = { 0 };
	struct snug_call_data call;
	char words[160];

	if (snug_json_parse_own(&doc, text->data, text->len, NULL, err) < 0 ||
	    snug_oci_seccomp_read(snug_json_root(doc), &seccomp, err) < 0 ||
	    snug_oci_seccomp_mean(&seccomp, target, &written, err) < 0)
		return snug_context(err, "what was to be written");
	if (!snug_seccomp_within(&written, policy, &call)) {
		snug_call_words(&call, words, sizeof(words));
		snug_fail(err, SNUG_INPUT, "linux.seccomp cannot be as strict under %s as %s needs",
			  snug_runtime_name(target->runtime), words);
		return snug_remedy(err, "list this host's architectures in the section, or take "
					"SCMP_ACT_ERRNO for its default");
	}
	return find_losses(&written, policy, keep, losses, err);
}

static int write_it(const struct snug_seccomp *policy, const struct snug_target *target, bool plain,
		    const struct snug_json_node *keep, struct snug_buf *ret,
		    struct snug_losses *losses, struct snug_error *err)
{
	SNUG_AUTO(snug_oci_plan_clear) struct snug_oci_plan plan = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	if (snug_oci_plan_make(policy, target, plain, &plan, err) < 0)
		return -1;
	for (size_t i = 0; i < plan.names.count; i++) {
		struct snug_split *entries = &plan.names.at[i].entries;

		if (entries->count)
			qsort(entries->at, entries->count, sizeof(*entries->at), compare_pieces);
	}
	put_section(&w, &plan, target, keep);
	if (snug_buf_check(&text, err) < 0 || check(&text, policy, target, keep, losses, err) < 0)
		return -1;
	snug_buf_add(ret, text.data, text.len);
	return snug_buf_check(ret, err);
}

int snug_oci_seccomp_write(const struct snug_seccomp *policy, const struct snug_target *target,
			   const struct snug_json_node *keep, struct snug_buf *ret,
			   struct snug_losses *losses, struct snug_error *err)
{
	return write_it(policy, target, false, keep, ret, losses, err);
}

int snug_oci_seccomp_write_plain(const struct snug_seccomp *policy,
				 const struct snug_target *target,
				 const struct snug_json_node *keep, struct snug_buf *ret,
				 struct snug_losses *losses, struct snug_error *err)
{
	return write_it(policy, target, true, keep, ret, losses, err);
}
