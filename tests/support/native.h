/* SPDX-License-Identifier: Apache-2.0 */
/* What snug says and decides is of the machine's own calls: expectations that list those of x86_64
 * hold there alone. In a test, or as the setup of one. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/arch.h"

static inline int need_x86_64(void **state)
{
	(void)state;
	if (snug_arch_native() != SNUG_ARCH_X86_64)
		skip();
	return 0;
}
