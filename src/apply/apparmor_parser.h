/* SPDX-License-Identifier: Apache-2.0 */
/* apparmor_parser, run as a child with a time limit and an environment of its own. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#define SNUG_PARSER_SECONDS_MAX 600u /* of 16,384 files it takes minutes */

/*
 * Compiles text for this kernel; loads nothing. SNUG_INPUT for a text that the parser refuses: its
 * message with file and line, where `shown` is the text's name for people. SNUG_HOST where there is
 * no parser, or it dies or takes too long. Where there is a clerk (apply/apparmor_clerk.h) it does
 * so.
 */
int snug_apparmor_compile_here(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			       struct snug_error *err) SNUG_CHECKED;
int snug_apparmor_compile(const struct snug_buf *text, const char *shown, struct snug_buf *ret,
			  struct snug_error *err) SNUG_CHECKED;
