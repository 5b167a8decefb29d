/* SPDX-License-Identifier: Apache-2.0 */
/* A program that snug is told to run in its place. */
#pragma once

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>

/*
 * SNUG_INPUT unless path is a file that can be executed and that root alone (or the caller) can
 * change, as each folder above it (store/store.h); so is what a symlink leads to.
 */
int snug_store_check_program(const char *path, struct snug_error *err) SNUG_CHECKED;

/* Is it the program that runs? */
bool snug_store_is_self(const char *path);
/* The runtime of that name, in the folders where programs are, below root ("": none), in no
 * environment's order. Not snug itself. */
bool snug_store_find_runtime(const char *root, const char *name, char ret[PATH_MAX]);
