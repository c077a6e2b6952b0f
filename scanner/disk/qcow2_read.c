/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcow2_read.c - the qcow2 source: runs of clusters, compressed clusters; see qcow2.h */
#include "scanner/disk/qcow2.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"

/* A compressed cluster ends in its last sector; its last bytes need not be read to fill
 * the cluster.  Whoever has more behind it than that claims sectors for something else. */
#define ODD_BYTES (512u + 16u)

/* --- decompressors ---------------------------------------------------------------- */

/* Both kinds in one; made when first needed, used by one thread at a time. */
typedef struct {
	z_stream zlib;
	bool zlib_ready;
	ZSTD_DCtx *zstd;
	uint8_t *in; /* compressed bytes, twice a cluster at most */
} Codec;

static void codec_free(gpointer data)
{
	Codec *codec = data;

	if (codec->zlib_ready)
		inflateEnd(&codec->zlib);
	ZSTD_freeDCtx(codec->zstd);
	g_free(codec->in);
	g_free(codec);
}

static Codec *codec_take(IvQcow2 *q)
{
	Codec *codec = NULL;

	g_mutex_lock(&q->codecs_lock);
	if (q->codecs != NULL) {
		codec = q->codecs->data;
		q->codecs = g_slist_delete_link(q->codecs, q->codecs);
	}
	g_mutex_unlock(&q->codecs_lock);
	if (codec == NULL) {
		codec = g_new0(Codec, 1);
		codec->in = g_malloc(2 * iv_qcow2_cluster_size(q));
	}
	return codec;
}

static void codec_give(IvQcow2 *q, Codec *codec)
{
	g_mutex_lock(&q->codecs_lock);
	q->codecs = g_slist_prepend(q->codecs, codec);
	g_mutex_unlock(&q->codecs_lock);
}

/* Raw deflate.  The stream need not end where the cluster is full: QEMU accepts
 * that as well. */
static bool unpack_zlib(Codec *codec, size_t in_len, uint8_t *out, size_t out_len, size_t *left)
{
	z_stream *z = &codec->zlib;
	int got;

	if (!codec->zlib_ready && inflateInit2(z, -MAX_WBITS) != Z_OK)
		return false;
	codec->zlib_ready = true;
	if (inflateReset(z) != Z_OK)
		return false;
	z->next_in = codec->in;
	z->avail_in = (uInt)in_len;
	z->next_out = out;
	z->avail_out = (uInt)out_len;
	got = inflate(z, Z_FINISH);
	*left = z->avail_in;
	return (got == Z_STREAM_END || got == Z_BUF_ERROR || got == Z_OK) && z->avail_out == 0;
}

/* A zstd frame; bytes behind it fill up its last sector. */
static bool unpack_zstd(Codec *codec, size_t in_len, uint8_t *out, size_t out_len, size_t *left)
{
	ZSTD_inBuffer from = {codec->in, in_len, 0};
	ZSTD_outBuffer to = {out, out_len, 0};

	if (codec->zstd == NULL) {
		codec->zstd = ZSTD_createDCtx();
		if (codec->zstd == NULL ||
		    ZSTD_isError(ZSTD_DCtx_setParameter(codec->zstd, ZSTD_d_windowLogMax,
							IV_MAX_ZSTD_WINDOW_LOG)))
			return false;
	}
	ZSTD_DCtx_reset(codec->zstd, ZSTD_reset_session_only);
	while (to.pos < to.size) {
		size_t before = from.pos + to.pos;
		size_t got = ZSTD_decompressStream(codec->zstd, &to, &from);

		/* An error, a frame that ends too early, or input that ran out. */
		if (ZSTD_isError(got) || (got == 0 && to.pos < to.size) ||
		    from.pos + to.pos == before)
			return false;
	}
	*left = from.size - from.pos;
	return true;
}

/* --- compressed clusters ---------------------------------------------------------- */

static bool unpack(IvQcow2 *q, uint64_t number, uint64_t descriptor, uint8_t *out, GError **error)
{
	Codec *codec;
	uint64_t host;
	size_t len;
	bool fine;

	if (!iv_qcow2_packed_place(q, descriptor, &host, &len, error))
		return false;
	codec = codec_take(q);
	fine = iv_file_read(q->file, host, codec->in, len, error);
	if (fine) {
		size_t size = (size_t)iv_qcow2_cluster_size(q), left = 0;

		fine = q->compression == IV_QCOW2_ZSTD
			       ? unpack_zstd(codec, len, out, size, &left)
			       : unpack_zlib(codec, len, out, size, &left);
		if (left >= ODD_BYTES)
			g_atomic_int_set(&q->odd_packed, 1);
		if (!fine)
			iv_fail(error, IV_ERROR_CORRUPT,
				"%s: the compressed cluster of disk byte %" G_GUINT64_FORMAT
				" cannot be decompressed",
				q->file->path, number << q->cluster_bits);
	}
	codec_give(q, codec);
	return fine;
}

/* Copy a part of one compressed cluster. */
static bool read_packed(IvQcow2 *q, uint64_t off, uint64_t descriptor, void *buf, size_t len,
			GError **error)
{
	uint64_t number = off >> q->cluster_bits;
	uint8_t *bytes = iv_cache_get(&q->clusters, number);

	if (bytes == NULL) {
		bytes = g_atomic_rc_box_alloc(iv_qcow2_cluster_size(q));
		if (!unpack(q, number, descriptor, bytes, error)) {
			g_atomic_rc_box_release(bytes);
			return false;
		}
		iv_cache_put(&q->clusters, number, bytes);
	}
	memcpy(buf, bytes + (off & (iv_qcow2_cluster_size(q) - 1)), len);
	g_atomic_rc_box_release(bytes);
	return true;
}

/* --- the source ------------------------------------------------------------------- */

/* Unallocated bytes: the backing file's as far as it reaches, zeros behind it. */
static bool read_backing(IvQcow2 *q, uint64_t off, uint8_t *buf, size_t len, GError **error)
{
	size_t below = 0;

	if (q->backing != NULL && off < q->backing->size)
		below = (size_t)MIN(len, q->backing->size - off);
	memset(buf + below, 0, len - below);
	return below == 0 || iv_source_read(q->backing, off, buf, below, error);
}

static bool read_run(IvQcow2 *q, uint64_t off, const IvQcow2Run *run, uint8_t *buf,
		     GError **error)
{
	size_t len = (size_t)run->len;

	switch (run->kind) {
	case IV_RUN_DATA:
		return iv_file_read(q->file, run->host, buf, len, error);
	case IV_RUN_COMPRESSED:
		return read_packed(q, off, run->host, buf, len, error);
	case IV_RUN_NONE:
		return read_backing(q, off, buf, len, error);
	case IV_RUN_ZERO:
		break;
	}
	memset(buf, 0, len);
	return true;
}

static bool qcow2_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	IvQcow2 *q = (IvQcow2 *)source;
	uint8_t *to = buf;

	while (len > 0) {
		IvQcow2Run run;

		if (!iv_qcow2_map(q, off, len, &run, error) ||
		    !read_run(q, off, &run, to, error))
			return false;
		to += run.len;
		off += run.len;
		len -= (size_t)run.len;
	}
	return true;
}

static bool qcow2_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error)
{
	IvQcow2 *q = (IvQcow2 *)source;
	IvQcow2Run run;

	if (!iv_qcow2_map(q, off, *len, &run, error))
		return false;
	*len = run.len;
	if (run.kind == IV_RUN_NONE && q->backing != NULL && off < q->backing->size)
		return iv_source_extent(q->backing, off, len, zero, error);
	/* A preallocated image has holes of its own below its clusters. */
	if (run.kind == IV_RUN_DATA)
		return iv_file_extent(q->file, run.host, len, zero, error);
	*zero = run.kind != IV_RUN_COMPRESSED;
	return true;
}

static void qcow2_free(IvSource *source)
{
	IvQcow2 *q = (IvQcow2 *)source;

	iv_cache_release(&q->l2_tables);
	iv_cache_release(&q->clusters);
	g_slist_free_full(q->codecs, codec_free);
	g_mutex_clear(&q->codecs_lock);
	g_clear_pointer(&q->backing, iv_source_unref);
	iv_file_unref(q->file);
	g_free(q->l1);
	g_free(q);
}

const IvSourceOps iv_qcow2_ops = {
	.read = qcow2_read,
	.extent = qcow2_extent,
	.free = qcow2_free,
};
