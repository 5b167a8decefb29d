/* SPDX-License-Identifier: Apache-2.0 */
#include "model/dangerous.h"

#include <string.h>

/* Sorted. */
static const char *const calls[] = {
	"acct",
	"add_key",
	"adjtimex",
	"bpf",
	"chroot",
	"clock_adjtime",
	"clock_adjtime64",
	"clock_settime",
	"clock_settime64",
	"create_module",
	"delete_module",
	"fanotify_init",
	"finit_module",
	"init_module",
	"ioperm",
	"iopl",
	"kcmp",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"lookup_dcookie",
	"mknod",
	"mknodat",
	"modify_ldt",
	"mount",
	"name_to_handle_at",
	"nfsservctl",
	"open_by_handle_at",
	"perf_event_open",
	"personality",
	"pivot_root",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"query_module",
	"quotactl",
	"reboot",
	"request_key",
	"setdomainname",
	"sethostname",
	"setns",
	"settimeofday",
	"stime",
	"swapoff",
	"swapon",
	"syslog",
	"umount",
	"umount2",
	"unshare",
	"userfaultfd",
	"vhangup",
	"vm86",
	"vm86old",
};
#define COUNT (sizeof(calls) / sizeof(calls[0]))

bool snug_is_dangerous(const char *call)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(call, calls[i]) == 0)
			return true;
	}
	return false;
}

const char *const *snug_dangerous_calls(size_t *ret_count)
{
	*ret_count = COUNT;
	return calls;
}
