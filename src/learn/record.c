/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/record.h"

#include "base/cleanup.h"
#include "learn/asker.h"
#include "learn/recorder.h"
#include "model/argspec.h"
#include "model/syscalls.h"

#include "recorder.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SNUG_REC_X86_64 == SNUG_ARCH_X86_64 && SNUG_REC_I386 == SNUG_ARCH_I386 &&
		       SNUG_REC_X32 == SNUG_ARCH_X32,
	       "the recorder's ABIs are the model's");
_Static_assert(SNUG_REC_CALLS == SNUG_SYSCALL_NR_MAX + 1, "one limit of call numbers");
_Static_assert(SNUG_REC_GATE_LOAD == 1 << SNUG_GATE_FILTER_LOAD &&
		       SNUG_REC_GATE_EXEC == 1 << SNUG_GATE_EXECVE,
	       "the recorder's gates are the model's");
_Static_assert(SNUG_PHASE_RUNTIME == 1 << SNUG_REC_RUNTIME &&
		       SNUG_PHASE_WORKLOAD == 1 << SNUG_REC_WORKLOAD,
	       "the recorder's phases are the model's");

#define BTF  "/sys/kernel/btf/vmlinux"
#define ABIS 3

struct snug_recorder {
	struct recorder *skel;
	bool sees_caps;
	bool stopped;
};

/* libbpf's last complaint: the reason, where errno alone says "Invalid argument". */
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

/* The number of a call in the BPF side's terms: x32's without its bit. */
static bool number(enum snug_arch arch, const char *name, uint32_t *ret)
{
	const struct snug_syscall *call = snug_syscall_by_name(arch, name);

	if (call)
		*ret = call->nr & ~SNUG_X32_BIT;
	return call && *ret < SNUG_REC_CALLS;
}

static const char *const row_calls[] = {
#define NAME(call, index, mask) #call,
	SNUG_ARGS_TABLE(NAME)
#undef NAME
};

/* Gives BPF the arguments table: rows from 1 on, and which call of each ABI has which row. */
static void configure(struct recorder *skel)
{
	unsigned row = 0;
	uint32_t nr;

	for (size_t i = 0; i < sizeof(row_calls) / sizeof(row_calls[0]); i++) {
		struct snug_argspec spec;

		if (i && strcmp(row_calls[i], row_calls[i - 1]) == 0)
			continue; /* a further argument of the same call */
		if (!snug_argspec_of(row_calls[i], &spec))
			abort();
		skel->rodata->rows[++row].count = spec.count;
		for (unsigned k = 0; k < spec.count; k++) {
			skel->rodata->rows[row].index[k] = spec.index[k];
			skel->rodata->rows[row].mask[k] = spec.mask[k];
		}
		for (enum snug_arch arch = 0; arch < ABIS; arch++) {
			if (!number(arch, row_calls[i], &nr))
				continue;
			skel->rodata->row_of[arch][nr] = (__u8)row;
			skel->bss->calls[SNUG_REC_RUNTIME][arch][nr] = SNUG_CALL_ARGS;
			skel->bss->calls[SNUG_REC_WORKLOAD][arch][nr] = SNUG_CALL_ARGS;
		}
	}
	for (enum snug_arch arch = 0; arch < ABIS; arch++) {
		if (number(arch, "clone", &nr))
			skel->rodata->clone_nr[arch] = (__u16)nr;
		if (!number(arch, "clone3", &nr))
			continue;
		skel->rodata->clone3_nr[arch] = (__u16)nr;
		skel->bss->calls[SNUG_REC_RUNTIME][arch][nr] = SNUG_CALL_ARGS;
		skel->bss->calls[SNUG_REC_WORKLOAD][arch][nr] = SNUG_CALL_ARGS;
	}
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

/* 0, or a negative errno. */
static int load(struct snug_recorder *recorder, bool refusals, bool caps)
{
	int failed;

	recorder->skel = recorder__open();
	if (!recorder->skel)
		return -errno;
	bpf_program__set_autoload(recorder->skel->progs.on_cap_capable, caps);
	bpf_program__set_autoload(recorder->skel->progs.on_sys_exit, refusals);
	recorder->skel->rodata->watch_refusals = refusals;
	configure(recorder->skel);
	failed = recorder__load(recorder->skel);
	if (!failed)
		failed = recorder__attach(recorder->skel);
	if (!failed) {
		recorder->sees_caps = caps;
		return 0;
	}
	recorder__destroy(recorder->skel);
	recorder->skel = NULL;
	return failed;
}

int snug_recorder_open(bool refusals, struct snug_recorder **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recorder_freep) struct snug_recorder *recorder = NULL;
	int failed;

	if (snug_recorder_check(err) < 0)
		return -1;
	recorder = calloc(1, sizeof(*recorder));
	if (!recorder)
		return snug_fail_memory(err);
	complaint[0] = '\0';
	libbpf_set_print(keep_complaint);
	failed = load(recorder, refusals, true);
	/* ESRCH: no such tracepoint in the kernel's BTF, and only cap_capable is younger than
	 * 6.1. */
	if (failed == -ESRCH)
		failed = load(recorder, refusals, false);
	if (failed)
		return refuse(failed, err);
	*ret = SNUG_TAKE(recorder);
	return 0;
}

bool snug_recorder_sees_caps(const struct snug_recorder *recorder)
{
	return recorder->sees_caps;
}

/* Runs the seed program over the one process of pidfd. */
static int run_seed(struct recorder *skel, int pidfd, struct snug_error *err)
{
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts);
	union bpf_iter_link_info info = { .task.pid_fd = (__u32)pidfd };
	SNUG_AUTO_FD int fd = -1;
	struct bpf_link *link;
	char none;

	opts.link_info = &info;
	opts.link_info_len = sizeof(info);
	link = bpf_program__attach_iter(skel->progs.seed, &opts);
	if (!link)
		return snug_fail_errno(err, errno, "cannot seed the recorder");
	fd = bpf_iter_create(bpf_link__fd(link));
	bpf_link__destroy(link);
	if (fd < 0 || read(fd, &none, 1) < 0)
		return snug_fail_errno(err, errno, "cannot seed the recorder");
	return 0;
}

static __u32 join_of(enum snug_join join)
{
	switch (join) {
	case SNUG_BY_CGROUP2:
		return SNUG_JOIN_V2;
	case SNUG_BY_PIDS:
		return SNUG_JOIN_PIDS;
	case SNUG_BY_NONE:
		break;
	}
	return SNUG_JOIN_NONE;
}

int snug_recorder_seed(struct snug_recorder *recorder, const struct snug_init *init,
		       struct snug_error *err)
{
	struct recorder *skel = recorder->skel;

	skel->bss->join = join_of(init->join);
	skel->bss->user_ns = init->user_ns;
	skel->bss->mnt_ns = init->mnt_ns;
	skel->bss->pid_ns = init->pid_ns;
	if (run_seed(skel, init->pidfd, err) < 0)
		return -1;
	if (!skel->bss->seeded)
		return snug_fail(err, SNUG_SYSTEM,
				 "the container's init was gone before snug saw it");
	return 0;
}

static bool is_seen(__u8 state)
{
	return state == SNUG_CALL_DONE || state == SNUG_CALL_TUPLE;
}

void snug_recorder_progress(const struct snug_recorder *recorder, struct snug_progress *ret)
{
	const typeof(*recorder->skel->bss) *bss = recorder->skel->bss;

	*ret = (struct snug_progress){ .gate_passed = bss->gate != 0,
				       .gate = bss->gate == SNUG_REC_GATE_EXEC
						       ? SNUG_GATE_EXECVE
						       : SNUG_GATE_FILTER_LOAD,
				       .executed = bss->executed != 0 };
	for (unsigned abi = 0; abi < ABIS; abi++)
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++)
			ret->calls += is_seen(bss->calls[SNUG_REC_RUNTIME][abi][nr]) ||
				      is_seen(bss->calls[SNUG_REC_WORKLOAD][abi][nr]);
}

void snug_recorder_stop(struct snug_recorder *recorder)
{
	if (!recorder->stopped)
		recorder__detach(recorder->skel);
	recorder->stopped = true;
}

static uint32_t model_nr(unsigned abi, unsigned nr)
{
	return abi == SNUG_REC_X32 ? nr | SNUG_X32_BIT : nr;
}

/* One number of one ABI: the call as it was made, and as it was refused. */
static int collect_call(const struct recorder *skel, unsigned abi, unsigned nr,
			const struct snug_seen_runs *runs, struct snug_recording *ret)
{
	const typeof(*skel->bss) *bss = skel->bss;
	unsigned row = skel->rodata->row_of[abi][nr], made = 0, refused = 0;

	for (unsigned phase = 0; phase < SNUG_REC_PHASES; phase++) {
		made |= (unsigned)is_seen(bss->calls[phase][abi][nr]) << phase;
		refused |= (unsigned)bss->refused[phase][abi][nr] << phase;
	}
	for (int no = 0; no <= 1; no++) {
		struct snug_seen_call *call;

		if (!(no ? refused : made))
			continue;
		call = snug_recording_call(ret, abi, model_nr(abi, nr), no);
		if (!call)
			return -1;
		call->phases = no ? refused : made;
		call->any_args = !no && row && bss->any_args[abi][row];
		call->runs = *runs;
	}
	return 0;
}

static int collect_calls(const struct recorder *skel, uint64_t run, struct snug_recording *ret,
			 struct snug_error *err)
{
	struct snug_seen_runs runs = { 0 };

	snug_seen_runs_add(&runs, run);
	for (unsigned abi = 0; abi < ABIS; abi++)
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++)
			if (collect_call(skel, abi, nr, &runs, ret) < 0)
				return snug_fail_memory(err);
	return 0;
}

static int collect_tuples(const struct recorder *skel, struct snug_recording *ret,
			  struct snug_error *err)
{
	int map = bpf_map__fd(skel->maps.tuples);
	struct snug_rec_tuple key, next;
	void *last = NULL;

	while (bpf_map_get_next_key(map, last, &next) == 0) {
		struct snug_seen_call *call;
		struct snug_tuple tuple = { 0 };

		key = next;
		last = &key;
		memcpy(tuple.value, key.value, sizeof(tuple.value));
		call = snug_recording_call(ret, key.abi, model_nr(key.abi, key.nr), false);
		if (!call)
			return snug_fail_memory(err);
		if (!call->any_args && snug_seen_call_tuple(call, &tuple) < 0)
			return snug_fail_memory(err);
	}
	for (size_t i = 0; i < ret->calls.count; i++)
		if (ret->calls.at[i].any_args)
			snug_vec_clear(&ret->calls.at[i].tuples);
	return 0;
}

static int collect_caps(const struct recorder *skel, uint64_t run, struct snug_recording *ret,
			struct snug_error *err)
{
	int map = bpf_map__fd(skel->maps.checks);
	struct snug_askers askers = { 0 };
	struct snug_rec_check key, next;
	void *last = NULL;
	uint64_t needed = 0;

	if (snug_askers_read(&askers, err) < 0)
		return -1;
	while (bpf_map_get_next_key(map, last, &next) == 0) {
		uint64_t ip[SNUG_REC_FRAMES];

		key = next;
		last = &key;
		memcpy(ip, key.ip, sizeof(ip));
		if (!snug_askers_probe(&askers, ip, SNUG_REC_FRAMES))
			needed |= 1ull << key.cap;
	}
	snug_vec_clear(&askers);
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++) {
		struct snug_seen_cap seen = { .cap = cap };

		snug_seen_runs_add(&seen.runs, run);
		if (needed >> cap & 1 && snug_vec_push(&ret->caps, seen) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* Each run of a program that the kernel left out (it was running on that CPU already) is a loss. */
static void collect_losses(const struct recorder *skel, struct snug_recording *ret)
{
	struct bpf_program *program;

	ret->lost_syscalls = skel->bss->lost_calls;
	ret->lost_caps = skel->bss->lost_checks;
	bpf_object__for_each_program(program, skel->obj)
	{
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (bpf_program__fd(program) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len) < 0)
			continue;
		if (program == skel->progs.on_cap_capable)
			ret->lost_caps += info.recursion_misses;
		else
			ret->lost_syscalls += info.recursion_misses;
	}
}

int snug_recorder_collect(const struct snug_recorder *recorder, uint64_t run,
			  struct snug_recording *ret, struct snug_error *err)
{
	const struct recorder *skel = recorder->skel;

	ret->gates = skel->bss->gates;
	ret->observed = SNUG_OBSERVED_SYSCALLS;
	if (recorder->sees_caps)
		ret->observed |= SNUG_OBSERVED_CAPABILITIES_APPROXIMATE;
	if (skel->bss->own_cgroup)
		ret->observed |= SNUG_OBSERVED_JOINERS;
	ret->raised_creds = skel->bss->raised != 0;
	collect_losses(skel, ret);
	if (collect_calls(skel, run, ret, err) < 0 || collect_tuples(skel, ret, err) < 0)
		return -1;
	return recorder->sees_caps ? collect_caps(skel, run, ret, err) : 0;
}

void snug_recorder_free(struct snug_recorder *recorder)
{
	int saved = errno;

	if (recorder && recorder->skel)
		recorder__destroy(recorder->skel);
	free(recorder);
	errno = saved;
}

void snug_recorder_freep(struct snug_recorder **recorder)
{
	snug_recorder_free(*recorder);
}
