/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#define SNUG_DIGEST_SIZE 65 /* SHA-256 in hexadecimal, NUL */

void snug_digest(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE]);
