/* SPDX-License-Identifier: GPL-3.0-or-later */
/* upload.c - see upload.h */
#include "share/alibaba/oss/upload.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/call.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

static void free_part(gpointer p)
{
	IvOssPartSeen *part = p;

	g_free(part->etag);
	g_free(part);
}

GHashTable *iv_oss_parts_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, free_part);
}

guint64 iv_oss_part_size(guint64 size)
{
	guint64 least = (size + IV_OBJECT_MAX_PARTS - 1) / IV_OBJECT_MAX_PARTS;
	guint64 step = 1 << 20;

	return MAX((guint64)IV_OBJECT_PART, (least + step - 1) / step * step);
}

/* An upload's id goes into queries only: 1 to 128 characters that print. */
static bool id_ok(const char *id)
{
	size_t len = id != NULL ? strlen(id) : 0;

	for (size_t i = 0; i < len; i++)
		if (!g_ascii_isgraph(id[i]))
			return false;
	return len >= 1 && len <= 128;
}

/* --- which uploads there are --------------------------------------------------------------- */

static GPtrArray *uploads_page(IvOss *oss, const char *key, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new();
	IvOssCall call = {.name = "ListMultipartUploads", .method = "GET", .query = query};

	iv_pairs_add(query, "uploads", NULL);
	iv_pairs_add(query, "prefix", key);
	iv_pairs_add(query, "max-uploads", "1000");
	iv_pairs_add(query, "encoding-type", "url");
	return iv_oss_ask(oss, &call, "ListMultipartUploadsResult", trace, error);
}

/* Ids of the uploads of exactly that key, in order of their beginning.  One page
 * is enough: keys are sorted, so ours stands before all longer ones. */
static GPtrArray *uploads_of(IvOss *oss, const char *key, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) elements = uploads_page(oss, key, trace, error);
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	bool ours = false;

	if (elements == NULL)
		return NULL;
	for (guint i = 0; i < elements->len; i++) {
		const IvPair *e = elements->pdata[i];

		if (strcmp(e->name, "ListMultipartUploadsResult/Upload/Key") == 0) {
			g_autofree char *plain =
				e->value != NULL ? g_uri_unescape_string(e->value, NULL) : NULL;

			ours = g_strcmp0(plain, key) == 0;
		} else if (ours &&
			   strcmp(e->name, "ListMultipartUploadsResult/Upload/UploadId") == 0) {
			if (!id_ok(e->value)) {
				iv_alibaba_nonsense(error, "ListMultipartUploads", "an upload's id");
				return NULL;
			}
			g_ptr_array_add(ids, g_strdup(e->value));
		}
	}
	return g_steal_pointer(&ids);
}

/* --- which parts one has ----------------------------------------------------------------------- */

static GPtrArray *parts_page(IvOss *oss, const char *key, const char *id, guint64 after,
			     IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new();
	g_autofree char *marker = g_strdup_printf("%" G_GUINT64_FORMAT, after);
	IvOssCall call = {.name = "ListParts", .method = "GET", .key = key, .query = query};

	iv_pairs_add(query, "uploadId", id);
	iv_pairs_add(query, "max-parts", "1000");
	iv_pairs_add(query, "part-number-marker", marker);
	return iv_oss_ask(oss, &call, "ListPartsResult", trace, error);
}

/* One member of a Part into what is being read; false for nonsense. */
static bool take_member(IvOssPartSeen *part, guint64 *number, const IvPair *e)
{
	const char *name = e->name + strlen("ListPartsResult/Part/");

	if (strcmp(name, "PartNumber") == 0)
		return iv_oss_number(e->value, IV_OBJECT_MAX_PARTS, number) && *number > 0;
	if (strcmp(name, "Size") == 0)
		return iv_oss_number(e->value, IV_OBJECT_MAX_SIZE, &part->size);
	if (strcmp(name, "ETag") != 0)
		return true;
	g_free(part->etag);
	part->etag = g_strdup(e->value);
	return iv_oss_etag_ok(part->etag);
}

static bool keep(GHashTable *parts, IvOssPartSeen **part, guint64 *number)
{
	bool whole = *part == NULL || ((*part)->etag != NULL && *number > 0);

	if (*part != NULL && whole)
		g_hash_table_insert(parts, GUINT_TO_POINTER(*number), g_steal_pointer(part));
	*number = 0;
	return whole;
}

static bool take_parts(const GPtrArray *elements, GHashTable *parts)
{
	IvOssPartSeen *part = NULL;
	guint64 number = 0;
	bool ok = true;

	for (guint i = 0; ok && i < elements->len; i++) {
		const IvPair *e = elements->pdata[i];

		if (strcmp(e->name, "ListPartsResult/Part") == 0) {
			ok = keep(parts, &part, &number);
			part = ok ? g_new0(IvOssPartSeen, 1) : part;
		} else if (part != NULL && g_str_has_prefix(e->name, "ListPartsResult/Part/")) {
			ok = take_member(part, &number, e);
		}
	}
	ok = ok && keep(parts, &part, &number);
	if (part != NULL)
		free_part(part);
	return ok;
}

/* Read a page; *after is where the next begins, or 0 after the last. */
static bool add_page(IvOss *oss, const char *key, const char *id, guint64 *after,
		     GHashTable *parts, GError **error)
{
	IvCallTrace trace = {0};
	g_autoptr(GPtrArray) elements = parts_page(oss, key, id, *after, &trace, error);
	const char *more = iv_oss_xml_text(elements, "ListPartsResult/IsTruncated");
	const char *next = iv_oss_xml_text(elements, "ListPartsResult/NextPartNumberMarker");
	guint64 last = *after;

	iv_call_trace_clear(&trace);
	if (elements == NULL)
		return false;
	*after = 0;
	if (!take_parts(elements, parts))
		return iv_alibaba_nonsense(error, "ListParts", "a part of the list");
	if (g_strcmp0(more, "true") != 0)
		return g_strcmp0(more, "false") == 0 ||
		       iv_alibaba_nonsense(error, "ListParts", "whether it is the whole list");
	return (iv_oss_number(next, IV_OBJECT_MAX_PARTS, after) && *after > last) ||
	       iv_alibaba_nonsense(error, "ListParts", "a page that leads nowhere");
}

static bool parts_of(IvOss *oss, const char *key, const char *id, GHashTable *parts, GError **error)
{
	guint64 after = 0;

	do {
		if (!add_page(oss, key, id, &after, parts, error))
			return false;
	} while (after != 0);
	return true;
}

/* --- one to go on with ------------------------------------------------------------------------------ */

static char *begin_upload(IvOss *oss, const char *key, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new(), headers = iv_pairs_new();
	IvOssCall call = {.name = "InitiateMultipartUpload", .method = "POST", .key = key,
			  .query = query, .headers = headers, .changes = true, .repeatable = true};
	g_autoptr(GPtrArray) elements = NULL;
	IvCallTrace trace = {0};
	const char *id;

	iv_pairs_add(query, "uploads", NULL);
	iv_pairs_add(headers, "Content-Type", "application/octet-stream");
	iv_pairs_add(headers, "x-oss-forbid-overwrite", "true");
	elements = iv_oss_ask(oss, &call, "InitiateMultipartUploadResult", &trace, error);
	iv_call_trace_clear(&trace);
	if (elements == NULL)
		return NULL;
	id = iv_oss_xml_text(elements, "InitiateMultipartUploadResult/UploadId");
	if (id_ok(id))
		return g_strdup(id);
	iv_alibaba_nonsense(error, call.name, "the upload's id");
	return NULL;
}

/* Who may upload may not always list: then there is nothing to go on with. */
char *iv_oss_upload_find(IvOss *oss, const char *key, GHashTable *parts, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	g_autoptr(GPtrArray) ids = uploads_of(oss, key, &trace, &problem);
	bool barred = g_strcmp0(trace.code, "AccessDenied") == 0;
	const char *latest;

	iv_call_trace_clear(&trace);
	if (ids == NULL && !barred) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return NULL;
	}
	if (ids == NULL || ids->len == 0)
		return begin_upload(oss, key, error);
	latest = ids->pdata[ids->len - 1];
	return parts_of(oss, key, latest, parts, error) ? g_strdup(latest) : NULL;
}
