/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/arm.h"

#include "base/cleanup.h"
#include "flow/arm.h"
#include "hook/state.h"

int snug_hook_arm(int state_fd, const char *socket, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_arm_request request = { .wish = SNUG_ARM_BEGIN };
	struct snug_arm_answer answer;
	struct snug_state state;

	if (snug_hook_read_state(state_fd, NULL, false, &doc, &state, err) < 0)
		return -1;
	if (!state.pid)
		return snug_fail(err, SNUG_INPUT, "state: no process yet");
	request.pid = state.pid;
	return snug_arm_ask(socket, &request, &answer, err);
}
