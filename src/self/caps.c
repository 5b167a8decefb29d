/* SPDX-License-Identifier: Apache-2.0 */
#include "self/caps.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int snug_self_caps_keep(uint64_t keep, struct snug_error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t part;

	if (syscall(SYS_capget, &header, data) < 0)
		return snug_fail_errno(err, errno, "capget");
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		part = (uint32_t)(keep >> (32 * i));
		data[i].effective &= part;
		data[i].permitted &= part;
		data[i].inheritable &= part;
	}
	/* Ambient ones go with the inheritable ones that they need. */
	if (syscall(SYS_capset, &header, data) < 0)
		return snug_fail_errno(err, errno, "capset");
	return 0;
}
