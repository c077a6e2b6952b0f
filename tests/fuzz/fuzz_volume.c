/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a disk, and as a range: the volumes cover the disk, in order, each lies inside
 * it and says what it is; and what claims a range is one thing each.  libblkid is asked on
 * the way, with the bytes that fuzzing found.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/volume/hidden.h"
#include "scanner/volume/owner.h"
#include "scanner/volume/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_claims(IvSource *range)
{
	g_autoptr(GArray) claims = iv_owner_claims(range, IV_ASK_ALL, NULL, NULL);

	if (claims == NULL)
		abort();
	for (guint i = 0; i < claims->len; i++)
		for (guint j = 0; j < i; j++)
			if (strcmp(g_array_index(claims, IvClaim, i).kind,
				   g_array_index(claims, IvClaim, j).kind) == 0)
				abort();
}

/* What is met in free space: it lies inside, and begins at a sector. */
static void check_hidden(IvSource *range, const uint8_t *data, size_t size)
{
	g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(IvHidden));
	bool cut;

	iv_ignore(iv_hidden_gather(data, size, 0, starts));
	if (!iv_hidden_check(range, starts, hidden, &cut, NULL))
		abort();
	for (guint i = 0; i < hidden->len; i++) {
		const IvHidden *h = &g_array_index(hidden, IvHidden, i);

		if (h->offset % 512 != 0 || h->offset >= size || h->size > size - h->offset)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(IvSource) disk = iv_memory_new(bytes);
	g_autoptr(IvVolumes) volumes = iv_volumes_read(disk, NULL);
	uint64_t at = 0;

	check_claims(disk);
	check_hidden(disk, data, size);
	if (volumes == NULL)
		abort();
	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = g_ptr_array_index(volumes->list, i);

		if (v->offset > at || v->source->size != v->size || v->offset + v->size > size ||
		    v->content == NULL)
			abort();
		/* A layer lies over bytes that another volume has. */
		if (v->kind != IV_VOLUME_LAYER)
			at = MAX(at, v->offset + v->size);
	}
	if (at != size)
		abort();
	return 0;
}
