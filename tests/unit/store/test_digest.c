/* SPDX-License-Identifier: Apache-2.0 */
#include "store/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* FIPS 180-4's examples, and a million letters: more than a block, and none at all. */
static void is_the_one_of_the_standard(void **state)
{
	static char letters[1000000];
	char digest[SNUG_DIGEST_SIZE];

	(void)state;
	snug_digest("abc", 3, digest);
	assert_string_equal(digest,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	snug_digest("", 0, digest);
	assert_string_equal(digest,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	memset(letters, 'a', sizeof(letters));
	snug_digest(letters, sizeof(letters), digest);
	assert_string_equal(digest,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_the_one_of_the_standard) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
