/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an ext file system: walked or refused; never a crash or a hang. */
#include <stdlib.h>

#include "scanner/fs/fs.h"
#include "scanner/fs/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *user, IvItem *item, GError **error)
{
	uint64_t at = 0, start, len;
	uint8_t buf[4096];

	for (guint runs = 0; runs < 64; runs++, at = start + len) {
		iv_item_next_data(item, at, 0, &start, &len);
		if (len == 0)
			break;
		iv_ignore(iv_item_read(item, start, buf, (size_t)MIN(len, sizeof(buf)), NULL));
	}
	return true;
}

static void unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	if (reason == NULL || reason[0] == '\0')
		abort();
}

static void note(void *user, const char *text)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const IvFsSink sink = {take, unread, note};
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(IvSource) volume = iv_memory_new(bytes);
	g_autoptr(GError) error = NULL;

	(void)iv_fs_ext.walk(volume, &sink, NULL, &error);
	return 0;
}
