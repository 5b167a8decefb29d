/* SPDX-License-Identifier: Apache-2.0 */
/* A merge of files takes the memory of one of them, whatever their number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "flow/merge.h"
#include "support/recordings.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 2500u
#define CALLS 200u
#define SEEN  40u
#define ROOM  ((size_t)14 << 20) /* what the merge may take */

static struct snug_paths paths;
static size_t written;
static char folder[] = "/tmp/snug-merge-XXXXXX";

/* Of a few hundred names: a union that has all of them grows no more. */
static void see(struct snug_recording *recording)
{
	char path[64];
	struct snug_seen_act act = { .kind = SNUG_ACT_LINK,
				     .text = { path, "/b", "" },
				     .program = "/usr/sbin/nginx" };
	struct snug_seen_file *file;

	(void)snprintf(path, sizeof(path), "/srv/www/%u/index.html", random_below(200));
	file = snug_seen_files_add(&recording->files, path, random_one_in(2) ? act.program : "",
				   1u << random_below(SNUG_ACCESS_MAX), 0);
	if (!file || (random_one_in(4) && !snug_seen_acts_add(&recording->acts, &act)))
		abort();
	random_seen_runs(recording, &file->runs);
}

static void write_recording(unsigned number)
{
	struct snug_source source = { .run = random_u64(), .exit = -1 };
	struct snug_recording recording = { .observed = SNUG_OBSERVED_SYSCALLS };
	struct snug_buf text = { 0 };
	struct snug_error err;
	FILE *file;
	char *path;

	assert_int_equal(snug_recording_set_run(&recording, source.run), 0);
	assert_int_equal(snug_vec_push(&recording.sources, source), 0);
	for (unsigned i = 0; i < CALLS; i++)
		random_call(&recording);
	for (unsigned i = 0; i < SEEN; i++)
		see(&recording);
	assert_true(asprintf(&path, "%s/%u.json", folder, number) > 0);
	assert_int_equal(snug_recording_render(&recording, &text, &err), 0);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text.data, text.len, 1, file), 1);
	assert_int_equal(fclose(file), 0);
	written += text.len;
	assert_int_equal(snug_vec_push(&paths, path), 0);
	snug_buf_clear(&text);
	snug_recording_clear(&recording);
}

static int write_recordings(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	random_case(0);
	for (unsigned i = 0; i < FILES; i++)
		write_recording(i);
	return 0;
}

static int remove_recordings(void **state)
{
	(void)state;
	for (size_t i = 0; i < paths.count; i++)
		unlink(paths.at[i]);
	snug_paths_clear(&paths);
	return rmdir(folder);
}

/* The address space may grow by ROOM from here on. */
static bool limit_memory(void)
{
	struct rlimit limit;
	unsigned long pages;
	FILE *statm = fopen("/proc/self/statm", "re");
	void *large;

	if (!statm || fscanf(statm, "%lu", &pages) != 1)
		return false;
	fclose(statm);
	limit.rlim_cur = limit.rlim_max = pages * (size_t)sysconf(_SC_PAGESIZE) + ROOM;
	if (setrlimit(RLIMIT_AS, &limit) < 0)
		return false;
	large = malloc(written / 3);
	free(large);
	return !large; /* it holds */
}

/* In a child: 0 when the merge was done within the limit. */
static int merge_limited(size_t count)
{
	const struct snug_merge_request request = { .what = (const char *const *)paths.at,
						    .count = count };
	struct snug_merged merged = { 0 };
	struct snug_error err = { 0 };

	if (written < 3 * ROOM || !limit_memory())
		return 2;
	if (snug_flow_merge(&request, &merged, &err) < 0) {
		fprintf(stderr, "# %zu: %s\n", count, err.what);
		return 1;
	}
	return merged.files == count && merged.text.len > 0 ? 0 : 3;
}

static void memory_is_flat(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(merge_limited(FILES));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The same bytes, forwards and backwards, and with each file twice. */
static void order_and_repetition_do_not_matter(void **state)
{
	struct snug_merged forwards = { 0 }, backwards = { 0 };
	const char *other[400];
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < 400; i++)
		other[i] = paths.at[(399 - i) / 2];
	assert_int_equal(
		snug_flow_merge(&(struct snug_merge_request){ .what = (const char *const *)paths.at,
							      .count = 200 },
				&forwards, &err),
		0);
	assert_int_equal(
		snug_flow_merge(&(struct snug_merge_request){ .what = other, .count = 400 },
				&backwards, &err),
		0);
	assert_string_equal(forwards.text.data, backwards.text.data);
	snug_merged_clear(&forwards);
	snug_merged_clear(&backwards);
}

#ifdef __SANITIZE_ADDRESS__
/* ASan keeps what was freed, and no limit of memory holds then: not here. */
static void free_at_once(char **argv)
{
	static const char none[] = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
	const char *given = getenv("ASAN_OPTIONS");
	char options[1024];

	if (given && strstr(given, none))
		return;
	(void)snprintf(options, sizeof(options), "%s:%s", given ? given : "", none);
	(void)setenv("ASAN_OPTIONS", options, 1);
	(void)execv("/proc/self/exe", argv);
	_exit(2);
}
#else
static void free_at_once(char **argv)
{
	(void)argv;
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_flat),
		cmocka_unit_test(order_and_repetition_do_not_matter),
	};

	(void)argc;
	free_at_once(argv);
	return cmocka_run_group_tests(tests, write_recordings, remove_recordings);
}
