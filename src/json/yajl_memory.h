/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yajl 2.1 does not look whether it was given memory: it writes to NULL. So it is given some, or
 * control goes to `none` instead, out of the middle of yajl; what it holds is freed here.
 *
 *     struct snug_yajl_memory memory = { 0 };
 *     if (setjmp(memory.none)) … no memory
 *     else … yajl_alloc(…, &functions, …), yajl_parse
 *     snug_yajl_memory_clear(&memory); // in place of yajl_free, either way
 */
#pragma once

#include <setjmp.h>
#include <yajl/yajl_parse.h>

struct snug_yajl_block;

struct snug_yajl_memory {
	jmp_buf none;
	struct snug_yajl_block *first;
};

yajl_alloc_funcs snug_yajl_memory_functions(struct snug_yajl_memory *memory);
void snug_yajl_memory_clear(struct snug_yajl_memory *memory);
