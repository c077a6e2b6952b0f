/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_sink.c - what the reader says to its caller; see ext.h */
#include <stdarg.h>

#include "scanner/fs/ext.h"

bool iv_ext_emit(IvExt *ext, IvItem *item)
{
	if (!ext->stopped && !ext->sink->item(ext->user, item, &ext->error))
		ext->stopped = true;
	return !ext->stopped;
}

void iv_ext_unread(IvExt *ext, const char *path, uint64_t bytes, const char *reason)
{
	ext->sink->unread(ext->user, path, bytes, reason);
}

void iv_ext_note(IvExt *ext, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	ext->sink->note(ext->user, text);
}
