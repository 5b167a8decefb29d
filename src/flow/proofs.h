/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That a section's filter was proved, for who works the section out each time. To build it is
 * libseccomp's work, of which nothing is kept but that it was found right: of this very text, under
 * these targets, by this program and this libseccomp (flow/prover.h). All else hardening does anew,
 * so whoever reads the file that says so learns nothing of what to write.
 */
#pragma once

#include "flow/harden.h"

/* Was it proved before? What cannot be read, or others could have written, says no. */
bool snug_proof_find(const struct snug_harden_how *how, const struct snug_json_node *section,
		     const struct snug_harden_options *options, struct snug_proof *ret);
/* Now it is, if it was not before; best effort. */
void snug_proof_keep(const struct snug_harden_how *how, const struct snug_proof *proof);
