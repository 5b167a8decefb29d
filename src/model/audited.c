/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audited.h"

#include "model/action.h"
#include "model/apparmor/label.h"
#include "model/syscalls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void snug_audited_clear(struct snug_audited_list *list)
{
	snug_vec_clear(&list->of);
	list->left_out = 0;
}

/* The value behind " key=", without its quotes; the kernel puts none into a value. */
static bool field(const char *line, const char *key, char *ret, size_t size)
{
	char wanted[32];
	const char *at;

	snprintf(wanted, sizeof(wanted), " %s=", key);
	at = strstr(line, wanted);
	if (!at)
		return false;
	at += strlen(wanted);
	if (*at == '"')
		snprintf(ret, size, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
	else
		snprintf(ret, size, "%.*s", (int)strcspn(at, " \n"), at);
	return true;
}

static bool number(const char *line, const char *key, int base, unsigned long *ret)
{
	char text[32], *end;

	if (!field(line, key, text, sizeof(text)) || !text[0])
		return false;
	*ret = strtoul(text, &end, base);
	return !*end;
}

/* audit: type=1326 … comm="mkdir" … arch=c000003e syscall=83 … code=0x7ffc0000 */
static bool read_seccomp(const char *line, struct snug_audited *ret)
{
	const struct snug_syscall *call;
	unsigned long token, nr, code;
	enum snug_arch arch;
	const char *word = "";

	if (!strstr(line, " type=1326 ") || !number(line, "arch", 16, &token) ||
	    !number(line, "syscall", 10, &nr) || !number(line, "code", 0, &code) ||
	    code != SNUG_LOG || !field(line, "comm", ret->program, sizeof(ret->program)))
		return false;
	if (!snug_arch_of((uint32_t)token, (uint32_t)nr, &arch)) {
		snprintf(ret->what, sizeof(ret->what), "call %lu on ABI %lx", nr, token);
		return true;
	}
	if (arch != snug_arch_native())
		word = snug_arch_word(arch);
	call = snug_syscall_by_nr(arch, (uint32_t)nr);
	if (call)
		snprintf(ret->what, sizeof(ret->what), "%s%s%s", word, *word ? "/" : "",
			 call->name);
	else
		snprintf(ret->what, sizeof(ret->what), "%s%scall %lu", word, *word ? "/" : "", nr);
	return true;
}

/* audit: type=1400 … apparmor="ALLOWED" operation="open" … profile="snug-…" name="…" … comm="cat"
 */
static bool read_apparmor(const char *line, struct snug_audited *ret)
{
	char operation[32], name[128] = "";

	if (!strstr(line, " apparmor=\"ALLOWED\" ") ||
	    !field(line, "operation", operation, sizeof(operation)) || !operation[0] ||
	    !field(line, "profile", ret->profile, sizeof(ret->profile)) ||
	    !strstr(ret->profile, "snug-") ||
	    !field(line, "comm", ret->program, sizeof(ret->program)))
		return false;
	(void)(field(line, "name", name, sizeof(name)) ||
	       field(line, "capname", name, sizeof(name)));
	snprintf(ret->what, sizeof(ret->what), "%s%s%s", operation, name[0] ? " " : "", name);
	return true;
}

static bool is_same(const struct snug_audited *a, const struct snug_audited *b)
{
	return strcmp(a->program, b->program) == 0 && strcmp(a->what, b->what) == 0 &&
	       strcmp(a->profile, b->profile) == 0;
}

int snug_audited_add(struct snug_audited_list *list, const char *line, struct snug_error *err)
{
	struct snug_audited one = { .count = 1 };

	if (!read_seccomp(line, &one) && !read_apparmor(line, &one))
		return 0;
	for (size_t i = 0; i < list->of.count; i++) {
		if (!is_same(&list->of.at[i], &one))
			continue;
		list->of.at[i].count++;
		return 0;
	}
	if (list->of.count == SNUG_AUDITED_MAX) {
		list->left_out++;
		return 0;
	}
	return snug_vec_push(&list->of, one) < 0 ? snug_fail_memory(err) : 0;
}
