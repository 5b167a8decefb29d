/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/load.h"

#include "learn/files_load.h"
#include "learn/tables.h"
#include "model/syscalls.h"

#include "recorder.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
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

/* What of the recorder is wanted; the kernel may not have all of it. */
struct wanted {
	bool caps;   /* by their tracepoint */
	bool opened; /* files, by opened.bpf.h */
};

/* The machine's own alone: of i386's calls the arguments lie elsewhere. */
static void tell_returns(struct recorder *skel)
{
	static const struct {
		const char *name;
		__u8 what;
	} calls[] = { { "open", SNUG_REC_RETURNS_FILE },
		      { "openat", SNUG_REC_RETURNS_FILE },
		      { "openat2", SNUG_REC_RETURNS_FILE },
		      { "creat", SNUG_REC_RETURNS_FILE },
		      { "open_by_handle_at", SNUG_REC_RETURNS_FILE },
		      { "mmap", SNUG_REC_RETURNS_MAP } };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct snug_syscall *call =
			snug_syscall_by_name(snug_rec_arch(SNUG_REC_NATIVE), calls[i].name);

		if (call && call->nr < SNUG_REC_CALLS)
			skel->rodata->returns[SNUG_REC_NATIVE][call->nr] = calls[i].what;
	}
}

/* opened: the programs, and the maps that are theirs alone. */
static int configure_opened(struct recorder *skel, bool opened)
{
	struct bpf_map *const maps[] = { skel->maps.files,     skel->maps.acts,
					 skel->maps.programs,  skel->maps.texts_short,
					 skel->maps.texts_mid, skel->maps.texts_long,
					 skel->maps.buffers,   skel->maps.numbers };

	bpf_program__set_autoload(skel->progs.on_returned, opened);
	bpf_program__set_autoload(skel->progs.on_exec_done, opened);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		bpf_map__set_autocreate(maps[i], opened);
	tell_returns(skel);
	return getrandom((void *)skel->rodata->hash_seed, sizeof(skel->rodata->hash_seed), 0) < 0
		       ? -errno
		       : 0;
}

/* A recorder of one container is smaller, and needs nothing that others would share. */
static int configure(struct recorder *skel, const struct snug_load *load,
		     const struct wanted *wanted)
{
	bool shared = load->slots > 1;

	skel->rodata->tables = *snug_rec_tables();
	/* Where opened.bpf.h has the way out, it looks for refusals too. */
	bpf_program__set_autoload(skel->progs.on_sys_exit, load->refusals && !wanted->opened);
	bpf_program__set_autoload(skel->progs.on_cap_capable, wanted->caps);
	bpf_program__set_autoload(skel->progs.seed, !load->adopting);
	bpf_program__set_autoload(skel->progs.adopt, load->adopting);
	bpf_map__set_autocreate(skel->maps.owners, shared);
	bpf_map__set_autocreate(skel->maps.askers, shared);
	if (!shared) {
		bpf_map__set_max_entries(skel->maps.heads, 1);
		bpf_map__set_max_entries(skel->maps.slots, 1);
		bpf_map__set_max_entries(skel->maps.cgroups, 1);
		bpf_map__set_max_entries(skel->maps.tuples, SNUG_REC_TUPLES_ONE);
		bpf_map__set_max_entries(skel->maps.checks, SNUG_REC_CHECKS_ONE);
		snug_files_shrink(skel->obj);
	}
	return configure_opened(skel, wanted->opened);
}

/* 0, or a negative errno. */
static int load_object(const struct snug_load *load, const struct wanted *wanted,
		       struct recorder **ret)
{
	struct recorder *skel = recorder__open();
	int failed;

	if (!skel)
		return -errno;
	failed = configure(skel, load, wanted);
	if (!failed)
		failed = recorder__load(skel);
	if (failed)
		recorder__destroy(skel);
	else
		*ret = skel;
	return failed;
}

/* As much of what is wanted as this kernel has: syscalls are recorded in any case. */
static int load_what_can_be(const struct snug_load *load, struct wanted wanted,
			    struct recorder **ret)
{
	int failed;

	while ((failed = load_object(load, &wanted, ret)) != 0) {
		/* ESRCH: no such tracepoint in the kernel's BTF, and only cap_capable is younger
		 * than 6.1. */
		if (failed == -ESRCH && wanted.caps)
			wanted.caps = false;
		else if (wanted.opened)
			wanted.opened = false;
		else
			break;
	}
	return failed;
}

static int begin(const struct snug_load *load, struct wanted wanted, struct snug_maps *ret,
		 struct snug_error *err)
{
	struct snug_rec_head first = { .layout = SNUG_REC_LAYOUT };
	struct recorder *skel = NULL;
	__u32 zero = 0;
	int failed = load_what_can_be(load, wanted, &skel);

	if (failed)
		return refuse(failed, err);
	*ret = (struct snug_maps)SNUG_MAPS_NONE;
	ret->count = load->slots;
	failed = bpf_map_update_elem(bpf_map__fd(skel->maps.heads), &zero, &first, BPF_ANY);
	if (!failed)
		failed = snug_load_take(skel->obj, 0, SNUG_MAP_MAX, ret);
	recorder__destroy(skel);
	if (!failed && snug_maps_open(ret, err) == 0)
		return 0;
	if (failed)
		snug_fail_errno(err, -failed, "cannot begin the recorder");
	snug_maps_close(ret);
	return -1;
}

/* Whatever refuses the best way, the next is tried. */
int snug_recorder_load(const struct snug_load *load, struct snug_maps *ret, struct snug_error *err)
{
	enum snug_files_way way = load->no_files ? SNUG_FILES_NONE : snug_files_way();
	bool exact = way == SNUG_FILES_FEXIT || way == SNUG_FILES_LSM;

	if (snug_recorder_check(err) < 0)
		return -1;
	complaint[0] = '\0';
	libbpf_set_print(keep_complaint);
	if (!exact)
		return begin(load, (struct wanted){ true, way == SNUG_FILES_OPENED }, ret, err);
	if (begin(load, (struct wanted){ false, false }, ret, err) < 0)
		return -1;
	if (snug_files_load(way, load->slots, ret) == 0 ||
	    (way == SNUG_FILES_LSM && snug_files_load(SNUG_FILES_FEXIT, load->slots, ret) == 0))
		return 0;
	snug_maps_close(ret);
	return begin(load, (struct wanted){ true, true }, ret, err);
}
