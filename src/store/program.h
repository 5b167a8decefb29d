/* SPDX-License-Identifier: Apache-2.0 */
/* A program that snug is told to run in its place. */
#pragma once

#include "base/error.h"

/*
 * SNUG_INPUT unless path is a file that can be executed and that root alone (or the caller) can
 * change, as each folder above it (store/store.h); so is what a symlink leads to.
 */
int snug_store_check_program(const char *path, struct snug_error *err) SNUG_CHECKED;
