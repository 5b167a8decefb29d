/* SPDX-License-Identifier: Apache-2.0 */
/* What a pattern's variables stand for. */
#include "model/apparmor/aare.h"

#include <string.h>

#define INT_DIGITS 20u /* of 2^64 */
#define PID_DIGITS 7u  /* of PID_MAX_LIMIT, 4194304 */

static void put_digits(const char *first, unsigned count, struct snug_buf *ret)
{
	snug_buf_adds(ret, first);
	for (unsigned i = 1; i < count; i++)
		snug_buf_adds(ret, "{,[0-9]}");
}

static void put_hex(unsigned count, struct snug_buf *ret)
{
	for (unsigned i = 0; i < count; i++)
		snug_buf_adds(ret, "[0-9a-fA-F]");
}

static unsigned hex_count(const char *name, size_t len)
{
	unsigned count = 0;

	if (len < 5 || len > 6 || memcmp(name, "hex", 3) != 0 || name[3] == '0')
		return 0;
	for (size_t i = 3; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		count = count * 10 + (unsigned)(name[i] - '0');
	}
	return count >= SNUG_AARE_HEX_MIN && count <= SNUG_AARE_HEX_MAX ? count : 0;
}

bool snug_aare_variable(const char *name, size_t len, struct snug_buf *ret)
{
	static const unsigned char uuid[] = { 8, 4, 4, 4, 12 };

	if (len == 3 && memcmp(name, "pid", 3) == 0) {
		put_digits("[1-9]", PID_DIGITS, ret);
	} else if (len == 3 && memcmp(name, "int", 3) == 0) {
		put_digits("[0-9]", INT_DIGITS, ret);
	} else if (len == 4 && memcmp(name, "uuid", 4) == 0) {
		for (unsigned i = 0; i < sizeof(uuid); i++) {
			snug_buf_adds(ret, i ? "-" : "");
			put_hex(uuid[i], ret);
		}
	} else if (hex_count(name, len)) {
		put_hex(hex_count(name, len), ret);
	} else {
		return false;
	}
	return true;
}
