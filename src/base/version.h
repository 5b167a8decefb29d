/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define SNUG_VERSION "0.1"
