/* SPDX-License-Identifier: Apache-2.0 */
/* What could not be done for a container, kept for `snug status`. */
#include "flow/hooked.h"

#include "base/cleanup.h"
#include "flow/owner.h"
#include "flow/run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FAILURES	   "failures"
#define FAILURES_BEFORE	   "failures.before"
#define FAILURES_BYTES_MAX 65536 /* of each of the two */

/* Ids and messages hold what whoever starts a container put there: a line's end is no line of ours.
 */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int open_failures(int run)
{
	return openat(run, FAILURES, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/*
 * Who starts containers can have as many lines written as he likes: the newest are kept, and it is
 * said that older ones are gone. Who has the full file's lock puts it aside, and nobody else; it
 * may be aside already. *fd is where lines go.
 */
static void turn_over(int run, int *fd)
{
	static const char gone[] = "(older lines than those above are gone)\n";
	struct stat full, named;
	bool loses = faccessat(run, FAILURES_BEFORE, F_OK, 0) == 0;
	int next;

	if (flock(*fd, LOCK_EX | LOCK_NB) < 0 || fstat(*fd, &full) < 0 ||
	    fstatat(run, FAILURES, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    full.st_ino != named.st_ino || renameat(run, FAILURES, run, FAILURES_BEFORE) < 0)
		return;
	if (loses)
		(void)!write(*fd, gone, sizeof(gone) - 1);
	next = open_failures(run);
	if (next < 0)
		return;
	snug_close_fd(fd);
	*fd = next;
}

void snug_hooked_note_failure(const struct snug_store *store, const char *id, const char *line)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int run = -1;
	SNUG_AUTO_FD int fd = -1;
	char text[1024], started[SNUG_STARTED_SIZE];
	struct snug_rec_owner now = { .started = (__u64)time(NULL) };
	struct snug_error ignored;
	int len;

	run = snug_run_folder(store->root, &folder, &ignored);
	fd = run < 0 ? -1 : open_failures(run);
	if (fd < 0)
		return;
	if (lseek(fd, 0, SEEK_END) > FAILURES_BYTES_MAX)
		turn_over(run, &fd);
	snug_owner_started(&now, started);
	len = snprintf(text, sizeof(text) - 1, "%s container %s: %s", started, id, line);
	if (len < 0)
		return;
	make_one_line(text);
	len = (int)strlen(text);
	text[len++] = '\n';
	(void)!write(fd, text, (size_t)len);
}

static int read_failures(int run, const char *folder, const char *name, struct snug_buf *ret,
			 struct snug_error *err)
{
	SNUG_AUTO_FD int fd = openat(run, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char chunk[4096];
	ssize_t len;

	if (fd < 0)
		return errno == ENOENT ? 0 : snug_fail_errno(err, errno, "%s/%s", folder, name);
	while ((len = read(fd, chunk, sizeof(chunk))) > 0)
		snug_buf_add(ret, chunk, (size_t)len);
	return len < 0 ? snug_fail_errno(err, errno, "%s/%s", folder, name)
		       : snug_buf_check(ret, err);
}

int snug_hooked_failures(const struct snug_store *store, struct snug_buf *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int run = snug_run_folder(store->root, &folder, err);

	return run < 0 || read_failures(run, folder, FAILURES_BEFORE, ret, err) < 0
		       ? -1
		       : read_failures(run, folder, FAILURES, ret, err);
}
