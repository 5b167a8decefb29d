/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp.json: the format of Docker, Podman (containers-common) and CRI-O. One file for many
 * hosts: an entry can be bound to architectures, capabilities and kernel versions, and engines make
 * a linux.seccomp of it for each container. Here both ways.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "json/json.h"
#include "model/arch.h"
#include "model/oci/caps.h"

struct snug_docker_host {
	enum snug_arch native;
	unsigned major, minor; /* of the kernel, for minKernel */
	snug_caps bounding;    /* the container's bounding set, which caps are looked up in */
};

/* The capabilities of a container that Docker starts without options. */
#define SNUG_DOCKER_CAPS UINT64_C(0xa80425fb)

/*
 * A seccomp.json (len bytes; `file` names it in errors) -> the linux.seccomp object that engines
 * write into config.json on that host, compact, for snug_oci_seccomp_read. SNUG_INPUT: no JSON
 * object, an entry with name and names, architectures beside archMap, a minKernel that is no
 * version, an unknown errno; errno and errnoRet that differ (Podman takes the one, Docker the
 * other). What engines ignore is ignored; what the entries say is not judged here.
 */
int snug_docker_resolve(const char *text, size_t len, const char *file,
			const struct snug_docker_host *host, struct snug_buf *ret,
			struct snug_error *err) SNUG_CHECKED;

/*
 * A linux.seccomp object -> a seccomp.json that Docker, Podman and, as a localhostProfile,
 * Kubernetes read, compact. It is the same object (containerd takes it for linux.seccomp itself, so
 * no archMap) and one entry more: where the default is an errno other than EPERM, every other call
 * that the listed architectures have gets it outright, for Docker 20.10 drops defaultErrnoRet
 * (moby#42604). Where defaultErrnoRet is honoured runtimes skip that entry.
 */
int snug_docker_render(const struct snug_json_node *seccomp, struct snug_buf *ret,
		       struct snug_error *err) SNUG_CHECKED;
