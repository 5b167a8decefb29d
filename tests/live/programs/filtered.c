/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program below two filters that allow all, as in a container within a container. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };

	for (int i = 0; i < 2; i++)
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
			return 1;
	if (argc > 1)
		execvp(argv[1], argv + 1);
	return 1;
}
