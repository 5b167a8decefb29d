/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked with a fuzz target in place of libFuzzer: looks at every input of its corpus and of what
 * was found (TAP), or at the files that it is given. Wants to be called at the top of the tree.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SNUG_FUZZ_NAME
#define SNUG_FUZZ_NAME "none" /* the Makefile says which */
#endif

#ifdef __SANITIZE_ADDRESS__ /* its own memory is not counted */
#define MEMORY_MAX LONG_MAX
#else
#define MEMORY_MAX (256 * 1024L) /* KiB, of all inputs: none is to take what a host needs */
#endif

static char now[PATH_MAX]; /* the file that is being looked at */
static unsigned number;

/* Of a sanitizer, where there is one: its reports end the process without a signal. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void tell(void)
{
	static const char words[] = "# with this input: ";

	(void)!write(STDOUT_FILENO, words, sizeof(words) - 1);
	(void)!write(STDOUT_FILENO, now, strlen(now));
	(void)!write(STDOUT_FILENO, "\n", 1);
}

/* Says which input it was; the death itself goes on. */
static void on_death(int signal_number)
{
	tell();
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
}

/* Of exactly the input's size, so that a sanitizer sees who reads past its end. */
static bool look_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *data;
	bool read_it;

	(void)snprintf(now, sizeof(now), "%s", path);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	data = malloc(st.st_size ? (size_t)st.st_size : 1);
	read_it = data && read(fd, data, (size_t)st.st_size) == st.st_size;
	close(fd);
	if (read_it)
		(void)LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	free(data);
	return read_it;
}

static void look_at_all(const char *folder)
{
	unsigned count = 0, unread = 0;
	DIR *dir = opendir(folder);
	char path[PATH_MAX];

	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count++;
		unread += !look_at(path);
	}
	if (dir)
		closedir(dir);
	printf("%s %u - replay: " SNUG_FUZZ_NAME ": %u of %s\n", unread ? "not ok" : "ok", ++number,
	       count, folder);
}

static void look_at_memory(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%s %u - replay: " SNUG_FUZZ_NAME ": at most %ld KiB\n",
	       usage.ru_maxrss <= MEMORY_MAX ? "ok" : "not ok", ++number, usage.ru_maxrss);
}

int main(int argc, char **argv)
{
	static const int deaths[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	DIR *corpus = opendir("tests/fuzz/corpus/" SNUG_FUZZ_NAME);

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		(void)signal(deaths[i], on_death);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(tell);
	for (int i = 1; i < argc; i++)
		if (!look_at(argv[i]))
			printf("# cannot read %s: %s\n", argv[i], strerror(errno));
	if (argc > 1)
		return 0;
	if (!corpus) {
		printf("1..1\nnot ok 1 - replay: " SNUG_FUZZ_NAME ": no corpus here\n");
		return 1;
	}
	closedir(corpus);
	printf("1..3\n");
	look_at_all("tests/fuzz/corpus/" SNUG_FUZZ_NAME);
	look_at_all("tests/fuzz/regress/" SNUG_FUZZ_NAME);
	look_at_memory();
	return 0;
}
