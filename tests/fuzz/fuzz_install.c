/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines' own configuration, which `snug install` edits. The first byte says which:
 *
 * d  Docker's daemon.json       added and taken out again it means what it did; added twice is
 * added once c  containerd's config.toml   likewise, byte for byte but for a last line's end p, o
 * hooks_dir of Podman and CRI-O: the drop-in that is written says those folders, and ours h  a file
 * of hooks.d          refused, or it names a program r  the record of an install   written and read
 * again it is the same j  a seccomp.json of engines  the section that is made of it is one, and
 * rendered for engines it means the same once more n  a state file of runc's (k: of crun's):
 * refused, or an absolute bundle
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "model/install/containerd.h"
#include "model/install/docker.h"
#include "model/install/hooks_dir.h"
#include "model/install/hooksd.h"
#include "model/install/record.h"
#include "model/oci/docker.h"
#include "model/oci/runtime_state.h"
#include "model/oci/seccomp.h"

static void check_error(const struct snug_error *err)
{
	CHECK(err->code == SNUG_INPUT && err->what[0]);
}

static struct snug_json *parsed(const struct snug_buf *text)
{
	struct snug_json *doc = NULL;
	struct snug_error err;

	CHECK(snug_json_parse(&doc, snug_buf_text(text), text->len, NULL, &err) == 0);
	return doc;
}

/* ---- Docker ---- */

/* Does it name our runtime already? */
static bool has_ours(const struct snug_buf *now, const char *name)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;
	const char *word;

	if (snug_json_parse(&doc, snug_buf_text(now), now->len, NULL, &err) < 0)
		return true; /* nothing but white space */
	word = snug_json_text(snug_json_root(doc), "default-runtime");
	return (word && strcmp(word, name) == 0) ||
	       snug_json_member(snug_json_member(snug_json_root(doc), "runtimes"), name);
}

static void check_docker(const struct snug_buf *now, bool make_default)
{
	struct snug_docker_entry entry = { "f", "snug-runc", "/usr/bin/snug-runc", make_default,
					   false };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 }, back = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *was = NULL, *is = NULL;
	struct snug_error err = { 0 };
	bool gone;

	if (snug_docker_add(&entry, now, &once, &err) < 0) {
		check_error(&err);
		return;
	}
	entry.is_ours = true;
	CHECK(snug_docker_add(&entry, &once, &twice, &err) == 0);
	CHECK(strcmp(once.data, twice.data) == 0);
	CHECK(snug_docker_take_out(&entry, &once, now, &back, &gone, &err) == 0);
	is = parsed(&back);
	CHECK(!snug_json_member(snug_json_member(snug_json_root(is), "runtimes"), "snug-runc"));
	if (has_ours(now, entry.name))
		return;
	was = parsed(now);
	CHECK(snug_json_same(snug_json_root(was), snug_json_root(is)));
}

/* ---- containerd ---- */

static void check_containerd(const struct snug_buf *now)
{
	struct snug_containerd_entry entry = { "f", "snug-runc", "/usr/bin/snug-runc", false };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 }, back = { 0 };
	struct snug_error err = { 0 };
	bool gone, marked = strstr(snug_buf_text(now), "# snug: ");

	if (snug_containerd_add(&entry, now, &once, &err) < 0) {
		check_error(&err);
		return;
	}
	CHECK(snug_containerd_add(&entry, &once, &twice, &err) == 0);
	CHECK(strcmp(once.data, twice.data) == 0);
	CHECK(snug_containerd_take_out(&entry, &once, now, &back, &gone, &err) == 0);
	if (!marked && now->len)
		CHECK(strncmp(snug_buf_text(&back), now->data, now->len) == 0 &&
		      back.len <= now->len + 1);
}

/* ---- folders of hooks ---- */

static void check_folders(enum snug_hooks_reader reader, const struct snug_buf *text)
{
	struct snug_hook_folders folders = { 0 }, again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf dropin = { 0 };
	struct snug_error err = { 0 };
	bool set = false;

	if (snug_hook_folders_read(reader, text, "f", &folders, &set, &err) < 0 ||
	    snug_hook_folders_render(reader, &folders, "/etc/snug/hooks.d", &dropin, &err) < 0) {
		check_error(&err);
	} else {
		CHECK(snug_hook_folders_read(reader, &dropin, "f", &again, &set, &err) == 0 && set);
		CHECK(snug_hook_folders_has(&again, "/etc/snug/hooks.d"));
		for (size_t i = 0; i < folders.count; i++)
			CHECK(snug_hook_folders_has(&again, folders.at[i]));
		CHECK(again.count <= folders.count + 1);
	}
	snug_hook_folders_clear(&folders);
	snug_hook_folders_clear(&again);
}

static void check_hook(const struct snug_buf *text)
{
	struct snug_hooksd_file file = { 0 };
	struct snug_error err = { 0 };

	if (snug_hooksd_read(text, "f", &file, &err) < 0)
		check_error(&err);
	else
		CHECK(file.path);
	free(file.path);
}

static void check_record(const struct snug_buf *text)
{
	SNUG_AUTO(snug_installed_clear) struct snug_installed one = { 0 };
	SNUG_AUTO(snug_installed_clear) struct snug_installed back = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf written = { 0 }, again = { 0 };
	struct snug_error err = { 0 };

	if (snug_installed_parse(text, "f", &one, &err) < 0) {
		check_error(&err);
		return;
	}
	CHECK(snug_installed_render(&one, "docker", &written, &err) == 0);
	CHECK(snug_installed_parse(&written, "f", &back, &err) == 0);
	CHECK(snug_installed_render(&back, "docker", &again, &err) == 0);
	CHECK(strcmp(written.data, again.data) == 0);
}

/* ---- seccomp.json ---- */

/* What the section means to snug; false: it is none. */
static bool mean(const struct snug_buf *text, struct snug_seccomp *ret)
{
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = parsed(text);
	struct snug_target target;
	struct snug_error err = { 0 };

	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	if (snug_oci_seccomp_read(snug_json_root(doc), &section, &err) == 0 &&
	    snug_oci_seccomp_mean(&section, &target, ret, &err) == 0)
		return true;
	check_error(&err);
	return false;
}

static void check_engines(const char *text, size_t len)
{
	static const struct snug_docker_host host = { SNUG_ARCH_X86_64, 6, 1, SNUG_DOCKER_CAPS };
	SNUG_AUTO(snug_buf_clear) struct snug_buf made = { 0 }, shown = { 0 }, again = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp first = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp second = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	if (snug_docker_resolve(text, len, "f", &host, &made, &err) < 0) {
		check_error(&err);
		return;
	}
	if (!mean(&made, &first))
		return;
	doc = parsed(&made);
	if (snug_docker_render(snug_json_root(doc), &shown, &err) < 0) {
		check_error(&err);
		return;
	}
	if (snug_docker_resolve(shown.data, shown.len, "f", &host, &again, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n%s\n", err.path, err.what, made.data,
			      shown.data);
	CHECK(err.code == SNUG_DONE && mean(&again, &second));
	CHECK(snug_seccomp_same(&first, &second, &witness));
}

static void check_state(enum snug_runtime runtime, const struct snug_buf *text)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_runtime_state state;
	struct snug_error err = { 0 };

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, "f", &err) < 0 ||
	    snug_runtime_state_read(doc, runtime, &state, &err) < 0)
		check_error(&err);
	else
		CHECK(state.bundle[0] == '/' && state.pid >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (!size)
		return 0;
	snug_buf_add(&text, data + 1, size - 1);
	switch (data[0]) {
	case 'd':
	case 'D':
		check_docker(&text, data[0] == 'D');
		break;
	case 'c':
		check_containerd(&text);
		break;
	case 'p':
		check_folders(SNUG_HOOKS_PODMAN, &text);
		break;
	case 'o':
		check_folders(SNUG_HOOKS_CRIO, &text);
		break;
	case 'h':
		check_hook(&text);
		break;
	case 'r':
		check_record(&text);
		break;
	case 'j':
		check_engines(snug_buf_text(&text), text.len);
		break;
	case 'n':
		check_state(SNUG_RUNTIME_RUNC, &text);
		break;
	case 'k':
		check_state(SNUG_RUNTIME_CRUN, &text);
		break;
	default:
		break;
	}
	return 0;
}
