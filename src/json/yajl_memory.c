/* SPDX-License-Identifier: Apache-2.0 */
#include "json/yajl_memory.h"

#include <stddef.h>
#include <stdlib.h>

struct snug_yajl_block {
	struct snug_yajl_block *next, **at; /* what points here */
	max_align_t data[];
};

static void link_in(struct snug_yajl_memory *memory, struct snug_yajl_block *block)
{
	block->next = memory->first;
	block->at = &memory->first;
	if (block->next)
		block->next->at = &block->next;
	memory->first = block;
}

static void take_out(struct snug_yajl_block *block)
{
	*block->at = block->next;
	if (block->next)
		block->next->at = block->at;
}

static struct snug_yajl_block *block_of(void *data)
{
	return (struct snug_yajl_block *)((char *)data - offsetof(struct snug_yajl_block, data));
}

static void *allocate(void *context, size_t size)
{
	struct snug_yajl_memory *memory = context;
	struct snug_yajl_block *block = malloc(sizeof(*block) + size);

	if (!block)
		longjmp(memory->none, 1);
	link_in(memory, block);
	return block->data;
}

static void *reallocate(void *context, void *data, size_t size)
{
	struct snug_yajl_memory *memory = context;
	struct snug_yajl_block *block;

	if (!data)
		return allocate(context, size);
	take_out(block_of(data));
	block = realloc(block_of(data), sizeof(*block) + size);
	if (!block) {
		link_in(memory, block_of(data));
		longjmp(memory->none, 1);
	}
	link_in(memory, block);
	return block->data;
}

static void release(void *context, void *data)
{
	(void)context;
	if (!data)
		return;
	take_out(block_of(data));
	free(block_of(data));
}

yajl_alloc_funcs snug_yajl_memory_functions(struct snug_yajl_memory *memory)
{
	return (yajl_alloc_funcs){
		.malloc = allocate, .realloc = reallocate, .free = release, .ctx = memory
	};
}

void snug_yajl_memory_clear(struct snug_yajl_memory *memory)
{
	while (memory->first) {
		struct snug_yajl_block *block = memory->first;

		take_out(block);
		free(block);
	}
}
