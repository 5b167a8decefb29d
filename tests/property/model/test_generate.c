/* SPDX-License-Identifier: Apache-2.0 */
/* Invariant 5: a generated profile allows all that was recorded. Judged by the model, for the
 * targets that enforce it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "model/generate.h"
#include "model/profile.h"
#include "support/recordings.h"

#include <errno.h>

#define CASES random_cases(10000u)

/* A generated profile, and what it means under each runtime. */
struct judged {
	struct snug_buf text;
	struct snug_profile profile;
	struct snug_seccomp policy[2];
	bool has_policy;
};

static const enum snug_runtime runtimes[] = { SNUG_RUNTIME_RUNC, SNUG_RUNTIME_CRUN };

static void judged_clear(struct judged *judged)
{
	for (unsigned i = 0; judged->has_policy && i < 2; i++)
		snug_seccomp_clear(&judged->policy[i]);
	snug_profile_clear(&judged->profile);
	snug_buf_clear(&judged->text);
}

static void expect(int result, const struct snug_error *err)
{
	if (result < 0)
		print_error("%s: %s\n", err->path, err->what);
	CHECK(result == 0);
}

static void judge(const struct snug_recording *recording,
		  const struct snug_generate_options *options, struct judged *ret)
{
	struct snug_error err = { 0 };

	expect(snug_generate(recording, options, &ret->text, &err), &err);
	expect(snug_profile_parse(ret->text.data, ret->text.len, "p.json", &ret->profile, &err),
	       &err);
	CHECK((ret->profile.seccomp_node != NULL) ==
	      ((recording->observed & SNUG_OBSERVED_SYSCALLS) != 0));
	for (unsigned i = 0; ret->profile.seccomp_node && i < 2; i++) {
		struct snug_target target;

		snug_target_init(&target, runtimes[i], UINT8_MAX, UINT8_MAX);
		expect(snug_oci_seccomp_mean(&ret->profile.seccomp, &target, &ret->policy[i], &err),
		       &err);
		ret->has_policy = i == 1;
	}
}

/* Arguments that the kernel takes for this tuple: bits outside the masks are anything. */
static void fill_args(const struct snug_argspec *spec, const struct snug_tuple *tuple,
		      uint64_t args[SNUG_ARGS])
{
	for (unsigned i = 0; i < SNUG_ARGS; i++)
		args[i] = random_u64();
	for (unsigned i = 0; i < spec->count; i++) {
		uint64_t *arg = &args[spec->index[i]];

		*arg = (*arg & ~spec->mask[i]) | tuple->value[i];
	}
}

static void check_action(const struct judged *judged, const struct snug_call_data *call,
			 bool allowed)
{
	for (unsigned i = 0; i < 2; i++) {
		snug_action action = snug_seccomp_decide(&judged->policy[i], call);
		char words[192];

		if ((action == SNUG_ALLOW) == allowed)
			continue;
		snug_call_words(call, words, sizeof(words));
		print_error("%s: %s gets 0x%x\n%s\n", snug_runtime_name(runtimes[i]), words, action,
			    judged->text.data);
		CHECK((action == SNUG_ALLOW) == allowed);
	}
}

static bool is_replaced(const struct snug_syscall *known)
{
	return strcmp(known->name, "clone3") == 0;
}

static void check_call(const struct judged *judged, const struct snug_seen_call *seen)
{
	struct snug_call_data call = { .arch = seen->arch, .nr = seen->nr };
	const struct snug_syscall *known = snug_syscall_by_nr(seen->arch, seen->nr);
	struct snug_argspec spec;

	if (seen->refused || seen->arch == SNUG_ARCH_X32 || !known || is_replaced(known))
		return;
	(void)snug_argspec_of(known->name, &spec);
	for (size_t i = 0; i < seen->tuples.count; i++) {
		fill_args(&spec, &seen->tuples.at[i], call.args);
		check_action(judged, &call, true);
	}
	if (seen->tuples.count)
		return;
	fill_args(&spec, &(struct snug_tuple){ 0 }, call.args);
	check_action(judged, &call, true);
}

/* What nobody recorded is not in for the arguments alone: socket is in no floor and no group. */
static void check_socket(const struct judged *judged, const struct snug_recording *recording)
{
	const struct snug_syscall *known = snug_syscall_by_name(snug_arch_native(), "socket");
	struct snug_call_data call = { .arch = snug_arch_native(), .nr = known->nr };
	struct snug_tuple tuple = { .value = { random_below(64), random_below(8), 0 } };
	struct snug_argspec spec;

	(void)snug_argspec_of("socket", &spec);
	for (size_t i = 0; i < recording->calls.count; i++) {
		const struct snug_seen_call *seen = &recording->calls.at[i];
		const struct snug_syscall *other = snug_syscall_by_nr(seen->arch, seen->nr);

		if (seen->refused || seen->arch == SNUG_ARCH_X32 || !other ||
		    strcmp(other->name, "socket") != 0)
			continue;
		if (seen->any_args || seen->tuples.count == 0)
			return;
		for (size_t j = 0; j < seen->tuples.count; j++)
			if (snug_tuple_compare(&seen->tuples.at[j], &tuple) == 0)
				return;
	}
	fill_args(&spec, &tuple, call.args);
	check_action(judged, &call, false);
}

static void check_clone3(const struct judged *judged)
{
	const struct snug_syscall *known = snug_syscall_by_name(snug_arch_native(), "clone3");
	struct snug_call_data call = { .arch = snug_arch_native(), .nr = known->nr };

	for (unsigned i = 0; i < 2; i++)
		CHECK(snug_seccomp_decide(&judged->policy[i], &call) == SNUG_ERRNO(ENOSYS));
}

static void a_profile_allows_all_that_was_recorded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
		SNUG_AUTO(judged_clear) struct judged judged = { 0 };
		struct snug_generate_options options = { .generator = "snug test" };

		random_case(i);
		random_recording(&recording);
		options.exact = random_one_in(2);
		options.has_runtime_only = random_one_in(2);
		options.runtime_only = random_below(SNUG_RUNTIME_MAX);
		judge(&recording, &options, &judged);
		CHECK(judged.profile.no_new_privs == !recording.raised_creds);
		CHECK(judged.profile.has_caps ==
		      ((recording.observed & SNUG_OBSERVED_CAPABILITIES) != 0));
		for (size_t j = 0; judged.profile.has_caps && j < recording.caps.count; j++)
			CHECK(judged.profile.caps & (snug_caps)1 << recording.caps.at[j].cap);
		if (!judged.has_policy)
			continue;
		for (size_t j = 0; j < recording.calls.count; j++)
			check_call(&judged, &recording.calls.at[j]);
		check_socket(&judged, &recording);
		check_clone3(&judged);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_allows_all_that_was_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
