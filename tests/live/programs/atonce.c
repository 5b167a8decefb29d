/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Its first instruction is a call: the kernel starts a program with all registers 0, so `syscall`
 * is read(0, NULL, 0). Exits with that call's errno, 0 where it was allowed. With arguments it
 * execs the first of them, by the path, with the others, and says what came of that if it failed.
 */
__asm__(".globl _start\n"
	"_start: syscall\n"
	"	neg %eax\n"
	"	mov %eax, %ebx\n"
	"	cmpq $1, (%rsp)\n"
	"	je 1f\n"
	"	mov 16(%rsp), %rdi\n"
	"	lea 16(%rsp), %rsi\n"
	"	xor %edx, %edx\n"
	"	mov $59, %eax\n" /* execve */
	"	syscall\n"
	"	neg %eax\n"
	"	mov %eax, %ebx\n"
	"1:	mov %ebx, %edi\n"
	"	mov $60, %eax\n" /* exit */
	"	syscall\n"
	"	hlt\n");
