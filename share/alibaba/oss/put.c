/* SPDX-License-Identifier: GPL-3.0-or-later */
/* put.c - see oss.h: a file into the storage, part by part
 *
 * What an upload has already is asked of the storage, not remembered here: a
 * part is kept when its size and MD5 are those of the file's bytes.  Each part
 * is read twice, once for its digests and once to be sent; Content-MD5 makes
 * the storage refuse it when the file changed between.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/call.h"
#include "share/alibaba/oss/upload.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/crc64.h"
#include "share/base/limits.h"

#define MD5_BYTES 16
#define PIECE (256u << 10)

typedef struct {
	IvOss *oss;
	const char *key;
	int fd;
	guint64 size, part_size;
	struct timespec changed; /* when the file was, before its first byte was read */
	guint64 crc;	 /* of the file's bytes up to the end of the part */
	char *upload_id;
	GHashTable *kept; /* part number -> IvOssPartSeen, from an earlier run */
	GPtrArray *etags; /* char *: of parts 1, 2 ... */
	IvOssProgress progress;
	void *user;

	/* the part under way */
	guint number;
	guint64 start, length, sent;
	guint8 md5[MD5_BYTES];
	guint64 part_crc;
	GError *stopped;
} Put;

/* --- the file ------------------------------------------------------------------------- */

static gint64 read_at(const Put *put, void *buffer, gsize room, guint64 at, GError **error)
{
	ssize_t got;

	do
		got = pread(put->fd, buffer, room, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		iv_fail_errno(error, "cannot read the file to be uploaded");
	else if (got == 0)
		iv_fail(error, IV_ERROR_IO, "the file to be uploaded became shorter meanwhile");
	return got;
}

/* Digests of the part under way, and the file's checksum up to its end: once a part. */
static bool digest_part(Put *put, GError **error)
{
	g_autoptr(GChecksum) md5 = g_checksum_new(G_CHECKSUM_MD5);
	g_autofree guint8 *buffer = g_malloc(PIECE);
	gsize len = MD5_BYTES;

	put->part_crc = 0;
	for (guint64 at = 0; at < put->length;) {
		gint64 got = read_at(put, buffer, MIN(PIECE, put->length - at), put->start + at,
				     error);

		if (got <= 0)
			return false;
		g_checksum_update(md5, buffer, (gssize)got);
		put->part_crc = iv_crc64(put->part_crc, buffer, (size_t)got);
		put->crc = iv_crc64(put->crc, buffer, (size_t)got);
		at += (guint64)got;
	}
	g_checksum_get_digest(md5, put->md5, &len);
	return true;
}

static bool file_crc(Put *put, guint64 *crc, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(PIECE);

	*crc = 0;
	for (guint64 at = 0; at < put->size;) {
		gint64 got = read_at(put, buffer, MIN(PIECE, put->size - at), at, error);

		if (got <= 0)
			return false;
		*crc = iv_crc64(*crc, buffer, (size_t)got);
		at += (guint64)got;
	}
	return true;
}

static bool open_file(Put *put, const char *path, GError **error)
{
	g_autofree char *shown = iv_text_printable(path, -1);
	struct stat st;

	put->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (put->fd < 0 || fstat(put->fd, &st) != 0)
		return iv_fail_errno(error, "cannot open %s", shown);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return iv_fail(error, IV_ERROR_USAGE, "%s is not a regular file with bytes in it",
			       shown);
	put->size = (guint64)st.st_size;
	put->changed = st.st_mtim;
	put->part_size = iv_oss_part_size(put->size);
	return put->size <= IV_OBJECT_MAX_SIZE ||
	       iv_fail(error, IV_ERROR_LIMIT, "%s is larger than any object can be", shown);
}

/* Parts of two versions of a file would be an object that never was a file. */
static bool is_unchanged(const Put *put, GError **error)
{
	struct stat st;

	if (fstat(put->fd, &st) != 0)
		return iv_fail_errno(error, "cannot look at the file to be uploaded");
	return ((guint64)st.st_size == put->size && st.st_mtim.tv_sec == put->changed.tv_sec &&
		st.st_mtim.tv_nsec == put->changed.tv_nsec) ||
	       iv_fail(error, IV_ERROR_IO,
		       "the file changed while it was uploaded\n"
		       "run the same command again when nobody writes to it");
}

/* --- one part ---------------------------------------------------------------------------- */

static void begin_part(void *user, GPtrArray *headers)
{
	Put *put = user;

	put->sent = 0;
}

static size_t read_part(void *user, void *buffer, size_t room)
{
	Put *put = user;
	gint64 got = read_at(put, buffer, MIN(room, put->length - put->sent),
			     put->start + put->sent, &put->stopped);

	if (got <= 0)
		return IV_HTTP_READ_FAILED;
	put->sent += (guint64)got;
	return (size_t)got;
}

static bool tell(Put *put, guint64 done)
{
	if (put->progress == NULL || put->progress(put->user, done, put->size))
		return true;
	if (put->stopped == NULL)
		iv_fail(&put->stopped, IV_ERROR_REFUSED,
			"the upload was stopped\nrun the same command again to go on");
	return false;
}

static bool on_progress(void *user, guint64 sent, guint64 received)
{
	Put *put = user;

	return tell(put, put->start + MIN(sent, put->length));
}

/* The answer must be of the bytes that we meant. */
static bool take_part(Put *put, const IvHttpAnswer *answer, GError **error)
{
	g_autoptr(IvOssObject) part = iv_oss_object_of(answer, "UploadPart", put->key, false, error);

	if (part == NULL)
		return false;
	if (part->has_crc && part->crc != put->part_crc)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "UploadPart: the storage got other bytes than were sent (part %u)\n"
			       "run the same command again",
			       put->number);
	g_ptr_array_add(put->etags, g_strdup(part->etag));
	return true;
}

static bool send_part(Put *put, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new(), headers = iv_pairs_new();
	g_autofree char *number = g_strdup_printf("%u", put->number);
	g_autofree char *digest = g_base64_encode(put->md5, MD5_BYTES);
	IvOssCall call = {.name = "UploadPart", .method = "PUT", .key = put->key, .query = query,
			  .headers = headers, .changes = true, .repeatable = true,
			  .length = put->length, .read = read_part, .begin = begin_part,
			  .progress = on_progress, .stopped = &put->stopped, .user = put};
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvCallTrace trace = {0};

	iv_pairs_add(query, "partNumber", number);
	iv_pairs_add(query, "uploadId", put->upload_id);
	iv_pairs_add(headers, "Content-MD5", digest);
	answer = iv_oss_call(put->oss, &call, &trace, error);
	iv_call_trace_clear(&trace);
	return answer != NULL && take_part(put, answer, error);
}

/* Is this part there from an earlier run, byte for byte? */
static bool is_kept(const Put *put)
{
	const IvOssPartSeen *seen =
		g_hash_table_lookup(put->kept, GUINT_TO_POINTER(put->number));
	g_autofree char *md5 = iv_text_hex(put->md5, MD5_BYTES);
	g_autofree char *quoted = g_strdup_printf("\"%s\"", md5);

	return seen != NULL && seen->size == put->length &&
	       g_ascii_strcasecmp(seen->etag, quoted) == 0;
}

static bool put_part(Put *put, GError **error)
{
	const IvOssPartSeen *seen;

	put->start = (guint64)(put->number - 1) * put->part_size;
	put->length = MIN(put->part_size, put->size - put->start);
	if (!digest_part(put, error))
		return false;
	if (!is_kept(put))
		return send_part(put, error);
	seen = g_hash_table_lookup(put->kept, GUINT_TO_POINTER(put->number));
	g_ptr_array_add(put->etags, g_strdup(seen->etag));
	return tell(put, put->start + put->length) ||
	       (g_propagate_error(error, g_steal_pointer(&put->stopped)), false);
}

/* --- the end ---------------------------------------------------------------------------------- */

static char *completion(const Put *put)
{
	GString *xml = g_string_new("<CompleteMultipartUpload>");

	for (guint i = 0; i < put->etags->len; i++)
		g_string_append_printf(xml, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
				       i + 1, (const char *)put->etags->pdata[i]);
	g_string_append(xml, "</CompleteMultipartUpload>");
	return g_string_free(xml, FALSE);
}

/* The object that is there now, when it is this file. */
static bool is_there(Put *put, IvOssObject **object, GError **error)
{
	guint64 crc;

	if (!iv_oss_head(put->oss, put->key, object, error))
		return false;
	if (*object != NULL && (*object)->size == put->size && (*object)->has_crc) {
		if (!file_crc(put, &crc, error))
			return false;
		if ((*object)->crc == crc)
			return true;
	}
	if (*object == NULL)
		return true;
	g_clear_pointer(object, iv_oss_object_free);
	return iv_fail(error, IV_ERROR_REFUSED,
		       "the bucket has another object of that name, and it is left as it is\n"
		       "choose another name, or delete the object");
}

/* It came together here and now, and is not the file: it must not stay. */
static bool wrong_crc(Put *put, GError **error)
{
	g_autoptr(GError) problem = NULL;

	iv_oss_delete(put->oss, put->key, &problem);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "CompleteMultipartUpload: the object's checksum is not that of the file; "
		       "the object was %s\nrun the same command again",
		       problem == NULL ? "deleted" : "not deleted, which failed too");
}

static bool check_object(Put *put, const IvHttpAnswer *answer, IvOssObject **object, GError **error)
{
	guint64 crc;

	if (iv_oss_number(iv_http_header(answer, "x-oss-hash-crc64ecma"), G_MAXUINT64, &crc) &&
	    crc != put->crc)
		return wrong_crc(put, error);
	if (!iv_oss_head(put->oss, put->key, object, error))
		return false;
	if (*object == NULL || !(*object)->has_crc)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "HeadObject: the storage does not say that the object arrived whole\n"
			       "run the same command again");
	return ((*object)->crc == put->crc && (*object)->size == put->size) ||
	       wrong_crc(put, error);
}

static IvHttpAnswer *ask_completion(Put *put, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new(), headers = iv_pairs_new();
	g_autofree char *xml = completion(put);
	IvOssCall call = {.name = "CompleteMultipartUpload", .method = "POST", .key = put->key,
			  .query = query, .headers = headers, .body = xml, .length = strlen(xml),
			  .changes = true};

	iv_pairs_add(query, "uploadId", put->upload_id);
	iv_pairs_add(headers, "Content-Type", "application/xml");
	iv_pairs_add(headers, "x-oss-forbid-overwrite", "true");
	return iv_oss_call(put->oss, &call, trace, error);
}

/* One round.  After a lost answer, or one that says that the upload is over, what
 * counts is whether the object is there; *again when it is not. */
static bool complete_once(Put *put, IvOssObject **object, bool *again, GError **error)
{
	IvCallTrace trace = {0};
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvHttpAnswer) answer = ask_completion(put, &trace, &problem);
	bool look = trace.unsure || g_strcmp0(trace.code, "NoSuchUpload") == 0;

	*again = trace.again;
	iv_call_trace_clear(&trace);
	if (answer != NULL)
		return check_object(put, answer, object, error);
	if (look && !is_there(put, object, error)) {
		*again = false;
		return false;
	}
	if (look && *object != NULL)
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static bool complete(Put *put, IvOssObject **object, GError **error)
{
	bool again = true;

	for (guint round = 1;; round++) {
		g_autoptr(GError) problem = NULL;

		if (complete_once(put, object, &again, &problem))
			return true;
		if (!again || round == IV_SHARE_ROUNDS) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
	}
}

/* --- all of it ----------------------------------------------------------------------------------- */

static bool put_all(Put *put, IvOssObject **object, GError **error)
{
	guint parts = (guint)((put->size + put->part_size - 1) / put->part_size);

	if (!is_there(put, object, error))
		return false;
	if (*object != NULL)
		return true;
	put->upload_id = iv_oss_upload_find(put->oss, put->key, put->kept, error);
	if (put->upload_id == NULL)
		return false;
	for (put->number = 1; put->number <= parts; put->number++)
		if (!put_part(put, error))
			return false;
	return is_unchanged(put, error) && complete(put, object, error);
}

bool iv_oss_put_file(IvOss *oss, const char *key, const char *path, IvOssProgress progress,
		     void *user, IvOssObject **what_is_there, GError **error)
{
	Put put = {.oss = oss, .key = key, .fd = -1, .progress = progress, .user = user,
		   .kept = iv_oss_parts_new(),
		   .etags = g_ptr_array_new_with_free_func(g_free)};
	g_autoptr(IvOssObject) object = NULL;
	bool ok = open_file(&put, path, error) && put_all(&put, &object, error);

	g_clear_error(&put.stopped);
	g_hash_table_unref(put.kept);
	g_ptr_array_unref(put.etags);
	g_free(put.upload_id);
	if (put.fd >= 0)
		close(put.fd);
	if (ok && what_is_there != NULL)
		*what_is_there = g_steal_pointer(&object);
	return ok;
}
