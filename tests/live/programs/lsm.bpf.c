/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Does the kernel take LSM programs? Loaded by helpers.bash, and never attached. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("lsm/file_open")
int probe(void *ctx)
{
	(void)ctx;
	return 0;
}
