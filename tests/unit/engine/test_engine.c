/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_engine.c - bytes and a path in, matches out: seams, floods, limits, paths */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/engine.h"

/* --- a rig: a rule set from text, and a log of what the matcher says --------------- */

typedef struct {
	GString *log;	     /* "id start-end secret_start-secret_end\n" of each match */
	GString *missed;     /* "off+len rule reason\n" of what was not searched */
	uint64_t unsearched; /* bytes */
	guint matches;
} Log;

static void on_match(void *user, const IvMatch *match)
{
	Log *log = user;

	log->matches++;
	g_string_append_printf(log->log, "%s %u-%u %u-%u", match->rule->id, (guint)match->start,
			       (guint)match->end, (guint)match->secret_start,
			       (guint)match->secret_end);
	if (match->secret != NULL)
		g_string_append_printf(log->log, " %.*s",
				       (int)(match->secret_end - match->secret_start),
				       (const char *)match->secret);
	g_string_append_c(log->log, '\n');
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	Log *log = user;

	log->unsearched += len;
	g_string_append_printf(log->missed, "%u+%u %s %s\n", (guint)off, (guint)len,
			       rule != NULL ? rule->id : "-", reason);
}

static const IvMatchSink sink = {on_match, on_unsearched};

static Log *log_new(void)
{
	Log *log = g_new0(Log, 1);

	log->log = g_string_new(NULL);
	log->missed = g_string_new(NULL);
	return log;
}

static void log_free(Log *log)
{
	g_string_free(log->log, TRUE);
	g_string_free(log->missed, TRUE);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static IvRuleSet *rules(const char *text)
{
	g_autoptr(GError) error = NULL;
	IvRuleSet *set = iv_ruleset_parse("r.yml", text, strlen(text), &error);

	g_assert_no_error(error);
	return set;
}

/* Search an item as scanner/search/worker.c cuts it, with blocks that own `own` bytes. */
static Log *search(IvMatcher *m, const char *path, const void *data, size_t size, size_t own)
{
	Log *log = log_new();

	iv_matcher_begin(m, path, size, &sink, log);
	for (size_t from = 0; from < size; from += own) {
		size_t to = MIN(from + own, size), top = MIN(to + IV_BLOCK_AFTER, size);
		size_t base = from > IV_BLOCK_BEFORE ? from - IV_BLOCK_BEFORE : 0;
		/* A copy of just these bytes, so that a sanitizer sees every step outside. */
		g_autofree uint8_t *copy = g_memdup2((const uint8_t *)data + base, top - base);
		IvBlock block = {copy, top - base, base, from, to};

		iv_matcher_block(m, &block);
	}
	iv_matcher_end(m);
	return log;
}

static Log *search_text(const char *rule_text, const char *path, const char *text)
{
	g_autoptr(IvRuleSet) set = rules(rule_text);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);

	return search(m, path, text, strlen(text), IV_BLOCK_OWN);
}

/* Text without any anchor of the rules below, in lines. */
static GString *filler(size_t size)
{
	GString *text = g_string_sized_new(size + 1);

	while (text->len < size)
		g_string_append_printf(text, "line %u holds nothing of note\n", (guint)text->len);
	g_string_truncate(text, size);
	return text;
}

/* --- seams ------------------------------------------------------------------------ */

#define SEAM_RULES                                                                               \
	"rules:\n"                                                                               \
	"  - {id: start, name: n, pattern: 'EXTOK_[0-9A-F]{16}', anchors: [EXTOK_]}\n"           \
	"  - {id: middle, name: n, before: 200, anchors: ['_secret='],\n"                        \
	"     pattern: '\\b[a-z][a-z0-9_]{0,100}_secret=(?P<secret>[A-Za-z0-9]{12,40})'}\n"      \
	"  - {id: pem, name: n, after: 10240, anchors: ['EXAMPLE KEY-----'],\n"                  \
	"     pattern: '-----BEGIN EXAMPLE KEY-----[A-Za-z0-9\\s]+-----END EXAMPLE KEY-----'}\n" \
	"  - {id: far, name: n, before: 4096, anchors: ['far_end'],\n"                           \
	"     pattern: 'far_begin[^!]{0,4000}?far_end'}\n"                                        \
	"  - {id: pathed, name: n, path: '\\.conf$', pattern: '(?m)^lock=[0-9]{6}$'}\n"              \
	"  - {id: bare, name: n, path: '\\.conf$', pattern: '(?<!Q)Q[7-9]{9}(?!Q)'}\n"

#define SEAM_OWN (32u << 10)

/* The same item in one block and in two: every offset of the secret around the
 * seam gives the same matches, and the secret is among them. */
static void try_seam(const char *id, const char *secret, size_t step)
{
	g_autoptr(IvRuleSet) set = rules(SEAM_RULES);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	size_t len = strlen(secret);

	for (size_t at = SEAM_OWN - len - 70; at < SEAM_OWN + 70; at += step) {
		g_autoptr(GString) text = filler(SEAM_OWN * 2);
		g_autoptr(Log) one = NULL, two = NULL;

		memcpy(text->str + at, secret, len);
		one = search(m, "etc/x.conf", text->str, text->len, text->len);
		two = search(m, "etc/x.conf", text->str, text->len, SEAM_OWN);
		g_assert_cmpuint(one->matches, ==, 1);
		g_assert_true(g_str_has_prefix(one->log->str, id));
		g_assert_cmpstr(one->log->str, ==, two->log->str);
		g_assert_cmpstr(two->missed->str, ==, "");
	}
}

static void test_seam_start(void)
{
	try_seam("start ", "\nEXTOK_00112233AABBCCDD\n", 1);
}

static void test_seam_middle(void)
{
	g_autofree char *name = g_strnfill(99, 'n');
	g_autofree char *text = g_strconcat("\nx", name, "_secret=Inv3nt3dInv3nt3d\n", NULL);

	try_seam("middle ", text, 1);
}

static void test_seam_pem(void)
{
	g_autoptr(GString) text = g_string_new("\n-----BEGIN EXAMPLE KEY-----\n");

	while (text->len < 3072)
		g_string_append(text, "Inv3nt3dK3yB0dyInv3nt3dK3yB0dyInv3nt3dK3yB0dyInv3nt3dK3yB0dyy\n");
	g_string_append(text, "-----END EXAMPLE KEY-----\n");
	try_seam("pem ", text->str, 13);
}

/* An anchor at the very end of the longest window that a rule may ask for. */
static void test_seam_far(void)
{
	g_autofree char *middle = g_strnfill(4000, 'm');
	g_autofree char *text = g_strconcat("\nfar_begin", middle, "far_end\n", NULL);

	try_seam("far ", text, 17);
}

static void test_seam_path(void)
{
	try_seam("pathed ", "\nlock=123456\n", 1);
	try_seam("bare ", "\nQ789789789\n", 1);
}

/* Many secrets, decoys and repeated anchors, cut at many sizes. */
static void test_seam_mixed(void)
{
	static const char *const pieces[] = {
		"EXTOK_00112233AABBCCDD ", "EXTOK_nothing ", "my_secret=Inv3nt3dInv3nt3d ",
		"_secret=_secret=", "far_begin some text far_end ", "Q789789789 ", "\nlock=654321\n",
		"-----BEGIN EXAMPLE KEY-----\nInv3nt3d\n-----END EXAMPLE KEY-----\n", "far_end ",
	};
	static const size_t owns[] = {997, 4096, 8192, 10000, 20011, 65536};
	g_autoptr(IvRuleSet) set = rules(SEAM_RULES);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Log) one = NULL;

	while (text->len < 150000) {
		g_autofree char *gap = g_strnfill((gsize)g_rand_int_range(rand, 0, 300), '.');

		g_string_append(text, gap);
		g_string_append(text, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
	}
	one = search(m, "x.conf", text->str, text->len, text->len);
	g_assert_cmpuint(one->matches, >, 200);
	for (guint i = 0; i < G_N_ELEMENTS(owns); i++) {
		g_autoptr(Log) many = search(m, "x.conf", text->str, text->len, owns[i]);

		g_assert_cmpstr(one->log->str, ==, many->log->str);
		g_assert_cmpstr(many->missed->str, ==, "");
	}
}

/* A block reports what begins in [own_from, own_to). */
static void test_ownership(void)
{
	static const char text[] = "EXTOK_00112233AABBCCDD\n\nEXTOK_00112233AABBCCDE\n"
				   "EXTOK_00112233AABBCCDF\n";
	g_autoptr(IvRuleSet) set = rules(SEAM_RULES);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	IvBlock block = {(const uint8_t *)text, sizeof(text) - 1, 1000, 1023, 1047};
	g_autoptr(Log) log = log_new();

	iv_matcher_begin(m, NULL, 5000, &sink, log);
	iv_matcher_block(m, &block);
	iv_matcher_end(m);
	g_assert_cmpstr(log->log->str, ==, "start 1024-1046 1024-1046 EXTOK_00112233AABBCCDE\n");
}

/* Several anchors of one rule inside one match give one match. */
static void test_once(void)
{
	g_autoptr(Log) log = search_text(
		"rules: [{id: a, name: n, pattern: 'key=[a-z=]+key=\\w+', anchors: ['key=', '=key']}]",
		NULL, "x key=abckey=key=def y key=abckey=ghi");

	g_assert_cmpstr(log->log->str, ==, "a 2-20 2-20 key=abckey=key=def\na 23-37 23-37 key=abckey=ghi\n");
}

/* --- which bytes are the secret, and is it believable? ------------------------------ */

static void test_secret_group(void)
{
	static const struct {
		const char *pattern, *secret;
	} rows[] = {
		{"k3y=\\w+", " k3y=abc\n"},
		{"k3y=(\\w+)", " abc\n"},
		{"(k)3y=(?P<secret>\\w+)", " abc\n"},
		{"(k)3y=(?P<TOKEN>\\w+)", " abc\n"},
		{"(?:(zz)|k3y=)(\\w+)", " abc\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(
			"rules: [{id: a, name: n, pattern: '%s', anchors: [k3y]}]", rows[i].pattern);
		g_autoptr(Log) log = search_text(text, NULL, "- k3y=abc -");

		g_assert_cmpuint(log->matches, ==, 1);
		g_assert_true(g_str_has_suffix(log->log->str, rows[i].secret));
	}
}

static void test_judged(void)
{
	static const char text[] =
		"rules: [{id: a, name: n, pattern: 'pin=(\\w+)', entropy: 1.5, allow: ['^dem']}]";
	g_autoptr(Log) log = search_text(text, NULL, "pin=aaaaaaaa pin=demo1234 pin=abcd1234");

	g_assert_cmpstr(log->log->str, ==, "a 26-38 30-38 abcd1234\n");
}

static void test_generic_gives_way(void)
{
	static const char text[] = "rules:\n"
				   "  - {id: g, name: n, generic: true, pattern: 'pin=(\\w+)'}\n"
				   "  - {id: s, name: n, pattern: 'sk_[0-9]{4,}'}\n";
	g_autoptr(Log) log = search_text(text, NULL, "pin=sk_12345 pin=other123");

	g_assert_cmpstr(log->log->str, ==, "s 4-12 4-12 sk_12345\ng 13-25 17-25 other123\n");
}

/* Of equals the rule with a path wins; a generic one only when it is more severe. */
static void test_path_outranks(void)
{
	static const char text[] =
		"rules:\n"
		"  - {id: any, name: n, severity: critical, pattern: 'key=(\\w+)'}\n"
		"  - {id: here, name: n, severity: medium, path: '\\.conf$', pattern: 'key=(\\w+)'}\n"
		"  - {id: g-any, name: n, severity: high, generic: true, pattern: 'pin=(\\w+)'}\n"
		"  - {id: g-here, name: n, severity: high, generic: true, path: '\\.conf$',\n"
		"     pattern: 'pin=(a\\w+)'}\n"
		"  - {id: g-worse, name: n, severity: critical, generic: true, path: '\\.conf$',\n"
		"     pattern: 'pin=(b\\w+)'}\n";
	g_autoptr(Log) here = search_text(text, "x.conf", "key=1 pin=a1 pin=b1");
	g_autoptr(Log) elsewhere = search_text(text, "x.txt", "key=1 pin=b1");

	g_assert_cmpstr(here->log->str, ==,
			"here 0-5 4-5 1\ng-any 6-12 10-12 a1\ng-here 6-12 10-12 a1\n"
			"g-worse 13-19 17-19 b1\n");
	g_assert_cmpstr(elsewhere->log->str, ==, "any 0-5 4-5 1\ng-any 6-12 10-12 b1\n");
}

static void test_invisible(void)
{
	g_autoptr(Log) log = search_text(
		"rules: [{id: a, name: n, pattern: 'pin=\\w+', visible: false}]", NULL, "pin=123");

	g_assert_cmpuint(log->matches, ==, 0);
}

/* --- paths ------------------------------------------------------------------------- */

#define PATH_RULES                                                             \
	"rules:\n"                                                             \
	"  - {id: alone, name: n, path: '(?:^|/)id_ed25519$'}\n"               \
	"  - {id: both, name: n, path: '\\.conf$', pattern: 'pin=\\d+'}\n"     \
	"  - {id: not, name: n, not_path: '^usr/share/', pattern: 'nip=\\d+'}\n" \
	"  - {id: any, name: n, path: '[abc]', not_path: 'x', pattern: 'zip=\\d+'}\n"

static void test_paths(void)
{
	static const struct {
		const char *path, *text, *log;
	} rows[] = {
		{"home/u/.ssh/id_ed25519", "x", "alone 0-0 0-0\n"},
		{"/home/u/.ssh/ID_ED25519", "x", "alone 0-0 0-0\n"},
		{"home/u/.ssh/id_ed25519.pub", "x", ""},
		{"home/u/.ssh/id_ed25519", "", "alone 0-0 0-0\n"},
		{"etc/a.conf", "pin=12", "both 0-6 0-6 pin=12\n"},
		{"etc/a.text", "pin=12", ""},
		{NULL, "pin=12 nip=12 zip=12", "not 7-13 7-13 nip=12\n"},
		{"usr/share/d", "nip=12", ""},
		{"usr/lib/d", "nip=12", "not 0-6 0-6 nip=12\n"},
		{"a", "zip=1", "any 0-5 0-5 zip=1\n"},
		{"ax", "zip=1", ""},
		{"q", "zip=1", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Log) log = search_text(PATH_RULES, rows[i].path, rows[i].text);

		g_assert_cmpstr(log->log->str, ==, rows[i].log);
		g_assert_cmpstr(log->missed->str, ==, "");
	}
}

/* A pattern on a path that gives up applies; one that keeps a rule away does not. */
static void test_path_limit(void)
{
	static const char text[] =
		"rules:\n"
		"  - {id: p, name: n, path: '^(?:a+)+(?:a+)+(?:a+)+[xy]b?$'}\n"
		"  - {id: q, name: n, not_path: '^(?:a+)+(?:a+)+(?:a+)+[xy]b?$', pattern: 'pin=\\d+'}\n";
	g_autofree char *as = g_strnfill(300, 'a');
	g_autofree char *path = g_strconcat("x", as, "x", as, NULL);
	g_autofree char *evil = g_strconcat(as, "x", as, NULL);
	g_autoptr(Log) plain = search_text(text, path, "pin=12");
	g_autoptr(Log) log = search_text(text, evil, "pin=12");

	g_assert_cmpstr(plain->log->str, ==, "q 0-6 0-6 pin=12\n");
	g_assert_cmpstr(log->log->str, ==, "p 0-0 0-0\nq 0-6 0-6 pin=12\n");
}

/* --- floods and limits --------------------------------------------------------------- */

/* One anchor repeated: what was found before the flood is reported, and the
 * rest of the block is named as unsearched; the next block is searched again. */
static void test_flood(void)
{
	g_autoptr(IvRuleSet) set = rules(SEAM_RULES);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	g_autoptr(GString) text = filler(1000);
	g_autoptr(Log) log = NULL;
	double seconds;

	g_string_append(text, "\nmy_secret=Inv3nt3dInv3nt3d\n");
	while (text->len < IV_BLOCK_OWN + IV_BLOCK_AFTER)
		g_string_append(text, "EXTOK_");
	g_string_append(text, "\nother_secret=Inv3nt3dInv3nt3d\n");
	g_test_timer_start();
	log = search(m, NULL, text->str, text->len, IV_BLOCK_OWN);
	seconds = g_test_timer_elapsed();
	g_assert_cmpuint(log->matches, ==, 2);
	g_assert_nonnull(strstr(log->log->str, "middle 1001-"));
	g_assert_nonnull(strstr(log->missed->str, " - flood of anchors\n"));
	g_assert_cmpuint(log->unsearched, >, 200000);
	g_assert_cmpuint(log->unsearched, <, IV_BLOCK_OWN);
	g_assert_cmpfloat(seconds, <, 5);
}

/* The limit is reported, once per window and then for the rest, and other rules go on. */
static void test_match_limit(void)
{
	static const char text[] =
		"rules:\n"
		"  - {id: evil, name: n, anchors: [evil], pattern: 'evil(?:a+)+(?:a+)+(?:a+)+[xy]b'}\n"
		"  - {id: good, name: n, pattern: 'pin=\\d+'}\n";
	g_autoptr(IvRuleSet) set = rules(text);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	g_autofree char *as = g_strnfill(300, 'a');
	g_autoptr(GString) bytes = g_string_new(NULL);
	g_autoptr(Log) one = NULL, again = NULL;
	guint lines = 0;

	for (guint i = 0; i < 100; i++) {
		g_autoptr(GString) gap = filler(4096);

		g_string_append_printf(bytes, "evil%szb %s", as, gap->str);
	}
	g_string_append(bytes, "pin=1234");
	one = search(m, NULL, bytes->str, bytes->len, IV_BLOCK_OWN);
	again = search(m, NULL, bytes->str, bytes->len, IV_BLOCK_OWN);
	g_assert_cmpuint(one->matches, ==, 1);
	g_assert_true(g_str_has_prefix(one->log->str, "good "));
	for (const char *c = one->missed->str; *c != '\0'; c++)
		lines += *c == '\n';
	g_assert_cmpuint(lines, ==, 16);
	g_assert_nonnull(strstr(one->missed->str, " evil the pattern reached its match limit"));
	/* The rest of the block, and all of it: counted, not timed. */
	g_assert_cmpuint(one->unsearched, >, 85 * 4096);
	g_assert_cmpstr(one->missed->str, ==, again->missed->str);
}

/* Too many matches: the first ones are reported, the rest is unsearched. */
static void test_too_many(void)
{
	g_autoptr(IvRuleSet) set = rules("rules: [{id: a, name: n, path: 'x', pattern: 'p\\d'}]");
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Log) log = NULL;

	for (guint i = 0; i < 10000; i++)
		g_string_append(text, "p1 ");
	log = search(m, "x", text->str, text->len, IV_BLOCK_OWN);
	g_assert_cmpuint(log->matches, ==, 2048);
	g_assert_cmpstr(log->missed->str, ==, "6144+23856 a too many matches\n");
}

/* A pattern that matches nothing, or begins where it ends, makes no endless loop. */
static void test_empty_match(void)
{
	g_autoptr(Log) log = search_text(
		"rules: [{id: a, name: n, anchors: ['zz'], pattern: '(?=zz)|z*'}]", NULL, "a zz zz b");

	g_assert_cmpstr(log->missed->str, ==, "");
	g_assert_cmpuint(log->matches, <, 3);
}

/* An anchor with \b in front counts where no letter or digit stands before it; for another
 * rule the same literal counts anywhere. */
static void test_word_anchor(void)
{
	static const char text[] = "disk_inv1 sk_inv2 x_sk_inv3 9sk_inv4 \xffsk_inv5 mask_inv6";
	g_autoptr(Log) log = search_text("rules:\n"
					 "  - {id: a, name: n, pattern: '(?<![0-9a-z])sk_inv\\d', anchors: ['\\bsk_']}\n"
					 "  - {id: b, name: n, pattern: 'mask_inv\\d', anchors: [SK_]}\n",
					 NULL, text);
	g_autoptr(Log) first = search_text(
		"rules: [{id: a, name: n, pattern: 'sk_inv\\d', anchors: ['\\bSK_']}]", NULL,
		"sk_inv1");

	g_assert_cmpstr(log->log->str, ==,
			"a 10-17 10-17 sk_inv2\na 20-27 20-27 sk_inv3\n"
			"a 38-45 38-45 sk_inv5\nb 46-55 46-55 mask_inv6\n");
	g_assert_cmpuint(first->matches, ==, 1);
}

static void test_binary(void)
{
	static const char bytes[] = "\0\xff\x80pin=123\0pin=456\xff";
	g_autoptr(IvRuleSet) set = rules("rules: [{id: a, name: n, pattern: 'pin=\\d+'}]");
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);
	g_autoptr(Log) log = search(m, NULL, bytes, sizeof(bytes) - 1, IV_BLOCK_OWN);

	g_assert_cmpstr(log->log->str, ==, "a 3-10 3-10 pin=123\na 11-18 11-18 pin=456\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/engine/seam/start", test_seam_start);
	g_test_add_func("/engine/seam/middle", test_seam_middle);
	g_test_add_func("/engine/seam/pem", test_seam_pem);
	g_test_add_func("/engine/seam/far", test_seam_far);
	g_test_add_func("/engine/seam/path", test_seam_path);
	g_test_add_func("/engine/seam/mixed", test_seam_mixed);
	g_test_add_func("/engine/ownership", test_ownership);
	g_test_add_func("/engine/once", test_once);
	g_test_add_func("/engine/secret-group", test_secret_group);
	g_test_add_func("/engine/judged", test_judged);
	g_test_add_func("/engine/generic", test_generic_gives_way);
	g_test_add_func("/engine/path-outranks", test_path_outranks);
	g_test_add_func("/engine/invisible", test_invisible);
	g_test_add_func("/engine/paths", test_paths);
	g_test_add_func("/engine/path-limit", test_path_limit);
	g_test_add_func("/engine/flood", test_flood);
	g_test_add_func("/engine/match-limit", test_match_limit);
	g_test_add_func("/engine/too-many", test_too_many);
	g_test_add_func("/engine/empty-match", test_empty_match);
	g_test_add_func("/engine/word-anchor", test_word_anchor);
	g_test_add_func("/engine/binary", test_binary);
	return g_test_run();
}
