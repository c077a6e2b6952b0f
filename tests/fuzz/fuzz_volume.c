/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a disk: the list of volumes covers it, in order. */
#include <stdlib.h>

#include "scanner/volume/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(IvSource) disk = iv_memory_new(bytes);
	g_autoptr(IvVolumes) volumes = iv_volumes_read(disk, NULL);
	uint64_t at = 0;

	for (guint i = 0; volumes != NULL && i < volumes->list->len; i++) {
		const IvVolume *v = g_ptr_array_index(volumes->list, i);

		if (v->offset != at || v->source->size != v->size)
			abort();
		at += v->size;
		iv_ignore(iv_volume_content(v->source, NULL) != NULL);
	}
	if (volumes != NULL && at != size)
		abort();
	return 0;
}
