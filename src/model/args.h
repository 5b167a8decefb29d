/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which arguments of which calls matter to a profile: one table that drives the recorder's BPF
 * program, the model and the generator. Plain C, no other header of ours: BPF includes it too.
 *
 * A row: call, argument index, mask. The mask is what the kernel reads of the argument and snug
 * keeps: its width (32 bits for ints: the upper half of the register never reaches the kernel) less
 * the bits that are flags (SOCK_NONBLOCK, SOCK_CLOEXEC). A recorded tuple holds the masked values;
 * a rule is MASKED_EQ over the mask.
 */
#pragma once

#define SNUG_INT 0xffffffffull /* an int or unsigned: 32 bits */
/* CLONE_NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET, linux/sched.h */
#define SNUG_CLONE_NS 0x7e020080ull
/* Bit 7 of clone's flags is in the signal byte (CSIGNAL), so CLONE_NEWTIME cannot be asked there.
 */
#define SNUG_CLONE_NS_FLAGS 0x7e020000ull
#define SNUG_SOCK_TYPE	    0xfull /* type & 0xf: less SOCK_NONBLOCK and SOCK_CLOEXEC */

/* Most masked arguments in one call. */
#define SNUG_TUPLE_ARGS 3
/* Past so many tuples a call is recorded, and allowed, whole ("anyArgs"). */
#define SNUG_TUPLES_MAX 64

/* X(call, index, mask), rows of one call together, by index. */
#define SNUG_ARGS_TABLE(X)                                                                         \
	X(socket, 0, SNUG_INT)                                                                     \
	X(socket, 1, SNUG_SOCK_TYPE)                                                               \
	X(socket, 2, SNUG_INT)                                                                     \
	X(clone, 0, SNUG_CLONE_NS_FLAGS)                                                           \
	X(unshare, 0, SNUG_CLONE_NS)                                                               \
	X(prctl, 0, SNUG_INT)                                                                      \
	X(ioctl, 1, SNUG_INT)                                                                      \
	X(personality, 0, SNUG_INT)                                                                \
	X(setsockopt, 1, SNUG_INT)                                                                 \
	X(setsockopt, 2, SNUG_INT)                                                                 \
	X(keyctl, 0, SNUG_INT)                                                                     \
	X(bpf, 0, SNUG_INT)
