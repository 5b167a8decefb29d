/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/caps.h"

#include <string.h>
#include <strings.h>

/* linux/capability.h, by number. */
static const char *const names[SNUG_CAP_MAX] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

static const char *const set_names[SNUG_CAP_SET_MAX] = {
	[SNUG_CAP_BOUNDING] = "bounding",	[SNUG_CAP_EFFECTIVE] = "effective",
	[SNUG_CAP_INHERITABLE] = "inheritable", [SNUG_CAP_PERMITTED] = "permitted",
	[SNUG_CAP_AMBIENT] = "ambient",
};

const char *snug_cap_name(unsigned number)
{
	return number < SNUG_CAP_MAX ? names[number] : NULL;
}

bool snug_cap_parse(const char *name, unsigned *ret)
{
	const size_t prefix = strlen("CAP_");

	if (strncasecmp(name, "CAP_", prefix) == 0)
		name += prefix;
	for (unsigned number = 0; number < SNUG_CAP_MAX; number++) {
		if (strcasecmp(name, names[number] + prefix) == 0) {
			*ret = number;
			return true;
		}
	}
	return false;
}

const char *snug_cap_set_name(enum snug_cap_set set)
{
	return set_names[set];
}

int snug_caps_read(const struct snug_json_node *list, snug_caps *ret, struct snug_error *err)
{
	snug_caps caps = 0;

	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *node = snug_json_first(list); node != NULL;
	     node = snug_json_next(node)) {
		const char *name;
		unsigned number;

		if (snug_json_string(node, &name, err) < 0)
			return -1;
		if (!snug_cap_parse(name, &number))
			return snug_json_fail(node, err, "unknown capability \"%.64s\"", name);
		caps |= (snug_caps)1 << number;
	}
	*ret = caps;
	return 0;
}

void snug_caps_write(struct snug_json_writer *w, snug_caps caps)
{
	snug_json_open(w, '[');
	for (unsigned number = 0; number < SNUG_CAP_MAX; number++) {
		if (caps & ((snug_caps)1 << number))
			snug_json_put_string(w, names[number]);
	}
	snug_json_close(w);
}
