/* SPDX-License-Identifier: Apache-2.0 */
/* The digest is SHA-256: libmd's, of any length, wherever the bytes lie. */
#include "random.h"
#include "store/digest.h"

#include <setjmp.h>
#include <sha2.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void is_the_one_of_the_standard(void **state)
{
	char digest[SNUG_DIGEST_SIZE];

	(void)state;
	/* FIPS 180-4's examples. */
	snug_digest("abc", 3, digest);
	assert_string_equal(digest,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	snug_digest("", 0, digest);
	assert_string_equal(digest,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void is_libmds(void **state)
{
	static unsigned char bytes[4096 + 64];

	(void)state;
	random_case(0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)random_below(256);
	for (size_t len = 0; len <= 4096; len += len < 300 ? 1 : 37) {
		const unsigned char *from = bytes + len % 64;
		char ours[SNUG_DIGEST_SIZE], theirs[SHA256_DIGEST_STRING_LENGTH];

		snug_digest(from, len, ours);
		SHA256Data(from, len, theirs);
		assert_string_equal(ours, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_one_of_the_standard),
		cmocka_unit_test(is_libmds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
