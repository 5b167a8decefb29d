/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/files_load.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"

#include "files.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LSMS "/sys/kernel/security/lsm"

/* Is "bpf" among the LSMs that run? Where securityfs is not mounted nobody knows. */
static bool runs_bpf_lsm(void)
{
	char list[512];
	SNUG_AUTO_FD int fd = open(LSMS, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);

	if (len < 0)
		return false;
	list[len] = '\0';
	for (char *rest = list, *name; (name = strsep(&rest, ",\n"));)
		if (strcmp(name, "bpf") == 0)
			return true;
	return false;
}

enum snug_files_way snug_files_way(void)
{
	if (!snug_bpf_may_trace())
		return SNUG_FILES_NONE;
	return runs_bpf_lsm() ? SNUG_FILES_LSM : SNUG_FILES_FEXIT;
}

/* Linux 6.2 made truncating an open file a hook of its own. */
static bool truncates_files(void)
{
	struct utsname host;
	unsigned major = 0, minor = 0;

	return uname(&host) == 0 && sscanf(host.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 2));
}

/* "on_file_open" is on the hook "file_open". */
static int make_lsm(struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);

	if (strncmp(name, "on_", 3) != 0 || bpf_program__type(prog) != BPF_PROG_TYPE_TRACING ||
	    bpf_program__expected_attach_type(prog) != BPF_TRACE_FEXIT)
		return 0;
	if (bpf_program__set_type(prog, BPF_PROG_TYPE_LSM) < 0 ||
	    bpf_program__set_expected_attach_type(prog, BPF_LSM_MAC) < 0)
		return -errno;
	return bpf_program__set_attach_target(prog, 0, name + 3);
}

static int choose_programs(struct files *skel, enum snug_files_way way)
{
	bool lsm = way == SNUG_FILES_LSM;
	struct bpf_program *prog;
	int failed = 0;

	bpf_program__set_autoload(skel->progs.on_mmap_file, !lsm);
	bpf_program__set_autoload(skel->progs.lsm_mmap_file, lsm);
	bpf_program__set_autoload(skel->progs.on_file_truncate, truncates_files());
	bpf_object__for_each_program(prog,
				     skel->obj) if (lsm && !failed && bpf_program__autoload(prog))
		failed = make_lsm(prog);
	return failed;
}

/* The recorder's maps stand in for those of the same name. */
static int share(struct files *skel, const struct snug_maps *maps)
{
	static const enum snug_rec_map shared[] = { SNUG_MAP_HEADS, SNUG_MAP_SLOTS, SNUG_MAP_CHECKS,
						    SNUG_MAP_BEFORE };
	int failed = bpf_map__reuse_fd(skel->maps.bss, maps->map[SNUG_MAP_TASKS]);

	for (size_t i = 0; !failed && i < sizeof(shared) / sizeof(shared[0]); i++) {
		const char *name = snug_map_names[shared[i]];

		failed = bpf_map__reuse_fd(bpf_object__find_map_by_name(skel->obj, name),
					   maps->map[shared[i]]);
	}
	return failed;
}

static void size_maps(struct files *skel)
{
	struct bpf_map *maps[] = { skel->maps.files,	 skel->maps.acts,
				   skel->maps.programs,	 skel->maps.texts_short,
				   skel->maps.texts_mid, skel->maps.texts_long };

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		bpf_map__set_max_entries(maps[i], SNUG_REC_FILES_ONE + SNUG_REC_FILES_ONE / 4);
}

static int keep(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void take(const struct files *skel, struct snug_maps *ret)
{
	for (enum snug_rec_map i = SNUG_MAP_FILES; i < SNUG_MAP_MAX; i++)
		ret->map[i] = keep(
			bpf_map__fd(bpf_object__find_map_by_name(skel->obj, snug_map_names[i])));
	for (enum snug_rec_prog i = SNUG_PROG_FILES; i < SNUG_PROG_SEED; i++) {
		const struct bpf_program *prog =
			bpf_object__find_program_by_name(skel->obj, snug_prog_names[i]);

		ret->prog[i] = keep(prog ? bpf_program__fd(prog) : -1);
	}
	if (ret->prog[SNUG_PROG_MMAP] < 0)
		ret->prog[SNUG_PROG_MMAP] = keep(bpf_program__fd(skel->progs.lsm_mmap_file));
}

int snug_files_load(enum snug_files_way way, unsigned slots, struct snug_maps *maps)
{
	struct files *skel = files__open();
	int failed;

	if (!skel)
		return -errno;
	if (slots == 1)
		size_maps(skel);
	if (getrandom((void *)skel->rodata->hash_seed, sizeof(skel->rodata->hash_seed), 0) < 0)
		failed = -errno;
	else
		failed = choose_programs(skel, way);
	if (!failed)
		failed = share(skel, maps);
	if (!failed)
		failed = files__load(skel);
	if (!failed)
		take(skel, maps);
	files__destroy(skel);
	return failed;
}
