/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status_containers.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void snug_status_containers_clear(struct snug_status_containers *containers)
{
	snug_standings_clear(&containers->standings);
	snug_containers_clear(&containers->found);
	snug_buf_clear(&containers->problems);
}

bool snug_status_containers_drift(const struct snug_status_containers *containers)
{
	for (size_t i = 0; i < containers->standings.count; i++)
		if (containers->standings.at[i].drift)
			return true;
	return false;
}

static unsigned count_processes(const struct snug_standing *standing)
{
	unsigned count = 0;

	for (size_t i = 0; standing->tasks.at && i < standing->tasks.count; i++)
		count += standing->tasks.at[i].tid == standing->tasks.at[i].tgid;
	return count;
}

/* NULL: no policy says any, or nobody can tell which. */
static const char *mode_of(const struct snug_standing *standing)
{
	return standing->is_decided && (standing->has_policy || standing->learn[0])
		       ? snug_mode_name(standing->mode)
		       : NULL;
}

static const char *shown_mode_of(const struct snug_standing *standing)
{
	const char *mode = mode_of(standing);

	return mode ? mode : standing->has_policy ? "?" : "-";
}

/* ---- for people ---- */

/* Names and paths are others' to choose: none of them may reach the terminal's ear. */
static void add_clean(const char *text, struct snug_buf *ret)
{
	for (; *text; text++)
		snug_buf_addc(ret, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* A state folder's name: 255 bytes at most. */
struct clean_id {
	char text[256];
};
static struct clean_id id_of(const struct snug_container *container)
{
	struct clean_id id;

	snprintf(id.text, sizeof(id.text), "%s", container->id);
	for (char *at = id.text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return id;
}

static void add_profiles(const struct snug_standing *standing, char ret[160])
{
	const char *first = standing->profile_count ? standing->profiles[0] : standing->learn;

	snprintf(ret, 160, "%s%s%s", first[0] ? first : "-", standing->profile_count > 1 ? "+" : "",
		 standing->profile_count > 1 ? standing->profiles[1] : "");
}

static void print_row(const struct snug_container *container, const struct snug_standing *standing,
		      struct snug_buf *ret)
{
	const struct snug_task_view *task =
		standing->tasks.count ? &standing->tasks.at[standing->weakest] : NULL;
	const struct clean_id id = id_of(container);
	char profiles[160], caps[24] = "-", filters[12] = "-";

	add_profiles(standing, profiles);
	if (task) {
		/* In a user namespace of its own it has them all, and none that counts. */
		if (!task->own_user_ns)
			snprintf(caps, sizeof(caps), "%" PRIx64,
				 task->state.caps[SNUG_CAP_PERMITTED]);
		snprintf(filters, sizeof(filters), "%u", task->state.filters);
	}
	snug_buf_addf(ret, "%-24s %-10s %8d %-8s %-20s %5u %8d %7s %3s %10s ", id.text,
		      standing->engine, container->pid, shown_mode_of(standing), profiles,
		      count_processes(standing), task ? task->tid : 0, filters,
		      !task			 ? "-"
		      : task->state.no_new_privs ? "yes"
						 : "no",
		      caps);
	add_clean(task && task->label[0] ? task->label : "-", ret);
	snug_buf_addc(ret, '\n');
}

static void add_promise(const struct snug_standing *standing, struct snug_buf *ret)
{
	snug_buf_adds(ret, standing->mode == SNUG_MODE_AUDIT ? "; enforce would change that, by"
							     : "; policy promises");
	for (unsigned i = 0; i < standing->profile_count; i++)
		snug_buf_addf(ret, "%s profile %s", i ? " and" : "", standing->profiles[i]);
	snug_buf_addc(ret, '\n');
}

static void print_lacks(const struct snug_container *container,
			const struct snug_standing *standing, struct snug_buf *ret)
{
	const char *word = standing->mode == SNUG_MODE_AUDIT ? "audit" : "drift";
	const struct clean_id id = id_of(container);

	for (size_t i = 0; i < standing->lacks.count; i++) {
		const struct snug_task_view *task = &standing->tasks.at[i];

		if (!standing->lacks.at[i][0])
			continue;
		snug_buf_addf(ret, "%s: %s: %s %d (", word, id.text,
			      task->tid == task->tgid ? "process" : "thread", task->tid);
		add_clean(task->comm, ret);
		snug_buf_adds(ret, "): ");
		add_clean(standing->lacks.at[i], ret);
		add_promise(standing, ret);
	}
	if (standing->problem[0])
		snug_buf_addf(ret, "%s: %s: %s\n", standing->drift ? "drift" : "note", id.text,
			      standing->problem);
}

void snug_status_containers_print(const struct snug_status_containers *containers,
				  struct snug_buf *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf rows = { 0 };

	if (containers->found.count)
		snug_buf_addf(&rows, "\n%-24s %-10s %8s %-8s %-20s %5s %8s %7s %3s %10s %s\n",
			      "CONTAINER", "ENGINE", "PID", "MODE", "PROFILE", "PROCS", "WEAKEST",
			      "FILTERS", "NNP", "CAPS", "APPARMOR");
	for (size_t i = 0; i < containers->found.count; i++)
		print_row(&containers->found.at[i], &containers->standings.at[i], &rows);
	for (size_t i = 0; i < containers->found.count; i++)
		print_lacks(&containers->found.at[i], &containers->standings.at[i], &rows);
	snug_buf_adds(ret, snug_buf_text(&rows));
	if (containers->problems.len)
		snug_buf_addf(ret, "\ncannot be read:\n%s", snug_buf_text(&containers->problems));
	ret->failed |= rows.failed;
}

/* ---- for programs ---- */

static void write_caps(struct snug_json_writer *w, const char *key, snug_caps caps)
{
	snug_json_put_key(w, key);
	snug_caps_write(w, caps);
}

static void write_task(const struct snug_task_view *task, const char *lack,
		       struct snug_json_writer *w)
{
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "pid", (uint64_t)task->tgid);
	if (task->tid != task->tgid)
		snug_json_pair_u64(w, "tid", (uint64_t)task->tid);
	snug_json_pair_string(w, "name", task->comm);
	snug_json_pair_u64(w, "seccomp", task->state.seccomp);
	snug_json_pair_u64(w, "filters", task->state.filters);
	snug_json_pair_bool(w, "noNewPrivileges", task->state.no_new_privs);
	write_caps(w, "bounding", task->state.caps[SNUG_CAP_BOUNDING]);
	write_caps(w, "effective", task->state.caps[SNUG_CAP_EFFECTIVE]);
	write_caps(w, "permitted", task->state.caps[SNUG_CAP_PERMITTED]);
	snug_json_pair_bool(w, "ownUserNamespace", task->own_user_ns);
	snug_json_pair_string(w, "apparmor", task->label);
	snug_json_pair_string(w, "apparmorMode", task->mode);
	if (lack[0])
		snug_json_pair_string(w, "lacks", lack);
	snug_json_close(w);
}

static void write_decision(const struct snug_standing *standing, struct snug_json_writer *w)
{
	const char *mode = mode_of(standing);

	if (mode)
		snug_json_pair_string(w, "mode", mode);
	snug_json_put_key(w, "profiles");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < standing->profile_count; i++)
		snug_json_put_string(w, standing->profiles[i]);
	snug_json_close(w);
	if (standing->learn[0])
		snug_json_pair_string(w, "learn", standing->learn);
	if (standing->rule)
		snug_json_pair_string(w, "rule", standing->rule);
	if (standing->problem[0])
		snug_json_pair_string(w, "problem", standing->problem);
	snug_json_pair_bool(w, "drift", standing->drift);
}

static void write_container(const struct snug_container *container,
			    const struct snug_standing *standing, struct snug_json_writer *w)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "id", container->id);
	snug_json_pair_string(w, "engine", standing->engine);
	snug_json_pair_string(w, "runtime", snug_runtime_name(container->runtime));
	snug_json_pair_string(w, "root", container->root);
	snug_json_pair_string(w, "bundle", container->bundle);
	if (standing->image)
		snug_json_pair_string(w, "image", standing->image);
	snug_json_pair_u64(w, "pid", (uint64_t)container->pid);
	snug_json_pair_bool(w, "started", !container->created);
	write_decision(standing, w);
	if (standing->tasks.count)
		snug_json_pair_u64(w, "weakest",
				   (uint64_t)standing->tasks.at[standing->weakest].tid);
	snug_json_put_key(w, "processes");
	snug_json_open(w, '[');
	for (size_t i = 0; i < standing->tasks.count; i++)
		write_task(&standing->tasks.at[i],
			   i < standing->lacks.count ? standing->lacks.at[i] : "", w);
	snug_json_close(w);
	snug_json_close(w);
}

void snug_status_containers_write(const struct snug_status_containers *containers,
				  struct snug_json_writer *w)
{
	snug_json_put_key(w, "containers");
	snug_json_open(w, '[');
	for (size_t i = 0; i < containers->found.count; i++)
		write_container(&containers->found.at[i], &containers->standings.at[i], w);
	snug_json_close(w);
}
