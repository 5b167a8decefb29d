/* SPDX-License-Identifier: Apache-2.0 */
/* What judge and calls tell each other: judge a told_call, calls an int64_t for each. */
#pragma once

#include <stdint.h>

struct told_call {
	uint32_t i386; /* through int 0x80 */
	uint32_t nr;
	uint64_t args[6];
};

#define CALLS_READY INT64_C(0x5245414459000000) /* said once, at the start */
#define CALL_DIED   INT64_C(0x4449454400000000) /* and the signal */
