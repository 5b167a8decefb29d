/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAP_BYTES ((size_t)64 << 20) /* of addresses: what is not used takes no memory */
#define LARGE_PAGE ((uintptr_t)2 << 20)
#define MMAP_BYTES (32 << 20) /* as much as mallopt takes */
#define TRIM_BYTES (1 << 30)  /* never */

/* The heap is made that long at once, since the kernel forgets the advice where it grows. */
void snug_cli_use_large_pages(void)
{
	const uintptr_t before = (uintptr_t)sbrk(0);
	void *volatile grown; /* or the compiler leaves both out */
	uintptr_t start, end;

	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)mallopt(M_TOP_PAD, (int)HEAP_BYTES);
	grown = malloc((size_t)1 << 20); /* more than there is */
	free(grown);
	start = (before + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	end = (uintptr_t)sbrk(0);
	if (end > start)
		(void)madvise((void *)start, end - start, MADV_HUGEPAGE);
	(void)mallopt(M_TOP_PAD, 1 << 20);
}
