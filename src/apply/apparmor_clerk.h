/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apparmor_parser for a command that confines itself, and then can execute nothing: a child that
 * was forked before. It compiles the texts that it is given, and does nothing else; it reads no
 * document, and loads nothing.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>

/* From then on snug_apparmor_compile() asks it. */
int snug_apparmor_clerk_start(struct snug_error *err) SNUG_CHECKED;
bool snug_apparmor_clerk_is_there(void);
int snug_apparmor_clerk_ask(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			    struct snug_error *err) SNUG_CHECKED;
/* Its end, waited for. */
void snug_apparmor_clerk_end(void);
