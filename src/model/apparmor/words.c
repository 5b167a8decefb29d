/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By number: parser 3.0.8's base_af_names.h. AF_UNSPEC makes no socket, 12 is DECnet, which is no
 * more. */
static const char *const families[] = {
	NULL,	    "unix",	  "inet",    "ax25",	  "ipx",     "appletalk", "netrom",
	"bridge",   "atmpvc",	  "x25",     "inet6",	  "rose",    NULL,	  "netbeui",
	"security", "key",	  "netlink", "packet",	  "ash",     "econet",	  "atmsvc",
	"rds",	    "sna",	  "irda",    "pppox",	  "wanpipe", "llc",	  "ib",
	"mpls",	    "can",	  "tipc",    "bluetooth", "iucv",    "rxrpc",	  "isdn",
	"phonet",   "ieee802154", "caif",    "alg",	  "nfc",     "vsock",	  "kcm",
	"qipcrtr",  "smc",	  "xdp",     "mctp",
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* SOCK_DCCP (6) has a name in the parser, and no rule takes it (network.c, AA_GEN_NET_ENT). */
static const char *const types[] = {
	NULL, "stream", "dgram", "raw", "rdm", "seqpacket", NULL, NULL, NULL, NULL, "packet",
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static const char *const signals[] = {
	"exists", "hup",  "int",    "quit", "ill",   "trap", "abrt", "bus",
	"fpe",	  "kill", "usr1",   "segv", "usr2",  "pipe", "alrm", "term",
	"stkflt", "chld", "cont",   "stop", "stp",   "ttin", "ttou", "urg",
	"xcpu",	  "xfsz", "vtalrm", "prof", "winch", "io",   "pwr",  "sys",
};
#define SIGNALS	  (sizeof(signals) / sizeof(signals[0]))
#define RTMIN	  32u /* the kernel's, not libc's */
#define RTMIN_TAG "rtmin+"

static const char *name_of(const char *const *names, size_t count, unsigned number)
{
	return number < count ? names[number] : NULL;
}

static bool number_of(const char *const *names, size_t count, const char *name, unsigned *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i] && strcmp(names[i], name) == 0) {
			*ret = (unsigned)i;
			return true;
		}
	}
	return false;
}

const char *snug_aa_family_name(unsigned family)
{
	return name_of(families, FAMILIES, family);
}

const char *snug_aa_type_name(unsigned type)
{
	return name_of(types, TYPES, type);
}

bool snug_aa_family_parse(const char *name, unsigned *ret)
{
	return number_of(families, FAMILIES, name, ret);
}

bool snug_aa_type_parse(const char *name, unsigned *ret)
{
	return number_of(types, TYPES, name, ret);
}

bool snug_aa_signal_name(unsigned number, char ret[SNUG_AA_SIGNAL_NAME_MAX])
{
	if (number > SNUG_AA_SIGNAL_MAX)
		return false;
	if (number < SIGNALS)
		(void)snprintf(ret, SNUG_AA_SIGNAL_NAME_MAX, "%s", signals[number]);
	else
		(void)snprintf(ret, SNUG_AA_SIGNAL_NAME_MAX, RTMIN_TAG "%u", number - RTMIN);
	return true;
}

bool snug_aa_signal_parse(const char *name, unsigned *ret)
{
	for (unsigned i = 0; i <= SNUG_AA_SIGNAL_MAX; i++) {
		char known[SNUG_AA_SIGNAL_NAME_MAX];

		if (snug_aa_signal_name(i, known) && strcmp(name, known) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* include/uapi/linux/mount.h; words of parser 3.0.8's mount.cc. */
static const struct snug_aa_mount_flag mount_flags[] = {
	{ "rbind", 1u << 12 | 1u << 14 },
	{ "runbindable", 1u << 17 | 1u << 14 },
	{ "rprivate", 1u << 18 | 1u << 14 },
	{ "rslave", 1u << 19 | 1u << 14 },
	{ "rshared", 1u << 20 | 1u << 14 },
	{ "ro", 1u << 0 },
	{ "nosuid", 1u << 1 },
	{ "nodev", 1u << 2 },
	{ "noexec", 1u << 3 },
	{ "sync", 1u << 4 },
	{ "remount", 1u << 5 },
	{ "mand", 1u << 6 },
	{ "dirsync", 1u << 7 },
	{ "noatime", 1u << 10 },
	{ "nodiratime", 1u << 11 },
	{ "bind", 1u << 12 },
	{ "move", 1u << 13 },
	{ "silent", 1u << 15 },
	{ "acl", 1u << 16 },
	{ "unbindable", 1u << 17 },
	{ "private", 1u << 18 },
	{ "slave", 1u << 19 },
	{ "shared", 1u << 20 },
	{ "relatime", 1u << 21 },
	{ "iversion", 1u << 23 },
	{ "strictatime", 1u << 24 },
};
#define MOUNT_FLAGS (sizeof(mount_flags) / sizeof(mount_flags[0]))

const struct snug_aa_mount_flag *snug_aa_mount_flags(size_t *ret_count)
{
	*ret_count = MOUNT_FLAGS;
	return mount_flags;
}

bool snug_aa_mount_flag_parse(const char *name, uint32_t *ret)
{
	for (size_t i = 0; i < MOUNT_FLAGS; i++) {
		if (strcmp(mount_flags[i].name, name) == 0) {
			*ret = mount_flags[i].flags;
			return true;
		}
	}
	return false;
}
