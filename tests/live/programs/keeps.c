/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets capabilities by name, as who gives privileges up does, and ends with 1 where that is
 *refused.
 *
 *	keeps WORD... [-- PROGRAM [ARG...]]
 *
 *	MASK        capset: permitted and effective are that, in hexadecimal
 *	all         capset: those that it has, and nothing inheritable
 *	ambient:N   capset: N inheritable too; then raised to be ambient
 *	filter      loads a filter that allows all, without no_new_privs
 *	listener    one that has another thread answer 42 to getpgid, and sees that it does
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

static void done(long result, const char *word)
{
	if (result == 0)
		return;
	perror(word);
	exit(1);
}

static void set(uint64_t caps, uint64_t inheritable, const char *word)
{
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)caps, (uint32_t)caps, (uint32_t)inheritable },
		{ (uint32_t)(caps >> 32), (uint32_t)(caps >> 32), (uint32_t)(inheritable >> 32) }
	};

	done(syscall(SYS_capset, &header, data), word);
}

static uint64_t permitted(void)
{
	struct __user_cap_data_struct data[2];

	done(syscall(SYS_capget, &header, data), "capget");
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static void filter(const char *word)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &all };

	done(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), word);
}

static void *answer(void *listener)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp said = { .val = 42 };

	done(ioctl((int)(intptr_t)listener, SECCOMP_IOCTL_NOTIF_RECV, &asked), "receive");
	said.id = asked.id;
	done(ioctl((int)(intptr_t)listener, SECCOMP_IOCTL_NOTIF_SEND, &said), "send");
	return NULL;
}

static void listen_to(const char *word)
{
	struct sock_filter some[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, some };
	pthread_t thread;
	int fd;

	done(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), word);
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			  &program);
	done(fd < 0 ? -1 : 0, word);
	done(pthread_create(&thread, NULL, answer, (void *)(intptr_t)fd), word);
	done(syscall(SYS_getpgid, 0) == 42 ? 0 : -1, word);
}

static void one(const char *word)
{
	if (strcmp(word, "all") == 0) {
		set(permitted(), 0, word);
	} else if (strcmp(word, "filter") == 0) {
		filter(word);
	} else if (strcmp(word, "listener") == 0) {
		listen_to(word);
	} else if (strncmp(word, "ambient:", 8) == 0) {
		unsigned cap = (unsigned)atoi(word + 8);

		set(permitted(), UINT64_C(1) << cap, word);
		done(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), word);
	} else {
		set(strtoull(word, NULL, 16), 0, word);
	}
}

int main(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		one(argv[i]);
	if (i + 1 < argc) {
		execv(argv[i + 1], argv + i + 1);
		done(-1, argv[i + 1]);
	}
	return 0;
}
