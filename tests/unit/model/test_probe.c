/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CAPS(set)                                                                                  \
	"CapInh:\t0000000000000000\nCapPrm:\t" set "\nCapEff:\t" set "\nCapBnd:\t" set             \
	"\nCapAmb:\t0000000000000000\n"
#define STATUS(caps, nnp, seccomp, label)                                                          \
	"Name:\tsnug-hook\n" CAPS(caps) "NoNewPrivs:\t" nnp "\nSeccomp:\t" seccomp                 \
					"\nSeccomp_filters:\t" seccomp "\n" SNUG_PROBE_LABEL label \
					"\n\n" SNUG_PROBE_END

static void parse(const char *text, struct snug_probe *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf buf = { 0 };
	struct snug_error err;

	snug_buf_adds(&buf, text);
	if (snug_probe_parse(&buf, ret, &err) < 0)
		fail_msg("%s", err.what);
}

static void facts_are_read(void **state)
{
	struct snug_probe probe;

	(void)state;
	parse(STATUS("00000000a80425fb", "1", "2", "snug-web-0123456789abcdef (enforce)"), &probe);
	assert_int_equal(probe.seccomp, 2);
	assert_true(probe.no_new_privs);
	assert_int_equal(probe.caps[SNUG_CAP_EFFECTIVE], 0xa80425fb);
	assert_int_equal(probe.caps[SNUG_CAP_AMBIENT], 0);
	assert_string_equal(probe.label, "snug-web-0123456789abcdef (enforce)");
}

static void what_is_not_whole_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		SNUG_PROBE_END,
		"NoNewPrivs:\t0\nSeccomp:\t0\n" SNUG_PROBE_END,
		"Seccomp:\t0\n" CAPS("0") SNUG_PROBE_END,
		"NoNewPrivs:\t0\n" CAPS("0") SNUG_PROBE_END,
		"NoNewPrivs:\t0\nSeccomp:\t\n" CAPS("0") SNUG_PROBE_END,
		"NoNewPrivs:\t0\nSeccomp:\t0\n" CAPS("0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf buf = { 0 };
		struct snug_probe probe;
		struct snug_error err;

		snug_buf_adds(&buf, rows[i]);
		if (snug_probe_parse(&buf, &probe, &err) == 0)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

#define PROFILE(more) "{\"snugProfile\":1,\"name\":\"web\"" more "}"
#define SECCOMP	      ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"
#define APPARMOR      ",\"apparmor\":{\"files\":[{\"path\":\"/x\",\"access\":\"r\"}]}"

static void a_profile_arrived_or_not(void **state)
{
	static const struct {
		const char *profile, *status, *why; /* why: "" it arrived */
		bool without_apparmor;
	} rows[] = {
		{ PROFILE(""), STATUS("ff", "0", "0", ""), "", false },
		{ PROFILE(SECCOMP), STATUS("ff", "0", "2", ""), "", false },
		{ PROFILE(SECCOMP), STATUS("ff", "0", "0", ""), "Seccomp: no filter", false },
		{ PROFILE(",\"noNewPrivileges\":true"), STATUS("ff", "0", "0", ""), "NoNewPrivs: 0",
		  false },
		{ PROFILE(",\"noNewPrivileges\":true"), STATUS("ff", "1", "0", ""), "", false },
		{ PROFILE(",\"noNewPrivileges\":false"), STATUS("ff", "0", "0", ""), "", false },
		{ PROFILE(",\"capabilities\":[\"CAP_CHOWN\",\"CAP_KILL\"]"),
		  STATUS("21", "0", "0", ""), "", false },
		{ PROFILE(",\"capabilities\":[]"), STATUS("0", "0", "0", ""), "", false },
		{ PROFILE(",\"capabilities\":[\"CAP_CHOWN\"]"), STATUS("3", "0", "0", ""),
		  "CapBnd: holds CAP_DAC_OVERRIDE, CapEff: holds CAP_DAC_OVERRIDE, CapPrm: holds "
		  "CAP_DAC_OVERRIDE",
		  false },
		{ PROFILE(",\"capabilities\":[]") /* one without a name, too */,
		  STATUS("8000000000000001", "0", "0", ""),
		  "CapBnd: holds CAP_CHOWN and more, CapEff: holds CAP_CHOWN and more, CapPrm: "
		  "holds CAP_CHOWN and more",
		  false },
		{ PROFILE(APPARMOR), STATUS("0", "0", "0", "snug-web-0123456789abcdef (enforce)"),
		  "", false },
		{ PROFILE(APPARMOR),
		  STATUS("0", "0", "0", "docker-default//&snug-web-0123456789abcdef (mixed)"), "",
		  false },
		{ PROFILE(APPARMOR), STATUS("0", "0", "0", "snug-app-0123456789abcdef (enforce)"),
		  "AppArmor has another label", false },
		{ PROFILE(APPARMOR), STATUS("0", "0", "0", "unconfined"),
		  "AppArmor has another label", false },
		{ PROFILE(APPARMOR), STATUS("0", "0", "0", ""), "AppArmor has no label", false },
		{ PROFILE(APPARMOR), STATUS("0", "0", "0", ""), "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf why = { 0 };
		struct snug_probe probe;
		struct snug_error err;
		bool within;

		parse(rows[i].status, &probe);
		if (snug_profile_parse(rows[i].profile, strlen(rows[i].profile), "f", &profile,
				       &err) < 0)
			fail_msg("row %zu: %s", i, err.what);
		within = snug_probe_is_within(&probe, &profile, !rows[i].without_apparmor, &why);
		assert_string_equal(snug_buf_text(&why), rows[i].why);
		assert_int_equal(within, rows[i].why[0] == '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_read),
		cmocka_unit_test(what_is_not_whole_is_refused),
		cmocka_unit_test(a_profile_arrived_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
