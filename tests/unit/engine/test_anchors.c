/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_anchors.c - literals from patterns: a table, and a property of random patterns */
#include <glib.h>
#include <string.h>

#include "scanner/engine/anchors.h"
#include "scanner/engine/regex.h"

/* Anchors in order of their text, joined by '|'; NULL: none can be derived. */
static const struct {
	const char *pattern, *anchors;
} rows[] = {
	/* plain text, and the part that is rarest */
	{"EXTOK_[0-9A-F]{16}", "extok_"},
	{"token: EXTOK_\\d+", "token: extok_"},
	{"[0-9]{4}EXTOK[0-9]{4}", "extok"},
	{"\\bEXTOK\\b", "extok"},
	{"^EXTOK$", "extok"},
	{"ab", NULL},
	{"\\d+", NULL},
	{".*", NULL},
	{"", NULL},
	/* alternatives: one literal of each branch, or none */
	{"(?:AKID|ASIX)[0-9]{16}", "akid|asix"},
	{"foozle|barzle", "barzle|foozle"},
	{"foozle|\\d+", NULL},
	{"foozle|", NULL},
	{"(foozle|barzle)?quux", "quux"},
	{"x(?:ab|cd)y(?:ef|gh)z", "xabyefz|xabyghz|xcdyefz|xcdyghz"},
	{"(?:^|/)\\.foo/|(?:^|/)id_(?:rsx|dsx|ecdsx|ed1)(?:_sk)?(?:\\.(?:bak|old|pem))?$",
	 ".foo/|id_dsx|id_ecdsx|id_ed1|id_rsx"},
	{"(?|foozle(1)|barzle(2))", "barzle2|foozle1"},
	/* what may be absent or repeated */
	{"foozle(?:bar)*", "foozle"},
	{"foozles?x", "foozlesx|foozlex"},
	{"foozles*x", "foozle"},
	{"foozle(?:bar)+x", "foozlebar"},
	{"(?:foozle){0}bar[0-9]", "bar"},
	{"(?:foozle){0,5}bar[0-9]", "bar"},
	{"(?:foozle){2}", "foozlefoozle"},
	{"foozle+?x", "foozle"},
	{"foozle++x", "foozle"},
	{"fooz{3}le", "foozzzle"},
	{"foozle{,3}", NULL},
	{"foozle{ 1, 3 }", NULL},
	{"foozle{x}", "foozle{x}"},
	/* small classes are spelled out, large ones end the literal */
	{"foozle[_-]key", "foozle-key|foozle_key"},
	{"foozle[^_]key", "foozle"},
	{"foozle[a-c]x", "foozleax|foozlebx|foozlecx"},
	{"foozle[\\]x]y", "foozle]y|foozlexy"},
	{"foozle[]x]y", "foozle]y|foozlexy"},
	{"foozle[[:digit:]]y", "foozle"},
	{"foozle\\wbarzle0", "barzle0"},
	/* no literal that is not text: \s has a form feed */
	{"foozle\\s?[=:]", "foozle"},
	{"foozle[\\t ]=", "foozle\t=|foozle ="},
	/* case does not count */
	{"(?i)FooZle", "foozle"},
	{"[Ff]oo[Zz]le", "foozle"},
	{"(?i:FOO)zle", "foozle"},
	{"(?-i:FOO)zle", "foozle"},
	/* what is looked at but not taken gives nothing */
	{"(?=foozle)[a-z]+", NULL},
	{"(?<=foozle)[a-z]+", NULL},
	{"(?<!foozle)barzle", "barzle"},
	{"bar(?!foozle)zle", "barzle"},
	/* escapes, quotes, comments, extended syntax */
	{"foo\\.zle", "foo.zle"},
	{"foo\\x2ezle", "foo.zle"},
	{"foo\\x{2e}zle", "foo.zle"},
	{"\\Qfoo.z|e\\E[0-9]", "foo.z|e"},
	{"foo(?#comment)zle", "foozle"},
	{"(?x) foo z le # word\n [0-9]", "foozle"},
	{"(?x) foo[ ]zle", "foo zle"},
	{"(?x: foo ) zle", "foo zle"},
	{"foo\\tzle", "foo\tzle"},
	{"(?P<name>foozle)(?<n>1)(?'m'2)", "foozle12"},
	{"(?>foozle)", "foozle"},
	{"foozle(a)\\1", "foozlea"},
	/* a common word only where nothing else is left */
	{"password[=:]\\w+", "password:|password="},
	{"password=\\w+foozle", "password="},
	{"token.{1,9}foozle", "foozle"},
	{"password\\W", "password"},
	/* unknown syntax: none, rather than a wrong one */
	{"foo\\Kzle", NULL},
	{"foo\\cAzle", NULL},
	{"foozle(?(1)a|b)", NULL},
	{"foozle(?R)?", NULL},
	{"(*SKIP)foozle", NULL},
	{"foozle\\g{1}(a)", NULL},
	{"foozle\\0", NULL},
};

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *derived(const char *pattern)
{
	g_auto(GStrv) anchors = iv_anchors_derive(pattern);

	if (anchors == NULL)
		return NULL;
	qsort(anchors, g_strv_length(anchors), sizeof(*anchors), by_text);
	return g_strjoinv("|", anchors);
}

static void test_table(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = derived(rows[i].pattern);

		g_test_message("%s -> %s", rows[i].pattern, got);
		g_assert_cmpstr(got, ==, rows[i].anchors);
	}
}

/* Deep nesting and huge sets end, with or without an anchor. */
static void test_ceilings(void)
{
	g_autofree char *open = g_strnfill(5000, '('), *close = g_strnfill(5000, ')');
	g_autofree char *deep = g_strconcat(open, "foozle", close, NULL);
	g_autofree char *long_text = g_strnfill(100000, 'q');
	g_autoptr(GString) many = g_string_new("foozle0");
	g_autoptr(GString) wide = g_string_new("foozle");
	g_autofree char *a = derived(deep), *b = derived(long_text), *c = NULL, *d = NULL;

	for (guint i = 1; i < 1000; i++)
		g_string_append_printf(many, "|foozle%u", i);
	for (guint i = 0; i < 40; i++)
		g_string_append(wide, "[abcd]");
	c = derived(many->str);
	d = derived(wide->str);
	g_assert_null(a);
	g_assert_cmpuint(strlen(b), <=, IV_ANCHOR_MAX);
	g_assert_null(c);
	g_assert_true(g_str_has_prefix(d, "foozle"));
}

/* --- a property of random patterns ------------------------------------------------------- */

typedef struct {
	GRand *rand;
	GString *pattern, *text; /* a pattern, and bytes that it matches */
	guint depth;
} Maker;

static int pick(Maker *m, int n)
{
	return g_rand_int_range(m->rand, 0, n);
}

static void make_alternatives(Maker *m);

static char a_letter(Maker *m)
{
	return "abcxyzABCXYZ0_-=:"[pick(m, 17)];
}

static void make_literal(Maker *m)
{
	for (int n = 1 + pick(m, 5); n > 0; n--) {
		char c = a_letter(m);

		g_string_append_c(m->pattern, c);
		g_string_append_c(m->text, c);
	}
}

static void make_class(Maker *m)
{
	static const struct {
		const char *class, *members;
	} classes[] = {
		{"[abc]", "abc"}, {"[^a-y]", "z0_"}, {"\\d", "059"}, {"\\w", "aZ_3"}, {".", "x-:"},
		{"[_-]", "_-"}, {"\\s", " \t"}, {"[[:digit:]x]", "0x"}, {"[\\dz]", "7z"},
		{"\\x41", "A"}, {"\\Qa.b\\E", NULL},
	};
	int i = pick(m, G_N_ELEMENTS(classes));

	g_string_append(m->pattern, classes[i].class);
	if (classes[i].members == NULL)
		g_string_append(m->text, "a.b");
	else
		g_string_append_c(m->text,
				  classes[i].members[pick(m, (int)strlen(classes[i].members))]);
}

static void make_group(Maker *m)
{
	static const char *const heads[] = {"(", "(?:", "(?>", "(?i:", "(?P<n>", "(?x:"};

	g_string_append(m->pattern, heads[pick(m, G_N_ELEMENTS(heads))]);
	make_alternatives(m);
	g_string_append_c(m->pattern, ')');
}

/* An atom is written once; its text may be repeated or absent by a quantifier.
 * The text is repeated as it stands: it still matches. */
static void make_quantified(Maker *m)
{
	static const struct {
		const char *quantifier;
		int min, max;
	} kinds[] = {
		{"?", 0, 1}, {"*", 0, 3}, {"+", 1, 3}, {"{2}", 2, 2}, {"{1,3}", 1, 3},
		{"{0}", 0, 0}, {"??", 0, 1}, {"{2,}", 2, 4}, {"+?", 1, 3},
	};
	int kind = pick(m, G_N_ELEMENTS(kinds));
	gsize from = m->text->len;
	g_autofree char *once = NULL;
	int times = kinds[kind].min + pick(m, kinds[kind].max - kinds[kind].min + 1);

	g_string_append(m->pattern, "(?:");
	if (pick(m, 2) == 0)
		make_class(m);
	else
		make_literal(m);
	g_string_append_printf(m->pattern, ")%s", kinds[kind].quantifier);
	once = g_strdup(m->text->str + from);
	g_string_truncate(m->text, from);
	for (; times > 0; times--)
		g_string_append(m->text, once);
}

static void make_sequence(Maker *m)
{
	for (int n = 1 + pick(m, 4); n > 0; n--) {
		int kind = pick(m, 10);

		if (kind < 4)
			make_literal(m);
		else if (kind < 6)
			make_class(m);
		else if (kind < 8 || m->depth > 3)
			make_quantified(m);
		else if (kind == 8)
			make_group(m);
		else
			g_string_append(m->pattern, "(?!#)(?=|q)\\B?+");
	}
}

/* One branch's text is kept, whichever. */
static void make_alternatives(Maker *m)
{
	int branches = pick(m, 3) == 0 ? 3 : 1, keep = pick(m, branches);

	m->depth++;
	for (int i = 0; i < branches; i++) {
		gsize from = m->text->len;

		if (i > 0)
			g_string_append_c(m->pattern, '|');
		make_sequence(m);
		if (i != keep)
			g_string_truncate(m->text, from);
	}
	m->depth--;
}

static bool contains_one(const char *text, GStrv anchors)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);

	for (guint i = 0; anchors[i] != NULL; i++)
		if (strstr(lower, anchors[i]) != NULL)
			return true;
	return false;
}

/* What the engine relies on: bytes that the whole pattern matches hold an anchor. */
static void test_property(void)
{
	IvRegexScratch *scratch = iv_regex_scratch_new();
	g_autoptr(GRand) rand = g_rand_new_with_seed(20240601);
	guint tried = 0, with_anchor = 0;

	for (guint i = 0; i < 20000; i++) {
		g_autoptr(GString) pattern = g_string_new("\\A(?:");
		g_autoptr(GString) text = g_string_new(NULL);
		Maker maker = {.rand = rand, .pattern = pattern, .text = text};
		g_auto(GStrv) anchors = NULL;
		g_autoptr(IvRegex) regex = NULL;
		g_autofree char *why = NULL;

		make_alternatives(&maker);
		g_string_append(pattern, ")\\z");
		regex = iv_regex_new(pattern->str, false, &why);
		if (regex == NULL ||
		    iv_regex_test(regex, scratch, text->str, text->len) != IV_REGEX_MATCH)
			continue;
		tried++;
		anchors = iv_anchors_derive(pattern->str);
		if (anchors == NULL)
			continue;
		with_anchor++;
		if (!contains_one(text->str, anchors))
			g_error("/%s/ matches \"%s\", which holds none of its anchors (%s ...)",
				pattern->str, text->str, anchors[0]);
	}
	g_test_message("%u patterns, %u with anchors", tried, with_anchor);
	g_assert_cmpuint(tried, >, 10000);
	g_assert_cmpuint(with_anchor, >, 3000);
	iv_regex_scratch_free(scratch);
}

/* An anchor that begins a word is one and the same literal. */
static void test_word_start(void)
{
	g_auto(GStrv) anchors = g_strsplit("\\bExt_", "|", -1);

	g_assert_cmpstr(iv_anchor_literal(anchors[0]), ==, "Ext_");
	g_assert_true(iv_anchor_begins_word(anchors[0]));
	g_assert_cmpstr(iv_anchor_literal("ext_"), ==, "ext_");
	g_assert_false(iv_anchor_begins_word("ext_"));
	g_assert_cmpuint(iv_anchors_measure("[a-z]{0,7}[.]ext_x", anchors, 100).anchor, ==, 8);
	g_assert_cmpuint(iv_anchors_measure("(?<![0-9A-Za-z])ext_x", anchors, 100).anchor, ==, 0);
}

static void test_generic(void)
{
	g_assert_true(iv_anchor_is_generic("Password"));
	g_assert_false(iv_anchor_is_generic("password="));
	g_assert_false(iv_anchor_is_generic("extok_"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/anchors/table", test_table);
	g_test_add_func("/anchors/ceilings", test_ceilings);
	g_test_add_func("/anchors/property", test_property);
	g_test_add_func("/anchors/word-start", test_word_start);
	g_test_add_func("/anchors/generic", test_generic);
	return g_test_run();
}
