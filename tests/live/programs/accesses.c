/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the model many things at once:
 *
 *	accesses PROFILE < LINES
 *
 * A line is "ACCESS PATH", ACCESS of r w a k m x, as for `snug simulate PROFILE file PATH ACCESS
 *--owner`. Prints the lines that the profile denies; exits 1 if there is one.
 */
#include "model/apparmor/decide.h"
#include "model/apparmor/words.h"
#include "model/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[32 << 20];

static _Noreturn void die(const char *what)
{
	(void)fprintf(stderr, "accesses: %s\n", what);
	exit(2);
}

static unsigned perms_of(const char *letters, size_t len)
{
	unsigned perms = 0;

	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			perms |= snug_aa_perm_letters[bit] == letters[i] ? 1u << bit : 0;
	return perms;
}

int main(int argc, char **argv)
{
	struct snug_profile profile;
	struct snug_aa_judge judge;
	struct snug_error err = { 0 };
	int denied = 0;
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[3 * 4096];
	size_t len;

	if (!file)
		die("no profile");
	len = fread(text, 1, sizeof(text), file);
	if (snug_profile_parse(text, len, argv[1], &profile, &err) < 0 || !profile.has_apparmor ||
	    snug_aa_judge_make(&profile.apparmor.rules, &judge, &err) < 0)
		die("a profile without rules for files");
	while (fgets(line, sizeof(line), stdin)) {
		struct snug_aa_answer answer;
		char *path = strchr(line, ' ');
		unsigned perms;

		if (!path)
			die("no path");
		perms = perms_of(line, (size_t)(path - line));
		line[strcspn(line, "\n")] = '\0';
		snug_aa_judge_file(&judge, path + 1, true, &answer);
		if (perms && !(perms & ~answer.perms))
			continue;
		denied = 1;
		puts(line);
	}
	snug_aa_judge_clear(&judge);
	snug_profile_clear(&profile);
	return denied;
}
