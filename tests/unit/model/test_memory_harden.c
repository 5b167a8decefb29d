/* SPDX-License-Identifier: Apache-2.0 */
/* Hardening, and what decides on it, with each of its allocations failing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/harden.h"
#include "model/oci/state.h"
#include "model/policy.h"
#include "model/simulate.h"
#include "model/text_diff.h"
#include "support/golden.h"
#include "support/memory.h"

static int simulate(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(section_clear) struct section section = { 0 };
	const struct snug_call_data call = { .arch = SNUG_ARCH_X86_64, .nr = 41, .args = { 2 } };
	struct snug_simulation answer = { 0 };

	if (read_engines(&section, err) < 0 ||
	    snug_simulate(&section.seccomp, &targets[0], &call, &answer, err) < 0)
		return -1;
	snug_buf_addf(ret, "%x", answer.action);
	return snug_buf_check(ret, err);
}

/* ---- harden ---- */

#define CONFIG                                                                                     \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"hooks\":{\"poststop\":[]},"         \
	"\"annotations\":{\"run.oci.seccomp_bpf_data\":\"AA==\",\"io.snug.profile\":\"web\","      \
	"\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1\",\"e\\u0073c\":\"\\n\"},"   \
	"\"process\":{\"args\":[\"/bin/sh\",\"-c\"],\"apparmorProfile\":\"docker-default\","       \
	"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_MKNOD\"],"                            \
	"\"effective\":[\"CAP_CHOWN\"],\"permitted\":[\"CAP_CHOWN\"]}},"                           \
	"\"linux\":{\"maskedPaths\":[\"/a\"],\"seccomp\":%s}}"

/* The config's section is the engines', and the profile's another one: a meet. */
static int harden_with(const struct snug_harden_options *options, const char *native_alone,
		       struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(section_clear) struct section section = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
	struct snug_spec spec;

	if (read_engines(&section, err) < 0)
		return -1;
	snug_buf_addf(&config, CONFIG, native_alone ? native_alone : snug_buf_text(&section.text));
	if (snug_buf_check(&config, err) < 0 || parse_profile(&files_profile, &profile, err) < 0 ||
	    snug_json_parse(&doc, config.data, config.len, "config.json", err) < 0 ||
	    snug_spec_read(doc, &spec, err) < 0 ||
	    snug_harden(&spec, &profile, options, &hardened, err) < 0)
		return -1;
	for (size_t i = 0; i < hardened.changes.count; i++)
		snug_buf_addf(ret, "%s %s\n", hardened.changes.at[i].path,
			      hardened.changes.at[i].text);
	for (size_t i = 0; i < hardened.losses.count; i++)
		snug_buf_addf(ret, "%s\n", hardened.losses.at[i].text);
	return snug_json_render(doc, ret, err);
}

static int harden(struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_harden_options options = { .targets = targets,
						     .target_count = 2,
						     .accept_incomplete = true,
						     .apparmor = "snug-p-0123456789abcdef",
						     .hook = "/usr/bin/snug-hook" };

	return harden_with(&options, NULL, ret, err);
}

static int harden_audit(struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_harden_options options = {
		.targets = targets, .target_count = 2, .accept_incomplete = true, .audit = true
	};

	return harden_with(&options,
			   "{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			   "\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":["
			   "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
			   ret, err);
}

/* ---- policy ---- */

#define POLICY                                                                                     \
	"{\"snugPolicy\":1,\"annotations\":[\"io.snug.profile\",\"io.snug.learn\"],"               \
	"\"runtimes\":{\"runc\":\"/usr/bin/runc\"},"                                               \
	"\"default\":{\"mode\":\"audit\",\"profile\":\"base\"},\"rules\":["                        \
	"{\"match\":{\"image\":[\"*/redis:*\",\"*/pg\"],\"labels\":{\"a\":\"b*\"}},"               \
	"\"mode\":\"off\"},"                                                                       \
	"{\"match\":{\"image\":\"*/nginx:*\",\"user\":[0,\"1-5\"]},\"mode\":\"enforce\","          \
	"\"profile\":\"web\"},"                                                                    \
	"{\"match\":{\"image\":\"*/nginx:*\",\"command\":\"/bin/*\"},\"mode\":\"off\"}]}"

static int decide(struct snug_buf *ret, struct snug_error *err)
{
	static const char config[] =
		"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"/bin/"
		"a\"]},"
		"\"annotations\":{\"io.kubernetes.cri-o.ImageName\":\"x/nginx:1\","
		"\"io.kubernetes.cri-o.Labels\":\"{\\\"a\\\":\\\"c\\\"}\"}}";
	SNUG_AUTO(snug_policy_clear) struct snug_policy policy = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_subject_clear) struct snug_subject subject = { 0 };
	struct snug_decision decision = { 0 };
	struct snug_spec spec;
	int by;

	if (snug_policy_parse(POLICY, strlen(POLICY), "policy.json", &policy, err) < 0 ||
	    snug_json_parse(&doc, config, strlen(config), "config.json", err) < 0 ||
	    snug_spec_read(doc, &spec, err) < 0 ||
	    snug_subject_init(&spec, "/run/b", &subject, err) < 0)
		return -1;
	snug_policy_decide(&policy, &subject, &decision);
	snug_buf_addf(ret, "%s %d\n", decision.why, decision.rule);
	for (size_t i = 0; i < policy.rules.count; i++) {
		if (snug_policy_shadowed(&policy, i, &by, err) < 0)
			return -1;
		snug_buf_addf(ret, "%d\n", by);
	}
	return snug_buf_check(ret, err);
}

static int state(struct snug_buf *ret, struct snug_error *err)
{
	static const char text[] = "{\"ociVersion\":\"1\",\"id\":\"a\\u0062\",\"pid\":7,\"status\":"
				   "\"created\",\"bundle\":\"/b\",\"annotations\":{\"k\":\"v\"}}";
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_state state;

	if (snug_json_parse(&doc, text, strlen(text), "state", err) < 0 ||
	    snug_state_read(doc, &state, err) < 0)
		return -1;
	snug_buf_addf(ret, "%s %d", state.id, (int)state.pid);
	return snug_buf_check(ret, err);
}

static int show_diff(struct snug_buf *ret, struct snug_error *err)
{
	snug_text_diff("a", &web, &files, ret);
	return snug_buf_check(ret, err);
}

static const struct memory_case operations[] = {
	MEMORY_CASE(simulate), MEMORY_CASE(harden), MEMORY_CASE(harden_audit),
	MEMORY_CASE(decide),   MEMORY_CASE(state),  MEMORY_CASE(show_diff),
};

int main(void)
{
	return memory_main(operations, sizeof(operations) / sizeof(operations[0]), read_texts,
			   drop_texts);
}
