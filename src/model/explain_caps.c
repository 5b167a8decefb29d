/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/explain.h"
#include "model/page.h"
#include "model/syscalls.h"

#include <stdio.h>
#include <string.h>

/* A program's name is any UTF-8: what a terminal would act upon is not for it. */
static void put_program(const char *program, struct snug_buf *out)
{
	const unsigned char *c = (const unsigned char *)program;

	if (!*c)
		snug_buf_adds(out, "a program without a name");
	for (; *c; c++) {
		bool upper = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0; /* U+0080 to U+009F */

		snug_buf_addc(out, upper || *c < 0x20 || *c == 0x7f ? '?' : (char)*c);
		c += upper;
	}
}

static void put_need_call(const struct snug_cap_need *need, bool more, struct snug_page *page)
{
	const struct snug_syscall *known = snug_syscall_by_nr(need->arch, need->nr);
	char name[64], arch[16] = "", word[96];

	if (!need->in_call)
		(void)snprintf(name, sizeof(name), "an unknown call");
	else if (known)
		(void)snprintf(name, sizeof(name), "%s", known->name);
	else
		(void)snprintf(name, sizeof(name), "call %u", need->nr);
	if (need->in_call && need->arch != snug_arch_native())
		(void)snprintf(arch, sizeof(arch), " (%s)", snug_arch_word(need->arch));
	(void)snprintf(word, sizeof(word), "%s%s%s", name, arch, more ? "," : "");
	snug_page_word(page, word);
}

static bool same_program(const struct snug_cap_needs *needs, size_t a, size_t b)
{
	return strcmp(needs->at[a].program, needs->at[b].program) == 0;
}

/* A line or more a program: needs are in their order. */
static int put_needs(const struct snug_cap_needs *needs, struct snug_buf *out,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf head = { 0 };
	struct snug_page page = { .out = out };

	for (size_t i = 0; i < needs->count; i++) {
		if (i == 0 || !same_program(needs, i, i - 1)) {
			snug_page_end(&page);
			snug_buf_clear(&head);
			snug_buf_adds(&head, "needed by ");
			put_program(needs->at[i].program, &head);
			snug_buf_adds(&head, " in");
			out->failed |= head.failed;
			page.indent = 4;
			snug_page_word(&page, snug_buf_text(&head));
			page.indent = 6;
		}
		put_need_call(&needs->at[i], i + 1 < needs->count && same_program(needs, i, i + 1),
			      &page);
	}
	snug_page_end(&page);
	return snug_buf_check(out, err);
}

int snug_explain_caps(const struct snug_explain *of, struct snug_buf *out, struct snug_error *err)
{
	struct snug_page page = { .out = out, .indent = 2 };
	int result = 0;

	snug_buf_addf(out, "\nCapabilities (%d)\n", __builtin_popcountll(of->caps));
	for (unsigned i = 0; i < SNUG_CAP_MAX && result == 0; i++) {
		struct snug_cap_needs needs = { 0 };

		if (!(of->caps & (snug_caps)1 << i))
			continue;
		if (of->profile)
			result = snug_profile_needs(of->profile, i, &needs, err);
		if (needs.count)
			snug_page_end(&page);
		snug_page_word(&page, snug_cap_name(i));
		if (needs.count) {
			snug_page_end(&page);
			result = put_needs(&needs, out, err);
		}
		snug_vec_clear(&needs);
	}
	snug_page_end(&page);
	return result;
}
