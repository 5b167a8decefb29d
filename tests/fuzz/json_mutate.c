/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How libFuzzer changes the inputs of targets that read JSON: mostly documents to documents, by the
 * editor that is under test in fuzz_json; now and then bytes, since what is no JSON has to be
 * refused.
 */
#include "base/cleanup.h"
#include "fuzz/fuzz.h"
#include "json/json.h"

#include <stdint.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t out_max, unsigned seed);

static uint64_t state;

static unsigned below(size_t limit)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)((state >> 33) % limit);
}

/* What documents are made of here and there: values that mean something, and that nearly do. */
static const char *const words[] = {
	"0",
	"1",
	"-1",
	"38",
	"1e0",
	"0.0",
	"65535",
	"65536",
	"2147483647",
	"2147483648",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"18446744073709551615",
	"18446744073709551616",
	"true",
	"false",
	"null",
	"\"\"",
	"[]",
	"{}",
	"\"*\"",
	"\"/\"",
	"\"..\"",
	"\"\\u0000\"",
	"\"\\ud800\"",
	"\"/a/../b\"",
	"\"/\\u0062//\"",
	"\"a\\nb\"",
	"\"\\\\377\"",
	"\"SCMP_ACT_ALLOW\"",
	"\"SCMP_ACT_ERRNO\"",
	"\"SCMP_ACT_LOG\"",
	"\"SCMP_ACT_KILL\"",
	"\"SCMP_ACT_KILL_PROCESS\"",
	"\"SCMP_ACT_TRACE\"",
	"\"SCMP_ACT_NOTIFY\"",
	"\"SCMP_CMP_EQ\"",
	"\"SCMP_CMP_MASKED_EQ\"",
	"\"SCMP_CMP_NE\"",
	"\"SCMP_CMP_GE\"",
	"\"SCMP_CMP_LT\"",
	"\"SCMP_ARCH_X86\"",
	"\"SCMP_ARCH_X32\"",
	"\"SCMP_ARCH_X86_64\"",
	"\"SCMP_ARCH_AARCH64\"",
	"\"socket\"",
	"\"clone3\"",
	"\"socketcall\"",
	"\"execve\"",
	"\"ipc\"",
	"\"CAP_SYS_ADMIN\"",
	"\"CAP_CHOWN\"",
	"\"unconfined\"",
	"\"snug-p-0123456789abcdef\"",
	"\"a//&b\"",
	"\":ns:a\"",
	"\"enforce\"",
	"\"audit\"",
	"\"learn\"",
	"\"off\"",
	"\"/@{pid}/{a,b}*\"",
	"\"[^a-c]\"",
	"\"rwakmx\"",
	"{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}",
	"{\"index\":1,\"value\":15,\"valueTwo\":2,\"op\":\"SCMP_CMP_MASKED_EQ\"}",
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\"}",
	"{\"path\":\"/bin/true\"}",
	"{\"deep\":[[[{\"a\":[]}]]]}",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static const char *const keys[] = {
	"linux",      "process",     "seccomp",	      "args",	    "annotations",
	"Linux",      "user",	     "uid",	      "env",	    "proce\xc5\xbf\xc5\xbf",
	"hooks",      "prestart",    "createRuntime", "poststop",   "path",
	"flags",      "bounding",    "ambient",	      "root",	    "capabilities",
	"errnoRet",   "valueTwo",    "index",	      "op",	    "defaultErrnoRet",
	"names",      "maskedPaths", "apparmor",      "pid",	    "noNewPrivileges",
	"match",      "image",	     "labels",	      "default",    "architectures",
	"lost",	      "runs",	     "name",	      "x-other",    "run.oci.handler",
	"files",      "bundle",	     "rules",	      "incomplete", "io.snug.learn",
	"provenance", "onError",     "comment",	      "runtimes",   "io.snug.profile",
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct snug_json_node *any_node(const struct snug_json *doc)
{
	const struct snug_json_node *node = snug_json_root(doc);

	for (unsigned steps = below(9); steps > 0 && snug_json_first(node); steps--) {
		unsigned skip = below(snug_json_count(node));

		for (node = snug_json_first(node); skip > 0; skip--)
			node = snug_json_next(node);
	}
	return node;
}

/* A value: one of the words, one of the other document, or a text that was changed by bytes. */
static void put_value(const struct snug_json_node *old, const struct snug_json *other,
		      struct snug_buf *out)
{
	size_t len;
	const char *source = snug_json_source(old, &len);

	if (below(3) == 0 && snug_json_type(old) == SNUG_JSON_STRING && len >= 2) {
		char text[256];

		len = len - 2 < 64 ? len - 2 : 64;
		memcpy(text, source + 1, len);
		len = LLVMFuzzerMutate((uint8_t *)text, len, sizeof(text) - 1);
		snug_buf_addc(out, '"');
		snug_buf_add(out, text, len);
		snug_buf_addc(out, '"');
		return;
	}
	if (below(2)) {
		snug_buf_adds(out, words[below(WORDS)]);
		return;
	}
	source = snug_json_source(any_node(other), &len);
	snug_buf_add(out, source, len);
}

static void edit(struct snug_json *doc, const struct snug_json *other)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf value = { 0 };
	const struct snug_json_node *node = any_node(doc);
	enum snug_json_type type = snug_json_type(node);
	struct snug_error err;
	int result;

	put_value(node, other, &value);
	if (below(4) == 0 && snug_json_root(doc) != node)
		result = snug_json_remove(doc, node, &err);
	else if (below(2) && type == SNUG_JSON_OBJECT)
		result = snug_json_set(doc, node, keys[below(KEYS)], snug_buf_text(&value), &err);
	else if (below(2) && type == SNUG_JSON_ARRAY)
		result = snug_json_append(doc, node, snug_buf_text(&value), &err);
	else if (snug_json_root(doc) != node || below(16) == 0)
		result = snug_json_replace(doc, node, snug_buf_text(&value), &err);
	else
		result = 0;
	(void)result; /* what is no JSON is no edit */
}

/* The part, changed, or with something of the other one in it; false: one of them is no document.
 */
static bool change(const char *text, size_t len, const char *other_text, size_t other_len,
		   struct snug_buf *out)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *other = NULL;
	struct snug_error err;

	/* A byte ahead of it that says what the document is. */
	if (len > 1 && text[0] >= 'a' && text[1] == '{') {
		snug_buf_addc(out, *text++);
		len--;
	}
	if (other_len > 1 && other_text[0] >= 'a' && other_text[1] == '{') {
		other_text++;
		other_len--;
	}
	if (snug_json_parse(&doc, text, len, NULL, &err) < 0 ||
	    snug_json_parse(&other, other_text, other_len, NULL, &err) < 0)
		return false;
	for (unsigned n = 1 + below(3); n > 0; n--)
		edit(doc, other);
	return snug_json_render(doc, out, &err) == 0;
}

static size_t join(struct fuzz_parts *parts, unsigned which, unsigned count,
		   const struct snug_buf *changed, uint8_t *out, size_t max)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 };

	for (unsigned i = 0; i < count; i++) {
		snug_buf_adds(&all, i ? FUZZ_BETWEEN : "");
		if (i == which)
			snug_buf_add(&all, changed->data, changed->len);
		else
			snug_buf_add(&all, parts->text[i], parts->len[i]);
	}
	if (all.len > max || all.failed)
		return 0;
	memcpy(out, all.data, all.len);
	return all.len;
}

static unsigned count_parts(const struct fuzz_parts *parts)
{
	unsigned count = FUZZ_PARTS_MAX;

	while (count > 1 && parts->len[count - 1] == 0)
		count--;
	return count;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_buf_clear) struct snug_buf changed = { 0 };
	unsigned count, which;
	size_t len;

	state = seed;
	fuzz_split(data, size, &parts);
	count = count_parts(&parts);
	which = below(count);
	if (below(8) == 0 || !change(parts.text[which], parts.len[which], parts.text[which],
				     parts.len[which], &changed))
		return LLVMFuzzerMutate(data, size, max);
	len = join(&parts, which, count, &changed, data, max);
	return len ? len : LLVMFuzzerMutate(data, size, max);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t out_max, unsigned seed)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts others;
	SNUG_AUTO(snug_buf_clear) struct snug_buf changed = { 0 };
	unsigned count, which;

	state = seed;
	fuzz_split(a, a_size, &parts);
	fuzz_split(b, b_size, &others);
	count = count_parts(&parts);
	which = below(count);
	if (below(3) == 0)
		snug_buf_add(&changed, others.text[which], others.len[which]);
	else if (!change(parts.text[which], parts.len[which], others.text[which], others.len[which],
			 &changed))
		return 0;
	return join(&parts, which, count, &changed, out, out_max);
}
