/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter linear|tree PROGRAM [ARG...]: runs the program under a filter of libseccomp's. The rules
 * are on standard input, one a line: ACTION ERRNO NAME [INDEX:VALUE:MASK]..., MASK empty for all
 * bits. The default is ENOSYS.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONDITIONS_MAX 6

static struct scmp_arg_cmp condition(char *word)
{
	char *end;
	unsigned index = (unsigned)strtoul(word, &end, 10);
	scmp_datum_t value = strtoull(end + 1, &end, 10);

	if (end[1] == '\0')
		return SCMP_CMP64(index, SCMP_CMP_EQ, value);
	return SCMP_CMP64(index, SCMP_CMP_MASKED_EQ, strtoull(end + 1, NULL, 10), value);
}

static int add(scmp_filter_ctx ctx, char *line)
{
	struct scmp_arg_cmp conditions[CONDITIONS_MAX];
	char *save = NULL, *action = strtok_r(line, " \n", &save);
	char *error = strtok_r(NULL, " \n", &save), *name = strtok_r(NULL, " \n", &save), *word;
	unsigned count = 0;
	int nr;

	if (!action || !error || !name)
		return -EINVAL;
	while (count < CONDITIONS_MAX && (word = strtok_r(NULL, " \n", &save)))
		conditions[count++] = condition(word);
	nr = seccomp_syscall_resolve_name(name);
	if (nr == __NR_SCMP_ERROR || nr < 0) /* this libseccomp or this machine does not know it */
		return 0;
	return seccomp_rule_add_array(ctx,
				      strcmp(action, "SCMP_ACT_ALLOW") == 0
					      ? SCMP_ACT_ALLOW
					      : SCMP_ACT_ERRNO((unsigned)strtoul(error, NULL, 10)),
				      nr, count, conditions);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	char line[512];
	int error = 0;

	if (argc < 3 || !ctx)
		return 2;
	if (strcmp(argv[1], "tree") == 0)
		error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	while (!error && fgets(line, sizeof(line), stdin))
		error = add(ctx, line);
	if (!error)
		error = seccomp_load(ctx);
	if (error) {
		fprintf(stderr, "filter: %s\n", strerror(-error));
		return 1;
	}
	execv(argv[2], argv + 2);
	perror("filter");
	return 1;
}
