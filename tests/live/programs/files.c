/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does odd things with files, each once, in the folder /w:
 *
 *	files CASE...          one after another; prints "CASE ok" or "CASE: what: why", and fails
 *then files again COUNT      opens one file COUNT times files many COUNT       opens COUNT files,
 *made before by `files make COUNT`
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_LEN 240
#define DEPTH	 16 /* folders of such names: 3,856 bytes */
#define MODE	 0644

static const char *now = "?"; /* the case */

static void check(int good, const char *what)
{
	if (good)
		return;
	printf("%s: %s: %s\n", now, what, strerror(errno));
	exit(1);
}
#define DO(call) check((call) >= 0, #call)

static int opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, MODE);

	check(fd >= 0, path);
	return fd;
}

static void touch(const char *path)
{
	close(opened(path, O_WRONLY | O_CREAT));
}

/* In a child, for what cannot be taken back. */
static void apart(void (*work)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		work();
		exit(0);
	}
	DO(waitpid(child, &status, 0));
	if (status)
		exit(1);
}

/* ---- layers, and files that are no more ---- */

static void lower(void)
{
	close(opened("/w/lower/read", O_RDONLY));
	close(opened("/w/lower/written", O_WRONLY | O_APPEND));
	close(opened("/w/bind/file", O_RDWR | O_CREAT));
}

static void gone(void)
{
	char again[64];
	int fd = opened("/w/gone", O_WRONLY | O_CREAT);

	DO(unlink("/w/gone"));
	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	close(opened(again, O_RDONLY));
	DO(write(fd, "x", 1));
}

static void nameless(void)
{
	int fd = memfd_create("nobody", 0), pipes[2];

	touch("/w/unread");
	DO(fd);
	DO(write(fd, "x", 1));
	check(mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED, "mmap");
	DO(pipe(pipes));
	DO(write(pipes[1], "x", 1));
	/* What O_PATH gives is a place. */
	DO(faccessat(opened("/w/place", O_PATH), "", F_OK, AT_EMPTY_PATH));
	DO(open("/dev/shm", O_TMPFILE | O_RDWR, MODE));
}

static void process(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", getpid());
	close(opened(path, O_RDONLY));
	close(opened("/proc/self/fdinfo/0", O_RDONLY));
	close(opened("/proc/sys/kernel/ostype", O_RDONLY));
}

/* ---- names ---- */

static void names(void)
{
	static const char *const all[] = { "/w/n/new\nline",	 "/w/n/quo\"te",
					   "/w/n/back\\slash",	 "/w/n/gl*b?[a]{b,c}",
					   "/w/n/\377\376bytes", "/w/n/a b #c, d",
					   "/w/n/@{pid}",	 "/w/n/^\001\033" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		close(opened(all[i], O_RDONLY));
}

/* Into folders that are deeper than a path may be long, made where that is asked for. */
static int descend(int make)
{
	char name[NAME_LEN + 1];
	int at = opened("/w/deep", O_DIRECTORY | O_PATH), next;

	memset(name, 'd', NAME_LEN);
	name[NAME_LEN] = '\0';
	for (int i = 0; i < DEPTH; i++) {
		if (make)
			DO(mkdirat(at, name, 0755));
		next = openat(at, name, O_DIRECTORY | O_PATH | O_CLOEXEC);
		DO(next);
		close(at);
		at = next;
	}
	return at;
}

static const char bottom[] = "the-last-of-the-names-on-a-path-of-almost-four-thousand-bytes-which-"
			     "is-as-long-as-it-may-be-in-a-call-to-open";

static void dig(void)
{
	DO(openat(descend(1), bottom, O_WRONLY | O_CREAT, MODE));
}

static void deep(void)
{
	DO(openat(descend(0), bottom, O_RDONLY));
}

static void links(void)
{
	touch("/w/target");
	DO(symlink("../w/target", "/w/symlink"));
	close(opened("/w/symlink", O_RDWR));
	DO(link("/w/target", "/w/linked"));
	close(opened("/w/linked", O_RDONLY));
}

static void renames(void)
{
	DO(mkdir("/w/old", 0755));
	touch("/w/old/file");
	DO(rename("/w/old", "/w/new"));
	close(opened("/w/new/file", O_RDONLY));
	touch("/w/one");
	touch("/w/two");
	DO(renameat2(AT_FDCWD, "/w/one", AT_FDCWD, "/w/two", RENAME_EXCHANGE));
	DO(unlink("/w/new/file"));
	DO(rmdir("/w/new"));
}

static void changes(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd;

	touch("/w/changed");
	DO(chmod("/w/changed", 0600));
	DO(chown("/w/changed", 1, 1));
	DO(truncate("/w/changed", 7));
	fd = opened("/w/locked", O_RDWR | O_CREAT);
	DO(fcntl(fd, F_SETLK, &lock));
	DO(mknod("/w/fifo", S_IFIFO | MODE, 0));
}

/* ---- code ---- */

static void code(void)
{
	int fd = opened("/w/library", O_RDONLY);
	void *at;

	check(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED, "mmap");
	fd = opened("/w/later", O_RDONLY);
	at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	DO(mprotect(at, 4096, PROT_READ | PROT_EXEC));
	/* A shared mapping of huge pages is a file that nobody opened; there may be none of them.
	 */
	(void)!mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB,
		    -1, 0);
}

static void run_script(void)
{
	DO(execl("/w/script", "script", NULL));
}

static void run_setuid(void)
{
	DO(setresuid(1000, 1000, 1000));
	DO(execl("/w/setuid", "setuid", "who", NULL));
}

static void programs(void)
{
	apart(run_script);
}

static void raises(void)
{
	apart(run_setuid);
}

static void who(void)
{
	printf("effective %d\n", geteuid());
}

/* ---- sockets and queues ---- */

static void sockets(void)
{
	int pair[2];

	DO(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	DO(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	DO(socket(AF_INET, SOCK_STREAM, 0));
	DO(socket(AF_INET, SOCK_DGRAM, 0));
	DO(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static void bound(void)
{
	struct sockaddr_un {
		sa_family_t family;
		char path[108];
	} address = { AF_UNIX, "/w/socket" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

	DO(bind(server, (struct sockaddr *)&address, sizeof(address)));
	DO(listen(server, 1));
	DO(connect(client, (struct sockaddr *)&address, sizeof(address)));
}

static int channel[2];

static void passes(void)
{
	int fd = opened("/w/passed", O_RDONLY);
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec text = { "x", 1 };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fd)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	DO(sendmsg(channel[0], &message, 0));
}

static void passing(void)
{
	char control[64], byte;
	struct iovec text = { &byte, 1 };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head;
	int fd;

	DO(socketpair(AF_UNIX, SOCK_STREAM, 0, channel));
	apart(passes);
	DO(recvmsg(channel[1], &message, 0));
	head = CMSG_FIRSTHDR(&message);
	check(head != NULL, "no descriptor");
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	DO(read(fd, &byte, 1));
}

static void queue(void)
{
	DO(mq_open("/queue", O_RDWR | O_CREAT, 0600, NULL));
	DO(mq_unlink("/queue"));
}

static void *ring(int fd, size_t size, off_t at)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);
}

/* In a worker of the kernel's. */
static void uring(void)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	char *requests = ring(fd, params.sq_off.array + sizeof(unsigned), IORING_OFF_SQ_RING);
	char *done =
		ring(fd, params.cq_off.cqes + 2 * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	struct io_uring_sqe *entry = ring(fd, sizeof(*entry), IORING_OFF_SQES);

	DO(fd);
	*entry = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
					.flags = IOSQE_ASYNC,
					.fd = AT_FDCWD,
					.addr = (uintptr_t) "/w/ring",
					.open_flags = O_RDONLY };
	*(unsigned *)(requests + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(requests + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	DO(syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	errno = -((struct io_uring_cqe *)(done + params.cq_off.cqes))->res;
	check(errno <= 0, "/w/ring");
}

/* ---- processes ---- */

static void sibling(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		for (;;) /* no call, which may come too late to be seen */
			;
	DO(ptrace(PTRACE_SEIZE, child, NULL, NULL));
	DO(ptrace(PTRACE_INTERRUPT, child, NULL, NULL));
	DO(waitpid(child, &status, __WALL));
	DO(ptrace(PTRACE_DETACH, child, NULL, NULL));
	DO(kill(child, SIGUSR1));
	DO(waitpid(child, &status, 0));
}

/* ---- mounts ---- */

static void mounts_apart(void)
{
	DO(unshare(CLONE_NEWNS));
	DO(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	DO(mount("mine", "/w/mount", "tmpfs", MS_NOSUID, "mode=755"));
	touch("/w/mount/inside");
	DO(mount("/w/lower", "/w/mounted", NULL, MS_BIND, NULL));
	close(opened("/w/mounted/read", O_RDONLY));
	DO(umount2("/w/mounted", MNT_DETACH));
	DO(mkdir("/w/mount/put", 0755));
	DO(syscall(SYS_pivot_root, "/w/mount", "/w/mount/put"));
	close(opened("/put/w/lower/read", O_RDONLY));
	close(opened("/inside", O_RDONLY));
}

static void mounts(void)
{
	apart(mounts_apart);
}

/* ---- many ---- */

static void again(const char *count)
{
	for (long i = atol(count); i > 0; i--)
		close(opened("/w/again", O_RDONLY));
}

static void many(const char *count, int flags)
{
	char path[64];

	for (long i = 0; i < atol(count); i++) {
		(void)snprintf(path, sizeof(path), "/w/many/%ld", i);
		close(opened(path, flags));
	}
}

static const struct named {
	const char *name;
	void (*work)(void);
} cases[] = {
	{ "lower", lower },	{ "gone", gone },	  { "nameless", nameless },
	{ "process", process }, { "names", names },	  { "deep", deep },
	{ "links", links },	{ "renames", renames },	  { "changes", changes },
	{ "code", code },	{ "programs", programs }, { "raises", raises },
	{ "sockets", sockets }, { "bound", bound },	  { "passing", passing },
	{ "queue", queue },	{ "uring", uring },	  { "sibling", sibling },
	{ "mounts", mounts },	{ "who", who },		  { "dig", dig },
};

static void run(const char *name)
{
	now = name;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, name) != 0)
			continue;
		cases[i].work();
		printf("%s ok\n", name);
		return;
	}
	printf("no such case: %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* whole lines, and none of them twice by a fork */
	umask(022);
	if (argc == 3 && strcmp(argv[1], "again") == 0)
		again(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "many") == 0)
		many(argv[2], O_RDONLY);
	else if (argc == 3 && strcmp(argv[1], "make") == 0)
		many(argv[2], O_WRONLY | O_CREAT);
	else
		for (int i = 1; i < argc; i++)
			run(argv[i]);
	return 0;
}
