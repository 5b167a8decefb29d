/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What anybody pays who looks at sys_enter: the floor of the mechanism. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sys_enter")
int empty(void *context)
{
	(void)context;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
