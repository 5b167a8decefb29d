/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/abstractions.h"

#define PATTERNS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct snug_aa_abstraction abstractions[] = {
	{ "locale", PATTERNS("/usr/lib/locale/**", "/usr/share/locale/**", "/etc/locale.alias",
			     "/usr/share/i18n/**", "/usr/share/X11/locale/**") },
	{ "zoneinfo", PATTERNS("/usr/share/zoneinfo/", "/usr/share/zoneinfo/**", "/etc/localtime",
			       "/etc/timezone") },
	/* What decides who answers for names, and libc's own tables of them: not passwd or group.
	 */
	{ "resolver",
	  PATTERNS("/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
		   "/etc/gai.conf", "/etc/services", "/etc/protocols") },
	{ "certificates", PATTERNS("/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/ssl/certs/",
				   "/etc/ssl/certs/*", "/usr/share/ca-certificates/**",
				   "/usr/local/share/ca-certificates/**") },
	{ "terminfo", PATTERNS("/etc/terminfo/**", "/lib/terminfo/**", "/usr/lib/terminfo/**",
			       "/usr/share/terminfo/**") },
	{ "random", PATTERNS("/dev/random", "/dev/urandom", "/dev/zero", "/dev/full",
			     "/proc/sys/kernel/random/{boot_id,uuid}") },
	/* How many processors, how much memory: libc's allocator asks when threads come. */
	{ "machine", PATTERNS("/proc/{cpuinfo,meminfo,stat,loadavg,uptime,version}",
			      "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/ngroups_max",
			      "/sys/devices/system/cpu/{online,possible,present}",
			      "/sys/kernel/mm/transparent_hugepage/{enabled,hpage_pmd_size}") },
	{ "loader",
	  PATTERNS("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ld.so.conf",
		   "/etc/ld.so.conf.d/", "/etc/ld.so.conf.d/*.conf", "/etc/ld-musl-*.path") },
};
#define ABSTRACTIONS (sizeof(abstractions) / sizeof(abstractions[0]))

static const struct snug_aa_floor_rule floor_rules[] = {
	{ "/dev/null", SNUG_AA_READ | SNUG_AA_WRITE },
	{ "/dev/console", SNUG_AA_READ | SNUG_AA_WRITE },
	{ "/dev/tty", SNUG_AA_READ | SNUG_AA_WRITE },
	{ "/dev/pts/@{int}", SNUG_AA_READ | SNUG_AA_WRITE },
};

static const char *const keepers[] = { "unconfined", "runc", "crun", "podman" };

const struct snug_aa_abstraction *snug_aa_abstractions(size_t *ret_count)
{
	*ret_count = ABSTRACTIONS;
	return abstractions;
}

const struct snug_aa_floor_rule *snug_aa_floor(size_t *ret_count)
{
	*ret_count = sizeof(floor_rules) / sizeof(floor_rules[0]);
	return floor_rules;
}

const char *const *snug_aa_keepers(size_t *ret_count)
{
	*ret_count = sizeof(keepers) / sizeof(keepers[0]);
	return keepers;
}
