/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: tries what an intruder in a container would try, once each.
 *
 *     attack NAME...                    the attacks of the table below
 *     attack call SYSCALL [NUMBER...]   one call with these arguments
 *
 * Prints "try NAME" and then "NAME worked", "NAME reached ERRNO" (no filter and no privilege check
 * stood in the way: the kernel's own code ran and failed for want of a proper object) or "NAME
 * stopped ERRNO". Only "try" and no more: it was killed.
 *
 * Harmless by construction: each attack ends with this process, names an object that does not
 * exist, or takes back what it made. No libc, so that it needs write and exit_group alone and says
 * nothing about calls that a libc would have made.
 */
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>

#define DIRTY	       (1ull << 32) /* a bit that no kernel reads in an int argument */
#define E_PERM	       1
#define E_ACCES	       13
#define E_NODEV	       19
#define E_NOSYS	       38
#define NEWNS	       0x00020000ul /* linux/sched.h */
#define NEWUSER	       0x10000000ul
#define TRACE_SEIZE    0x4206 /* linux/ptrace.h */
#define AT_CWD	       (-100)
#define CHAR_DEVICE    0020600 /* S_IFCHR | 0600 */
#define DEV_NULL       0x103   /* major 1, minor 3 */
#define SESSION_KEYS   (-3)    /* KEY_SPEC_SESSION_KEYRING */
#define SOMEBODY       65534
#define USER_MODE_ONLY 1 /* UFFD_USER_MODE_ONLY: open to everybody */

#if defined(__x86_64__)
static long call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");

/* A filter that lists x86_64 alone must not let the other entrance pass: i386's getpid. */
static long by_i386(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(20) : "memory", "r8", "r9", "r10", "r11");
	return ret;
}
#elif defined(__aarch64__)
static long call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t x0 __asm__("x0") = a;
	register uint64_t x1 __asm__("x1") = b;
	register uint64_t x2 __asm__("x2") = c;
	register uint64_t x3 __asm__("x3") = d;
	register uint64_t x4 __asm__("x4") = e;
	register uint64_t x5 __asm__("x5") = f;
	register long x8 __asm__("x8") = nr;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
			 : "memory");
	return (long)x0;
}

__asm__(".globl _start\n_start: mov x0, sp\n b begin\n");

static long by_i386(void)
{
	return -E_NOSYS;
}
#endif

#define CALL(nr, a, b, c) call(nr, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), 0, 0, 0)

/* What the compiler asks for behind our back. */
void *memset(void *to, int byte, size_t len);
void *memset(void *to, int byte, size_t len)
{
	for (volatile char *at = to; len > 0; len--)
		*at++ = (char)byte;
	return to;
}

static long try_unshare(void)
{
	return CALL(__NR_unshare, NEWUSER, 0, 0);
}

/* By way of a user namespace, as intruders do. The file system does not exist: ENODEV comes after
 * the privilege was found. */
static long try_mount(void)
{
	long ret;

	CALL(__NR_unshare, NEWUSER | NEWNS, 0, 0);
	ret = call(__NR_mount, (uint64_t) "none", (uint64_t) "/", (uint64_t) "no-such-fs", 0, 0, 0);
	return ret == -E_NODEV ? 0 : ret;
}

/* The container's first process; our end lets it go. */
static long try_ptrace(void)
{
	return call(__NR_ptrace, TRACE_SEIZE, 1, 0, 0, 0, 0);
}

static long try_keyctl(void)
{
	return CALL(__NR_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, SESSION_KEYS, 0);
}

static long try_bpf(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	return CALL(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long try_io_uring(void)
{
	struct io_uring_params params = { 0 };

	return CALL(__NR_io_uring_setup, 1, &params, 0);
}

static long try_userfaultfd(void)
{
	return CALL(__NR_userfaultfd, USER_MODE_ONLY, 0, 0);
}

static long try_perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK,
					.disabled = 1,
					.exclude_kernel = 1,
					.exclude_hv = 1 };

	return call(__NR_perf_event_open, (uint64_t)&attr, 0, (uint64_t)-1, (uint64_t)-1, 0, 0);
}

static long try_af_alg(void)
{
	return CALL(__NR_socket, 38, 5, 0);
}

static long try_af_alg_dirty(void)
{
	return CALL(__NR_socket, DIRTY | 38, 5, 0);
}

static long try_af_packet(void)
{
	return CALL(__NR_socket, 17, 3, 0x300);
}

static long try_af_packet_dirty(void)
{
	return CALL(__NR_socket, DIRTY | 17, DIRTY | 3, DIRTY | 0x300);
}

/* Not connected: ENOTCONN or ENOENT from TCP itself; EBADF where even the socket was refused. */
static long ulp(uint64_t dirt)
{
	long fd = CALL(__NR_socket, 2, 1, 0);

	return call(__NR_setsockopt, fd < 0 ? (uint64_t)-1 : (uint64_t)fd, dirt | 6, dirt | 31,
		    (uint64_t) "tls", 3, 0);
}

static long try_tcp_ulp(void)
{
	return ulp(0);
}

static long try_tcp_ulp_dirty(void)
{
	return ulp(DIRTY);
}

static long try_chroot(void)
{
	return CALL(__NR_chroot, "/", 0, 0);
}

static long try_mknod(void)
{
	long ret = call(__NR_mknodat, (uint64_t)AT_CWD, (uint64_t) "/tmp/.attack", CHAR_DEVICE,
			DEV_NULL, 0, 0);

	if (ret == 0)
		CALL(__NR_unlinkat, AT_CWD, "/tmp/.attack", 0);
	return ret;
}

static long try_setuid(void)
{
	return CALL(__NR_setuid, SOMEBODY, 0, 0);
}

static const struct attack {
	const char *name;
	long (*try)(void);
} attacks[] = {
	{ "unshare", try_unshare },
	{ "mount", try_mount },
	{ "ptrace", try_ptrace },
	{ "keyctl", try_keyctl },
	{ "bpf", try_bpf },
	{ "io_uring_setup", try_io_uring },
	{ "userfaultfd", try_userfaultfd },
	{ "perf_event_open", try_perf },
	{ "socket:AF_ALG", try_af_alg },
	{ "socket:AF_ALG:dirty", try_af_alg_dirty },
	{ "socket:AF_PACKET", try_af_packet },
	{ "socket:AF_PACKET:dirty", try_af_packet_dirty },
	{ "setsockopt:TCP_ULP", try_tcp_ulp },
	{ "setsockopt:TCP_ULP:dirty", try_tcp_ulp_dirty },
	{ "chroot", try_chroot },
	{ "mknod", try_mknod },
	{ "i386-getpid", by_i386 },
	{ "setuid", try_setuid },
};

/* The calls whose arguments a profile may pin (model/args.h). */
static const struct named {
	const char *name;
	long nr;
} named[] = {
	{ "socket", __NR_socket },
	{ "clone", __NR_clone },
	{ "unshare", __NR_unshare },
	{ "prctl", __NR_prctl },
	{ "ioctl", __NR_ioctl },
	{ "personality", __NR_personality },
	{ "setsockopt", __NR_setsockopt },
	{ "keyctl", __NR_keyctl },
	{ "bpf", __NR_bpf },
};

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void say(const char *text)
{
	CALL(__NR_write, 1, text, length(text));
}

static void say_number(unsigned long number)
{
	char digits[24], *at = digits + sizeof(digits);

	*--at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	say(at);
}

static uint64_t number_of(const char *text)
{
	uint64_t base = 10, number = 0;

	if (text[0] == '0' && text[1] == 'x')
		base = 16, text += 2;
	for (; *text; text++)
		number = number * base + (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return number;
}

static void tell(const char *name, long ret)
{
	say(name);
	if (ret >= 0) {
		say(" worked\n");
		return;
	}
	say(ret == -E_PERM || ret == -E_ACCES || ret == -E_NOSYS ? " stopped " : " reached ");
	say_number((unsigned long)-ret);
	say("\n");
}

static int try_call(char **words)
{
	uint64_t args[6] = { 0 };
	long ret;

	for (size_t i = 0; i < 6 && words[0] && words[i + 1]; i++)
		args[i] = number_of(words[i + 1]);
	for (size_t i = 0; words[0] && i < sizeof(named) / sizeof(named[0]); i++) {
		if (!same(named[i].name, words[0]))
			continue;
		say("try ");
		say(words[0]);
		say("\n");
		ret = call(named[i].nr, args[0], args[1], args[2], args[3], args[4], args[5]);
		if (ret == 0 && named[i].nr == __NR_clone)
			CALL(__NR_exit_group, 0, 0, 0); /* the child */
		tell(words[0], ret);
		return 0;
	}
	say("no such call\n");
	return 2;
}

static int try_attack(const char *name)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (!same(attacks[i].name, name))
			continue;
		say("try ");
		say(name);
		say("\n");
		tell(name, attacks[i].try());
		return 0;
	}
	say("no such attack\n");
	return 2;
}

static void list(void)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		say(attacks[i].name);
		say("\n");
	}
}

/* The kernel's stack: argc, argv, NULL. */
__attribute__((used, noreturn)) void begin(long *stack);
void begin(long *stack)
{
	char **argv = (char **)(stack + 1);
	int ret = 0;

	if (stack[0] == 1)
		list();
	else if (same(argv[1], "call"))
		ret = try_call(argv + 2);
	else
		for (long i = 1; i < stack[0]; i++)
			ret |= try_attack(argv[i]);
	for (;;)
		CALL(__NR_exit_group, ret, 0, 0);
}
