/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asked for a capability. Linux asks for many that nobody needs: each mmap asks for
 * CAP_SYS_ADMIN, to know whether it may use the memory reserved for root. Such probes are told by
 * the function that asked; the tracepoint does not carry CAP_OPT_NOAUDIT.
 */
#pragma once

#include "base/error.h"
#include "learn/recorder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads /proc/kallsyms: the functions that ask without meaning it. SNUG_HOST where addresses are
 * hidden (kernel.kptr_restrict). */
int snug_askers_read(struct snug_rec_askers *ret, struct snug_error *err) SNUG_CHECKED;
/* Is one of these return addresses (0 ends them) in a function that only probes? */
bool snug_askers_probe(const struct snug_rec_askers *askers, const uint64_t *ip, size_t count);
/* By name: ns_capable_noaudit, cap_vm_enough_memory, ns_capable_noaudit.cold, … */
bool snug_asker_is_probe(const char *function);
