/* SPDX-License-Identifier: Apache-2.0 */
#include "model/page.h"

static unsigned width(const char *word)
{
	unsigned count = 0;

	for (; *word; word++)
		count += ((unsigned char)*word & 0xc0) != 0x80;
	return count;
}

void snug_page_word(struct snug_page *page, const char *word)
{
	unsigned len = width(word);

	if (page->column && page->column + 1 + len > SNUG_PAGE_COLUMNS)
		snug_page_end(page);
	if (page->column)
		snug_buf_addc(page->out, ' ');
	else
		snug_buf_addf(page->out, "%*s", (int)page->indent, "");
	page->column += (page->column ? 1 : page->indent) + len;
	snug_buf_adds(page->out, word);
}

void snug_page_end(struct snug_page *page)
{
	if (page->column)
		snug_buf_addc(page->out, '\n');
	page->column = 0;
}
