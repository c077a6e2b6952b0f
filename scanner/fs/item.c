/* SPDX-License-Identifier: GPL-3.0-or-later */
/* item.c - see item.h */
#include "scanner/fs/item.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/error.h"

static const char *const kind_names[] = {
	[IV_ITEM_FILE] = "file", [IV_ITEM_SYMLINK] = "symlink", [IV_ITEM_XATTR] = "xattr",
	[IV_ITEM_FREE] = "free", [IV_ITEM_META] = "metadata",	[IV_ITEM_RAW] = "raw",
};

const char *iv_item_kind_name(IvItemKind kind)
{
	return (size_t)kind < G_N_ELEMENTS(kind_names) ? kind_names[kind] : "unknown";
}

IvItem *iv_item_new(IvItemKind kind, const char *path)
{
	IvItem *item = g_new0(IvItem, 1);

	item->kind = kind;
	item->path = g_strdup(path);
	g_atomic_ref_count_init(&item->refs);
	return item;
}

IvItem *iv_item_ref(IvItem *item)
{
	g_atomic_ref_count_inc(&item->refs);
	return item;
}

void iv_item_unref(IvItem *item)
{
	if (item == NULL || !g_atomic_ref_count_dec(&item->refs))
		return;
	g_free(item->path);
	g_free(item->detail);
	g_free(item->link_of);
	g_clear_pointer(&item->source, iv_source_unref);
	g_clear_pointer(&item->extents, g_array_unref);
	g_clear_pointer(&item->bytes, g_bytes_unref);
	g_free(item);
}

static IvExtent *extent_at(const IvItem *item, guint i)
{
	return &g_array_index(item->extents, IvExtent, i);
}

static guint extent_count(const IvItem *item)
{
	return item->extents == NULL ? 0 : item->extents->len;
}

bool iv_item_add_extent(IvItem *item, uint64_t logical, uint64_t physical, uint64_t length)
{
	IvExtent extent = {.logical = logical, .physical = physical, .length = length};
	uint64_t end;

	if (length == 0)
		return true;
	if (__builtin_add_overflow(logical, length, &end) ||
	    __builtin_add_overflow(physical, length, &end))
		return false;
	if (item->extents == NULL)
		item->extents = g_array_new(FALSE, FALSE, sizeof(IvExtent));
	if (item->extents->len > 0) {
		IvExtent *last = extent_at(item, item->extents->len - 1);

		if (logical < last->logical + last->length)
			return false;
		if (logical == last->logical + last->length &&
		    physical == last->physical + last->length &&
		    !__builtin_add_overflow(last->length, length, &end)) {
			last->length = end;
			return true;
		}
	}
	g_array_append_val(item->extents, extent);
	return true;
}

/* The end of what may be read: content and slack.  A size near 2^64 stays one. */
static uint64_t readable_end(const IvItem *item)
{
	uint64_t end;

	return __builtin_add_overflow(item->size, item->slack, &end) ? UINT64_MAX : end;
}

/* Index of the first run that ends behind off; the number of runs if none does. */
static guint first_run_behind(const IvItem *item, uint64_t off)
{
	guint low = 0, high = extent_count(item);

	while (low < high) {
		guint mid = low + (high - low) / 2;
		const IvExtent *run = extent_at(item, mid);

		if (run->logical + run->length > off)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool read_runs(IvItem *item, uint64_t off, uint8_t *buf, size_t len, GError **error)
{
	uint64_t end = off + len;
	guint i = first_run_behind(item, off);

	while (off < end) {
		const IvExtent *run = i < extent_count(item) ? extent_at(item, i) : NULL;
		uint64_t start = run == NULL ? end : MIN(MAX(run->logical, off), end);
		uint64_t stop = run == NULL ? end : MIN(run->logical + run->length, end);

		memset(buf, 0, start - off);
		buf += start - off;
		if (start == end)
			return true;
		if (!iv_source_read(item->source, run->physical + (start - run->logical), buf,
				    stop - start, error))
			return false;
		buf += stop - start;
		off = stop;
		i++;
	}
	return true;
}

bool iv_item_read(IvItem *item, uint64_t off, void *buf, size_t len, GError **error)
{
	uint64_t end;

	if (__builtin_add_overflow(off, len, &end) || end > readable_end(item))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "read of %zu bytes at %" PRIu64 " ends outside an item of %" PRIu64
			       " bytes",
			       len, off, item->size);
	if (item->stream != NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED, "a stream cannot be read by offset");
	if (len == 0)
		return true;
	if (item->bytes != NULL) {
		gsize have;
		const uint8_t *data = g_bytes_get_data(item->bytes, &have);

		if (end > have)
			return iv_fail(error, IV_ERROR_CORRUPT,
				       "an item of %" PRIu64 " bytes holds only %zu", item->size,
				       (size_t)have);
		memcpy(buf, data + off, len);
		return true;
	}
	return read_runs(item, off, buf, len, error);
}

void iv_item_next_data(const IvItem *item, uint64_t off, uint64_t bridge, uint64_t *start,
		       uint64_t *len)
{
	uint64_t limit = readable_end(item), end;
	guint i, count = extent_count(item);

	*start = off;
	*len = 0;
	if (off >= limit)
		return;
	if (item->source == NULL) {
		/* In memory or a stream: all of it is stored.  An item with neither is
		 * an empty file, or one that is a single hole. */
		if (item->bytes != NULL || item->stream != NULL)
			*len = limit - off;
		return;
	}
	i = first_run_behind(item, off);
	if (i == count || extent_at(item, i)->logical >= limit)
		return;
	*start = MAX(off, extent_at(item, i)->logical);
	end = extent_at(item, i)->logical + extent_at(item, i)->length;
	for (i++; i < count; i++) {
		const IvExtent *run = extent_at(item, i);
		uint64_t gap = run->logical - end;

		if (gap > 0 && gap >= bridge)
			break;
		end = run->logical + run->length;
	}
	*len = MIN(end, limit) - *start;
}

int64_t iv_item_physical(const IvItem *item, uint64_t off)
{
	const IvExtent *run;
	uint64_t physical;
	guint i;

	if (item->source == NULL || item->detached)
		return -1;
	i = first_run_behind(item, off);
	if (i == extent_count(item) || extent_at(item, i)->logical > off)
		return -1;
	run = extent_at(item, i);
	physical = run->physical + (off - run->logical);
	return physical > INT64_MAX ? -1 : (int64_t)physical;
}

uint64_t iv_item_stored(const IvItem *item)
{
	uint64_t limit = readable_end(item), sum = 0;

	if (item->source == NULL)
		return item->bytes != NULL || item->stream != NULL ? item->size : 0;
	for (guint i = 0; i < extent_count(item); i++) {
		const IvExtent *run = extent_at(item, i);

		if (run->logical >= limit)
			break;
		/* Runs do not overlap and each is cut at the limit: the sum fits. */
		sum += MIN(run->logical + run->length, limit) - run->logical;
	}
	return sum;
}

static size_t text_cost(const char *text)
{
	return text != NULL ? strlen(text) + 17 : 0;
}

bool iv_item_is_label(const IvItem *item)
{
	return item->kind == IV_ITEM_XATTR && (g_str_has_prefix(item->detail, "security.") ||
					       g_str_has_prefix(item->detail, "system."));
}

size_t iv_item_cost(const IvItem *item)
{
	size_t cost = sizeof(*item) + 16;

	cost += text_cost(item->path) + text_cost(item->detail) + text_cost(item->link_of);
	if (item->extents != NULL)
		cost += 64 + item->extents->len * sizeof(IvExtent);
	if (item->bytes != NULL)
		cost += 64 + g_bytes_get_size(item->bytes);
	return cost;
}
