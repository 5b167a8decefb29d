/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments in words: what has no name, or is of a level that has none, is its number. */
#include "model/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *call;
	unsigned index;
	uint64_t value, level;
	const char *words;
} rows[] = {
	{ "socket", 0, AF_INET, 0, "AF_INET" },
	{ "socket", 0, 999, 0, "999" },
	{ "read", 0, 1023, 0, "1023" },
	{ "read", 0, 1024, 0, "0x400" },
	{ "read", 0, UINT64_MAX, 0, "0xffffffffffffffff" },
	{ "setsockopt", 1, SOL_SOCKET, 0, "SOL_SOCKET" },
	/* One number, of another level another option. */
	{ "setsockopt", 2, 1, SOL_SOCKET, "SO_DEBUG" },
	{ "setsockopt", 2, 1, IPPROTO_TCP, "TCP_NODELAY" },
	{ "setsockopt", 2, 1, IPPROTO_IP, "IP_TOS" },
	{ "setsockopt", 2, 1, 77, "1" },
	{ "setsockopt", 2, IPV6_V6ONLY, IPPROTO_IPV6, "IPV6_V6ONLY" },
	{ "unshare", 0, 0, 0, "no namespace" },
	{ "unshare", 0, CLONE_NEWNS, 0, "CLONE_NEWNS" },
	{ "unshare", 0, CLONE_NEWUSER | CLONE_NEWPID, 0, NULL },
	{ "unshare", 0, CLONE_NEWNS | 1, 0, "CLONE_NEWNS|0x1" },
	{ "unshare", 0, UINT64_C(1) << 40, 0, "0x10000000000" },
};

static void each_has_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char words[120];

		snug_symbol(rows[i].call, rows[i].index, rows[i].value, rows[i].level, words,
			    sizeof(words));
		if (rows[i].words)
			assert_string_equal(words, rows[i].words);
		else
			assert_true(strstr(words, "CLONE_NEWUSER") &&
				    strstr(words, "CLONE_NEWPID") && strchr(words, '|'));
	}
}

/* Too long is cut, never written past the end. */
static void what_has_no_room_is_cut(void **state)
{
	char words[32];

	(void)state;
	for (size_t size = 1; size <= 20; size++) {
		memset(words, '#', sizeof(words));
		snug_symbol("unshare", 0, CLONE_NEWNS | CLONE_NEWPID | 1, 0, words, size);
		assert_true(strlen(words) < size);
		for (size_t i = size; i < sizeof(words); i++)
			assert_int_equal(words[i], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_words),
		cmocka_unit_test(what_has_no_room_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
