/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/docker_default.h"

#include "model/apparmor/policy.h"

#define ALL	 (SNUG_AA_READ | SNUG_AA_WRITE | SNUG_AA_LOCK | SNUG_AA_EXECUTE)
#define NOT_READ (SNUG_AA_WRITE | SNUG_AA_LOCK | SNUG_AA_EXECUTE)

static const struct snug_docker_denial denials[] = {
	/* files of /proc itself; its folders but for processes and sys; sys but for kernel/shm* */
	{ "/proc/*", SNUG_AA_WRITE },
	{ "/proc/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/**",
	  SNUG_AA_WRITE },
	{ "/proc/sys/[^k]**", SNUG_AA_WRITE },
	{ "/proc/sys/kernel/{?,??,[^s][^h][^m]**}", SNUG_AA_WRITE },
	{ "/proc/sysrq-trigger", ALL },
	{ "/proc/kcore", ALL },
	/* /sys but for fs/cgroup, and that too */
	{ "/sys/[^f]*/**", NOT_READ },
	{ "/sys/f[^s]*/**", NOT_READ },
	{ "/sys/fs/[^c]*/**", NOT_READ },
	{ "/sys/fs/c[^g]*/**", NOT_READ },
	{ "/sys/fs/cg[^r]*/**", NOT_READ },
	{ "/sys/firmware/**", ALL },
	{ "/sys/devices/virtual/powercap/**", ALL },
	{ "/sys/kernel/security/**", ALL },
};

const struct snug_docker_denial *snug_docker_denials(size_t *ret_count)
{
	*ret_count = sizeof(denials) / sizeof(denials[0]);
	return denials;
}
