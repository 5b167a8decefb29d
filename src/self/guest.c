/* SPDX-License-Identifier: Apache-2.0 */
#include "self/guest.h"

#include "base/cleanup.h"
#include "self/caps.h"
#include "self/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX    60u /* of its own: it has no call by which to wait */
#define BYTES_A_PLACE  2u  /* of text: "1," */
#define KEPT_BYTES_MAX ((size_t)1 << 20)
#define CONFINED       0 /* exit status */

/* Lies in memory that both have. What the guest wrote is looked at when it is dead. */
struct answer {
	struct snug_error err; /* code 0: parsed */
	uint64_t count;
	struct snug_json_place places[];
};

static size_t places_max(size_t len)
{
	return len / BYTES_A_PLACE + 1;
}

static size_t size_for(size_t len)
{
	return sizeof(struct answer) + places_max(len) * sizeof(struct snug_json_place);
}

/* ---- the guest ---- */

/* Nothing of the host's is left in here but memory, a copy. */
static int confine(struct snug_error *err)
{
	const struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setrlimit(RLIMIT_CPU, &seconds);
	/* Linux 5.9; before that what is open stays so, and there is no call by which to use it. */
	if (!SNUG_SELF_INSTRUMENTED)
		(void)syscall(SYS_close_range, 0, ~0U, 0);
	if (snug_self_caps_keep(0, err) < 0)
		return -1;
	return snug_self_filter_load(SNUG_SELF_GUEST, err);
}

static void parse(const char *text, size_t len, struct answer *ret)
{
	struct snug_json *doc = NULL;
	size_t count;

	if (snug_json_parse_own(&doc, text, len, NULL, &ret->err) < 0)
		return;
	count = snug_json_place_count(doc);
	if (count > places_max(len)) {
		(void)snug_fail_memory(&ret->err);
		return;
	}
	snug_json_places(doc, ret->places);
	ret->count = count;
	/* Its memory goes with the process. */
}

static _Noreturn void live(const char *text, size_t len, struct answer *ret)
{
	if (confine(&ret->err) == 0)
		parse(text, len, ret);
	_exit(CONFINED);
}

/* ---- who invites it ---- */

/* Its end is no SIGCHLD, which callers ignore or count; and no signal of a terminal's is for it. */
static pid_t split(void)
{
	sigset_t all, before;
	pid_t tgid;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	tgid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (tgid != 0)
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return tgid;
}

static int host(const char *text, size_t len, struct answer *answer, struct snug_error *err)
{
	pid_t tgid = split();
	pid_t ended;
	int status;

	if (tgid == 0)
		live(text, len, answer);
	if (tgid < 0)
		return snug_fail_errno(err, errno, "a process for the parser");
	while ((ended = waitpid(tgid, &status, __WALL)) < 0 && errno == EINTR)
		;
	if (ended < 0)
		return snug_fail_errno(err, errno, "the parser's end");
	if (status == CONFINED)
		return 0;
	snug_fail(err, SNUG_SYSTEM, "the parser died of this document");
	return snug_remedy(err, "look who made it: it may be meant to break what reads it");
}

/* The guest's words, cut where the fields end. */
static int refuse(const struct snug_error *said, const char *file, struct snug_error *err)
{
	*err = *said;
	err->file[0] = err->path[sizeof(err->path) - 1] = err->what[sizeof(err->what) - 1] =
		err->remedy[sizeof(err->remedy) - 1] = '\0';
	if (err->code == SNUG_INPUT)
		strncpy(err->file, file ? file : "", sizeof(err->file) - 1);
	else
		err->code = SNUG_SYSTEM;
	return -1;
}

static int take(const char *text, size_t len, const char *file, const struct answer *answer,
		struct snug_json **ret, struct snug_error *err)
{
	if (answer->err.code != SNUG_DONE)
		return refuse(&answer->err, file, err);
	/* A count that is too large finds no places there. */
	return snug_json_adopt(ret, text, len, file, answer->places,
			       answer->count <= places_max(len) ? answer->count : 0, err);
}

/* ---- the last document ---- */

/*
 * A config.json is parsed by each part that wants something of it. What a guest said of a text
 * holds for that text, and is looked at anew each time: so the same one takes no second guest.
 */
static struct {
	char *text;
	struct snug_json_place *places;
	size_t len, count;
} last;

static void forget(void)
{
	free(last.text);
	free(last.places);
	last.text = NULL;
	last.places = NULL;
}

/* Best effort. */
static void keep(const char *text, size_t len, const struct answer *answer)
{
	size_t size = answer->count * sizeof(last.places[0]);

	forget();
	if (len > KEPT_BYTES_MAX)
		return;
	last.text = malloc(len + 1);
	last.places = malloc(size + 1);
	if (!last.text || !last.places) {
		forget();
		return;
	}
	memcpy(last.text, text, len);
	memcpy(last.places, answer->places, size);
	last.len = len;
	last.count = answer->count;
}

static bool is_last(const char *text, size_t len)
{
	return last.text && last.len == len && memcmp(last.text, text, len) == 0;
}

/* ---- all of it ---- */

int snug_guest_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		     struct snug_error *err)
{
	struct answer *answer;
	int failed;

	/* Too long for any parser, which says so without a look at it. */
	if (len > SNUG_JSON_BYTES_MAX)
		return snug_json_parse_own(ret, text, len, file, err);
	if (is_last(text, len))
		return snug_json_adopt(ret, text, len, file, last.places, last.count, err);
	answer = mmap(NULL, size_for(len), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (answer == MAP_FAILED)
		return snug_fail_errno(err, errno, "memory for the parser");
	failed = host(text, len, answer, err) < 0 || take(text, len, file, answer, ret, err) < 0;
	if (!failed)
		keep(text, len, answer);
	munmap(answer, size_for(len));
	return failed ? -1 : 0;
}

void snug_guest_invite(void)
{
	snug_json_set_reader(snug_guest_parse);
}
