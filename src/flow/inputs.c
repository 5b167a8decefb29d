/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/inputs.h"

#include "base/cleanup.h"
#include "base/version.h"
#include "store/file.h"

bool snug_inputs_has_apparmor(void)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf enabled = { 0 };
	struct snug_error ignored;

	return snug_file_read("/sys/module/apparmor/parameters/enabled", 16, &enabled, &ignored) ==
		       0 &&
	       snug_buf_text(&enabled)[0] == 'Y';
}

void snug_inputs_add_host(struct snug_buf *to)
{
	snug_buf_addf(to, SNUG_VERSION "\n%d\n", snug_inputs_has_apparmor());
}

int snug_inputs_add_profile(const struct snug_store *store, const char *name, struct snug_buf *to,
			    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_store_read_profile(store, name, &text, &path, err) < 0)
		return -1;
	snug_buf_addf(to, "%s %zu\n", name, text.len);
	snug_buf_add(to, snug_buf_text(&text), text.len);
	return 0;
}
