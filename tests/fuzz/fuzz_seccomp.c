/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A random linux.seccomp. What the model says that it means is what libseccomp builds of it:
 * proved, for all calls and arguments, and tried with some; where libseccomp builds something else
 * (it does, now and then), the rules themselves, read one by one, say what the model says. What is
 * written of the meaning anew, for runc and for crun, means the same, or less where that is said.
 */
#include "fuzz/fuzz.h"

#include "apply/filter.h"

#include "property/seccomp_cases.h"
#include "support/libseccomp.h"

#define VECTORS 16u

static struct snug_target targets[2]; /* runc, crun */

/* Numbers and values of the section, and what is beside them. */
static void random_vector(const struct snug_oci_seccomp *seccomp, struct snug_call_data *ret)
{
	static const enum snug_arch archs[] = { SNUG_ARCH_X86_64, SNUG_ARCH_I386, SNUG_ARCH_X32,
						SNUG_ARCH_ARM64 };
	const struct snug_oci_entry *entry = NULL;
	const struct snug_syscall *call = NULL;

	*ret = (struct snug_call_data){ .arch = archs[random_below(4)] };
	if (seccomp->entries.count)
		entry = &seccomp->entries.at[random_below((unsigned)seccomp->entries.count)];
	if (entry && entry->names.count)
		call = snug_syscall_by_name(
			ret->arch, entry->names.at[random_below((unsigned)entry->names.count)]);
	ret->nr = call ? call->nr : snug_abi_first(ret->arch) + random_below(500);
	for (unsigned i = 0; i < SNUG_ARGS; i++)
		ret->args[i] = random_below(3) ? random_below(50) : random_u64();
	for (size_t i = 0; entry && i < entry->args.count; i++)
		if (random_below(4))
			ret->args[entry->args.at[i].index] = entry->args.at[i].op == SNUG_OP_EQ
								     ? entry->args.at[i].value
								     : entry->args.at[i].value2;
}

/* Three of them: the rules one by one, the model, the filter (where it was proved). */
static void try_some(const struct snug_oci_seccomp *seccomp, const struct snug_seccomp *policy,
		     const struct snug_program *program)
{
	for (unsigned i = 0; i < VECTORS; i++) {
		struct snug_call_data call;
		struct snug_error err;
		snug_action meant, got;

		random_vector(seccomp, &call);
		if (!is_in_filter(seccomp, call.arch))
			continue;
		meant = snug_seccomp_decide(policy, &call);
		CHECK(meant == judge(seccomp, &call) ||
		      !snug_target_resolves(&targets[1], call.arch, call.nr));
		if (!program)
			continue;
		CHECK(snug_program_run(program, snug_arch_token(call.arch), call.nr, call.args,
				       &got, &err) == 0);
		CHECK(got == meant);
	}
}

static void check_built(const struct snug_oci_seccomp *seccomp)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	const struct snug_program *program = NULL;
	struct snug_call_data witness;
	struct snug_error err = { 0 };
	scmp_filter_ctx ctx;
	int built = libseccomp_build(seccomp, &ctx);
	int meant = snug_oci_seccomp_mean(seccomp, &targets[1], &policy, &err);

	CHECK(built == 0 || built == -EEXIST);
	CHECK(meant == 0 || err.code == SNUG_INPUT);
	if (meant == 0 && built == 0) {
		libseccomp_export(ctx, &filter);
		if (snug_program_prove(&filter.program, &policy, &witness, &err) == 0)
			program = &filter.program;
		else
			CHECK(strstr(err.what, "not the policy") && witness.arch != SNUG_ARCH_MAX &&
			      judge(seccomp, &witness) == snug_seccomp_decide(&policy, &witness));
	}
	seccomp_release(ctx);
	if (meant == 0)
		try_some(seccomp, &policy, program);
}

static void check_written(const struct snug_oci_seccomp *seccomp, const struct snug_target *target)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp anew = { 0 };
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp written = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_losses losses = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };
	bool exact;

	if (snug_oci_seccomp_mean(seccomp, target, &policy, &err) < 0)
		return;
	if (snug_oci_seccomp_write(&policy, target, NULL, &text, &losses, &err) < 0) {
		CHECK(err.code == SNUG_INPUT);
		snug_vec_clear(&losses);
		return;
	}
	exact = losses.count == 0;
	snug_vec_clear(&losses);
	CHECK(snug_json_parse(&doc, text.data, text.len, NULL, &err) == 0);
	CHECK(snug_oci_seccomp_read(snug_json_root(doc), &written, &err) == 0);
	CHECK(snug_oci_seccomp_mean(&written, target, &anew, &err) == 0);
	CHECK(snug_seccomp_within(&anew, &policy, &witness));
	CHECK(!exact || snug_seccomp_same(&anew, &policy, &witness));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!snug_target_newest(&targets[0], SNUG_ARCH_X86_64)) {
		snug_target_of_host(SNUG_RUNTIME_RUNC, &targets[0]);
		snug_target_of_host(SNUG_RUNTIME_CRUN, &targets[1]);
	}
	random_input(data, size);
	SNUG_AUTO(random_section_clear) struct random_section section = random_section(true);

	check_built(&section.seccomp);
	check_written(&section.seccomp, &targets[random_below(2)]);
	return 0;
}
