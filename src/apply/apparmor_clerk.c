/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/apparmor_clerk.h"

#include "apply/apparmor_parser.h"
#include "base/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BYTES_MAX ((off_t)64 << 20)

static struct {
	pid_t tgid; /* 0: none */
	int fd;
} clerk = { .fd = -1 };

/* Either way: what is said in words, and bytes as a file in memory. */
struct letter {
	int failed;
	char shown[128];
	struct snug_error err;
};

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_letter(int to, const struct letter *letter, int file, struct snug_error *err)
{
	struct iovec part = { (void *)letter, sizeof(*letter) };
	union control control = { .head = { .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS,
					    .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (file >= 0) {
		memcpy(CMSG_DATA(&control.head), &file, sizeof(file));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	if (sendmsg(to, &message, MSG_NOSIGNAL) != (ssize_t)sizeof(*letter))
		return snug_fail_errno(err, errno, "who calls apparmor_parser");
	return 0;
}

/* 1: there will be none. *ret_file: -1, or the caller's. */
static int take_letter(int from, struct letter *ret, int *ret_file)
{
	struct iovec part = { ret, sizeof(*ret) };
	union control control;
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t len;

	while ((len = recvmsg(from, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	*ret_file = -1;
	if (len > 0 && CMSG_FIRSTHDR(&message) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(ret_file, CMSG_DATA(&control.head), sizeof(*ret_file));
	ret->shown[sizeof(ret->shown) - 1] = '\0';
	return len == (ssize_t)sizeof(*ret) ? 0 : 1;
}

static int put_file(const struct snug_buf *text, struct snug_error *err)
{
	int fd = memfd_create("snug-apparmor", MFD_CLOEXEC);

	if (fd < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (write(fd, snug_buf_text(text), text->len) == (ssize_t)text->len)
		return fd;
	snug_fail_errno(err, errno, "what goes to apparmor_parser");
	close(fd);
	return -1;
}

/* Read, and not mapped: who sent it can make it shorter meanwhile. */
static int read_file(int fd, struct snug_buf *ret, struct snug_error *err)
{
	char chunk[16384];
	off_t at = 0;
	ssize_t len;

	while ((len = pread(fd, chunk, sizeof(chunk), at)) > 0 && at < BYTES_MAX) {
		snug_buf_add(ret, chunk, (size_t)len);
		at += len;
	}
	if (len != 0)
		return snug_fail_errno(err, len < 0 ? errno : EFBIG,
				       "what apparmor_parser is given");
	return snug_buf_check(ret, err);
}

/* ---- the clerk ---- */

static int compile(int in, const char *shown, int *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, policy = { 0 };

	if (read_file(in, &text, err) < 0 ||
	    snug_apparmor_compile_here(&text, shown, &policy, err) < 0)
		return -1;
	*ret = put_file(&policy, err);
	return *ret < 0 ? -1 : 0;
}

static _Noreturn void work(int fd)
{
	struct letter letter = { 0 };
	struct snug_error ignored;
	int in;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (take_letter(fd, &letter, &in) == 0 && !letter.failed) {
		SNUG_AUTO_FD int text = in, policy = -1;

		letter.failed = compile(text, letter.shown, &policy, &letter.err);
		if (send_letter(fd, &letter, policy, &ignored) < 0)
			break;
	}
	_exit(0);
}

/* ---- who has one ---- */

int snug_apparmor_clerk_start(struct snug_error *err)
{
	int pair[2];
	pid_t tgid;

	if (clerk.tgid > 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return snug_fail_errno(err, errno, "socketpair");
	/* Its end is no SIGCHLD: nobody but us learns of it. */
	tgid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (tgid == 0) {
		close(pair[0]);
		work(pair[1]);
	}
	close(pair[1]);
	if (tgid < 0) {
		close(pair[0]);
		return snug_fail_errno(err, errno, "who calls apparmor_parser");
	}
	clerk.tgid = tgid;
	clerk.fd = pair[0];
	return 0;
}

bool snug_apparmor_clerk_is_there(void)
{
	return clerk.tgid > 0;
}

int snug_apparmor_clerk_ask(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			    struct snug_error *err)
{
	SNUG_AUTO_FD int in = put_file(text, err), out = -1;
	struct letter letter = { 0 };

	if (in < 0)
		return -1;
	snprintf(letter.shown, sizeof(letter.shown), "%s", shown);
	if (send_letter(clerk.fd, &letter, in, err) < 0)
		return -1;
	if (take_letter(clerk.fd, &letter, &out) != 0)
		return snug_fail(err, SNUG_SYSTEM, "who calls apparmor_parser is gone");
	if (!letter.failed && out >= 0)
		return read_file(out, ret, err);
	*err = letter.err;
	return -1;
}

void snug_apparmor_clerk_end(void)
{
	const struct letter bye = { .failed = 1 };
	struct snug_error ignored;
	int saved = errno;

	if (clerk.tgid > 0) {
		/* Said, since a child that was forked meanwhile keeps the socket open. */
		(void)!send_letter(clerk.fd, &bye, -1, &ignored);
		close(clerk.fd);
		while (waitpid(clerk.tgid, NULL, __WALL) < 0 && errno == EINTR)
			;
	}
	clerk.tgid = 0;
	clerk.fd = -1;
	errno = saved;
}
