/* SPDX-License-Identifier: Apache-2.0 */
/* What is allocated lies in large pages, where the kernel has them, also when it was freed once. */
#include "cli/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#define DOCUMENT ((size_t)24 << 20)
#ifdef __SANITIZE_ADDRESS__ /* it has an allocator of its own */
#define IS_GLIBCS false
#else
#define IS_GLIBCS true
#endif

/* Is the address in a mapping that asked for large pages? */
static bool is_large(const void *at)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	bool here = false, large = false;
	char line[512];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (uintptr_t)at && (uintptr_t)at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			large = strstr(line, " hg") != NULL;
	}
	(void)fclose(file);
	return large;
}

static void documents_lie_in_large_pages(void **state)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(page != MAP_FAILED);
	if (madvise(page, 4096, MADV_HUGEPAGE) < 0)
		skip(); /* this kernel has none */
	snug_cli_use_large_pages();
	for (int i = 0; i < 3; i++) {
		char *document = malloc(DOCUMENT);

		assert_non_null(document);
		assert_true(!IS_GLIBCS || is_large(document + DOCUMENT / 2));
		free(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_lie_in_large_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
