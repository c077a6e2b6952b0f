/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_scan_streams.c - a child that was taken over answers with no report, with too much, with
 * half of it, or not at all: see forged_rig.h.
 */
#include <sys/resource.h>

#include "scanner/base/write.h"
#include "scanner/report/parts.h"
#include "tests/unit/process/forged_rig.h"

/* --- what the child writes ------------------------------------------------------------------- */

static void put(int fd, const void *bytes, size_t len)
{
	if (!iv_write_all(fd, bytes, len))
		_exit(6);
}

static void garbage(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "{\"schema\":1}", 12);
}

static void mute(int fd, IvAnswer *a, IvReport *r)
{
	_exit(0);
}

static void half(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_add(a, 0, "", 0, NULL));
	put(fd, "\0\10\0\0", 4);
}

static void no_end(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_scan_answer_say(a, r, NULL));
}

static void only_the_end(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_end(a, NULL));
}

static void behind_the_end(int fd, IvAnswer *a, IvReport *r)
{
	if (iv_scan_answer_say(a, r, NULL) && iv_answer_end(a, NULL))
		put(fd, "x", 1);
}

static void unknown_kind(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_add(a, 0x7f, "", 0, NULL) && iv_answer_end(a, NULL));
}

static const IvReportPart *part_of(const char *part_name, guint8 *kind)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	for (*kind = 0; *kind < count; (*kind)++)
		if (strcmp(parts[*kind].name, part_name) == 0)
			return &parts[*kind];
	_exit(5);
}

/* All the parts as they should be, each given to `send`. */
static void send_parts(IvAnswer *a, IvReport *r, const char *odd, guint repeats, gsize more)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	for (unsigned k = 0; k < count; k++) {
		guint n = strcmp(parts[k].name, odd) == 0 ? repeats : 1;
		void *object;

		for (guint i = 0; (object = parts[k].at(r, i)) != NULL; i++) {
			g_autoptr(GByteArray) bytes = g_byte_array_new();

			iv_part_write(bytes, &parts[k], object);
			if (strcmp(parts[k].name, odd) == 0)
				g_byte_array_set_size(bytes, bytes->len + (guint)more);
			for (guint j = 0; j < n; j++)
				if (!iv_answer_add(a, (guint8)k, bytes->data, bytes->len, NULL))
					_exit(4);
		}
	}
	iv_ignore(iv_answer_end(a, NULL));
}

static void unknown_field(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 1, 8);
}

static void missing_part(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 0, 0);
}

static void doubled_part(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 2, 0);
}

static void many_volumes(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "coverage.volumes", IV_MAX_VOLUMES + 1, 0);
}

static void late_part(int fd, IvAnswer *a, IvReport *r)
{
	guint8 kind;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	const IvReportPart *image_part = part_of("image", &kind);

	if (!iv_scan_answer_say(a, r, NULL))
		_exit(3);
	iv_part_write(bytes, image_part, r);
	iv_ignore(iv_answer_add(a, kind, bytes->data, bytes->len, NULL) && iv_answer_end(a, NULL));
}

static void long_record(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "\5\xff\xff\xff\x7f", 5);
	for (;;)
		put(fd, image, 1);
}

/* Half a gigabyte of what could be findings. */
static void flood(int fd, IvAnswer *a, IvReport *r)
{
	g_autofree char *zeros = g_malloc0(MIB);

	memset(zeros, 0xff, 5);
	for (guint i = 0; i < 512; i++)
		put(fd, zeros, MIB);
}

/* Without the sender's own ceilings. */
static void put_part(int fd, guint8 kind, const IvReportPart *part, const void *object)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 head[5] = {kind};

	iv_part_write(bytes, part, object);
	for (guint i = 0; i < 4; i++)
		head[1 + i] = (guint8)(bytes->len >> (8 * i));
	put(fd, head, sizeof(head));
	put(fd, bytes->data, bytes->len);
}

/* The same in records that are well-formed. */
static void flood_of_notes(int fd, IvAnswer *a, IvReport *r)
{
	guint8 notes;
	g_autofree char *text = g_strnfill(200000, 'x');
	const IvReportPart *part = part_of("coverage.notes", &notes), *parts = part - notes;

	for (guint8 k = 0; k < notes; k++) {
		void *object;

		for (guint i = 0; (object = parts[k].at(r, i)) != NULL; i++)
			put_part(fd, k, &parts[k], object);
	}
	for (;;)
		put_part(fd, notes, part, &text);
}

static void sleep_for_ever(int fd, IvAnswer *a, IvReport *r)
{
	for (;;)
		pause();
}

static void close_and_sleep(int fd, IvAnswer *a, IvReport *r)
{
	if (!iv_scan_answer_say(a, r, NULL) || !iv_answer_end(a, NULL))
		_exit(3);
	put(fd, "x", 1);
	close(fd);
	for (;;)
		pause();
}

static void drip(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "\0\377\0\0\0", 5);
	for (;;) {
		put(fd, "\0", 1);
		g_usleep(50000);
	}
}

/* --- what the parent says -------------------------------------------------------------------- */

static void test_streams(void)
{
	static const struct {
		const char *name;
		Stream stream;
		const char *words;
	} rows[] = {
		ROW(garbage, "was not believed"), ROW(unknown_kind, "no known kind"),
		ROW(unknown_field, "more than its known fields"), ROW(missing_part, "run is missing"),
		ROW(doubled_part, "more than 1 of run"), ROW(late_part, "out of order"),
		ROW(many_volumes, "more than 16384"), ROW(only_the_end, "is missing"),
		ROW(behind_the_end, "behind its end"), ROW(long_record, "a record of"),
		ROW(flood, "was not believed"), ROW(flood_of_notes, "longer than"),
		ROW(close_and_sleep, "behind its end"),
	};
	static const struct {
		const char *name;
		Stream stream;
		const char *words;
	} waiting[] = {
		ROW(sleep_for_ever, "neither works nor answers"),
		ROW(drip, "too slowly"),
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		stream = rows[i].stream;
		refused(rows[i].name, PATIENT, rows[i].words);
	}
	for (guint i = 0; i < G_N_ELEMENTS(waiting); i++) {
		stream = waiting[i].stream;
		refused(waiting[i].name, HURRIED, waiting[i].words);
	}
}

static void test_broken_off(void)
{
	static const Stream rows[] = {mute, half, no_end};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		stream = rows[i];
		g_assert_null(scan(image, 0, &error));
		g_assert_nonnull(error);
	}
}

/* None of these made the parent large. */
static void test_memory(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
#ifndef __SANITIZE_ADDRESS__
	g_assert_cmpint(used.ru_maxrss, <, 150 * 1024);
#endif
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/forged/streams", test_streams);
	g_test_add_func("/forged/broken-off", test_broken_off);
	g_test_add_func("/forged/memory", test_memory);
	return rig_end(g_test_run());
}
