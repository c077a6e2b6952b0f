/* SPDX-License-Identifier: GPL-3.0-or-later */
/* measure.c - see measure.h */
#include "scanner/disk/measure.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/disk/format.h"

#define QCOW2_SIZE_AT 24u

/* The formats that can be scanned have one spelling. */
static const IvDiskFormat *const formats[] = {&iv_format_raw, &iv_format_qcow2};

static const IvDiskFormat *format_of(const IvContainer *shown, const char *wanted)
{
	for (guint i = 0; wanted != NULL && i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i]->name, wanted) == 0)
			return formats[i];
	return shown != NULL && shown->reads != NULL ? shown->reads : &iv_format_raw;
}

static uint64_t qcow2_size(IvFile *file)
{
	uint8_t bytes[8];
	IvCursor c = iv_cursor(bytes, sizeof(bytes));

	if (file->size < QCOW2_SIZE_AT + sizeof(bytes) ||
	    !iv_file_read(file, QCOW2_SIZE_AT, bytes, sizeof(bytes), NULL))
		return 0;
	return iv_cursor_be64(&c);
}

bool iv_disk_measure(const char *path, const char *wanted, const char **format, uint64_t *size,
		     GError **error)
{
	g_autoptr(IvFile) file = iv_file_open(path, error);
	const IvContainer *shown;
	const IvDiskFormat *found;

	if (file == NULL || !iv_probe_bytes(file, &shown, error))
		return false;
	found = format_of(shown, wanted);
	*format = found->name;
	*size = found == &iv_format_qcow2 ? qcow2_size(file) : file->size;
	return true;
}
