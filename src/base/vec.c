/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <stdint.h>

int snug_vec_grow(void **at, size_t *room, size_t want, size_t size)
{
	size_t next = *room ? *room : 8;
	void *moved;

	if (want <= *room)
		return 0;
	while (next < want)
		next = next > SIZE_MAX / 2 ? want : next * 2;
	moved = reallocarray(*at, next, size);
	if (!moved)
		return -1;
	*at = moved;
	*room = next;
	return 0;
}
