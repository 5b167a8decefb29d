/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/apparmor_parser.h"

#include "apply/apparmor_clerk.h"
#include "apply/child.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARSER		 "apparmor_parser"
#define MESSAGE_BYTES	 4096u
#define POLICY_BYTES_MAX ((off_t)64 << 20)

/* Not by PATH: whoever calls us, a runtime's hook say, chooses that. */
static const char *find_parser(struct snug_error *err)
{
	static const char *const places[] = { "/sbin/" PARSER, "/usr/sbin/" PARSER };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	snug_fail(err, SNUG_HOST, "there is no " PARSER " in /sbin or /usr/sbin");
	snug_remedy(err, "install it; Debian's package is apparmor");
	return NULL;
}

/* ---- the run ---- */

struct run {
	int in, out, said; /* memfds: the text, the policy, the messages */
	int status;
};

static void run_close(struct run *run)
{
	snug_close_fd(&run->in);
	snug_close_fd(&run->out);
	snug_close_fd(&run->said);
}

static int open_files(const struct snug_buf *text, struct run *run, struct snug_error *err)
{
	run->in = memfd_create("snug-apparmor-text", MFD_CLOEXEC);
	run->out = memfd_create("snug-apparmor-policy", MFD_CLOEXEC);
	run->said = memfd_create("snug-apparmor-said", MFD_CLOEXEC);
	if (run->in < 0 || run->out < 0 || run->said < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (write(run->in, snug_buf_text(text), text->len) != (ssize_t)text->len ||
	    lseek(run->in, 0, SEEK_SET) < 0)
		return snug_fail_errno(err, errno, "the profile's text");
	return 0;
}

/* Signals as at a login, whatever a runtime left to its hooks; a group of its own, to be killed as
 * one. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	if (posix_spawnattr_setsigdefault(attributes, &all) ||
	    posix_spawnattr_setsigmask(attributes, &none) ||
	    posix_spawnattr_setpgroup(attributes, 0))
		return -1;
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETPGROUP)
		       ? -1
		       : 0;
}

static int spawn(const char *parser, const struct run *run, pid_t *ret)
{
	/* --skip-kernel-load: that is ours, by a call that never replaces. */
	char *argv[] = { (char *)PARSER, (char *)"--skip-kernel-load", (char *)"--skip-cache",
			 (char *)"--stdout", NULL };
	char *environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C",
				NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = ENOMEM;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return failed;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (set_attributes(&attributes) == 0 &&
		    !posix_spawn_file_actions_adddup2(&actions, run->in, STDIN_FILENO) &&
		    !posix_spawn_file_actions_adddup2(&actions, run->out, STDOUT_FILENO) &&
		    !posix_spawn_file_actions_adddup2(&actions, run->said, STDERR_FILENO))
			failed = posix_spawn(ret, parser, &actions, &attributes, argv, environment);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int run_parser(struct run *run, struct snug_error *err)
{
	const char *parser = find_parser(err);
	int failed, result;
	pid_t tgid;

	if (!parser)
		return -1;
	failed = spawn(parser, run, &tgid);
	if (failed)
		return snug_fail_errno(err, failed, "%s", parser);
	result = snug_child_await(tgid, SNUG_PARSER_SECONDS_MAX, &run->status, err);
	if (result <= 0)
		return result;
	return snug_fail(err, SNUG_HOST, "%s did not finish within %u s", parser,
			 SNUG_PARSER_SECONDS_MAX);
}

/* ---- what it said ---- */

/* The line that tells what is wrong: "AppArmor parser error …", or else the last one. */
static char *pick_line(char *text)
{
	char *error = strstr(text, "AppArmor parser error"), *end = text + strlen(text), *line;

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	line = error ? error : strrchr(text, '\n');
	if (!line)
		line = text;
	line += *line == '\n';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* "… for F in profile F at line 3: what" and "… in F at line 3: what". */
static void take_place(const char *line, const char **ret_what, struct snug_error *err)
{
	static const char at[] = " at line ";
	const char *place = strstr(line, at), *in = NULL, *colon;
	size_t len;

	*ret_what = line;
	if (!place)
		return;
	colon = strstr(place, ": ");
	if (!colon)
		return;
	*ret_what = colon + 2;
	err->line = (unsigned)strtoul(place + sizeof(at) - 1, NULL, 10);
	/* A file that the text includes has a line of that number, not the text. */
	for (const char *word = line; (word = strstr(word, " /")) && word < place; word++)
		in = word + 1;
	len = in ? strcspn(in, " ") : 0;
	if (in && len < sizeof(err->file))
		snprintf(err->file, sizeof(err->file), "%.*s", (int)len, in);
}

/* The text's line of that number, for who has not got it at hand. */
static void show_line(const struct snug_buf *text, unsigned number, char *ret, size_t size)
{
	const char *at = snug_buf_text(text);

	for (unsigned i = 1; at && i < number; i++) {
		at = strchr(at, '\n');
		at += at != NULL;
	}
	ret[0] = '\0';
	if (!at || !number)
		return;
	at += strspn(at, " \t");
	snprintf(ret, size, "%.*s", (int)strcspn(at, "\n"), at);
}

static int refuse(const struct snug_buf *text, const char *shown, const struct run *run,
		  struct snug_error *err)
{
	char said[MESSAGE_BYTES + 1], quoted[120];
	ssize_t len = pread(run->said, said, MESSAGE_BYTES, 0);
	struct snug_error place = { 0 };
	const char *what;

	if (WIFSIGNALED(run->status))
		return snug_fail(err, SNUG_HOST, PARSER " died of signal %d",
				 WTERMSIG(run->status));
	said[len > 0 ? len : 0] = '\0';
	take_place(pick_line(said), &what, &place);
	show_line(text, place.file[0] ? 0 : place.line, quoted, sizeof(quoted));
	snug_fail(err, SNUG_INPUT, PARSER ": %s%s%s%s",
		  what[0] ? what : "it failed, and said nothing", quoted[0] ? ": '" : "", quoted,
		  quoted[0] ? "'" : "");
	snprintf(err->file, sizeof(err->file), "%s", place.file[0] ? place.file : shown);
	err->line = place.line;
	return snug_remedy(err, "correct the profile, and harden again");
}

static int take_policy(const struct run *run, struct snug_buf *ret, struct snug_error *err)
{
	struct stat st;
	void *data;

	if (fstat(run->out, &st) < 0)
		return snug_fail_errno(err, errno, "what " PARSER " wrote");
	if (st.st_size == 0 || st.st_size > POLICY_BYTES_MAX)
		return snug_fail(err, SNUG_HOST, PARSER " wrote a policy of %lld bytes",
				 (long long)st.st_size);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, run->out, 0);
	if (data == MAP_FAILED)
		return snug_fail_errno(err, errno, "what " PARSER " wrote");
	snug_buf_add(ret, data, (size_t)st.st_size);
	munmap(data, (size_t)st.st_size);
	return snug_buf_check(ret, err);
}

int snug_apparmor_compile(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			  struct snug_error *err)
{
	return snug_apparmor_clerk_is_there() ? snug_apparmor_clerk_ask(text, shown, ret, err)
					      : snug_apparmor_compile_here(text, shown, ret, err);
}

int snug_apparmor_compile_here(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			       struct snug_error *err)
{
	SNUG_AUTO(run_close) struct run run = { .in = -1, .out = -1, .said = -1 };

	if (open_files(text, &run, err) < 0 || run_parser(&run, err) < 0)
		return -1;
	if (run.status != 0)
		return refuse(text, shown, &run, err);
	return take_policy(&run, ret, err);
}
