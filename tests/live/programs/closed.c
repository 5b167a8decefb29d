/* SPDX-License-Identifier: Apache-2.0 */
/*
 * closed: tries what profiles/baseline.json closes, and beside each what it leaves open. A line
 * each: the name, then "ok", "killed" or the error's number. Calls by number, so that no libc looks
 * at arguments first. Nothing of it outlives the process.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIRTY (UINT64_C(1) << 32) /* a bit that no kernel reads in an int argument */
enum { UNIX = 1, INET = 2, NETLINK = 16, PACKET = 17, ALG = 38, VSOCK = 40 }; /* AF_* */
enum { STREAM = 1, DGRAM = 2, SEQPACKET = 5 };				      /* SOCK_* */

static long call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	return syscall(nr, a, b, c, d, e);
}

static long try_socket(uint64_t family, uint64_t type)
{
	return call(__NR_socket, family, type, 0, 0, 0);
}

static long try_pair(uint64_t family)
{
	int ends[2];

	return call(__NR_socketpair, family, STREAM, 0, (uint64_t)ends, 0);
}

/* A TCP socket that is not connected. */
static long try_option(uint64_t level, uint64_t option, const void *value, uint64_t len)
{
	long fd = try_socket(INET, STREAM);

	return fd < 0 ? fd
		      : call(__NR_setsockopt, (uint64_t)fd, level, option, (uint64_t)value, len);
}

static long af_packet(void)
{
	return try_socket(PACKET, DGRAM);
}

static long af_packet_dirty(void)
{
	return try_socket(DIRTY | PACKET, DIRTY | DGRAM);
}

static long af_vsock(void)
{
	return try_socket(VSOCK, STREAM);
}

static long af_vsock_dirty(void)
{
	return try_socket(DIRTY | VSOCK, STREAM);
}

static long af_vsock_pair(void)
{
	return try_pair(VSOCK);
}

static long af_alg(void)
{
	return try_socket(ALG, SEQPACKET);
}

static long tcp_ulp(void)
{
	return try_option(6, 31, "tls", 3);
}

static long tcp_ulp_dirty(void)
{
	return try_option(DIRTY | 6, DIRTY | 31, "tls", 3);
}

/* No terminal: EBADF is the kernel's. */
static long tiocsti(void)
{
	return call(__NR_ioctl, (uint64_t)-1, 0x5412, (uint64_t) "x", 0, 0);
}

static long tiocsti_dirty(void)
{
	return call(__NR_ioctl, (uint64_t)-1, DIRTY | 0x5412, (uint64_t) "x", 0, 0);
}

static long tioclinux(void)
{
	return call(__NR_ioctl, (uint64_t)-1, DIRTY | 0x541c, (uint64_t) "x", 0, 0);
}

static long io_uring(void)
{
	struct io_uring_params params = { 0 };

	return call(__NR_io_uring_setup, 1, (uint64_t)&params, 0, 0, 0);
}

static long by_vmsplice(void)
{
	struct iovec piece = { .iov_base = "x", .iov_len = 1 };
	int ends[2];

	return pipe(ends) < 0 ? -1
			      : call(__NR_vmsplice, (uint64_t)ends[1], (uint64_t)&piece, 1, 0, 0);
}

static long ldt(void)
{
#ifdef __NR_modify_ldt
	char entries[64];

	return call(__NR_modify_ldt, 0, (uint64_t)entries, sizeof(entries), 0, 0);
#else
	errno = ENOSYS;
	return -1;
#endif
}

static long user_namespace(void)
{
	return call(__NR_unshare, 0x10000000, 0, 0, 0, 0);
}

static long user_namespace_clone(void)
{
	long pid = call(__NR_clone, 0x10000011, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long keys(void)
{
	return call(__NR_keyctl, 0, (uint64_t)-3, 0, 0, 0);
}

/* i386's getpid. */
static long i386(void)
{
#ifdef __x86_64__
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(20) : "memory", "r8", "r9", "r10", "r11");
	return ret;
#else
	errno = ENOSYS;
	return -1;
#endif
}

static long af_unix(void)
{
	return try_pair(UNIX);
}

static long af_inet_dirty(void)
{
	return try_socket(DIRTY | INET, DIRTY | DGRAM);
}

static long af_netlink(void)
{
	return try_socket(NETLINK, DGRAM);
}

static long tcp_nodelay(void)
{
	int on = 1;

	return try_option(6, 1, &on, sizeof(on));
}

static long keepalive(void)
{
	int on = 1;

	return try_option(1, 9, &on, sizeof(on));
}

static long fionread(void)
{
	int ends[2], count;

	return pipe(ends) < 0 ? -1
			      : call(__NR_ioctl, (uint64_t)ends[0], 0x541b, (uint64_t)&count, 0, 0);
}

static const struct {
	const char *name;
	long (*try)(void);
} tries[] = {
	{ "AF_PACKET", af_packet },
	{ "AF_PACKET:dirty", af_packet_dirty },
	{ "AF_VSOCK", af_vsock },
	{ "AF_VSOCK:dirty", af_vsock_dirty },
	{ "AF_VSOCK:pair", af_vsock_pair },
	{ "AF_ALG", af_alg },
	{ "TCP_ULP", tcp_ulp },
	{ "TCP_ULP:dirty", tcp_ulp_dirty },
	{ "TIOCSTI", tiocsti },
	{ "TIOCSTI:dirty", tiocsti_dirty },
	{ "TIOCLINUX:dirty", tioclinux },
	{ "io_uring", io_uring },
	{ "vmsplice", by_vmsplice },
	{ "modify_ldt", ldt },
	{ "i386", i386 },
	{ "unshare", user_namespace },
	{ "clone", user_namespace_clone },
	{ "keyctl", keys },
	{ "open:AF_UNIX", af_unix },
	{ "open:AF_INET:dirty", af_inet_dirty },
	{ "open:AF_NETLINK", af_netlink },
	{ "open:TCP_NODELAY", tcp_nodelay },
	{ "open:SO_KEEPALIVE", keepalive },
	{ "open:FIONREAD", fionread },
};

/* In a child: some of them kill, or change the process. */
static void try_one(size_t at)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		long ret = tries[at].try();

		if (ret < 0)
			printf("%s %d\n", tries[at].name, errno);
		else
			printf("%s ok\n", tries[at].name);
		fflush(stdout);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		printf("%s not tried\n", tries[at].name);
	else if (WIFSIGNALED(status))
		printf("%s killed\n", tries[at].name);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		if (argc < 2 || strcmp(argv[1], tries[i].name) == 0)
			try_one(i);
	return 0;
}
