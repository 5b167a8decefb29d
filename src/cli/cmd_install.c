/* SPDX-License-Identifier: Apache-2.0 */
/* snug install and snug uninstall. */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/install.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct arguments {
	struct snug_install_request request;
	bool dry_run, yes;
};

/* What is left to do, or to know. */
static const char *const after_install[SNUG_ENGINE_MAX] = {
	[SNUG_ENGINE_PODMAN] = "every container that Podman starts from now on asks the policy",
	[SNUG_ENGINE_DOCKER] = "have dockerd read it (systemctl reload docker): then `docker run "
			       "--runtime snug-runc` asks the policy",
	[SNUG_ENGINE_CONTAINERD] = "restart containerd: then a RuntimeClass with the handler "
				   "snug-runc asks the policy",
	[SNUG_ENGINE_CRIO] = "restart CRI-O: every container that it starts then asks the policy",
	[SNUG_ENGINE_RUNC] = "what runs snug-runc in the place of runc asks the policy",
	[SNUG_ENGINE_CRUN] = "what runs snug-crun in the place of crun asks the policy",
};
static const char *const after_uninstall[SNUG_ENGINE_MAX] = {
	[SNUG_ENGINE_DOCKER] = "restart dockerd: a reload would keep the runtime",
	[SNUG_ENGINE_CONTAINERD] = "restart containerd",
	[SNUG_ENGINE_CRIO] = "restart CRI-O",
};

static int take(int option, char **argv, struct arguments *ret, struct snug_error *err)
{
	switch (option) {
	case 'n':
		ret->dry_run = true;
		return 0;
	case 'y':
		ret->yes = true;
		return 0;
	case 'd':
		ret->request.make_default = true;
		return 0;
	case 'h':
		ret->request.hooks_dir = optarg;
		return optarg[0] == '/'
			       ? 0
			       : snug_usage(err, argv[0], "--hooks-dir wants an absolute path");
	case 't':
		ret->request.traces = optarg;
		return optarg[0] == '/'
			       ? 0
			       : snug_usage(err, argv[0],
					    "--allow-trace-syscall wants an absolute path");
	case 'o':
		ret->request.hooks_only = true;
		return 0;
	default:
		return snug_usage_option(err, argv[0], option, argv);
	}
}

static int check(const char *command, const struct arguments *arguments, struct snug_error *err)
{
	const struct snug_install_request *request = &arguments->request;

	bool hooks = request->engine == SNUG_ENGINE_PODMAN || request->engine == SNUG_ENGINE_CRIO;

	if (request->hooks_dir && !hooks)
		return snug_usage(err, command, "--hooks-dir is for podman and crio");
	if (request->traces && !hooks)
		return snug_usage(err, command, "--allow-trace-syscall is for podman and crio");
	if (request->make_default && request->engine != SNUG_ENGINE_DOCKER)
		return snug_usage(err, command, "--default is for docker");
	if (request->hooks_only && request->engine != SNUG_ENGINE_PODMAN)
		return snug_usage(err, command, "--hooks-only is for podman");
	return 0;
}

static int parse(int argc, char **argv, const struct option *options, struct arguments *ret,
		 struct snug_error *err)
{
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		if (take(option, argv, ret, err) < 0)
			return -1;
	if (argc - optind != 1)
		return snug_usage(err, argv[0], "one engine is wanted");
	if (!snug_engine_parse(argv[optind], &ret->request.engine))
		return snug_usage(err, argv[0],
				  "'%.40s': podman, docker, containerd, crio, runc or crun",
				  argv[optind]);
	return check(argv[0], ret, err);
}

/* Asked at a terminal alone: a script that is told to do something does it. */
static bool is_wanted(const struct arguments *arguments)
{
	char answer[16];

	if (arguments->yes || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return true;
	printf("change this? [y/N] ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Shows the plan, and carries it out. done: what to say then. */
static int carry_out(const struct arguments *arguments, struct snug_install_plan *plan,
		     const char *done, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf diff = { 0 };
	const char *name = snug_engine_name(plan->engine);
	const char *after =
		plan->uninstall ? after_uninstall[plan->engine] : after_install[plan->engine];

	snug_install_plan_diff(plan, &diff);
	if (snug_buf_check(&diff, err) < 0 || snug_cli_print(snug_buf_text(&diff), err) < 0)
		return -1;
	if (arguments->dry_run) {
		printf("%s: would be %s\n", name, done);
		return 0;
	}
	if (!is_wanted(arguments)) {
		snug_fail(err, SNUG_NO, "%s: nothing was changed", name);
		return -1;
	}
	if (snug_install_carry_out(plan, err) < 0)
		return -1;
	printf("%s: %s%s%s\n", name, done, after ? "; " : "", after ? after : "");
	return 0;
}

static int run_install(const struct snug_cli *context, int argc, char **argv,
		       struct snug_error *err)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "yes", no_argument, NULL, 'y' },
		{ "hooks-dir", required_argument, NULL, 'h' },
		{ "hooks-only", no_argument, NULL, 'o' },
		{ "default", no_argument, NULL, 'd' },
		{ "allow-trace-syscall", required_argument, NULL, 't' },
		{ 0 },
	};
	SNUG_AUTO(snug_install_plan_clear) struct snug_install_plan plan = { 0 };
	struct arguments arguments = { .request.store = &context->store };

	if (parse(argc, argv, options, &arguments, err) < 0 ||
	    snug_install_plan(&arguments.request, &plan, err) < 0)
		return -1;
	if (plan.steps.count)
		return carry_out(&arguments, &plan, "installed", err);
	printf("%s: installed already, unchanged\n", snug_engine_name(plan.engine));
	return 0;
}

static int run_uninstall(const struct snug_cli *context, int argc, char **argv,
			 struct snug_error *err)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "yes", no_argument, NULL, 'y' },
		{ 0 },
	};
	SNUG_AUTO(snug_install_plan_clear) struct snug_install_plan plan = { 0 };
	struct arguments arguments = { .request.store = &context->store };

	if (parse(argc, argv, options, &arguments, err) < 0 ||
	    snug_uninstall_plan(&context->store, arguments.request.engine, &plan, err) < 0)
		return -1;
	return carry_out(&arguments, &plan, "uninstalled", err);
}

const struct snug_command snug_cmd_install = {
	.name = "install",
	.arguments = "ENGINE [--dry-run] [--yes] [--hooks-dir DIR] [--hooks-only] [--default] "
		     "[--allow-trace-syscall DIR]",
	.summary = "puts snug into an engine's configuration",
	.options =
		"  ENGINE           podman, docker, containerd, crio, runc or crun\n"
		"  --dry-run        shows the change and makes none\n"
		"  --yes            does not ask, at a terminal\n"
		"  --hooks-dir DIR  podman, crio: the folder for the hooks, instead of the "
		"usual one\n"
		"  --hooks-only     podman: leaves its runtimes alone, so that `podman exec` is as "
		"Podman has it\n"
		"  --default        docker: snug's runtime is the default one\n"
		"  --allow-trace-syscall DIR\n"
		"                   podman, crio: the annotation io.containers.trace-syscall may "
		"name\n"
		"                   files below DIR\n",
	.run = run_install,
};

const struct snug_command snug_cmd_uninstall = {
	.name = "uninstall",
	.arguments = "ENGINE [--dry-run] [--yes]",
	.summary = "takes that away again: the configuration is what it was",
	.options = "  --dry-run  shows the change and makes none\n"
		   "  --yes      does not ask, at a terminal\n",
	.run = run_uninstall,
};
