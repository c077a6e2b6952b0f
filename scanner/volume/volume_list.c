/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_list.c - the list that the partition table readers fill; see table.h */
#include <inttypes.h>
#include <string.h>

#include "scanner/volume/table.h"

void iv_volume_free(IvVolume *volume)
{
	if (volume == NULL)
		return;
	g_free(volume->name);
	g_free(volume->type);
	g_free(volume->label);
	g_clear_pointer(&volume->source, iv_source_unref);
	g_free(volume);
}

IvVolumes *iv_volumes_new(void)
{
	IvVolumes *volumes = g_new0(IvVolumes, 1);

	volumes->table = "none";
	volumes->list = g_ptr_array_new_with_free_func((GDestroyNotify)iv_volume_free);
	volumes->notes = g_ptr_array_new_with_free_func(g_free);
	return volumes;
}

void iv_volumes_free(IvVolumes *volumes)
{
	if (volumes == NULL)
		return;
	g_ptr_array_unref(volumes->list);
	g_ptr_array_unref(volumes->notes);
	g_free(volumes);
}

IvVolume *iv_volume_new(IvVolumeKind kind, char *name, uint64_t offset, uint64_t size)
{
	IvVolume *volume = g_new0(IvVolume, 1);

	volume->kind = kind;
	volume->name = name;
	volume->type = g_strdup("");
	volume->label = g_strdup("");
	volume->content = "unknown";
	volume->role = IV_ROLE_UNKNOWN;
	volume->ask_from = UINT64_MAX;
	volume->offset = offset;
	volume->size = size;
	return volume;
}

void iv_volumes_note(IvVolumes *volumes, bool damaged, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	/* A note is one line; an error quoted in it may carry hints behind. */
	text[strcspn(text, "\n")] = '\0';
	g_ptr_array_add(volumes->notes, text);
	volumes->damaged |= damaged;
}

void iv_volumes_add(IvVolumes *volumes, uint64_t disk_size, unsigned number, uint64_t offset,
		    uint64_t size, const char *type, const char *label, bool no_files)
{
	IvVolume *volume;

	if (size == 0)
		return;
	if (offset >= disk_size) {
		iv_volumes_note(volumes, true, "partition p%u lies outside the disk", number);
		return;
	}
	if (size > disk_size - offset) {
		iv_volumes_note(volumes, true,
				"partition p%u reaches beyond the end of the disk: its last %" PRIu64
				" bytes are missing",
				number, size - (disk_size - offset));
		size = disk_size - offset;
	}
	volume = iv_volume_new(IV_VOLUME_PARTITION, g_strdup_printf("p%u", number), offset, size);
	g_free(volume->type);
	g_free(volume->label);
	volume->type = g_strdup(type);
	volume->label = g_strdup(label);
	volume->no_files = no_files;
	g_ptr_array_add(volumes->list, volume);
}
