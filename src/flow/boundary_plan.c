/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/boundary_plan.h"

#include "base/cleanup.h"
#include "store/file.h"
#include "store/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PLAN_BYTES_MAX ((size_t)SNUG_JSON_BYTES_MAX + (1u << 20))

#define HAS_CAPS     1u
#define NO_NEW_PRIVS 2u
#define NON_ROOT     4u
#define PATHS	     8u

/* Changes with what is in a plan, and with how a filter is made of a profile. */
static const char magic[8] = "snugpl2";

struct head {
	char magic[8];
	uint32_t flags, insns;
	uint64_t caps, profile; /* profile: bytes, behind the instructions */
	char label[SNUG_LABEL_SIZE];
	char incomplete[256];
};

void snug_boundary_made_clear(struct snug_boundary_made *made)
{
	snug_buf_clear(&made->text);
	*made = (struct snug_boundary_made){ 0 };
}

int snug_boundary_plan_render(const struct snug_boundary_made *made, const struct snug_buf *profile,
			      struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_boundary_plan *plan = &made->plan;
	struct head head = { .flags = (plan->has_caps ? HAS_CAPS : 0) |
				      (plan->no_new_privs ? NO_NEW_PRIVS : 0) |
				      (plan->non_root ? NON_ROOT : 0) | (made->paths ? PATHS : 0),
			     .insns = (uint32_t)plan->filter.count,
			     .caps = plan->caps,
			     .profile = profile->len };

	memcpy(head.magic, magic, sizeof(magic));
	memcpy(head.label, plan->label, sizeof(head.label));
	memcpy(head.incomplete, made->incomplete, sizeof(head.incomplete));
	snug_buf_add(ret, &head, sizeof(head));
	snug_buf_add(ret, plan->filter.at, plan->filter.count * sizeof(*plan->filter.at));
	snug_buf_add(ret, profile->data, profile->len);
	return snug_buf_check(ret, err);
}

static bool is_plan(const struct snug_buf *text, const struct snug_buf *profile, struct head *ret)
{
	size_t insns;

	if (text->len < sizeof(*ret))
		return false;
	memcpy(ret, text->data, sizeof(*ret));
	insns = ret->insns * sizeof(struct snug_insn);
	return memcmp(ret->magic, magic, sizeof(magic)) == 0 && ret->insns <= SNUG_PROGRAM_MAX &&
	       ret->profile == profile->len && text->len == sizeof(*ret) + insns + profile->len &&
	       memcmp(text->data + sizeof(*ret) + insns, profile->data, profile->len) == 0;
}

bool snug_boundary_plan_parse(struct snug_buf *text, const struct snug_buf *profile,
			      struct snug_boundary_made *ret)
{
	struct head head;

	if (!profile->len || !is_plan(text, profile, &head))
		return false;
	*ret = (struct snug_boundary_made){ .text = *text, .paths = head.flags & PATHS };
	*text = (struct snug_buf){ 0 };
	ret->plan = (struct snug_boundary_plan){
		.filter = { (const void *)(ret->text.data + sizeof(head)), head.insns },
		.has_caps = head.flags & HAS_CAPS,
		.caps = head.caps,
		.no_new_privs = head.flags & NO_NEW_PRIVS,
		.non_root = head.flags & NON_ROOT,
	};
	snprintf(ret->plan.label, sizeof(ret->plan.label), "%.*s", (int)sizeof(head.label) - 1,
		 head.label);
	snprintf(ret->incomplete, sizeof(ret->incomplete), "%.*s", (int)sizeof(head.incomplete) - 1,
		 head.incomplete);
	return true;
}

char *snug_boundary_plan_path(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s.plan", folder, name) < 0 ? NULL : path;
}

/* Its folder is root's alone (flow/run_folder.h); so has it to be. */
static bool is_safe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 077) &&
	       snug_trusts_owner(st.st_uid) && (size_t)st.st_size <= PLAN_BYTES_MAX;
}

static int read_all(int fd, struct snug_buf *ret, struct snug_error *err)
{
	char chunk[16384];
	ssize_t len;

	while ((len = read(fd, chunk, sizeof(chunk))) > 0)
		snug_buf_add(ret, chunk, (size_t)len);
	if (len < 0)
		return snug_fail_errno(err, errno, "a plan of the exec boundary");
	return snug_buf_check(ret, err);
}

int snug_boundary_plan_find(const struct snug_store *store, int folder, const char *name,
			    struct snug_boundary_made *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = -1;
	char file[SNUG_NAME_MAX + 8];

	if (snug_store_read_profile(store, name, &profile, &path, err) < 0)
		return -1;
	snprintf(file, sizeof(file), "%s.plan", name);
	fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !is_safe(fd))
		return 0;
	if (read_all(fd, &text, err) < 0)
		return -1;
	return snug_boundary_plan_parse(&text, &profile, ret);
}
