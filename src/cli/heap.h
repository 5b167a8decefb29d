/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For commands that read megabytes: memory in large pages, and kept until the end. A document, its
 * nodes and what is made of them are touched once each, and a quarter of such a command's time was
 * the kernel's, which gave them page by page. Where it has no large pages nothing changes. (Not for
 * what reads many small documents, whose memory they would make larger: merge.)
 */
void snug_cli_use_large_pages(void);
