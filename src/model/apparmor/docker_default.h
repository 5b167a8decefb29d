/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What docker-default says, the profile that Docker gives to a container that names none (moby,
 * profiles/apparmor/template.go, as of 2025), to stand beside one's own. It allows all files,
 * sockets, capabilities and unmounts, and denies what is here.
 */
#pragma once

#include <stddef.h>

struct snug_docker_denial {
	const char *pattern; /* AppArmor's own, with its variables written out */
	unsigned perms;	     /* SNUG_AA_* */
};
const struct snug_docker_denial *snug_docker_denials(size_t *ret_count);
/* Rules that allow: file, network, capability, umount, signals (4), ptrace. */
#define SNUG_DOCKER_ALLOWS 9u
/* And one that denies, of no file: mount. */
#define SNUG_DOCKER_OTHER_DENIALS 1u
