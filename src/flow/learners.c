/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/learners.h"

#include "base/cleanup.h"
#include "flow/arm.h"
#include "flow/hooked.h"
#include "flow/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char *const how_names[SNUG_BY_MAX] = { "hook", "learn", "record" };

const char *snug_learner_how_name(enum snug_learner_how how)
{
	return how_names[how];
}

/* A learner's folder: learn-ID or record-ID. */
static bool is_learner(const char *folder, enum snug_learner_how *ret)
{
	for (*ret = SNUG_BY_LEARN; *ret < SNUG_BY_MAX; ++*ret) {
		size_t len = strlen(how_names[*ret]);

		if (strncmp(folder, how_names[*ret], len) == 0 && folder[len] == '-')
			return true;
	}
	return false;
}

/* Its lock is held as long as it lives. */
static bool is_alive(int run, const char *folder)
{
	SNUG_AUTO_FD int fd = openat(run, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

typedef int (*visit)(void *context, enum snug_learner_how how, const struct snug_arm_answer *answer,
		     struct snug_error *err);

static int ask_one(const char *run_path, const char *folder, enum snug_arm_wish wish,
		   struct snug_arm_answer *ret, struct snug_error *err)
{
	const struct snug_arm_request request = { .wish = wish };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/" SNUG_ARM_SOCKET, run_path, folder);
	return snug_arm_ask(path, &request, ret, err);
}

/* Asks each living learner; who does not answer any more has ended. */
static int ask_all(const struct snug_store *store, const char *name, enum snug_arm_wish wish,
		   visit each, void *context, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *run_path = NULL;
	int run = snug_run_folder(store->root, &run_path, err), failed = 0;
	DIR *dir = run < 0 ? NULL : fdopendir(run);

	if (!dir) {
		snug_close_fd(&run);
		return run < 0 ? -1 : snug_fail_errno(err, errno, "%s", run_path);
	}
	for (struct dirent *entry; !failed && (entry = readdir(dir));) {
		struct snug_arm_answer answer;
		enum snug_learner_how how;
		struct snug_error gone;

		if (!is_learner(entry->d_name, &how) || !is_alive(run, entry->d_name) ||
		    ask_one(run_path, entry->d_name, SNUG_ARM_STATUS, &answer, &gone) < 0 ||
		    (name && strcmp(answer.owner.name, name) != 0))
			continue;
		if (wish == SNUG_ARM_STATUS ||
		    ask_one(run_path, entry->d_name, wish, &answer, err) == 0)
			failed = each(context, how, &answer, err);
		else
			failed = is_alive(run, entry->d_name) ? -1 : 0;
	}
	closedir(dir);
	return failed;
}

static int add_learner(void *context, enum snug_learner_how how,
		       const struct snug_arm_answer *answer, struct snug_error *err)
{
	struct snug_learners *ret = context;
	struct snug_learner one = { how, answer->owner, answer->progress };

	return snug_vec_push(ret, one) < 0 ? snug_fail_memory(err) : 0;
}

int snug_learners_list(const struct snug_store *store, struct snug_learners *ret,
		       struct snug_error *err)
{
	struct snug_hooked_list hooked = { 0 };
	int failed = snug_hooked_list(store, &hooked, err);

	for (size_t i = 0; i < hooked.count && !failed; i++) {
		struct snug_learner one = { SNUG_BY_HOOK, hooked.at[i].owner,
					    hooked.at[i].progress };

		failed = snug_vec_push(ret, one) < 0 ? snug_fail_memory(err) : 0;
	}
	snug_vec_clear(&hooked);
	return failed < 0 ? -1 : ask_all(store, NULL, SNUG_ARM_STATUS, add_learner, ret, err);
}

struct flushed {
	struct snug_paths *paths;
	unsigned learners;
};

static int add_path(void *context, enum snug_learner_how how, const struct snug_arm_answer *answer,
		    struct snug_error *err)
{
	struct flushed *flushed = context;
	char *copy;

	(void)how;
	flushed->learners++;
	if (!answer->path[0])
		return 0;
	copy = strdup(answer->path);
	if (!copy || snug_vec_push(flushed->paths, copy) < 0) {
		free(copy);
		return snug_fail_memory(err);
	}
	return 0;
}

int snug_learners_flush(const struct snug_store *store, const char *name, struct snug_paths *ret,
			unsigned *ret_learners, struct snug_error *err)
{
	struct flushed flushed = { ret, 0 };

	if (snug_hooked_flush(store, name, ret, &flushed.learners, err) < 0 ||
	    ask_all(store, name, SNUG_ARM_FLUSH, add_path, &flushed, err) < 0)
		return -1;
	*ret_learners = flushed.learners;
	return 0;
}
