/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/arm.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define ARM_MAGIC 0x736e7567u /* "snug" */

struct request {
	uint32_t magic;
	uint32_t wish;
	int32_t pid;
};

struct answer {
	uint32_t magic;
	struct snug_arm_answer answer;
};

/*
 * The socket's address by way of its folder's descriptor: an address holds 107 bytes, and paths
 * below --root may be longer.
 */
static struct sockaddr_un address_in(int folder_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", folder_fd,
		 SNUG_ARM_SOCKET);
	return address;
}

int snug_arm_listen(int folder_fd, struct snug_error *err)
{
	struct sockaddr_un address = address_in(folder_fd);
	SNUG_AUTO_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int taken;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 4) < 0)
		return snug_fail_errno(err, errno, "cannot listen for the container's hook");
	taken = fd;
	fd = -1;
	return taken;
}

static int set_timeout(int fd, struct snug_error *err)
{
	struct timeval limit = { .tv_sec = SNUG_ARM_SECONDS };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return snug_fail_errno(err, errno, "cannot limit the wait");
	return 0;
}

int snug_arm_accept(int listen_fd, struct snug_arm_request *ret, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct request request;
	int taken;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return snug_fail_errno(err, errno, "cannot take the hook's request");
	if (peer.uid != geteuid())
		return snug_fail(err, SNUG_SYSTEM, "user %u is not who started this learning",
				 peer.uid);
	if (set_timeout(fd, err) < 0)
		return -1;
	if (recv(fd, &request, sizeof(request), 0) != (ssize_t)sizeof(request) ||
	    request.magic != ARM_MAGIC || request.wish > SNUG_ARM_FLUSH ||
	    (request.wish == SNUG_ARM_BEGIN && request.pid <= 0))
		return snug_fail(err, SNUG_SYSTEM, "the request makes no sense");
	ret->wish = request.wish;
	ret->pid = request.pid;
	taken = fd;
	fd = -1;
	return taken;
}

void snug_arm_answer(int fd, const struct snug_arm_answer *answer)
{
	struct answer sent;

	memset(&sent, 0, sizeof(sent)); /* the hole behind magic is sent too */
	sent.magic = ARM_MAGIC;
	sent.answer = *answer;
	/* A hook that is gone has failed already: its container does not start. */
	(void)send(fd, &sent, sizeof(sent), MSG_NOSIGNAL);
}

static int connect_to(const char *socket_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = strdup(socket_path);
	SNUG_AUTO_FD int folder_fd = -1;
	SNUG_AUTO_FD int fd = -1;
	struct sockaddr_un address;
	int taken;

	if (!folder)
		return snug_fail_memory(err);
	if (!strrchr(folder, '/'))
		return snug_fail(err, SNUG_USAGE, "%s is no absolute path", socket_path);
	*strrchr(folder, '/') = '\0';
	folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return snug_fail_errno(err, errno, "%s", folder);
	address = address_in(folder_fd);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return snug_fail_errno(err, errno, "%s: nobody learns there", socket_path);
	taken = fd;
	fd = -1;
	return taken;
}

int snug_arm_ask(const char *socket_path, const struct snug_arm_request *request,
		 struct snug_arm_answer *ret, struct snug_error *err)
{
	struct request sent = { .magic = ARM_MAGIC, .wish = request->wish, .pid = request->pid };
	SNUG_AUTO_FD int fd = connect_to(socket_path, err);
	struct answer answer;

	if (fd < 0 || set_timeout(fd, err) < 0)
		return -1;
	if (send(fd, &sent, sizeof(sent), MSG_NOSIGNAL) != (ssize_t)sizeof(sent))
		return snug_fail_errno(err, errno, "cannot ask the learner");
	if (recv(fd, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer) ||
	    answer.magic != ARM_MAGIC)
		return snug_fail(err, SNUG_SYSTEM, "the learner went away without an answer");
	*ret = answer.answer;
	ret->refusal[sizeof(ret->refusal) - 1] = '\0';
	return ret->refusal[0] ? snug_fail(err, SNUG_SYSTEM, "%s", ret->refusal) : 0;
}
