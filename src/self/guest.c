/* SPDX-License-Identifier: Apache-2.0 */
#include "self/guest.h"

#include "base/cleanup.h"
#include "self/caps.h"
#include "self/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USUAL_BYTES    ((size_t)256 << 10) /* of text; for a longer one there is another guest */
#define SECONDS_MAX    60u
#define GRACE_MS       500
#define BYTES_A_PLACE  2u /* of text: "1," */
#define REQUEST_FD     0
#define DESCRIPTOR_LOW 3 /* so that nobody takes ours for a standard stream */

/* Lies in memory that both have. What the guest writes there is believed of nobody. */
struct room {
	struct snug_error err; /* code 0: parsed */
	uint64_t count;
	char bytes[]; /* the text; places from the next multiple of 8 on */
};

static struct {
	pid_t tgid; /* 0: none */
	int fd;
	struct room *room;
	size_t size, text_max;
} guest = { .fd = -1 };

static struct snug_json_place *places_of(struct room *room, size_t text_max)
{
	return (struct snug_json_place *)(void *)(room->bytes + text_max);
}

static size_t places_max(size_t text_max)
{
	return text_max / BYTES_A_PLACE + 1;
}

/* ---- the guest ---- */

static void serve(struct room *room, size_t len, size_t text_max)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	size_t count;

	room->err.code = SNUG_DONE;
	if (snug_json_parse_own(&doc, room->bytes, len, NULL, &room->err) < 0)
		return;
	count = snug_json_place_count(doc);
	if (count > places_max(text_max)) {
		(void)snug_fail_memory(&room->err);
		return;
	}
	snug_json_places(doc, places_of(room, text_max));
	room->count = count;
}

/* Nothing of the host's is left in here but memory that was copied, and the socket. */
static int confine(int fd, struct snug_error *err)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fd, REQUEST_FD) < 0)
		return snug_fail_errno(err, errno, "dup2");
	/* Linux 5.9; before that what is open stays so, and to be read and written by number alone.
	 */
	(void)syscall(SYS_close_range, REQUEST_FD + 1, ~0U, 0);
	if (snug_self_caps_keep(0, err) < 0)
		return -1;
	return snug_self_filter_load(SNUG_SELF_GUEST, err);
}

static _Noreturn void live(int fd, struct room *room, size_t text_max)
{
	struct snug_error err = { 0 };
	bool ready = confine(fd, &err) == 0;
	size_t len;
	char done = 1;

	while (ready && read(REQUEST_FD, &len, sizeof(len)) == (ssize_t)sizeof(len) &&
	       len <= text_max) {
		serve(room, len, text_max);
		if (write(REQUEST_FD, &done, sizeof(done)) != (ssize_t)sizeof(done))
			break;
	}
	_exit(ready ? 0 : 1);
}

/* ---- who invites it ---- */

/*
 * Not reaped yet, so the number is nobody else's. Told to, it ends by itself, unless
 * somebody has got hold of it. A command that is confined may not kill then: the kernel ends it
 * with us.
 */
static void await_end(pid_t tgid)
{
	SNUG_AUTO_FD int pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	if (poll(&wait, pidfd >= 0, pidfd >= 0 ? GRACE_MS : 0) != 1 && kill(tgid, SIGKILL) < 0)
		return;
	while (waitpid(tgid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void snug_guest_dismiss(void)
{
	const size_t bye = SIZE_MAX;
	int saved = errno;

	if (guest.tgid > 0) {
		/* Said, since a child that was forked meanwhile keeps the socket open. */
		(void)send(guest.fd, &bye, sizeof(bye), MSG_NOSIGNAL | MSG_DONTWAIT);
		close(guest.fd);
		await_end(guest.tgid);
		munmap(guest.room, guest.size);
	}
	guest.tgid = 0;
	guest.fd = -1;
	errno = saved;
}

/* Its end is no SIGCHLD, which callers ignore or count; and no signal of a terminal's is for it. */
static pid_t split(void)
{
	sigset_t all, before;
	pid_t tgid;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	tgid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (tgid != 0)
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return tgid;
}

static int open_pair(int ret[2], struct snug_error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0)
		return snug_fail_errno(err, errno, "a process for the parser: socketpair");
	for (int i = 0; i < 2; i++) {
		int high = ret[i] >= DESCRIPTOR_LOW
				   ? ret[i]
				   : fcntl(ret[i], F_DUPFD_CLOEXEC, DESCRIPTOR_LOW);

		if (high < 0)
			return snug_fail_errno(err, errno, "a process for the parser");
		if (high != ret[i])
			close(ret[i]);
		ret[i] = high;
	}
	return 0;
}

static int start(size_t text_max, struct snug_error *err)
{
	const size_t size = sizeof(struct room) + text_max +
			    places_max(text_max) * sizeof(struct snug_json_place);
	int pair[2];
	void *room;
	pid_t tgid;

	if (open_pair(pair, err) < 0)
		return -1;
	room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	tgid = room == MAP_FAILED ? -1 : split();
	if (tgid == 0)
		live(pair[1], room, text_max);
	close(pair[1]);
	if (tgid < 0) {
		snug_fail_errno(err, errno, "a process for the parser");
		close(pair[0]);
		if (room != MAP_FAILED)
			munmap(room, size);
		return -1;
	}
	guest.tgid = tgid;
	guest.fd = pair[0];
	guest.room = room;
	guest.size = size;
	guest.text_max = text_max;
	return 0;
}

/* A guest that has room for so long a text. */
static int have_room(size_t len, struct snug_error *err)
{
	if (guest.tgid > 0 && len <= guest.text_max)
		return 0;
	snug_guest_dismiss();
	return start((len > USUAL_BYTES ? len + 7 : USUAL_BYTES) & ~(size_t)7, err);
}

static int lost(struct snug_error *err)
{
	snug_guest_dismiss();
	snug_fail(err, SNUG_SYSTEM, "the parser's process gave no answer");
	return snug_remedy(err, "what it was to read may be made to break it");
}

/* A container's document may try what it likes; the program goes on. */
static int ask(size_t len, struct snug_error *err)
{
	struct pollfd wait = { .fd = guest.fd, .events = POLLIN };
	char done;
	int ready;

	if (send(guest.fd, &len, sizeof(len), MSG_NOSIGNAL) != (ssize_t)sizeof(len))
		return lost(err);
	do
		ready = poll(&wait, 1, (int)SECONDS_MAX * 1000);
	while (ready < 0 && errno == EINTR);
	if (ready != 1 ||
	    recv(guest.fd, &done, sizeof(done), MSG_DONTWAIT) != (ssize_t)sizeof(done))
		return lost(err);
	return 0;
}

/* The guest's words, cut where the fields end. */
static int refuse(struct snug_error said, const char *file, struct snug_error *err)
{
	said.file[0] = '\0';
	said.path[sizeof(said.path) - 1] = said.what[sizeof(said.what) - 1] =
		said.remedy[sizeof(said.remedy) - 1] = '\0';
	if (said.code != SNUG_INPUT)
		said.code = SNUG_SYSTEM;
	else
		strncpy(said.file, file ? file : "", sizeof(said.file) - 1);
	*err = said;
	return -1;
}

int snug_guest_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_freep) struct snug_json_place *places = NULL;
	struct snug_error said;
	uint64_t count;

	/* Too long for any parser: the message is the parser's own, and it does not look inside. */
	if (len > SNUG_JSON_BYTES_MAX)
		return snug_json_parse_own(ret, text, len, file, err);
	if (have_room(len, err) < 0)
		return -1;
	if (len)
		memcpy(guest.room->bytes, text, len);
	if (ask(len, err) < 0)
		return -1;
	/* Copied before it is looked at: the guest still has that memory. */
	memcpy(&said, &guest.room->err, sizeof(said));
	if (said.code != SNUG_DONE)
		return refuse(said, file, err);
	count = *(volatile uint64_t *)&guest.room->count;
	if (count > places_max(guest.text_max))
		return lost(err);
	places = malloc(count * sizeof(*places) + 1);
	if (!places)
		return snug_fail_memory(err);
	memcpy(places, places_of(guest.room, guest.text_max), count * sizeof(*places));
	return snug_json_adopt(ret, text, len, file, places, count, err);
}

void snug_guest_invite(void)
{
	snug_json_set_reader(snug_guest_parse);
}
