/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#define SNUG_DIGEST_SIZE 65 /* SHA-256 in hexadecimal, NUL */

/* By the processor's own instructions where it has them (a recording has megabytes), else libmd's.
 */
void snug_digest(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE]);
