/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines.c - see lines.h */
#include "scanner/search/lines.h"

#include <string.h>

#include "scanner/base/limits.h"

struct IvLines {
	IvItem *item;
	uint8_t *buf; /* IV_BLOCK_OWN bytes, made when there is something to read */
	uint64_t at, line;
	bool binary;
};

IvLines *iv_lines_new(IvItem *item)
{
	IvLines *lines = g_new0(IvLines, 1);

	lines->item = item;
	lines->line = 1;
	return lines;
}

void iv_lines_free(IvLines *lines)
{
	if (lines == NULL)
		return;
	if (lines->buf != NULL)
		explicit_bzero(lines->buf, IV_BLOCK_OWN);
	g_free(lines->buf);
	g_free(lines);
}

uint64_t iv_count_lines(const uint8_t *data, size_t len, bool *binary)
{
	uint64_t lines = 0;

	if (!*binary && memchr(data, 0, len) != NULL)
		*binary = true;
	if (*binary)
		return 0;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	return lines;
}

bool iv_lines_at(IvLines *lines, uint64_t offset, uint64_t *line, GError **error)
{
	while (lines->at < offset && !lines->binary) {
		size_t n = (size_t)MIN(offset - lines->at, IV_BLOCK_OWN);

		if (lines->buf == NULL)
			lines->buf = g_malloc(IV_BLOCK_OWN);
		if (!iv_item_read(lines->item, lines->at, lines->buf, n, error))
			return false;
		lines->line += iv_count_lines(lines->buf, n, &lines->binary);
		lines->at += n;
	}
	*line = lines->binary ? 0 : lines->line;
	return true;
}
