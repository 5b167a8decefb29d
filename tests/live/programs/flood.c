/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What never ends: `flood forks` (bounded by RLIMIT_NPROC alone), `flood names` (each open makes a
 * name that was never there), `flood calls` (every number, every type of socket). Writes "on" once
 * it is well under way.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WELL 20000u

static void say_on(void)
{
	if (write(STDOUT_FILENO, "on\n", 3) < 0)
		_exit(1);
}

/* Each child goes on as its parent does; who has none left to wait for forks again. */
static void forks(void)
{
	const pid_t first = getpid();

	for (unsigned i = 0;; i++) {
		if (fork() < 0)
			waitpid(-1, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (getpid() != first && i % 64 == 63)
			_exit(0);
		if (getpid() == first && i == 1000)
			say_on();
	}
}

static void names(void)
{
	char path[64];

	for (uint64_t i = 0;; i++) {
		int fd;

		snprintf(path, sizeof(path), "/tmp/%016" PRIx64, i * 0x9e3779b97f4a7c15);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (fd < 0)
			err(1, "%s", path);
		close(fd);
		unlink(path);
		if (i == WELL)
			say_on();
	}
}

static void calls(void)
{
	for (unsigned i = 0;; i++) {
		int fd = socket(i % 64, (int)(i / 64 % 16), (int)(i / 1024 % 256));

		if (fd >= 0)
			close(fd);
		syscall(600 + i % 400, i, i, i, i, i, i);
		if (i == WELL)
			say_on();
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "forks") == 0)
		forks();
	else if (strcmp(what, "names") == 0)
		names();
	else if (strcmp(what, "calls") == 0)
		calls();
	return 2;
}
