/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_links.c - which further names of a file are searched again */
#include "scanner/search/links.h"
#include "tests/unit/search/search_rig.h"

typedef struct {
	Rig *rig;
	IvSearch *search;
	IvLinks *links;
} Volume;

static void open_volume(Volume *v)
{
	v->rig = rig_new(MIB);
	v->search = iv_search_start(v->rig->rules, &v->rig->disk->base, NULL, v->rig->collection, 2,
				    NULL, NULL);
	v->links = iv_links_new();
	g_assert_nonnull(v->search);
}

/* As a reader's item: kept, or searched at once. */
static void emit(Volume *v, IvItem *item)
{
	if (!iv_links_keep(v->links, item))
		g_assert_true(iv_search_add(v->search, v->rig->place, item, NULL));
}

static void emit_file(Volume *v, const char *path, const char *link_of, const char *text)
{
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, path, text);

	item->link_of = g_strdup(link_of);
	emit(v, item);
}

static void emit_attribute(Volume *v, const char *path, const char *name, const char *text)
{
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_XATTR, path, text);

	item->detail = g_strdup(name);
	emit(v, item);
}

static char *close_volume(Volume *v)
{
	g_autoptr(GError) error = NULL;
	uint64_t bytes;
	char *found;

	g_assert_true(iv_links_search(v->links, v->search, v->rig->place, &error));
	g_assert_true(iv_search_finish(v->search, &bytes, &error));
	iv_links_free(v->links);
	iv_search_free(v->search);
	found = rig_findings(v->rig);
	rig_free(v->rig);
	return found;
}

/* Something was found under the first name: the others have it as well. */
static void test_found(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, RIG_TOKEN);
	emit_file(&v, "b", "a", RIG_TOKEN);
	emit_file(&v, "c", NULL, "nothing");
	emit_file(&v, "d", "c", "nothing");
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "r.token /a file 0 1 -1\nr.token /b file 0 1 -1\n");
}

/* A rule looks at the further name, not at the first. */
static void test_path(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, "nothing");
	emit_file(&v, "b.pem", "a", "nothing");
	got = close_volume(&v);
	g_assert_cmpstr(got, ==, "r.path /b.pem file 0 0 -1\n");
}

/* An attribute belongs to all names; labels and access lists are not kept. */
static void test_attributes(void)
{
	g_autofree char *got = NULL;
	Volume v;

	open_volume(&v);
	emit_file(&v, "a", NULL, "nothing");
	emit_attribute(&v, "a", "user.key", RIG_TOKEN);
	emit_attribute(&v, "a", "security.label", RIG_TOKEN);
	emit_file(&v, "b", "a", "nothing");
	got = close_volume(&v);
	g_assert_cmpstr(got, ==,
			"r.token /a@security.label xattr 0 0 -1\n"
			"r.token /a@user.key xattr 0 0 -1\n"
			"r.token /b@user.key xattr 0 0 -1\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/links/found", test_found);
	g_test_add_func("/links/path", test_path);
	g_test_add_func("/links/attributes", test_attributes);
	return g_test_run();
}
