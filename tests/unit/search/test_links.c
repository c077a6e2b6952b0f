/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_links.c - bytes with several names: searched once, judged under each of them */
#include "scanner/search/links.h"
#include "tests/unit/search/search_rig.h"

typedef struct {
	Rig *rig;
	IvSearch *search;
	IvLinks *links;
	uint64_t bytes; /* that were searched */
} Volume;

static void open_volume(Volume *v)
{
	v->rig = rig_new(MIB);
	v->search = iv_search_start(v->rig->rules, &v->rig->disk->base, NULL, v->rig->collection, 2,
				    NULL, NULL);
	v->links = iv_links_new();
	g_assert_nonnull(v->search);
}

static void emit(Volume *v, IvItem *item)
{
	g_assert_true(iv_links_add(v->links, v->search, v->rig->place, item, NULL));
}

/* As readers do: the first name says how many others may come. */
static void emit_file(Volume *v, const char *path, const char *link_of, uint32_t more,
		      const char *text)
{
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, path, text);

	item->link_of = g_strdup(link_of);
	item->share = 7;
	item->more = more;
	emit(v, item);
}

static void emit_attribute(Volume *v, const char *path, const char *name, const char *text)
{
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_XATTR, path, text);

	item->detail = g_strdup(name);
	item->share = 7;
	emit(v, item);
}

static char *close_volume(Volume *v)
{
	g_autoptr(GError) error = NULL;
	char *found;

	g_assert_true(iv_links_finish(v->links, v->search, v->rig->place, &error));
	g_assert_true(iv_search_finish(v->search, &v->bytes, &error));
	iv_links_free(v->links);
	iv_search_free(v->search);
	found = rig_findings(v->rig);
	iv_coverage_finish(v->rig->coverage);
	return found;
}

static void free_volume(Volume *v)
{
	rig_free(v->rig);
}

static void test_found(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, 2, RIG_TOKEN);
	emit_file(&v, "b", "a", 0, RIG_TOKEN);
	emit_file(&v, "c", "a", 0, RIG_TOKEN);
	got = close_volume(&v);
	g_assert_cmpstr(got, ==,
			"r.token /a file 0 1 -1\nr.token /b file 0 1 -1\nr.token /c file 0 1 -1\n");
	g_assert_cmpuint(v.bytes, ==, strlen(RIG_TOKEN));
	g_assert_true(v.rig->coverage->complete);
	free_volume(&v);
}

/* What one name silences is reported under the other, whichever comes first. */
static void test_silent_name(void)
{
	static const char *const orders[][2] = {{"doc/x", "zz/x"}, {"zz/x", "doc/x"}};

	for (guint i = 0; i < G_N_ELEMENTS(orders); i++) {
		g_autofree char *got = NULL;
		Volume v;

		open_volume(&v);
		emit_file(&v, orders[i][0], NULL, 1, "pin=1234");
		emit_file(&v, orders[i][1], orders[i][0], 0, "pin=1234");
		got = close_volume(&v);
		g_assert_cmpstr(got, ==, "r.quiet /zz/x file 4 1 -1\n");
		free_volume(&v);
	}
}

/* A rule looks at the further name, not at the first. */
static void test_path(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, 5, "nothing");
	emit_file(&v, "b.pem", "a", 0, "nothing");
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "r.path /b.pem file 0 0 -1\n");
	free_volume(&v);
}

/* An attribute belongs to all names; labels and access lists are not kept. */
static void test_attributes(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, 1, "nothing");
	emit_attribute(&v, "a", "user.key", RIG_TOKEN);
	emit_attribute(&v, "a", "security.label", RIG_TOKEN);
	emit_file(&v, "b", "a", 0, "nothing");
	got = close_volume(&v);
	g_assert_cmpstr(got, ==,
			"r.token /a@security.label xattr 0 0 -1\n"
			"r.token /a@user.key xattr 0 0 -1\n"
			"r.token /b@user.key xattr 0 0 -1\n");
	free_volume(&v);
}

/* An attribute that other files have too, under another name of its own. */
static void test_shared_attribute(void)
{
	g_autoptr(IvItem) first = rig_memory(IV_ITEM_XATTR, "a", RIG_TOKEN);
	g_autoptr(IvItem) other = rig_memory(IV_ITEM_XATTR, "b", RIG_TOKEN);
	g_autofree char *got = NULL;
	Volume v;

	first->detail = g_strdup("user.x");
	other->detail = g_strdup("user.y");
	other->link_of = g_strdup("a");
	first->share = other->share = 9;
	first->more = IV_MORE_UNKNOWN;
	open_volume(&v);
	emit(&v, first);
	emit(&v, other);
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "r.token /a@user.x xattr 0 0 -1\nr.token /b@user.y xattr 0 0 -1\n");
	g_assert_cmpuint(v.bytes, ==, strlen(RIG_TOKEN));
	free_volume(&v);
}

/* A block of attributes: one of them tells the names for all, each keeps its own name. */
static void test_shared_block(void)
{
	g_autoptr(IvItem) first = rig_memory(IV_ITEM_XATTR, "a", "nothing");
	g_autoptr(IvItem) second = rig_memory(IV_ITEM_XATTR, "a", RIG_TOKEN);
	g_autoptr(IvItem) again = rig_memory(IV_ITEM_XATTR, "b", "nothing");
	g_autofree char *got = NULL;
	Volume v;

	first->detail = g_strdup("user.x");
	second->detail = g_strdup("user.y");
	again->detail = g_strdup("user.x");
	again->link_of = g_strdup("a");
	first->share = second->share = again->share = 9;
	first->more = IV_MORE_UNKNOWN;
	open_volume(&v);
	emit(&v, first);
	emit(&v, second);
	emit(&v, again);
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "r.token /a@user.y xattr 0 0 -1\nr.token /b@user.y xattr 0 0 -1\n");
	free_volume(&v);
}

/* A file whose bytes came as a stream is searched again only for what that can tell. */
static void test_stream(void)
{
	static const struct {
		const char *link, *text, *got;
		uint64_t bytes;
	} rows[] = {
		{"b", "nothing", "", 0},
		{"doc/b", "nothing", "", 7},
		{"b.pem", "nothing", "r.path /b.pem file 0 0 -1\n", 7},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = NULL;
		Volume v;

		open_volume(&v);
		emit_file(&v, rows[i].link, "a", 1, rows[i].text);
		got = close_volume(&v);
		g_assert_cmpstr(got, ==, rows[i].got);
		g_assert_cmpuint(v.bytes, ==, rows[i].bytes);
		free_volume(&v);
	}
}

/* What was found in the stream is found under its further names, attributes as well. */
static void test_found_in_stream(void)
{
	g_autofree char *got = NULL;
	g_autoptr(IvItem) attribute = rig_memory(IV_ITEM_XATTR, "a", RIG_TOKEN);
	Volume v;

	open_volume(&v);
	attribute->detail = g_strdup("user.key");
	emit(&v, attribute);
	iv_place_add_found(v.rig->place, "a");
	emit_file(&v, "b", "a", 1, RIG_TOKEN);
	got = close_volume(&v);
	g_assert_cmpstr(got, ==,
			"r.token /a@user.key xattr 0 0 -1\n"
			"r.token /b file 0 1 -1\n"
			"r.token /b@user.key xattr 0 0 -1\n");
	free_volume(&v);
}

/* A name that has no room, or whose file had none, is a miss; what has room is judged. */
static void test_no_room(void)
{
	g_autofree char *got = NULL, *dir = g_strnfill(16 * KIB, 'd');
	guint n = IV_MAX_LINK_BYTES / (16 * KIB) + 10;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, n, RIG_TOKEN);
	for (guint i = 0; i < n - 1; i++) {
		g_autofree char *path = g_strdup_printf("%s/%u", dir, i);

		emit_file(&v, path, "a", 0, RIG_TOKEN);
	}
	got = close_volume(&v);
	g_assert_true(g_str_has_prefix(got, "r.token /a file 0 1 -1\n"));
	g_assert_false(v.rig->coverage->complete);
	g_assert_cmpuint(v.bytes, ==, strlen(RIG_TOKEN));
	free_volume(&v);
}

static void test_lost_file(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "b", "a", 0, RIG_TOKEN);
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "");
	g_assert_false(v.rig->coverage->complete);
	free_volume(&v);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/links/found", test_found);
	g_test_add_func("/links/silent-name", test_silent_name);
	g_test_add_func("/links/path", test_path);
	g_test_add_func("/links/attributes", test_attributes);
	g_test_add_func("/links/shared-attribute", test_shared_attribute);
	g_test_add_func("/links/shared-block", test_shared_block);
	g_test_add_func("/links/stream", test_stream);
	g_test_add_func("/links/found-in-stream", test_found_in_stream);
	g_test_add_func("/links/no-room", test_no_room);
	g_test_add_func("/links/lost-file", test_lost_file);
	return g_test_run();
}
