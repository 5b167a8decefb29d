/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/proofs.h"

#include "base/cleanup.h"
#include "flow/prover.h"
#include "store/cache.h"
#include "store/digest.h"

#include <stdio.h>
#include <string.h>

#define HEAD "snug proof 1\n"

/* Lengths first, so that no two of these are one text. */
static void add(struct snug_buf *to, const void *data, size_t len)
{
	snug_buf_addf(to, "%zu:", len);
	snug_buf_add(to, data, len);
}

static bool make_key(const struct snug_harden_how *how, const struct snug_json_node *section,
		     const struct snug_harden_options *options, struct snug_proof *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 }, prover = { 0 };
	char digest[SNUG_DIGEST_SIZE];
	size_t len;
	const char *text = snug_json_source(section, &len);

	snug_prover_here(how->tools, &prover);
	snug_buf_adds(&all, HEAD);
	add(&all, snug_buf_text(&prover), prover.len);
	for (size_t i = 0; i < options->target_count; i++) {
		const struct snug_target *target = &options->targets[i];

		snug_buf_adds(&all, snug_runtime_name(target->runtime));
		add(&all, target->resolves, sizeof(target->resolves));
	}
	add(&all, text, len);
	if (all.failed || prover.failed)
		return false;
	snug_digest(all.data, all.len, digest);
	snprintf(ret->key, sizeof(ret->key), "proof-%s", digest);
	return true;
}

bool snug_proof_find(const struct snug_harden_how *how, const struct snug_json_node *section,
		     const struct snug_harden_options *options, struct snug_proof *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf said = { 0 };
	struct snug_error ignored;
	bool there = false;

	*ret = (struct snug_proof){ .is_new = false };
	if (!how->keep_proofs || !make_key(how, section, options, ret))
		return false;
	ret->is_new = snug_store_read_cache(how->store, ret->key, &there, &said, &ignored) < 0 ||
		      !there || strcmp(snug_buf_text(&said), HEAD) != 0;
	return !ret->is_new;
}

void snug_proof_keep(const struct snug_harden_how *how, const struct snug_proof *proof)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf said = { 0 };
	struct snug_error ignored;

	if (!proof->is_new || how->dry_run)
		return;
	snug_buf_adds(&said, HEAD);
	if (snug_buf_check(&said, &ignored) == 0)
		(void)!snug_store_put_cache(how->store, proof->key, &said, &ignored);
}
