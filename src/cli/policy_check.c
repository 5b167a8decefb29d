/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/policy.h"
#include "flow/policy_check.h"

#include <stdio.h>

struct checked {
	char *path; /* NULL: it could not even be read */
	bool there;
	struct snug_findings findings;
};

static void checked_clear(struct checked *checked)
{
	snug_freep(&checked->path);
	snug_findings_clear(&checked->findings);
}

static void print_text(const struct checked *checked)
{
	char line[2048];

	for (size_t i = 0; i < checked->findings.count; i++) {
		snug_error_line(&checked->findings.at[i], line, sizeof(line));
		printf("%s\n", line);
	}
	if (!checked->there)
		printf("%s: there is no policy: containers are left alone\n", checked->path);
	else if (!checked->findings.count)
		printf("%s: sound\n", checked->path);
}

static void put_finding(struct snug_json_writer *w, const struct snug_error *finding)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "file", finding->file);
	if (finding->line) {
		snug_json_pair_u64(w, "line", finding->line);
		snug_json_pair_u64(w, "column", finding->column);
	}
	if (finding->path[0])
		snug_json_pair_string(w, "path", finding->path);
	snug_json_pair_string(w, "text", finding->what);
	if (finding->remedy[0])
		snug_json_pair_string(w, "remedy", finding->remedy);
	snug_json_close(w);
}

static int print_json(const struct checked *checked, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_put_key(&w, "policy");
	if (checked->path && checked->there)
		snug_json_put_string(&w, checked->path);
	else
		snug_json_put_null(&w);
	snug_json_put_key(&w, "findings");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < checked->findings.count; i++)
		put_finding(&w, &checked->findings.at[i]);
	snug_json_close(&w);
	snug_json_close(&w);
	return snug_cli_print_json(&text, err);
}

int snug_policy_run_check(const struct snug_store *store,
			  const struct snug_policy_arguments *arguments, struct snug_error *err)
{
	SNUG_AUTO(checked_clear) struct checked checked = { 0 };

	if (snug_flow_policy_check(store, arguments->policy, &checked.findings, &checked.path,
				   &checked.there, err) < 0)
		return -1;
	if (arguments->format == SNUG_FORMAT_TEXT)
		print_text(&checked);
	else if (print_json(&checked, err) < 0)
		return -1;
	return checked.findings.count ? snug_fail(err, SNUG_NO, "%s", "") : 0;
}
