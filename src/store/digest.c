/* SPDX-License-Identifier: Apache-2.0 */
#include "store/digest.h"

#include <sha2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

_Static_assert(SNUG_DIGEST_SIZE == SHA256_DIGEST_STRING_LENGTH, "as libmd writes it");

static void by_libmd(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE])
{
	SHA256Data(data, len, ret);
}

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#define BLOCK  ((size_t)64)
#define LENGTH ((size_t)8) /* of the length that the last block ends with */

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static bool has_instructions(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA;
}

/* The state as the instructions want it: A, B, E, F and C, D, G, H, highest first. */
struct state {
	__m128i abef, cdgh;
};

/* Four rounds, by four words of the schedule. */
__attribute__((target("sha,sse4.1"))) static void rounds(struct state *s, __m128i words,
							 unsigned first)
{
	__m128i sum = _mm_add_epi32(
		words, _mm_load_si128((const __m128i *)(const void *)&constants[first]));

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

__attribute__((target("sha,sse4.1"))) static void
add_blocks(struct state *s, const unsigned char *data, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	for (; blocks; blocks--, data += BLOCK) {
		const struct state before = *s;
		__m128i w[4];

		for (unsigned i = 0; i < 4; i++) {
			w[i] = _mm_loadu_si128(
				(const __m128i *)(const void *)(data + (size_t)16 * i));
			w[i] = _mm_shuffle_epi8(w[i], swap);
			rounds(s, w[i], 4 * i);
		}
		/* w[t] = s1(w[t - 2]) + w[t - 7] + s0(w[t - 15]) + w[t - 16], four at a time. */
		for (unsigned i = 4; i < 16; i++) {
			__m128i *now = &w[i % 4], last = w[(i + 3) % 4];
			__m128i seventh = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);

			*now = _mm_sha256msg1_epu32(*now, w[(i + 1) % 4]);
			*now = _mm_sha256msg2_epu32(_mm_add_epi32(*now, seventh), last);
			rounds(s, *now, 4 * i);
		}
		s->abef = _mm_add_epi32(s->abef, before.abef);
		s->cdgh = _mm_add_epi32(s->cdgh, before.cdgh);
	}
}

/* What is left behind whole blocks, a one, zeroes, and the length in bits: one block or two. */
static size_t last_blocks(const unsigned char *data, size_t len, unsigned char ret[2 * BLOCK])
{
	size_t left = len % BLOCK, blocks = left + 1 + LENGTH > BLOCK ? 2 : 1;
	uint64_t bits = __builtin_bswap64((uint64_t)len * 8);

	memset(ret, 0, 2 * BLOCK);
	if (left)
		memcpy(ret, data + len - left, left);
	ret[left] = 0x80;
	memcpy(ret + blocks * BLOCK - LENGTH, &bits, LENGTH);
	return blocks;
}

static void put_digits(const uint32_t words[8], char ret[SNUG_DIGEST_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < 64; i++)
		ret[i] = digits[words[i / 8] >> (28 - 4 * (i % 8)) & 0xf];
	ret[64] = '\0';
}

__attribute__((target("sha,sse4.1"))) static void
by_instructions(const unsigned char *data, size_t len, char ret[SNUG_DIGEST_SIZE])
{
	/* FIPS 180-4, 5.3.3. */
	struct state s = {
		.abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
		.cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19),
	};
	unsigned char last[2 * BLOCK];
	uint32_t at[8], words[8];

	add_blocks(&s, data, len / BLOCK);
	add_blocks(&s, last, last_blocks(data, len, last));
	_mm_storeu_si128((__m128i *)(void *)at, s.abef);
	_mm_storeu_si128((__m128i *)(void *)(at + 4), s.cdgh);
	memcpy(words, (uint32_t[]){ at[3], at[2], at[7], at[6], at[1], at[0], at[5], at[4] },
	       sizeof(words));
	put_digits(words, ret);
}

void snug_digest(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE])
{
	if (has_instructions())
		by_instructions(data, len, ret);
	else
		by_libmd(data, len, ret);
}

#else

void snug_digest(const void *data, size_t len, char ret[SNUG_DIGEST_SIZE])
{
	by_libmd(data, len, ret);
}

#endif
