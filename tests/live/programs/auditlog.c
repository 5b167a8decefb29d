/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the calls that LOG rules meet, "SYSCALL COMM" a line, until it is killed; "ready" first.
 * The audit records come by netlink: what dmesg shows of them is limited to ten lines in five
 * seconds for the whole machine, so that a refused call may be missing there.
 *
 * auditlog NAME meets such a rule itself, under that name: whoever has read it has read all before.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define QUEUE (4 << 20)

static const char *after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? at + strlen(key) : NULL;
}

static void show(const char *text)
{
	const char *comm = after(text, " comm=\""), *call = after(text, " syscall=");
	const char *code = after(text, " code=");

	if (comm && call && code && strtoul(code, NULL, 0) == SECCOMP_RET_LOG)
		printf("%ld %.*s\n", strtol(call, NULL, 10), (int)strcspn(comm, "\""), comm);
	fflush(stdout);
}

static int mark(const char *name)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(rules) / sizeof(rules[0]), .filter = rules };

	if (prctl(PR_SET_NAME, name) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("auditlog");
		return 1;
	}
	(void)getppid();
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	int group = AUDIT_NLGRP_READLOG, queue = QUEUE;
	static char buf[16384];
	ssize_t n;

	if (argc > 1)
		return mark(argv[1]);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		perror("auditlog");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
		const struct nlmsghdr *head = (const struct nlmsghdr *)buf;

		buf[n] = '\0';
		if (n > NLMSG_HDRLEN && head->nlmsg_type == AUDIT_SECCOMP)
			show(NLMSG_DATA(head));
	}
	perror("auditlog"); /* ENOBUFS: records were lost, and nobody shall conclude from the rest
			     */
	return 1;
}
