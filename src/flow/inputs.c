/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/inputs.h"

#include "base/cleanup.h"
#include "base/version.h"
#include "flow/prover.h"
#include "store/file.h"

#include <errno.h>
#include <unistd.h>

#define ENABLED	       "/sys/module/apparmor/parameters/enabled"
#define PAGE_BYTES_MAX 65536u /* sysfs says of each file that it is a page long */

int snug_inputs_read_apparmor(struct snug_buf *ret, struct snug_error *err)
{
	if (access(ENABLED, F_OK) < 0)
		return errno == ENOENT ? 0 : snug_fail_errno(err, errno, ENABLED);
	return snug_file_read(ENABLED, PAGE_BYTES_MAX, ret, err);
}

int snug_inputs_add_host(const struct snug_store *store, struct snug_buf *to,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf enabled = { 0 }, prover = { 0 };

	if (snug_prover_now(store, &prover, err) < 0)
		return -1;
	snug_buf_addf(to, SNUG_VERSION "\n%s\n", snug_buf_text(&prover));
	/* It comes and goes with the kernel's command line. */
	if (snug_inputs_read_apparmor(&enabled, err) < 0)
		return -1;
	snug_buf_adds(to, snug_buf_text(&enabled));
	return 0;
}

void snug_inputs_add_text(const char *name, const struct snug_buf *text, struct snug_buf *to)
{
	snug_buf_addf(to, "%s %zu\n", name, text->len);
	snug_buf_add(to, snug_buf_text(text), text->len);
}

int snug_inputs_add_profile(const struct snug_store *store, const char *name, struct snug_buf *to,
			    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_store_read_profile(store, name, &text, &path, err) < 0)
		return -1;
	snug_inputs_add_text(name, &text, to);
	return 0;
}
