/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/doctor_part.h"

#include <stdarg.h>
#include <stdio.h>

const char *snug_check_state_name(enum snug_check_state state)
{
	static const char *const names[SNUG_CHECK_MAX] = {
		[SNUG_CHECK_OK] = "ok",
		[SNUG_CHECK_MISSING] = "missing",
		[SNUG_CHECK_UNTRIED] = "untried",
		[SNUG_CHECK_BROKEN] = "broken",
	};

	return names[state];
}

int snug_doctor_add(struct snug_checks *ret, struct snug_error *err, enum snug_check_state state,
		    const char *subject, const char *fmt, ...)
{
	struct snug_check check = { .state = state };
	va_list args;

	snprintf(check.subject, sizeof(check.subject), "%s", subject);
	va_start(args, fmt);
	vsnprintf(check.what, sizeof(check.what), fmt, args);
	va_end(args);
	return snug_vec_push(ret, check) < 0 ? snug_fail_memory(err) : 0;
}

void snug_doctor_remedy(struct snug_checks *ret, const char *fmt, ...)
{
	struct snug_check *check = &ret->at[ret->count - 1];
	va_list args;

	va_start(args, fmt);
	vsnprintf(check->remedy, sizeof(check->remedy), fmt, args);
	va_end(args);
}

int snug_doctor_add_error(struct snug_checks *ret, struct snug_error *err,
			  enum snug_check_state state, const char *subject,
			  const struct snug_error *found)
{
	struct snug_error bare = *found;
	char line[512];

	bare.remedy[0] = '\0';
	snug_error_line(&bare, line, sizeof(line));
	if (snug_doctor_add(ret, err, state, subject, "%s", line) < 0)
		return -1;
	snug_doctor_remedy(ret, "%s", found->remedy);
	return 0;
}

static bool asks_for_any(const struct snug_doctor_request *request)
{
	for (unsigned i = 0; i < SNUG_ENGINE_MAX; i++)
		if (request->engines[i])
			return true;
	return false;
}

static int check_engines(const struct snug_doctor_request *request, struct snug_checks *ret,
			 struct snug_error *err)
{
	bool any = asks_for_any(request), some = any;

	for (unsigned i = 0; i < SNUG_ENGINE_MAX; i++) {
		bool installed = false;

		if (any && !request->engines[i])
			continue;
		if (snug_doctor_engine(request->store, (enum snug_engine)i, any, &installed, ret,
				       err) < 0)
			return -1;
		some |= installed;
	}
	if (some)
		return 0;
	if (snug_doctor_add(ret, err, SNUG_CHECK_MISSING, "install",
			    "snug is in no engine's configuration") < 0)
		return -1;
	snug_doctor_remedy(ret, "snug install ENGINE");
	return 0;
}

int snug_doctor(const struct snug_doctor_request *request, struct snug_checks *ret,
		struct snug_error *err)
{
	static const char *const folders[] = { "/usr/share/containers/oci/hooks.d",
					       SNUG_DOCTOR_HOOKS };

	if (snug_doctor_host(ret, err) < 0 || snug_doctor_policy(request->store, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (snug_doctor_hooks(request->store, folders[i], ret, err) < 0)
			return -1;
	return check_engines(request, ret, err);
}
