/* SPDX-License-Identifier: GPL-3.0-or-later */
/* get.c - see oss.h: a file out of the storage, range by range */
#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/call.h"
#include "share/alibaba/oss/part.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

typedef struct {
	IvOssPart part;
	const IvOssObject *object;
	guint64 end;  /* of the range asked for: one behind its last byte */
	guint64 skip; /* bytes that come and are there already: the whole object was sent */
	bool begun;   /* a byte of this attempt's answer was seen */
	IvOssProgress progress;
	void *user;
	GError *stopped;
} Get;

/* The range of this attempt: what an earlier one brought is not asked for again. */
static void begin(void *user, GPtrArray *headers)
{
	Get *get = user;
	g_autofree char *range =
		g_strdup_printf("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, get->part.done,
				get->end - 1);

	get->begun = false;
	iv_pairs_add(headers, "Range", range);
	iv_pairs_add(headers, "If-Match", get->object->etag);
}

/* "bytes 0-99/1000" is what we asked for, or less of it from its beginning. */
static bool range_fits(const Get *get, const char *text)
{
	g_auto(GStrv) parts = g_strsplit_set(text != NULL ? text : "", " -/", -1);
	guint64 first, last, size;

	return g_strv_length(parts) == 4 && strcmp(parts[0], "bytes") == 0 &&
	       iv_oss_number(parts[1], G_MAXUINT64, &first) &&
	       iv_oss_number(parts[2], G_MAXUINT64, &last) &&
	       iv_oss_number(parts[3], G_MAXUINT64, &size) && first == get->part.done &&
	       last >= first && last < get->end && size == get->object->size;
}

/* Of the whole object, when a size is named at all. */
static bool size_fits(const Get *get, const char *text)
{
	guint64 size;

	return text == NULL ||
	       (iv_oss_number(text, G_MAXUINT64, &size) && size == get->object->size);
}

/* The storage may ignore a range and send the whole object with 200: then what
 * is there already is skipped, and the rest taken to the end. */
static bool look_at_headers(Get *get, const IvHttpAnswer *answer)
{
	const char *etag = iv_http_header(answer, "etag");

	get->begun = true;
	get->skip = 0;
	if (g_strcmp0(etag, get->object->etag) != 0)
		return iv_fail(&get->stopped, IV_ERROR_CLOUD,
			       "GetObject: the object was replaced meanwhile\n"
			       "run the same command again");
	if (answer->status == 206)
		return range_fits(get, iv_http_header(answer, "content-range")) ||
		       iv_alibaba_nonsense(&get->stopped, "GetObject", "another range");
	if (answer->status != 200 || !size_fits(get, iv_http_header(answer, "content-length")))
		return iv_alibaba_nonsense(&get->stopped, "GetObject", "neither whole nor a range");
	get->skip = get->part.done;
	get->end = get->object->size;
	return true;
}

static bool on_bytes(void *user, const IvHttpAnswer *answer, const void *bytes, size_t len)
{
	Get *get = user;
	gsize skipped;

	if (!get->begun && !look_at_headers(get, answer))
		return false;
	skipped = (gsize)MIN(get->skip, (guint64)len);
	get->skip -= skipped;
	if (len - skipped > get->end - get->part.done)
		return iv_alibaba_nonsense(&get->stopped, "GetObject", "more bytes than it said");
	return iv_oss_part_write(&get->part, (const char *)bytes + skipped, len - skipped,
				 &get->stopped);
}

static bool on_progress(void *user, guint64 sent, guint64 received)
{
	Get *get = user;

	if (get->progress == NULL || get->progress(get->user, get->part.done, get->object->size))
		return true;
	if (get->stopped == NULL)
		iv_fail(&get->stopped, IV_ERROR_REFUSED,
			"the download was stopped\nrun the same command again to go on");
	return false;
}

static bool get_range(IvOss *oss, Get *get, GError **error)
{
	IvOssCall call = {.name = "GetObject", .method = "GET", .key = get->object->key,
			  .write = on_bytes, .progress = on_progress, .begin = begin,
			  .stopped = &get->stopped, .user = get};
	guint64 before = get->part.done;
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvCallTrace trace = {0};

	get->end = MIN(before + IV_OBJECT_RANGE, get->object->size);
	answer = iv_oss_call(oss, &call, &trace, error);
	iv_call_trace_clear(&trace);
	if (answer == NULL)
		return false;
	return get->part.done > before ||
	       iv_alibaba_nonsense(error, "GetObject", "no bytes at all");
}

static bool get_all(IvOss *oss, Get *get, GError **error)
{
	while (get->part.done < get->object->size)
		if (!get_range(oss, get, error)) {
			/* Keep what came; the first error is the one to tell. */
			iv_oss_part_note(&get->part, NULL);
			return false;
		}
	return on_progress(get, 0, 0) ||
	       (g_propagate_error(error, g_steal_pointer(&get->stopped)), false);
}

static bool check_and_finish(Get *get, GError **error)
{
	if (get->part.crc == get->object->crc)
		return iv_oss_part_finish(&get->part, error);
	iv_oss_part_discard(&get->part);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "GetObject: the checksum of what came is not the object's; it was thrown away\n"
		       "run the same command again; if it stays so, something between here and the "
		       "storage changes the bytes");
}

static bool fetch(IvOss *oss, const IvOssObject *object, const char *path, IvOssProgress progress,
		  void *user, GError **error)
{
	Get get = {.object = object, .progress = progress, .user = user};
	bool ok = iv_oss_part_open(&get.part, path, oss->bucket, object, error) &&
		  get_all(oss, &get, error) && check_and_finish(&get, error);

	g_clear_error(&get.stopped);
	iv_oss_part_close(&get.part);
	return ok;
}

bool iv_oss_get_file(IvOss *oss, const char *key, const char *path, IvOssProgress progress,
		     void *user, GError **error)
{
	g_autoptr(IvOssObject) object = NULL;

	if (!iv_oss_head(oss, key, &object, error))
		return false;
	if (object == NULL)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "HeadObject: there is no such object in bucket %s\n"
			       "check its name, the bucket and --region", oss->bucket);
	if (!object->has_crc)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "HeadObject: the storage names no checksum of the object, so nothing "
			       "would say whether it arrived whole\n"
			       "copy the object onto itself in the storage, then run this again");
	return fetch(oss, object, path, progress, user, error);
}
