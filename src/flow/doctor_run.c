/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container in each engine: no network, no image from anywhere; its root holds snug-hook alone,
 * which is static. It says how it is confined, and then waits, so that what the engine made of it
 * can be looked at while it runs.
 */
#include "flow/doctor_part.h"

#include "base/cleanup.h"
#include "flow/boundary.h"
#include "flow/command.h"
#include "model/oci/caps.h"
#include "model/probe.h"
#include "store/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROBE	   "/snug-hook", "probe", NULL
#define NAMESPACE  "snug-doctor" /* containerd's */
#define CONFIG_MAX ((size_t)16 << 20)

static int read_config(struct snug_trial *trial, const char *path, struct snug_error *err)
{
	snprintf(trial->config_path, sizeof(trial->config_path), "%s", path);
	return snug_file_read(path, CONFIG_MAX, &trial->config, err);
}

/*
 * While it lives, the guard has a promise of whoever was confined at the exec boundary, and of
 * nobody else. Its filters tell nothing: some may be those of who started the engine.
 */
static void look_at_boundary(struct snug_trial *trial)
{
	struct snug_guard_list list = { 0 };

	if (snug_boundary_list(trial->store, &list, &trial->unlisted) == 0)
		trial->unlisted.what[0] = '\0';
	for (size_t i = 0; i < list.count; i++)
		if (list.at[i].sealed && strcmp(list.at[i].id, trial->container) == 0)
			snprintf(trial->boundary, sizeof(trial->boundary), "%s",
				 list.at[i].profile);
	snug_vec_clear(&list);
}

/* Starts it, takes what it says, looks for its config while it waits, and ends it. */
static int converse(struct snug_trial *trial, const char *const *argv,
		    int (*find_config)(struct snug_trial *trial, struct snug_error *err),
		    struct snug_error *err)
{
	SNUG_AUTO(snug_command_clear) struct snug_command_run run = SNUG_COMMAND_NONE;
	struct snug_error ignored;

	if (snug_command_start(argv, &run, err) < 0 ||
	    snug_command_await(&run, SNUG_PROBE_END, err) < 0)
		return -1;
	if (!trial->bare && find_config(trial, &ignored) < 0)
		snug_buf_clear(&trial->config);
	if (!trial->bare)
		look_at_boundary(trial);
	if (snug_command_end(&run, err) < 0)
		return -1;
	snug_buf_clear(&trial->said);
	snug_buf_add(&trial->said, snug_buf_text(&run.text), run.text.len);
	return snug_buf_check(&trial->said, err);
}

static void quietly(const char *const *argv)
{
	struct snug_error ignored;

	(void)!snug_command(argv, NULL, &ignored);
}

/* ---- podman ---- */

static int podman_config(struct snug_trial *trial, struct snug_error *err)
{
	const char *argv[] = { "podman",  "inspect", "--format", "{{.Id}} {{.OCIConfigPath}}",
			       trial->id, NULL };
	SNUG_AUTO(snug_buf_clear) struct snug_buf said = { 0 };
	const char *path;

	if (snug_command(argv, &said, err) < 0)
		return -1;
	path = strchr(snug_buf_text(&said), ' ');
	if (!path)
		return snug_fail(err, SNUG_HOST, "podman inspect says something else");
	snprintf(trial->container, sizeof(trial->container), "%.*s",
		 (int)(path - snug_buf_text(&said)), snug_buf_text(&said));
	return read_config(trial, path + 1, err);
}

/* Limits that any host grants; a folder without hooks to run it bare. */
static int run_podman(struct snug_trial *trial, const char *root, struct snug_error *err)
{
	const char *create[] = { "podman",	  "--hooks-dir", trial->folder,	 "create",
				 "--interactive", "--name",	 trial->id,	 "--network",
				 "none",	  "--no-hosts",	 "--log-driver", "none",
				 "--ulimit",	  "nofile=1024", "--ulimit",	 "nproc=1024",
				 "--rootfs",	  root,		 PROBE };
	const char *start[] = { "podman",   "--hooks-dir",   trial->folder, "start",
				"--attach", "--interactive", trial->id,	    NULL };
	const char *remove[] = { "podman", "rm", "--force", trial->id, NULL };
	size_t skip = trial->bare ? 0 : 2;
	int result;

	create[skip] = start[skip] = "podman";
	result = snug_command(create + skip, NULL, err);
	if (result == 0)
		result = converse(trial, start + skip, podman_config, err);
	quietly(remove);
	return result;
}

/* ---- runc, crun ---- */

static void write_namespaces(struct snug_json_writer *w)
{
	static const char *const kinds[] = { "pid", "network", "ipc", "uts", "mount" };

	snug_json_put_key(w, "namespaces");
	snug_json_open(w, '[');
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "type", kinds[i]);
		snug_json_close(w);
	}
	snug_json_close(w);
}

/* What engines grant by default. */
static void write_capabilities(struct snug_json_writer *w)
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };
	static const unsigned caps[] = { 0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31 };
	snug_caps all = 0;

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		all |= (snug_caps)1 << caps[i];
	snug_json_put_key(w, "capabilities");
	snug_json_open(w, '{');
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		snug_json_put_key(w, sets[i]);
		snug_caps_write(w, all);
	}
	snug_json_close(w);
}

static void write_process(struct snug_json_writer *w)
{
	snug_json_put_key(w, "process");
	snug_json_open(w, '{');
	snug_json_put_key(w, "user");
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "uid", 0);
	snug_json_pair_u64(w, "gid", 0);
	snug_json_close(w);
	snug_json_put_key(w, "args");
	snug_json_open(w, '[');
	snug_json_put_string(w, "/snug-hook");
	snug_json_put_string(w, "probe");
	snug_json_close(w);
	snug_json_pair_string(w, "cwd", "/");
	write_capabilities(w);
	snug_json_close(w);
}

static int write_bundle(const struct snug_trial *trial, const char *path, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	static const char mounts[] = "[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":"
				     "\"proc\"}]";

	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "ociVersion", "1.0.2");
	write_process(&w);
	snug_json_put_key(&w, "root");
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "path", "rootfs");
	snug_json_close(&w);
	snug_json_pair_string(&w, "hostname", trial->id);
	snug_json_put_key(&w, "mounts");
	snug_json_put_raw(&w, mounts, sizeof(mounts) - 1);
	snug_json_put_key(&w, "linux");
	snug_json_open(&w, '{');
	write_namespaces(&w);
	snug_json_close(&w);
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	return snug_file_write(path, 0644, text.data, text.len, err);
}

static int bundle_config(struct snug_trial *trial, struct snug_error *err)
{
	char path[sizeof(trial->folder) + 16];

	snprintf(path, sizeof(path), "%s/config.json", trial->folder);
	snprintf(trial->container, sizeof(trial->container), "%s", trial->id);
	return read_config(trial, path, err);
}

static int run_runtime(struct snug_trial *trial, const char *root, struct snug_error *err)
{
	char path[sizeof(trial->folder) + 16], state[sizeof(trial->folder) + 16];
	const char *own = trial->bare ? snug_engine_name(trial->engine) : trial->program;
	const char *argv[] = { own,	   "--root",	  state,     "run",
			       "--bundle", trial->folder, trial->id, NULL };
	const char *remove[] = { own, "--root", state, "delete", "--force", trial->id, NULL };
	int result;

	(void)root;
	snprintf(path, sizeof(path), "%s/config.json", trial->folder);
	snprintf(state, sizeof(state), "%s/state", trial->folder);
	if (write_bundle(trial, path, err) < 0)
		return -1;
	result = converse(trial, argv, bundle_config, err);
	if (access(state, F_OK) == 0)
		quietly(remove);
	return result;
}

/* ---- docker ---- */

static int docker_config(struct snug_trial *trial, struct snug_error *err)
{
	static const char *const places[] = {
		"/run/containerd/io.containerd.runtime.v2.task/moby",
		"/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby",
	};
	const char *argv[] = { "docker", "inspect", "--format", "{{.Id}}", trial->id, NULL };
	SNUG_AUTO(snug_buf_clear) struct snug_buf id = { 0 };
	char path[400];

	if (snug_command(argv, &id, err) < 0)
		return -1;
	snprintf(trial->container, sizeof(trial->container), "%s", snug_buf_text(&id));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/config.json", places[i], snug_buf_text(&id));
		if (access(path, R_OK) == 0)
			break;
	}
	return read_config(trial, path, err);
}

static int run_docker(struct snug_trial *trial, const char *root, struct snug_error *err)
{
	char image[80], file[sizeof(trial->folder) + 16];
	const char *pack[] = { "tar", "-C", root, "-cf", file, ".", NULL };
	const char *import[] = { "docker", "import", file, image, NULL };
	const char *create[] = { "docker", "create",	"--interactive",
				 "--name", trial->id,	"--network",
				 "none",   "--runtime", trial->bare ? "runc" : "snug-runc",
				 image,	   PROBE };
	const char *start[] = { "docker", "start", "--attach", "--interactive", trial->id, NULL };
	const char *remove[] = { "docker", "rm", "--force", trial->id, NULL };
	const char *forget[] = { "docker", "rmi", "--force", image, NULL };
	int result = -1;

	snprintf(image, sizeof(image), "%s:probe", trial->id);
	snprintf(file, sizeof(file), "%s/rootfs.tar", trial->folder);
	if (snug_command(pack, NULL, err) < 0 || snug_command(import, NULL, err) < 0)
		return -1;
	if (snug_command(create, NULL, err) == 0)
		result = converse(trial, start, docker_config, err);
	quietly(remove);
	quietly(forget);
	return result;
}

/* ---- containerd ---- */

static int containerd_config(struct snug_trial *trial, struct snug_error *err)
{
	char path[400];

	snprintf(path, sizeof(path),
		 "/run/containerd/io.containerd.runtime.v2.task/" NAMESPACE "/%s/config.json",
		 trial->id);
	snprintf(trial->container, sizeof(trial->container), "%s", trial->id);
	return read_config(trial, path, err);
}

static int run_containerd(struct snug_trial *trial, const char *root, struct snug_error *err)
{
	const char *run[] = { "ctr",
			      "--namespace",
			      NAMESPACE,
			      "run",
			      "--rm",
			      "--runc-binary",
			      trial->bare ? "runc" : trial->program,
			      "--rootfs",
			      root,
			      trial->id,
			      PROBE };
	const char *kill[] = { "ctr", "--namespace", NAMESPACE, "tasks",
			       "rm",  "--force",     trial->id, NULL };
	const char *remove[] = { "ctr", "--namespace", NAMESPACE, "containers",
				 "rm",	trial->id,     NULL };
	const char *forget[] = { "ctr", "namespaces", "rm", NAMESPACE, NULL };
	int result = converse(trial, run, containerd_config, err);

	if (result < 0) {
		quietly(kill);
		quietly(remove);
	}
	quietly(forget);
	return result;
}

/* ---- all ---- */

static int run_none(struct snug_trial *trial, const char *root, struct snug_error *err)
{
	(void)trial;
	(void)root;
	snug_fail(err, SNUG_HOST, "no container is started: CRI-O starts them for a kubelet alone");
	return snug_remedy(err, "look at a running one: snug status");
}

static int (*const runs[SNUG_ENGINE_MAX])(struct snug_trial *, const char *,
					  struct snug_error *) = {
	[SNUG_ENGINE_PODMAN] = run_podman,	   [SNUG_ENGINE_DOCKER] = run_docker,
	[SNUG_ENGINE_CONTAINERD] = run_containerd, [SNUG_ENGINE_CRIO] = run_none,
	[SNUG_ENGINE_RUNC] = run_runtime,	   [SNUG_ENGINE_CRUN] = run_runtime,
};

int snug_trial_run(struct snug_trial *trial, struct snug_error *err)
{
	char root[sizeof(trial->folder) + 16];

	snprintf(root, sizeof(root), "%s/rootfs", trial->folder);
	return runs[trial->engine](trial, root, err);
}

int snug_trial_possible(enum snug_engine engine, struct snug_error *err)
{
	static const char *const asks[SNUG_ENGINE_MAX][5] = {
		[SNUG_ENGINE_PODMAN] = { "podman", "--version", NULL },
		[SNUG_ENGINE_DOCKER] = { "docker", "version", "--format", "{{.Server.Version}}",
					 NULL },
		[SNUG_ENGINE_CONTAINERD] = { "ctr", "version", NULL },
		[SNUG_ENGINE_RUNC] = { "runc", "--version", NULL },
		[SNUG_ENGINE_CRUN] = { "crun", "--version", NULL },
	};
	struct snug_trial nothing;

	if (!asks[engine][0])
		return run_none(&nothing, NULL, err);
	if (snug_command(asks[engine], NULL, err) == 0)
		return 0;
	return snug_remedy(err, "start it, or its daemon, and ask again");
}
