/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_packed.c - what was not opened: the same list in whatever order it is counted */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/finding/covered.h"

static void add(IvPackedList *list, const char *volume, const char *group, const char *kind,
		const char *place)
{
	IvPackedEntry more = {.volume = (char *)volume, .group = (char *)group, .kind = (char *)kind,
			      .files = place != NULL && *place == '/',
			      .pieces = place == NULL || *place != '/', .bytes = 512};

	iv_packed_list_add(list, &more, place);
}

static char *dump(const IvPackedList *list)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list->entries->len; i++) {
		const IvPackedEntry *e = list->entries->pdata[i];
		g_autofree char *places = e->places != NULL ? g_strjoinv(" ", e->places) : NULL;

		g_string_append_printf(text, "%s %s %u %u %u %s\n", e->volume, e->kind, (guint)e->files,
				       (guint)e->pieces, (guint)e->bytes, places != NULL ? places : "-");
	}
	return g_string_free(text, FALSE);
}

/* Forwards, backwards: the first places in order stay, each once. */
static void test_order(void)
{
	for (int way = 0; way < 2; way++) {
		g_autoptr(IvPackedList) list = iv_packed_list_new();
		g_autofree char *text = NULL;

		for (int k = 0; k < 24; k++) {
			int i = way == 0 ? k : 23 - k;
			g_autofree char *place = g_strdup_printf("/%02d", i / 2);

			add(list, "p10", "compressed", "gzip", place);
		}
		add(list, "p2", "archive", "zip", "free at 512");
		add(list, "p2", "archive", "rar", NULL);
		iv_packed_list_settle(list);
		text = dump(list);
		g_assert_cmpstr(text, ==,
				"p2 rar 0 1 512 -\n"
				"p2 zip 0 1 512 free at 512\n"
				"p10 gzip 24 0 12288 /00 /01 /02 /03 /04 /05 /06 /07\n");
	}
}

/* More entries than the list has room for: the last ones in order are counted by kind. */
static void test_ceiling(void)
{
	char *texts[2] = {NULL};

	for (int way = 0; way < 2; way++) {
		g_autoptr(IvPackedList) list = iv_packed_list_new();
		const guint n = 2 * IV_MAX_PACKED + 100;

		for (guint k = 0; k < n; k++) {
			guint i = way == 0 ? k : n - 1 - k;
			g_autofree char *volume = g_strdup_printf("p%05u", i);

			add(list, volume, "compressed", i % 2 != 0 ? "gzip" : "xz", "/a");
		}
		iv_packed_list_settle(list);
		g_assert_cmpuint(list->entries->len, ==, IV_MAX_PACKED + 2);
		texts[way] = dump(list);
		g_assert_true(g_str_has_prefix(texts[way], " gzip 2098 0 1074176 -\n xz 2098 0 1074176 -\n"
							    "p00000 xz 1 0 512 /a\n"));
	}
	g_assert_cmpstr(texts[0], ==, texts[1]);
	g_free(texts[0]);
	g_free(texts[1]);
}

static void test_long_place(void)
{
	g_autoptr(IvPackedList) list = iv_packed_list_new();
	g_autofree char *place = g_strnfill(IV_MAX_PACKED_PLACE_BYTES - 1, 'a');
	g_autofree char *longer = g_strconcat(place, "\u00e4\u00e4", NULL);
	const IvPackedEntry *e;

	add(list, "p1", "archive", "zip", longer);
	e = list->entries->pdata[0];
	/* Cut before the letter that does not fit as a whole. */
	g_assert_cmpuint(strlen(e->places[0]), ==, IV_MAX_PACKED_PLACE_BYTES - 1 + 3);
	g_assert_true(g_utf8_validate(e->places[0], -1, NULL));
}

static void test_words(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();
	IvCoverageVolume *v = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 1);
	g_autofree char *none = iv_covered_sentence(c), *one = NULL, *many = NULL, *unknown = NULL;
	static const char *const groups[] = {"encoded", "archive", "of the future", "encoded"};

	g_assert_cmpstr(none, ==,
			"every byte of the disk was searched as stored; nothing was recognised as "
			"packed or encoded");
	iv_coverage_packed(c, v, (IvPackedEntry){.group = (char *)"encoded", .kind = (char *)"utf-16", .files = 1},
			   "/a");
	one = iv_covered_not_opened(c);
	g_assert_cmpstr(one, ==, "1 encoded text was not opened");
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
		iv_coverage_packed(c, v, (IvPackedEntry){.group = (char *)groups[i], .kind = (char *)groups[i],
							 .pieces = 1, .bytes = 1024}, NULL);
	many = iv_covered_not_opened(c);
	g_assert_cmpstr(many, ==,
			"1 archive, 3 encoded texts and 1 packed thing of another kind (4.0 KiB) were "
			"not opened");
	g_clear_pointer(&c->packed, iv_packed_list_free);
	unknown = iv_covered_not_opened(c);
	g_assert_cmpstr(unknown, ==, "whether anything is packed or encoded was not counted");
}

static void test_tree(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();

	iv_coverage_volume(c, "tree", "tree", "tree", 0, 1);
	g_assert_cmpstr(iv_covered_words(c), ==, "every file of the folder was searched as stored, as this user sees it");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/packed/order", test_order);
	g_test_add_func("/packed/ceiling", test_ceiling);
	g_test_add_func("/packed/long-place", test_long_place);
	g_test_add_func("/packed/words", test_words);
	g_test_add_func("/packed/tree", test_tree);
	return g_test_run();
}
