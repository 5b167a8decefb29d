/* SPDX-License-Identifier: Apache-2.0 */
/* AppArmor's words for the kernel's numbers: those that apparmor_parser 3.0 takes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL: it has no word. */
const char *snug_aa_family_name(unsigned family); /* AF_* */
const char *snug_aa_type_name(unsigned type);	  /* SOCK_* */
bool snug_aa_family_parse(const char *name, unsigned *ret);
bool snug_aa_type_parse(const char *name, unsigned *ret);

/* "term", "rtmin+3"; 0 is "exists". A static buffer's size. */
#define SNUG_AA_SIGNAL_NAME_MAX 12u
#define SNUG_AA_SIGNAL_MAX	64u
bool snug_aa_signal_name(unsigned number, char ret[SNUG_AA_SIGNAL_NAME_MAX]);
bool snug_aa_signal_parse(const char *name, unsigned *ret);

/* One MS_* flag, or with MS_REC a pair of two: "nosuid", "rbind". */
struct snug_aa_mount_flag {
	const char *name;
	uint32_t flags;
};
/* Pairs before what they are made of: taking out of a set what each has leaves nothing over, but
 * for flags without a word. */
const struct snug_aa_mount_flag *snug_aa_mount_flags(size_t *ret_count);
bool snug_aa_mount_flag_parse(const char *name, uint32_t *ret);
