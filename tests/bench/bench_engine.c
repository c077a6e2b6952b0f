/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_engine.c - what each anchor and each rule costs on real bytes.
 *
 *     bench_engine RULES FILE [PATHS]
 *
 * Searches FILE (a tar of a root file system, a raw disk) in blocks, once with
 * the literals alone and once with every pattern timed.  Prints the throughput,
 * the anchors with many hits per MB, and the rules that take most of the time.
 * PATHS is a list of paths, one a line: what does it cost to match one?
 * MB is 10^6 bytes.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "scanner/engine/path_rules.h"
#include "scanner/engine/window_search.h"
#include "scanner/engine/windows.h"

/* Anchors above this, in hits per MB, are named; the house's budget is 5. */
#define SHOW_HITS 1.0

typedef struct {
	guint64 ns, windows, matches;
} Cost;

typedef struct {
	const IvRuleSet *set;
	const uint8_t *data;
	size_t size;
} Bench;

static guint64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (guint64)now.tv_sec * 1000000000u + (guint64)now.tv_nsec;
}

static void ignore_match(void *user, const IvMatch *match)
{
	++*(guint64 *)user;
}

static void ignore_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			      const char *reason)
{
	printf("unsearched: %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT ", %s (%s)\n",
	       (guint64)len, (guint64)off, reason, rule != NULL ? rule->id : "all rules");
}

static const IvMatchSink sink = {ignore_match, ignore_unsearched};

static IvBlock block_at(const Bench *b, size_t own)
{
	size_t base = own > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : 0;
	size_t to = MIN(own + IV_BLOCK_OWN, b->size), top = MIN(to + IV_BLOCK_AFTER, b->size);

	return (IvBlock){b->data + base, top - base, base, own, to};
}

/* --- anchors ------------------------------------------------------------------------ */

static bool count_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	GHashTable *counts = user;
	guint64 *count = g_hash_table_lookup(counts, owners);

	if (count == NULL) {
		count = g_new0(guint64, 1);
		g_hash_table_insert(counts, (gpointer)owners, count);
	}
	++*count;
	return true;
}

static bool skip_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	return true;
}

static void scan_all(const Bench *b, const IvLiterals *literals, IvLiteralScratch *scratch,
		     IvLiteralFunc func, void *user)
{
	for (size_t own = 0; own < b->size; own += IV_BLOCK_OWN)
		if (!iv_literals_scan(literals, scratch, b->data + own,
				      MIN(IV_BLOCK_OWN, b->size - own), func, user))
			g_error("the search for literals failed");
}

typedef struct {
	char *text;
	guint64 count;
} Count;

static int by_count(gconstpointer a, gconstpointer b)
{
	const Count *x = *(Count *const *)a, *y = *(Count *const *)b;

	return (x->count < y->count) - (x->count > y->count);
}

/* Every anchor alone owns a number, so its hits can be told apart. */
static void bench_anchors(const Bench *b)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) counts =
		g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_autoptr(IvLiterals) literals = iv_literals_new();
	IvLiteralScratch *scratch;
	GHashTableIter iter;
	gpointer key, value;
	guint64 total = 0;

	for (guint i = 0; i < b->set->rules->len; i++) {
		const IvRule *rule = b->set->compiled[i].rule;

		for (guint k = 0; rule->anchors != NULL && rule->anchors[k] != NULL; k++) {
			char *lower = g_ascii_strdown(rule->anchors[k], -1);

			if (g_hash_table_contains(seen, lower)) {
				g_free(lower);
				continue;
			}
			g_hash_table_add(seen, lower);
			g_ptr_array_add(list, g_new0(Count, 1));
			((Count *)list->pdata[list->len - 1])->text = lower;
			iv_literals_add(literals, lower, list->len - 1);
		}
	}
	if (!iv_literals_compile(literals, true, NULL))
		g_error("the anchors do not compile");
	scratch = iv_literal_scratch_new(literals, NULL);
	scan_all(b, literals, scratch, count_hit, counts);
	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		((Count *)list->pdata[*(const guint *)key])->count = *(guint64 *)value;
		total += *(guint64 *)value;
	}
	g_ptr_array_sort(list, by_count);
	printf("\n%u anchors, %.1f hits/MB\n", list->len, (double)total * 1e6 / (double)b->size);
	for (guint i = 0; i < list->len; i++) {
		Count *count = list->pdata[i];
		double rate = (double)count->count * 1e6 / (double)b->size;

		if (rate >= SHOW_HITS)
			printf("%9.2f hits/MB  %s\n", rate, count->text);
		g_free(count);
	}
	iv_literal_scratch_free(scratch);
}

/* --- the whole search ------------------------------------------------------------------ */

static double bench_literals(const Bench *b)
{
	IvLiteralScratch *scratch = iv_literal_scratch_new(b->set->anchors, NULL);
	guint64 start = now_ns();

	scan_all(b, b->set->anchors, scratch, skip_hit, NULL);
	iv_literal_scratch_free(scratch);
	return (double)(now_ns() - start) / 1e9;
}

static double bench_all(const Bench *b, guint64 *matches)
{
	IvMatcher *m = iv_matcher_new(b->set, NULL);
	guint64 start = now_ns();

	iv_matcher_begin(m, "usr/lib/x", b->size, &sink, matches);
	for (size_t own = 0; own < b->size; own += IV_BLOCK_OWN) {
		IvBlock block = block_at(b, own);

		iv_matcher_block(m, &block);
	}
	iv_matcher_end(m);
	iv_matcher_free(m);
	return (double)(now_ns() - start) / 1e9;
}

/* --- rules ------------------------------------------------------------------------------- */

/* The steps of iv_matcher_block(), with a clock around every window. */
static void time_block(IvMatcher *m, const IvBlock *block, Cost *costs)
{
	m->block = block;
	m->epoch++;
	m->starts = m->costly = 0;
	m->stopped = false;
	g_array_set_size(m->found, 0);
	iv_find_windows(m);
	for (guint k = 0; k < m->n_windows; k++) {
		Cost *cost = &costs[m->windows[k].rule];
		guint before = m->found->len;
		guint64 start = now_ns();

		iv_search_window(m, &m->windows[k]);
		cost->ns += now_ns() - start;
		cost->windows++;
		cost->matches += m->found->len - before;
	}
	for (guint k = 0; k < m->set->whole->len; k++) {
		guint i = g_array_index(m->set->whole, guint, k);
		guint64 start = now_ns();

		if (!iv_rule_is_on(m, i))
			continue;
		iv_search_whole(m, i);
		costs[i].ns += now_ns() - start;
		costs[i].windows++;
	}
}

static const Cost *sort_costs;

static int by_cost(gconstpointer a, gconstpointer b)
{
	guint64 x = sort_costs[*(const guint *)a].ns, y = sort_costs[*(const guint *)b].ns;

	return (x < y) - (x > y);
}

static void bench_rules(const Bench *b)
{
	IvMatcher *m = iv_matcher_new(b->set, NULL);
	guint n = b->set->rules->len;
	g_autofree Cost *costs = g_new0(Cost, n);
	g_autofree guint *order = g_new(guint, n);
	guint64 total = 0, windows = 0, matches = 0;

	iv_matcher_begin(m, "usr/lib/x", b->size, &sink, &matches);
	for (size_t own = 0; own < b->size; own += IV_BLOCK_OWN) {
		IvBlock block = block_at(b, own);

		time_block(m, &block, costs);
	}
	iv_matcher_end(m);
	for (guint i = 0; i < n; i++) {
		order[i] = i;
		total += costs[i].ns;
		windows += costs[i].windows;
	}
	sort_costs = costs;
	qsort(order, n, sizeof(*order), by_cost);
	printf("\n%u rules: windows %.1f/MB, %.3f s/GB (with the clock's own 0.2 us a window)\n", n,
	       (double)windows * 1e6 / (double)b->size, (double)total / (double)b->size);
	for (guint i = 0; i < MIN(n, 30); i++) {
		const Cost *cost = &costs[order[i]];

		printf("%5.1f %%  %7.0f ns/window  %8.2f windows/MB  %6" G_GUINT64_FORMAT
		       " matches  %s\n",
		       100.0 * (double)cost->ns / (double)MAX(total, 1),
		       (double)cost->ns / (double)MAX(cost->windows, 1),
		       (double)cost->windows * 1e6 / (double)b->size, cost->matches,
		       b->set->compiled[order[i]].rule->id);
	}
	iv_matcher_free(m);
}

/* --- paths ---------------------------------------------------------------------------------- */

static void bench_paths(const Bench *b, const char *file)
{
	IvMatcher *m = iv_matcher_new(b->set, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) paths = NULL;
	guint n = 0, applied = 0;
	guint64 start, matches = 0;

	if (!g_file_get_contents(file, &text, NULL, NULL))
		return;
	paths = g_strsplit(text, "\n", -1);
	start = now_ns();
	for (; paths[n] != NULL; n++) {
		iv_matcher_begin(m, paths[n], 1, &sink, &matches);
		applied += m->applies->len > 0;
		iv_matcher_end(m);
	}
	printf("\n%u paths: %.0f ns each; a rule applies to %u\n", n,
	       (double)(now_ns() - start) / MAX(n, 1), applied);
	iv_matcher_free(m);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	const char *rules[] = {argc > 1 ? argv[1] : "rules", NULL};
	g_autoptr(IvRuleSet) set = iv_ruleset_load(rules, &error);
	g_autoptr(GMappedFile) map =
		set != NULL && argc > 2 ? g_mapped_file_new(argv[2], FALSE, &error) : NULL;
	Bench b = {.set = set};
	guint64 matches = 0;
	double literal, all, gb;

	if (map == NULL) {
		fprintf(stderr, "usage: bench_engine RULES FILE [PATHS]\n%s\n",
			error != NULL ? error->message : "");
		return 2;
	}
	b.data = (const uint8_t *)g_mapped_file_get_contents(map);
	b.size = g_mapped_file_get_length(map);
	gb = (double)b.size / 1e9;
	bench_literals(&b); /* touch the pages */
	literal = bench_literals(&b);
	all = bench_all(&b, &matches);
	printf("%.3f GB: literals %.3f s/GB, all %.3f s/GB (%.2f GB/s), %" G_GUINT64_FORMAT
	       " matches; %u rules without anchors, %u paths without\n",
	       gb, literal / gb, all / gb, gb / all, matches, set->whole->len,
	       set->path_always->len);
	bench_anchors(&b);
	bench_rules(&b);
	if (argc > 3)
		bench_paths(&b, argv[3]);
	return 0;
}
