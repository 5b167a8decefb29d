/* SPDX-License-Identifier: Apache-2.0 */
#include "model/name.h"

#include <string.h>

bool snug_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > SNUG_NAME_MAX || strchr("._-", name[0]))
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
	       len;
}

bool snug_name_is_path(const char *argument)
{
	size_t len = strlen(argument);

	return strchr(argument, '/') || (len >= 5 && !strcmp(argument + len - 5, ".json"));
}
