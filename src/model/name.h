/* SPDX-License-Identifier: Apache-2.0 */
/* Names of profiles and recordings, which files and AppArmor profiles have too. */
#pragma once

#include <stdbool.h>

#define SNUG_NAME_MAX 64u

/* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
bool snug_name_is_valid(const char *name);
/* An argument that holds '/' or ends in ".json" is a path, not a NAME. */
bool snug_name_is_path(const char *argument);
