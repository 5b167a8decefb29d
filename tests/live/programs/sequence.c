/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the calls that its arguments name, and exit, and nothing else: no libc.
 *
 *	sequence [i]NR[:ARG...] ...
 *
 * i: by int $0x80, with i386's number. ARG is a number, or "s" for a clone_args of flags SIGCHLD.
 * Built with -m32 all calls go by int $0x80.
 */
#include <stdint.h>

#ifdef __x86_64__
#define EXIT 60
__asm__(".globl _start\n_start: mov %rsp,%rdi; and $-16,%rsp; call begin\n");

static long call64(long nr, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#else
#define EXIT 1
__asm__(".globl _start\n_start: mov %esp,%eax; and $-16,%esp; push %eax; call begin\n");
#endif

static long call32(long nr, const long *a)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "memory");
	return ret;
}

static const char *number(const char *text, unsigned long *ret)
{
	unsigned base = 10;

	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (*ret = 0;; text++) {
		unsigned digit = *text >= '0' && *text <= '9'	? (unsigned)(*text - '0')
				 : *text >= 'a' && *text <= 'f' ? (unsigned)(*text - 'a') + 10
								: 99;

		if (digit >= base)
			return text;
		*ret = *ret * base + digit;
	}
}

static uint64_t clone_args[11];

static void one(const char *text)
{
	long args[6] = { 0 };
	unsigned long nr;
	int by_int80 = sizeof(long) == 4 || *text == 'i', count = 0;

	text = number(text + (*text == 'i'), &nr);
	while (*text == ':' && count < 6) {
		if (text[1] == 's') {
			clone_args[4] = 17; /* exit_signal: SIGCHLD; and the page is there */
			args[count++] = (long)clone_args;
			text += 2;
		} else {
			text = number(text + 1, (unsigned long *)&args[count++]);
		}
	}
#ifdef __x86_64__
	if (!by_int80) {
		call64((long)nr, args);
		return;
	}
#endif
	(void)by_int80;
	call32((long)nr, args);
}

__attribute__((noreturn, used)) void begin(long *stack)
{
	static const long none[6];

	for (long i = 1; i < stack[0]; i++)
		one(((char **)stack)[1 + i]);
	for (;;)
#ifdef __x86_64__
		call64(EXIT, none);
#else
		call32(EXIT, none);
#endif
}
