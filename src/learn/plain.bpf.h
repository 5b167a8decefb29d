/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Kernel objects, as the verifier looks at them. */
#pragma once

#define CASTS_SINCE (6 << 16 | 2 << 8) /* Linux 6.2 */

extern int LINUX_KERNEL_VERSION __kconfig;
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

/* What lies at an address, if the kernel has such casts. */
#define OBJECT(type, address)                                                                      \
	((struct type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(struct type)))

/*
 * The object without the verifier's trust in it. Of a pointer in one that is trusted it looks four
 * types up by name in all of the kernel's BTF, which costs the load a third of a millisecond; of
 * what is cast, none. What is only read needs no trust. (Older kernels know neither.)
 */
#define PLAIN(type, object)                                                                        \
	(LINUX_KERNEL_VERSION >= CASTS_SINCE ? OBJECT(type, object) : (struct type *)(object))
