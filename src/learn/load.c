/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/load.h"

#include "learn/files_load.h"
#include "learn/tables.h"

#include "recorder.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BTF "/sys/kernel/btf/vmlinux"

/* libbpf's first complaint: the reason, where errno alone says "Invalid argument". */
static char complaint[160];

SNUG_PRINTF(2, 0)
static int keep_complaint(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char text[sizeof(complaint)];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	if (!complaint[0])
		memcpy(complaint, text, sizeof(complaint));
	return 0;
}

int snug_recorder_check(struct snug_error *err)
{
	if (geteuid() != 0) {
		snug_fail(err, SNUG_HOST, "recording needs root");
		return snug_remedy(err, "run it as root");
	}
	if (access(BTF, R_OK) < 0) {
		snug_fail(err, SNUG_HOST, "this kernel has no BTF (" BTF ")");
		return snug_remedy(err, "use a kernel built with CONFIG_DEBUG_INFO_BTF");
	}
	return 0;
}

static int refuse(int error, struct snug_error *err)
{
	snug_fail(err, SNUG_HOST, "the kernel refused the recorder: %s%s%s", strerror(-error),
		  complaint[0] ? ": " : "", complaint);
	return snug_remedy(err, "snug needs CAP_BPF, CAP_PERFMON and Linux 6.1 or newer");
}

/* A recorder of one container is smaller, and needs nothing that others would share. */
static void configure(struct recorder *skel, const struct snug_load *load)
{
	bool shared = load->slots > 1;

	skel->rodata->tables = *snug_rec_tables();
	bpf_program__set_autoload(skel->progs.on_sys_exit, load->refusals);
	bpf_program__set_autoload(skel->progs.seed, !load->adopting);
	bpf_program__set_autoload(skel->progs.adopt, load->adopting);
	bpf_map__set_autocreate(skel->maps.owners, shared);
	bpf_map__set_autocreate(skel->maps.askers, shared);
	if (shared)
		return;
	bpf_map__set_max_entries(skel->maps.heads, 1);
	bpf_map__set_max_entries(skel->maps.slots, 1);
	bpf_map__set_max_entries(skel->maps.cgroups, 1);
	bpf_map__set_max_entries(skel->maps.tuples, SNUG_REC_TUPLES_ONE);
	bpf_map__set_max_entries(skel->maps.checks, SNUG_REC_CHECKS_ONE);
}

/* 0, or a negative errno. */
static int load_object(const struct snug_load *load, bool caps, struct recorder **ret)
{
	struct recorder *skel = recorder__open();
	int failed;

	if (!skel)
		return -errno;
	configure(skel, load);
	bpf_program__set_autoload(skel->progs.on_cap_capable, caps);
	failed = recorder__load(skel);
	if (failed)
		recorder__destroy(skel);
	else
		*ret = skel;
	return failed;
}

/* caps: by the tracepoint. */
static int begin(const struct snug_load *load, bool caps, struct snug_maps *ret,
		 struct snug_error *err)
{
	struct snug_rec_head first = { .layout = SNUG_REC_LAYOUT };
	struct recorder *skel = NULL;
	__u32 zero = 0;
	int failed = load_object(load, caps, &skel);

	/* ESRCH: no such tracepoint in the kernel's BTF, and only cap_capable is younger than
	 * 6.1. */
	if (failed == -ESRCH && caps)
		failed = load_object(load, false, &skel);
	if (failed)
		return refuse(failed, err);
	*ret = (struct snug_maps)SNUG_MAPS_NONE;
	ret->count = load->slots;
	failed = bpf_map_update_elem(bpf_map__fd(skel->maps.heads), &zero, &first, BPF_ANY);
	if (!failed)
		failed = snug_load_take(skel->obj, 0, SNUG_MAP_FILES, ret);
	recorder__destroy(skel);
	if (!failed && snug_maps_open(ret, err) == 0)
		return 0;
	if (failed)
		snug_fail_errno(err, -failed, "cannot begin the recorder");
	snug_maps_close(ret);
	return -1;
}

/* Whatever refuses the best way, the next is tried: syscalls are recorded in any case. */
int snug_recorder_load(const struct snug_load *load, struct snug_maps *ret, struct snug_error *err)
{
	enum snug_files_way way = load->no_files ? SNUG_FILES_NONE : snug_files_way();
	bool exact = way == SNUG_FILES_FEXIT || way == SNUG_FILES_LSM;

	if (snug_recorder_check(err) < 0)
		return -1;
	complaint[0] = '\0';
	libbpf_set_print(keep_complaint);
	if (begin(load, !exact, ret, err) < 0)
		return -1;
	if (snug_files_load(way, load->slots, ret) == 0 || !exact ||
	    (way == SNUG_FILES_LSM && snug_files_load(SNUG_FILES_FEXIT, load->slots, ret) == 0))
		return 0;
	snug_maps_close(ret);
	if (begin(load, true, ret, err) < 0)
		return -1;
	(void)snug_files_load(SNUG_FILES_OPENED, load->slots, ret);
	return 0;
}
