/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/bpf_call.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int call(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static __u64 address(const void *pointer)
{
	return (__u64)(uintptr_t)pointer;
}

int snug_bpf_get(const char *path)
{
	union bpf_attr attr = { .pathname = address(path) };

	return call(BPF_OBJ_GET, &attr);
}

int snug_bpf_pin(int fd, const char *path)
{
	union bpf_attr attr = { .pathname = address(path), .bpf_fd = (__u32)fd };

	return call(BPF_OBJ_PIN, &attr);
}

int snug_bpf_lookup(int map, const void *key, void *ret_value)
{
	union bpf_attr attr = { .map_fd = (__u32)map,
				.key = address(key),
				.value = address(ret_value) };

	return call(BPF_MAP_LOOKUP_ELEM, &attr);
}

int snug_bpf_update(int map, const void *key, const void *value)
{
	union bpf_attr attr = {
		.map_fd = (__u32)map, .key = address(key), .value = address(value), .flags = BPF_ANY
	};

	return call(BPF_MAP_UPDATE_ELEM, &attr);
}

int snug_bpf_delete(int map, const void *key)
{
	union bpf_attr attr = { .map_fd = (__u32)map, .key = address(key) };

	return call(BPF_MAP_DELETE_ELEM, &attr);
}

int snug_bpf_batch(int map, int first, uint32_t *cursor, void *ret_keys, void *ret_values,
		   uint32_t *count)
{
	uint32_t next = 0;
	union bpf_attr attr = { .batch = { .in_batch = first ? 0 : address(cursor),
					   .out_batch = address(&next),
					   .keys = address(ret_keys),
					   .values = address(ret_values),
					   .count = *count,
					   .map_fd = (__u32)map } };
	int result = call(BPF_MAP_LOOKUP_BATCH, &attr);

	*count = attr.batch.count;
	*cursor = next;
	return result;
}

int snug_bpf_attach(int prog)
{
	union bpf_attr attr = { .raw_tracepoint = { .prog_fd = (__u32)prog } };

	return call(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

int snug_bpf_iterate(int prog, int pidfd)
{
	union bpf_iter_link_info info = { .task = { .pid_fd = (__u32)(pidfd < 0 ? 0 : pidfd) } };
	union bpf_attr link_attr = { .link_create = { .prog_fd = (__u32)prog,
						      .attach_type = BPF_TRACE_ITER } };
	union bpf_attr iter_attr = { 0 };
	SNUG_AUTO_FD int link = -1;
	SNUG_AUTO_FD int iter = -1;
	int said = 0;
	ssize_t len;
	char byte;

	if (pidfd >= 0) {
		link_attr.link_create.iter_info = address(&info);
		link_attr.link_create.iter_info_len = sizeof(info);
	}
	link = call(BPF_LINK_CREATE, &link_attr);
	if (link < 0)
		return -1;
	iter_attr.iter_create.link_fd = (__u32)link;
	iter = call(BPF_ITER_CREATE, &iter_attr);
	if (iter < 0)
		return -1;
	while ((len = read(iter, &byte, 1)) > 0)
		said++;
	return len < 0 ? -1 : said;
}

int snug_bpf_misses(int prog, uint64_t *ret)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = {
		.info = { .bpf_fd = (__u32)prog, .info_len = sizeof(info), .info = address(&info) }
	};

	if (call(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
		return -1;
	*ret = info.recursion_misses;
	return 0;
}

int snug_bpf_may_trace(void)
{
	static const char license[] = "GPL";
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	/* On no function: who may is told that this is wrong. */
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_TRACING,
				.expected_attach_type = BPF_TRACE_FEXIT,
				.insns = address(nothing),
				.insn_cnt = 2,
				.license = address(license) };

	return call(BPF_PROG_LOAD, &attr) < 0 && errno == EINVAL;
}
