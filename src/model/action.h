/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a filter answers: the kernel's own 32-bit return value (linux/seccomp.h), action in the
 * upper half, data (an errno, a trace message) in the lower.
 *
 * Of two filters the kernel takes the stricter answer: the lower one as a signed number
 * (kernel/seccomp.c, seccomp_run_filters): KILL_PROCESS < KILL_THREAD < TRAP < ERRNO < USER_NOTIF
 * < TRACE < LOG < ALLOW. That order is snug's order too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t snug_action;

#define SNUG_KILL_PROCESS  0x80000000u
#define SNUG_KILL_THREAD   0x00000000u
#define SNUG_TRAP	   0x00030000u
#define SNUG_ERRNO(number) (0x00050000u | ((number)&0xffffu))
#define SNUG_USER_NOTIF	   0x7fc00000u
#define SNUG_TRACE(number) (0x7ff00000u | ((number)&0xffffu))
#define SNUG_LOG	   0x7ffc0000u
#define SNUG_ALLOW	   0x7fff0000u

/* The kind alone: the action without its data. */
snug_action snug_action_kind(snug_action action);
/* Is a strictly looser than b by kind? (The data is no question of strength.) */
bool snug_action_looser(snug_action a, snug_action b);
/* The stricter one; of one kind, a. */
snug_action snug_action_meet(snug_action a, snug_action b);
/* The looser one; of one kind, the one with the larger data (ENOSYS rather than EPERM): an order,
 * so that a join of many does not hang on theirs. */
snug_action snug_action_join(snug_action a, snug_action b);
/* Does the call run at once (ALLOW, LOG)? */
bool snug_action_permits(snug_action action);

/* "SCMP_ACT_ERRNO", …: the runtime-spec's name of the kind; SCMP_ACT_KILL is read as KILL_THREAD.
 */
const char *snug_action_name(snug_action action);
/* The kind by its OCI name, data 0. */
bool snug_action_parse(const char *name, snug_action *ret);
/* Does the kind take an errnoRet (ERRNO and TRACE)? crun refuses it elsewhere. */
bool snug_action_has_data(snug_action action);
/* For people: "allow", "EPERM", "ENOSYS", "errno 95", "kill process", … into size bytes. */
void snug_action_words(snug_action action, char *ret, unsigned size);
/* "EPERM" for 1 …; NULL if unnamed. */
const char *snug_errno_name(unsigned number);
