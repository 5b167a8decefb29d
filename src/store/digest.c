/* SPDX-License-Identifier: Apache-2.0 */
#include "store/digest.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>

_Static_assert(SNUG_DIGEST_SIZE == BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1, "and the NUL");

void snug_digest(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];
	struct sha256_ctx digest;

	sha256_init(&digest);
	sha256_update(&digest, len, data);
	sha256_digest(&digest, sizeof(bytes), bytes);
	base16_encode_update(ret, sizeof(bytes), bytes);
	ret[SNUG_DIGEST_SIZE - 1] = '\0';
}
