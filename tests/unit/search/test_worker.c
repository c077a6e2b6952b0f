/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_worker.c - one thread's way through items, regions and streams */
#include "scanner/search/worker.h"
#include "tests/unit/search/search_rig.h"

static void finish(IvHits *hits)
{
	if (hits != NULL)
		iv_hits_finish(hits);
}

static IvWorker *worker_new(Rig *rig)
{
	g_autoptr(GError) error = NULL;
	IvWorker *worker = iv_worker_new(rig->rules, rig->collection, &error);

	g_assert_no_error(error);
	return worker;
}

/* Wherever a file is cut into ranges, a token over the seam is found once. */
static void test_seams(void)
{
	static const uint64_t seams[] = {100, IV_BLOCK_OWN - 11, IV_BLOCK_OWN, IV_BLOCK_OWN + 5};

	for (guint i = 0; i < G_N_ELEMENTS(seams); i++) {
		g_autoptr(Rig) rig = rig_new(4 * MIB);
		g_autoptr(IvWorker) worker = worker_new(rig);
		g_autoptr(IvItem) item = rig_file(rig, "f", 64 * KIB, 2 * MIB);
		g_autofree char *got = NULL, *want = NULL;
		uint64_t at = seams[i] - 10;

		rig_fill(rig->disk, 0, 4 * MIB, ' ');
		rig_put(rig->disk, 64 * KIB + at, RIG_TOKEN);
		finish(iv_worker_range(worker, rig->place, item, NULL, 0, seams[i]));
		finish(iv_worker_range(worker, rig->place, item, NULL, seams[i], item->size));
		got = rig_findings(rig);
		want = g_strdup_printf("r.token /f file %u 1 %u\n", (guint)at, (guint)(64 * KIB + at));
		g_assert_cmpstr(got, ==, want);
		g_assert_cmpuint(iv_worker_bytes(worker), ==, item->size);
	}
}

/* A file in two pieces: the token runs from one into the other. */
static void test_fragments(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f", 8 * KIB);
	g_autofree char *got = NULL;

	rig_fill(rig->disk, 0, MIB, '\n');
	g_assert_true(iv_item_add_extent(item, 0, 500 * KIB, 4 * KIB));
	g_assert_true(iv_item_add_extent(item, 4 * KIB, 8 * KIB, 4 * KIB));
	memcpy(rig->disk->bytes + 504 * KIB - 6, RIG_TOKEN, 6);
	rig_put(rig->disk, 8 * KIB, RIG_TOKEN + 6);
	finish(iv_worker_range(worker, rig->place, item, NULL, 0, item->size));
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "r.token /f file 4090 4091 516090\n");
}

/* Slack is searched, and is no part of the file. */
static void test_slack(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f.pem", 10);
	g_autofree char *got = NULL;

	g_assert_true(iv_item_add_extent(item, 0, 4 * KIB, 4 * KIB));
	item->slack = 4 * KIB - 10;
	rig_put(rig->disk, 4 * KIB + 100, RIG_TOKEN);
	finish(iv_worker_range(worker, rig->place, item, NULL, 0, item->size));
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "r.path /f.pem file 0 0 -1\nr.token /f.pem slack 100 0 4196\n");
}

/* A file of 100 bytes in the block at 4 KiB. */
static IvItem *short_file(Rig *rig)
{
	IvItem *item = rig_item(rig, IV_ITEM_FILE, "f", 100);

	g_assert_true(iv_item_add_extent(item, 0, 4 * KIB, 4 * KIB));
	item->slack = 4 * KIB - 100;
	return item;
}

/* Both ways of searching an item: by itself, and as parts of a region. */
static void search_both_ways(Rig *rig, IvItem *item, bool region)
{
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	IvHits *hits[8] = {NULL};

	if (!region) {
		finish(iv_worker_range(worker, rig->place, item, NULL, 0, item->size));
	} else {
		g_assert_cmpuint(iv_parts_add(parts, rig->place, item, NULL), <=, 8);
		g_assert_true(iv_worker_region(worker, &rig->disk->base, NULL,
					       (IvRegionPart *)(void *)parts->data, parts->len, hits));
		for (guint i = 0; i < parts->len; i++)
			finish(hits[i]);
	}
	g_assert_cmpuint(iv_worker_bytes(worker), ==, item->size + item->slack);
}

/* Old data that begins in the slack and goes on in the next block; each token once, and
 * none that begins behind the slack. */
static void test_slack_goes_on(void)
{
	for (int region = 0; region < 2; region++) {
		g_autoptr(Rig) rig = rig_new(MIB);
		g_autoptr(IvItem) item = short_file(rig);
		g_autofree char *got = NULL;

		rig_put(rig->disk, 5 * KIB, RIG_TOKEN);
		rig_put(rig->disk, 8 * KIB - 10, RIG_TOKEN);
		rig_put(rig->disk, 9 * KIB, RIG_TOKEN);
		search_both_ways(rig, item, region);
		got = rig_findings(rig);
		g_assert_cmpstr(got, ==, "r.token /f slack 1024 0 5120\n"
					 "r.token /f slack 4086 0 8182\n");
	}
}

/* What the volume's end cuts off is nothing, and cannot be read behind it. */
static void test_slack_at_the_end(void)
{
	for (int region = 0; region < 2; region++) {
		for (unsigned cut = 0; cut < 30; cut += 10) {
			g_autoptr(Rig) rig = rig_new(8 * KIB + cut);
			g_autoptr(IvItem) item = short_file(rig);
			g_autofree char *got = NULL;

			memcpy(rig->disk->bytes + 8 * KIB - 10, RIG_TOKEN,
			       MIN(10 + cut, strlen(RIG_TOKEN)));
			search_both_ways(rig, item, region);
			got = rig_findings(rig);
			g_assert_cmpstr(got, ==, cut == 20 ? "r.token /f slack 4086 0 8182\n" : "");
		}
	}
}

/* Slack as long as that of the largest blocks, behind data and behind a hole of the host. */
static void test_long_slack(void)
{
	static const unsigned sizes[] = {1, IV_BLOCK_OWN - 1, IV_BLOCK_OWN, IV_BLOCK_OWN + 4 * KIB,
					 3 * IV_BLOCK_OWN};

	for (guint i = 0; i < 2 * G_N_ELEMENTS(sizes); i++) {
		unsigned size = sizes[i / 2], slack = 256 * KIB;
		g_autoptr(Rig) rig = rig_new(4 * MIB);
		g_autoptr(IvWorker) worker = worker_new(rig);
		g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f", size);
		g_autofree char *got = NULL, *want = NULL;

		rig->disk->holes = true;
		if (i % 2 == 0)
			rig_fill(rig->disk, 64 * KIB, size, 'x');
		g_assert_true(iv_item_add_extent(item, 0, 64 * KIB, size + slack));
		item->slack = slack;
		rig_put(rig->disk, 64 * KIB + size + 200 * KIB, RIG_TOKEN);
		rig_put(rig->disk, 64 * KIB + size + slack - 5, RIG_TOKEN);
		finish(iv_worker_range(worker, rig->place, item, NULL, 0, size));
		got = rig_findings(rig);
		want = g_strdup_printf("r.token /f slack %u 0 %u\nr.token /f slack %u 0 %u\n",
				       size + 200 * KIB, 64 * KIB + size + 200 * KIB,
				       size + slack - 5, 64 * KIB + size + slack - 5);
		g_assert_cmpstr(got, ==, want);
	}
}

static void test_memory(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "one\n" RIG_TOKEN "\n");
	g_autofree char *got = NULL;

	finish(iv_worker_range(worker, rig->place, item, NULL, 0, item->size));
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "r.token /f file 4 2 -1\n");
}

/* Bytes that cannot be read are coverage, and the rest is searched. */
static void test_unreadable(void)
{
	g_autoptr(Rig) rig = rig_new(4 * MIB);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, 2 * IV_BLOCK_OWN);
	const IvCoverageMiss *miss;
	g_autofree char *got = NULL;

	rig_fill(rig->disk, 0, 4 * MIB, ' ');
	rig_put(rig->disk, 100, RIG_TOKEN);
	rig_put(rig->disk, IV_BLOCK_OWN + 100, RIG_TOKEN);
	/* In the second block, behind what the first reads as context. */
	rig->disk->bad = IV_BLOCK_OWN + IV_BLOCK_AFTER + 100;
	finish(iv_worker_range(worker, rig->place, item, NULL, 0, item->size));
	iv_coverage_finish(rig->coverage);
	g_assert_false(rig->coverage->complete);
	miss = rig->coverage->misses->pdata[0];
	g_assert_cmpstr(miss->path, ==, "/f");
	g_assert_cmpuint(miss->bytes, >=, IV_BLOCK_OWN - IV_BLOCK_AFTER);
	g_assert_nonnull(strstr(miss->reason, "bad sector"));
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "r.token /f file 100 1 100\n");
}

/* --- regions --------------------------------------------------------------------------- */

static void test_region(void)
{
	g_autoptr(Rig) rig = rig_new(2 * IV_REGION_BYTES);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvDigest) digest = iv_digest_new(&rig->disk->base, NULL);
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	g_autoptr(IvItem) a = rig_file(rig, "a", 4 * KIB, KIB);
	g_autoptr(IvItem) b = rig_file(rig, "b", 8 * KIB, KIB);
	IvHits *hits[2] = {NULL, NULL};
	g_autofree char *got = NULL;

	/* Over the end of one file into the next: no token of either. */
	rig_put(rig->disk, 5 * KIB - 10, RIG_TOKEN);
	rig_put(rig->disk, 8 * KIB, RIG_TOKEN);
	iv_parts_add(parts, rig->place, a, NULL);
	iv_parts_add(parts, rig->place, b, NULL);
	g_assert_true(iv_worker_region(worker, &rig->disk->base, digest,
				       (IvRegionPart *)(void *)parts->data, 2, hits));
	g_assert_null(hits[0]);
	g_assert_nonnull(hits[1]);
	g_assert_true(iv_digest_done(digest, 0, IV_REGION_BYTES));
	g_assert_false(iv_digest_done(digest, IV_REGION_BYTES, IV_REGION_BYTES));
	finish(hits[1]);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "r.token /b file 0 1 8192\n");
}

/* An unreadable region: every part of it is coverage, and it is not hashed. */
static void test_region_unreadable(void)
{
	g_autoptr(Rig) rig = rig_new(IV_REGION_BYTES);
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvDigest) digest = iv_digest_new(&rig->disk->base, NULL);
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	g_autoptr(IvItem) a = rig_file(rig, "a", 4 * KIB, KIB);
	g_autoptr(IvItem) b = rig_file(rig, "b", 8 * KIB, KIB);
	IvHits *hits[2] = {NULL, NULL};

	iv_parts_add(parts, rig->place, a, NULL);
	iv_parts_add(parts, rig->place, b, NULL);
	rig->disk->fail_at = rig->disk->reads + 1;
	g_assert_false(iv_worker_region(worker, &rig->disk->base, digest,
					(IvRegionPart *)(void *)parts->data, 2, hits));
	iv_coverage_finish(rig->coverage);
	g_assert_null(hits[0]);
	g_assert_null(hits[1]);
	g_assert_cmpuint(rig->coverage->misses->len, ==, 2);
	g_assert_cmpuint(rig->place->entry->unread, ==, 2 * KIB);
	g_assert_false(iv_digest_done(digest, 0, IV_REGION_BYTES));
}

/* --- streams --------------------------------------------------------------------------- */

typedef struct {
	const uint8_t *bytes;
	size_t size, at, most, fail_at;
} Stream;

static bool stream_read(void *user, void *buf, size_t len, size_t *got, GError **error)
{
	Stream *s = user;

	if (s->fail_at > 0 && s->at >= s->fail_at)
		return iv_fail(error, IV_ERROR_IO, "the stream ends early");
	*got = MIN(len, MIN(s->most, s->size - s->at));
	memcpy(buf, s->bytes + s->at, *got);
	s->at += *got;
	return true;
}

static char *run_stream(Rig *rig, Stream *stream, bool *ok)
{
	g_autoptr(IvWorker) worker = worker_new(rig);
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, "s");
	g_autoptr(GError) error = NULL;
	IvHits *hits = NULL;

	item->size = stream->size;
	item->stream = stream_read;
	item->stream_user = stream;
	*ok = iv_worker_stream(worker, rig->place, item, &hits, &error);
	g_assert_true(*ok == (error == NULL));
	finish(hits);
	return rig_findings(rig);
}

/* However the bytes come: the same findings, with their lines. */
static void test_stream(void)
{
	static const size_t most[] = {7, 4096, 100000, SIZE_MAX};
	g_autofree uint8_t *bytes = g_malloc(2 * MIB);

	memset(bytes, '\n', 2 * MIB);
	memcpy(bytes + 10, RIG_TOKEN, strlen(RIG_TOKEN));
	memcpy(bytes + IV_BLOCK_OWN - 5, RIG_TOKEN, strlen(RIG_TOKEN));
	for (guint i = 0; i < G_N_ELEMENTS(most); i++) {
		g_autoptr(Rig) rig = rig_new(MIB);
		Stream stream = {bytes, 2 * MIB, 0, most[i], 0};
		g_autofree char *got = NULL;
		bool ok;

		rig->place->on_disk = false;
		got = run_stream(rig, &stream, &ok);
		g_assert_true(ok);
		g_assert_cmpstr(got, ==, "r.token /s file 10 11 -1\nr.token /s file 524283 524262 -1\n");
	}
}

static void test_stream_fails(void)
{
	g_autofree uint8_t *bytes = g_malloc0(2 * MIB);
	g_autoptr(Rig) rig = rig_new(MIB);
	Stream stream = {bytes, 2 * MIB, 0, SIZE_MAX, MIB};
	g_autofree char *got = NULL;
	bool ok;

	rig->place->on_disk = false;
	memcpy(bytes + 10, RIG_TOKEN, strlen(RIG_TOKEN));
	got = run_stream(rig, &stream, &ok);
	g_assert_false(ok);
	g_assert_cmpstr(got, ==, "r.token /s file 10 0 -1\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/seams", test_seams);
	g_test_add_func("/worker/fragments", test_fragments);
	g_test_add_func("/worker/slack", test_slack);
	g_test_add_func("/worker/slack-goes-on", test_slack_goes_on);
	g_test_add_func("/worker/slack-at-the-end", test_slack_at_the_end);
	g_test_add_func("/worker/long-slack", test_long_slack);
	g_test_add_func("/worker/memory", test_memory);
	g_test_add_func("/worker/unreadable", test_unreadable);
	g_test_add_func("/worker/region", test_region);
	g_test_add_func("/worker/region-unreadable", test_region_unreadable);
	g_test_add_func("/worker/stream", test_stream);
	g_test_add_func("/worker/stream-fails", test_stream_fails);
	return g_test_run();
}
