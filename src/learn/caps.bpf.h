/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Sets of capabilities: two words before Linux 6.3, one since. vmlinux.h may be of either. */
#pragma once

#define CREDENTIALS(flavour, ...)                                                                  \
	struct kernel_cap_struct___##flavour {                                                     \
		__VA_ARGS__;                                                                       \
	} __attribute__((preserve_access_index));                                                  \
	struct cred___##flavour {                                                                  \
		struct kernel_cap_struct___##flavour cap_inheritable, cap_permitted,               \
			cap_effective, cap_bset;                                                   \
	} __attribute__((preserve_access_index))

CREDENTIALS(one, __u64 val);
CREDENTIALS(two, __u32 cap[2]);

/* A set of some credentials, by its name in struct cred. */
#define CAPS_OF(cred, set)                                                                         \
	({                                                                                         \
		const struct cred___one *one_ = (const void *)(cred);                              \
		const struct cred___two *two_ = (const void *)(cred);                              \
		__u64 caps_;                                                                       \
                                                                                                   \
		if (bpf_core_field_exists(one_->set.val))                                          \
			caps_ = one_->set.val;                                                     \
		else                                                                               \
			caps_ = two_->set.cap[0] | (__u64)two_->set.cap[1] << 32;                  \
		caps_;                                                                             \
	})
