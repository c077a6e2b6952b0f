/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_engine.c - any bytes against a few rules, in one block and in several.
 *
 * The first byte chooses how the rest is cut.  A match lies inside the item;
 * and as long as the context before every block reaches the item's first byte,
 * the cut changes nothing at all.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rule_text[] =
	"rules:\n"
	"  - {id: tok, name: n, pattern: 'EXTOK_[0-9A-F]{4,}'}\n"
	"  - {id: key, name: n, before: 200, anchors: ['_key='],\n"
	"     pattern: '\\b[a-z][a-z0-9_]{0,60}_key=(?P<secret>\\S{4,40})', generic: true}\n"
	"  - {id: pem, name: n, after: 10240, anchors: ['PRIVATE KEY-----'], check: private-key,\n"
	"     pattern: '-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^!]*+'}\n"
	"  - {id: url, name: n, anchors: ['://'], check: url-password,\n"
	"     pattern: '[a-z]{2,9}://[^\\s/]+@'}\n"
	"  - {id: jwt, name: n, check: jwt, pattern: 'eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*'}\n"
	"  - {id: hash, name: n, path: 'x', check: shadow-hash, pattern: '(?m):([^:]+):'}\n"
	"  - {id: evil, name: n, anchors: [evil], pattern: 'evil(?:a+)+(?:a+)+[xy]b'}\n"
	"  - {id: nul, name: n, path: 'x', pattern: '(?=q)|z*'}\n";

typedef struct {
	GPtrArray *log; /* a line of each match */
	size_t size;
	bool unsearched;
} Seen;

static void on_match(void *user, const IvMatch *match)
{
	Seen *seen = user;

	if (match->start > match->end || match->end > seen->size ||
	    match->secret_start > match->secret_end || match->secret_end > seen->size)
		abort();
	g_ptr_array_add(seen->log, g_strdup_printf("%s %u %u %u %u", match->rule->id,
						   (guint)match->start, (guint)match->end,
						   (guint)match->secret_start,
						   (guint)match->secret_end));
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	Seen *seen = user;

	if (len == 0 || off > seen->size || len > seen->size - off)
		abort();
	seen->unsearched = true;
}

static const IvMatchSink sink = {on_match, on_unsearched};

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Blocks report in order of their matches' secrets, each its own: sort them all. */
static bool same(const Seen *a, const Seen *b)
{
	g_ptr_array_sort(a->log, by_text);
	g_ptr_array_sort(b->log, by_text);
	for (guint i = 0; i < MIN(a->log->len, b->log->len); i++)
		if (strcmp(a->log->pdata[i], b->log->pdata[i]) != 0)
			return false;
	return a->log->len == b->log->len;
}

static Seen search(IvMatcher *m, const uint8_t *data, size_t size, size_t own)
{
	Seen seen = {.log = g_ptr_array_new_with_free_func(g_free), .size = size};

	iv_matcher_begin(m, "etc/x", size, &sink, &seen);
	for (size_t from = 0; from < size; from += own) {
		size_t to = MIN(from + own, size), top = MIN(to + IV_BLOCK_AFTER, size);
		size_t base = from > IV_BLOCK_BEFORE ? from - IV_BLOCK_BEFORE : 0;
		IvBlock block = {data + base, top - base, base, from, to};

		iv_matcher_block(m, &block);
	}
	iv_matcher_end(m);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static IvRuleSet *set;
	static IvMatcher *m;
	Seen one, many;

	if (set == NULL) {
		set = iv_ruleset_parse("fuzz.yml", rule_text, strlen(rule_text), NULL);
		m = set != NULL ? iv_matcher_new(set, NULL) : NULL;
		if (m == NULL)
			abort();
	}
	if (size < 2)
		return 0;
	one = search(m, data + 1, size - 1, size);
	many = search(m, data + 1, size - 1, (size_t)data[0] * 4 + 16);
	if (size <= IV_BLOCK_BEFORE && !one.unsearched && !many.unsearched &&
	    !same(&one, &many))
		abort();
	g_ptr_array_unref(one.log);
	g_ptr_array_unref(many.log);
	return 0;
}
