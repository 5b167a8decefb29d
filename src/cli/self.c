/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/self.h"

#include "apply/apparmor.h"
#include "apply/apparmor_clerk.h"
#include "base/cleanup.h"
#include "self/confine.h"
#include "store/trust.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The store's, below --root. */
static const char *const stores[] = { "/etc/snug", "/usr/local/share/snug", "/usr/share/snug" };
static const char *const own[] = { "/var/lib/snug", "/var/cache/snug", "/run/snug" };
/* The host's: engines' seccomp.json, whether there is AppArmor, and this program's file and its
 * libraries, by which what was proved once is known. */
static const char *const host[] = { "/usr",
				    "/lib",
				    "/lib64",
				    "/etc/containers",
				    "/etc/docker",
				    "/proc/self",
				    "/proc/sys/kernel",
				    "/sys/module/apparmor",
				    "/sys/kernel/security",
				    "/dev/null" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Rootless: where flow/run_folder.h has the run folder then. */
static int add_user_run(const char *root, bool writes, struct snug_self *self,
			struct snug_error *err)
{
	char path[64];
	uid_t outer;

	if (root[0] || !snug_in_user_namespace(&outer))
		return 0;
	snprintf(path, sizeof(path), "/run/user/%u", outer);
	return writes ? snug_self_write(self, path, err) : snug_self_read(self, path, err);
}

static int add_store(const char *root, bool writes, struct snug_self *self, struct snug_error *err)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(stores); i++) {
		snprintf(path, sizeof(path), "%s%s", root, stores[i]);
		if (snug_self_read(self, path, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < COUNT(own); i++) {
		snprintf(path, sizeof(path), "%s%s", root, own[i]);
		if ((writes ? snug_self_write(self, path, err) : snug_self_read(self, path, err)) <
		    0)
			return -1;
	}
	return add_user_run(root, writes, self, err);
}

static int add_host(struct snug_self *self, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *program = realpath("/proc/self/exe", NULL);

	for (size_t i = 0; i < COUNT(host); i++)
		if (snug_self_read(self, host[i], err) < 0)
			return -1;
	return program ? snug_self_read(self, program, err) : 0;
}

/* A bundle is its config.json. */
static int add_word(const char *word, struct snug_self *self, struct snug_error *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (stat(word, &st) < 0 || !S_ISDIR(st.st_mode))
		return snug_self_read(self, word, err);
	snprintf(path, sizeof(path), "%s/config.json", word);
	return snug_self_read(self, path, err);
}

/* Does the file that is there belong to somebody else? */
static bool is_others(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_uid != geteuid() || st.st_gid != getegid());
}

/* The folder that a file is put into, where it is there behind symlinks; of a bundle, itself. */
static int add_output(const char *named, struct snug_self *self, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *resolved = realpath(named, NULL);
	const char *output = resolved ? resolved : named, *slash = strrchr(output, '/');
	char path[PATH_MAX];
	struct stat st;

	if (stat(output, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(path, sizeof(path), "%s/config.json", output);
		self->gives = is_others(path);
		return snug_self_write(self, output, err);
	}
	self->gives = is_others(output);
	snprintf(path, sizeof(path), "%.*s", slash ? (int)(slash - output) + 1 : 1,
		 slash ? output : ".");
	return snug_self_write(self, path, err);
}

/* Elsewhere there is nothing to compile a text for. */
static bool has_apparmor(void)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };
	struct snug_error ignored;

	return snug_aa_kernel_open(&kernel, &ignored) == 0;
}

int snug_cli_confine(const struct snug_cli *context, const struct snug_cli_files *files,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_self_clear) struct snug_self self = { 0 };

	if (add_store(context->store.root, files->store, &self, err) < 0 ||
	    add_host(&self, err) < 0)
		return -1;
	for (size_t i = 0; i < files->count; i++)
		if (files->reads[i] && add_word(files->reads[i], &self, err) < 0)
			return -1;
	if (files->output && strcmp(files->output, "-") != 0 &&
	    add_output(files->output, &self, err) < 0)
		return -1;
	if (files->apparmor && has_apparmor() && snug_apparmor_clerk_start(err) < 0)
		return -1;
	return snug_self_confine(&self, err);
}
