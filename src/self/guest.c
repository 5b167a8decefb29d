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

#define SECONDS_MAX    60u		 /* of its own: it has no call by which to wait */
#define BYTES_A_PLACE  2u		 /* of text: "1," */
#define KEPT_BYTES_MAX ((size_t)1 << 20) /* of a text */
#define KEPT_MAX       4u		 /* texts */
#define CONFINED       0		 /* exit status */
#define PLACE_ALIGN    64u

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

	if (snug_json_parse_yajl(&doc, text, len, NULL, &ret->err) < 0)
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

/* A text, and where the guest puts what it says of it. */
struct job {
	const char *text;
	size_t len;
	struct answer *answer;
};

static _Noreturn void live(const struct job *jobs, size_t count)
{
	if (confine(&jobs->answer->err) == 0)
		for (size_t i = 0; i < count; i++)
			parse(jobs[i].text, jobs[i].len, jobs[i].answer);
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

static int host(const struct job *jobs, size_t count, struct snug_error *err)
{
	pid_t tgid = split();
	pid_t ended;
	int status;

	if (tgid == 0)
		live(jobs, count);
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

/* ---- documents that were parsed before ---- */

/*
 * A config.json is parsed by each part that wants something of it, with state and profile in
 * between. What a guest said of a text holds for that text, and is looked at anew each time: so the
 * same one takes no second guest.
 */
struct known {
	char *text;
	struct snug_json_place *places;
	size_t len, count;
};

static struct {
	struct known at[KEPT_MAX];
	unsigned next; /* which is forgotten next */
} known;

static void forget(struct known *one)
{
	free(one->text);
	free(one->places);
	*one = (struct known){ 0 };
}

/* Best effort. */
static void keep(const char *text, size_t len, const struct answer *answer)
{
	size_t size = answer->count * sizeof(answer->places[0]);
	struct known *one = &known.at[known.next];

	if (len > KEPT_BYTES_MAX)
		return;
	known.next = (known.next + 1) % KEPT_MAX;
	forget(one);
	one->text = malloc(len + 1);
	one->places = malloc(size + 1);
	if (!one->text || !one->places) {
		forget(one);
		return;
	}
	memcpy(one->text, text, len);
	memcpy(one->places, answer->places, size);
	one->len = len;
	one->count = answer->count;
}

static const struct known *find(const char *text, size_t len)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (known.at[i].text && known.at[i].len == len &&
		    memcmp(known.at[i].text, text, len) == 0)
			return &known.at[i];
	return NULL;
}

/* ---- all of it ---- */

int snug_guest_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		     struct snug_error *err)
{
	const struct known *before;
	struct answer *answer;
	struct job job;
	int failed;

	/* Too long for any parser, which says so without a look at it. */
	if (len > SNUG_JSON_BYTES_MAX)
		return snug_json_parse_yajl(ret, text, len, file, err);
	before = find(text, len);
	if (before)
		return snug_json_adopt(ret, text, len, file, before->places, before->count, err);
	answer = mmap(NULL, size_for(len), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (answer == MAP_FAILED)
		return snug_fail_errno(err, errno, "memory for the parser");
	job = (struct job){ text, len, answer };
	failed = host(&job, 1, err) < 0 || take(text, len, file, answer, ret, err) < 0;
	if (!failed)
		keep(text, len, answer);
	munmap(answer, size_for(len));
	return failed ? -1 : 0;
}

void snug_guest_foresee(const struct snug_buf *one, const struct snug_buf *two)
{
	size_t behind = (size_for(one->len) + PLACE_ALIGN - 1) / PLACE_ALIGN * PLACE_ALIGN;
	size_t size = behind + size_for(two->len);
	struct job jobs[] = { { one->data, one->len, NULL }, { two->data, two->len, NULL } };
	struct snug_error ignored;
	char *room;

	if (one->len > KEPT_BYTES_MAX || two->len > KEPT_BYTES_MAX)
		return;
	room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	if (room == MAP_FAILED)
		return;
	jobs[0].answer = (struct answer *)room;
	jobs[1].answer = (struct answer *)(room + behind);
	if (host(jobs, 2, &ignored) == 0)
		for (size_t i = 0; i < 2; i++)
			if (jobs[i].answer->err.code == SNUG_DONE && jobs[i].answer->count &&
			    jobs[i].answer->count <= places_max(jobs[i].len))
				keep(jobs[i].text, jobs[i].len, jobs[i].answer);
	munmap(room, size);
}

void snug_guest_invite(void)
{
	snug_json_set_reader(snug_guest_parse);
}
