/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/files_load.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"
#include "learn/tables.h"

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

/* Is this Linux 6.minor or newer? */
static bool is_since(unsigned minor)
{
	struct utsname host;
	unsigned major = 0, its = 0;

	return uname(&host) == 0 && sscanf(host.release, "%u.%u", &major, &its) == 2 &&
	       (major > 6 || (major == 6 && its >= minor));
}

/* Before Linux 6.4 arm64 takes such programs, but has nothing to hang them on functions with. */
bool snug_files_in_full(void)
{
#if defined(__aarch64__)
	if (!is_since(4))
		return false;
#endif
	return snug_bpf_may_trace();
}

enum snug_files_way snug_files_way(void)
{
	if (!snug_files_in_full())
		return SNUG_FILES_OPENED;
	return runs_bpf_lsm() ? SNUG_FILES_LSM : SNUG_FILES_FEXIT;
}

/* Linux 6.2 made truncating an open file a hook of its own. */
static bool truncates_files(void)
{
	return is_since(2);
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

static struct bpf_map *map_of(const struct bpf_object *object, enum snug_rec_map which)
{
	const char *name = which == SNUG_MAP_TASKS ? ".bss" : snug_map_names[which];

	return bpf_object__find_map_by_name(object, name);
}

/* The recorder's maps stand in for those of the same name. */
static int share(const struct bpf_object *object, const struct snug_maps *maps)
{
	static const enum snug_rec_map shared[] = { SNUG_MAP_TASKS, SNUG_MAP_HEADS, SNUG_MAP_SLOTS,
						    SNUG_MAP_CHECKS, SNUG_MAP_BEFORE };
	int failed = 0;

	for (size_t i = 0; !failed && i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct bpf_map *map = map_of(object, shared[i]);

		if (map)
			failed = bpf_map__reuse_fd(map, maps->map[shared[i]]);
	}
	return failed;
}

void snug_files_shrink(const struct bpf_object *object)
{
	static const __u32 room[SNUG_MAP_MAX] = {
		[SNUG_MAP_FILES] = SNUG_REC_FILES_OF_ONE,
		[SNUG_MAP_ACTS] = SNUG_REC_ACTS_OF_ONE,
		[SNUG_MAP_PROGRAMS] = SNUG_REC_PROGRAMS_OF_ONE,
		[SNUG_MAP_TEXTS_SHORT] = SNUG_REC_SHORTS_OF_ONE,
		[SNUG_MAP_TEXTS_MID] = SNUG_REC_MIDS_OF_ONE,
		[SNUG_MAP_TEXTS_LONG] = SNUG_REC_LONGS_OF_ONE,
	};

	for (enum snug_rec_map i = SNUG_MAP_FILES; i < SNUG_MAP_MAX; i++) {
		struct bpf_map *map = map_of(object, i);

		if (map)
			bpf_map__set_max_entries(map, room[i]);
	}
}

/* A descriptor of our own of one that is there. 0, or a negative errno. */
static int keep(int fd, int *ret)
{
	if (fd < 0)
		return 0;
	snug_close_fd(ret);
	*ret = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *ret < 0 ? -errno : 0;
}

static int program_of(const struct bpf_object *object, const char *name)
{
	const struct bpf_program *prog = bpf_object__find_program_by_name(object, name);

	return prog ? bpf_program__fd(prog) : -1;
}

int snug_load_take(const struct bpf_object *object, enum snug_rec_map first, enum snug_rec_map end,
		   struct snug_maps *ret)
{
	int failed = 0;

	for (enum snug_rec_map i = first; i < end && !failed; i++) {
		const struct bpf_map *map = map_of(object, i);

		failed = map ? keep(bpf_map__fd(map), &ret->map[i]) : 0;
	}
	for (enum snug_rec_prog i = 0; i < SNUG_PROG_MAX && !failed; i++)
		failed = keep(program_of(object, snug_prog_names[i]), &ret->prog[i]);
	return failed;
}

/* The files' own; those of another name too. */
static int take(const struct bpf_object *object, struct snug_maps *ret)
{
	int failed = snug_load_take(object, SNUG_MAP_FILES, SNUG_MAP_MAX, ret);

	if (!failed)
		failed = keep(program_of(object, "lsm_mmap_file"), &ret->prog[SNUG_PROG_MMAP]);
	if (!failed)
		return 0;
	for (enum snug_rec_map i = SNUG_MAP_FILES; i < SNUG_MAP_MAX; i++) {
		snug_close_fd(&ret->map[i]);
		ret->map[i] = -1;
	}
	for (enum snug_rec_prog i = SNUG_PROG_FILES; i < SNUG_PROG_SEED; i++) {
		snug_close_fd(&ret->prog[i]);
		ret->prog[i] = -1;
	}
	return failed;
}

int snug_files_load(enum snug_files_way way, unsigned slots, struct snug_maps *maps)
{
	struct files *skel = files__open();
	int failed;

	if (!skel)
		return -errno;
	failed = choose_programs(skel, way);
	if (slots == 1)
		snug_files_shrink(skel->obj);
	skel->rodata->tables = *snug_rec_tables();
	if (!failed &&
	    getrandom((void *)skel->rodata->hash_seed, sizeof(skel->rodata->hash_seed), 0) < 0)
		failed = -errno;
	if (!failed)
		failed = share(skel->obj, maps);
	if (!failed)
		failed = files__load(skel);
	if (!failed)
		failed = take(skel->obj, maps);
	files__destroy(skel);
	return failed;
}
