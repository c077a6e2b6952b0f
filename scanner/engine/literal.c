/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * literal.c - see literal.h
 *
 * Long data is searched by our own gram.c, which knows that literals are text;
 * Vectorscan searches short data (paths), and sets that do not fit there.
 *
 * Two measured choices there.  The database is compiled as VECTORED and scanned in
 * one piece: a BLOCK database also holds an automaton for small buffers that
 * costs 150 ms to build and is never faster here.  And it holds one literal
 * that files rarely contain, two bytes long: it keeps the matcher at stride 1,
 * which is three times faster than the stride it picks for long literals only.
 */
#include "scanner/engine/literal.h"

#include <hs.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/engine/gram.h"

static const char dummy[] = "\xF1\x7F";
#define DUMMY_ID UINT_MAX

typedef struct {
	char *text; /* lower case */
	guint len;
	GArray *owners; /* guint */
} Literal;

struct IvLiterals {
	GPtrArray *list;    /* Literal */
	GHashTable *by_text; /* text -> Literal */
	IvGrams *grams;		 /* how long data is searched, when the literals allow it */
	hs_database_t *database; /* else; exactly one of the two is there */
};

struct IvLiteralScratch {
	hs_scratch_t *scratch;
};

static void literal_free(gpointer data)
{
	Literal *literal = data;

	g_free(literal->text);
	g_array_unref(literal->owners);
	g_free(literal);
}

IvLiterals *iv_literals_new(void)
{
	IvLiterals *literals = g_new0(IvLiterals, 1);

	literals->list = g_ptr_array_new_with_free_func(literal_free);
	literals->by_text = g_hash_table_new(g_str_hash, g_str_equal);
	return literals;
}

void iv_literals_free(IvLiterals *literals)
{
	if (literals == NULL)
		return;
	iv_grams_free(literals->grams);
	hs_free_database(literals->database);
	g_hash_table_unref(literals->by_text);
	g_ptr_array_unref(literals->list);
	g_free(literals);
}

void iv_literals_add(IvLiterals *literals, const char *text, guint owner)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	Literal *literal = g_hash_table_lookup(literals->by_text, lower);

	if (literal == NULL) {
		literal = g_new0(Literal, 1);
		literal->len = (guint)strlen(lower);
		literal->text = g_steal_pointer(&lower);
		literal->owners = g_array_new(FALSE, FALSE, sizeof(guint));
		g_ptr_array_add(literals->list, literal);
		g_hash_table_insert(literals->by_text, literal->text, literal);
	}
	for (guint i = 0; i < literal->owners->len; i++)
		if (g_array_index(literal->owners, guint, i) == owner)
			return;
	g_array_append_val(literal->owners, owner);
}

static bool check_platform(GError **error)
{
	if (hs_valid_platform() == HS_SUCCESS)
		return true;
	return iv_fail(error, IV_ERROR_UNSUPPORTED,
		       "this processor lacks the vector instructions that Vectorscan needs\n"
		       "use a machine with SSE4.2 (x86-64) or NEON (aarch64)");
}

/* Literals that are all text are sought as grams. */
static bool compile_grams(IvLiterals *literals)
{
	guint n = literals->list->len;
	g_autofree const char **texts = g_new(const char *, n + 1);

	for (guint i = 0; i < n; i++)
		texts[i] = ((const Literal *)g_ptr_array_index(literals->list, i))->text;
	literals->grams = iv_grams_new(texts, n);
	return literals->grams != NULL;
}

static bool compile_database(IvLiterals *literals, GError **error)
{
	guint n = literals->list->len;
	g_autofree const char **texts = g_new(const char *, n + 1);
	g_autofree unsigned *flags = g_new(unsigned, n + 1);
	g_autofree unsigned *ids = g_new(unsigned, n + 1);
	g_autofree size_t *lens = g_new(size_t, n + 1);
	hs_compile_error_t *why = NULL;

	if (!check_platform(error))
		return false;
	for (guint i = 0; i < n; i++) {
		const Literal *literal = g_ptr_array_index(literals->list, i);

		texts[i] = literal->text;
		lens[i] = literal->len;
		flags[i] = HS_FLAG_CASELESS;
		ids[i] = i;
	}
	texts[n] = dummy;
	lens[n] = sizeof(dummy) - 1;
	flags[n] = 0;
	ids[n] = DUMMY_ID;
	if (hs_compile_lit_multi(texts, flags, ids, lens, n + 1, HS_MODE_VECTORED, NULL,
				 &literals->database, &why) != HS_SUCCESS) {
		iv_fail(error, IV_ERROR_CONFIG, "the rules' anchors do not compile: %s",
			why != NULL ? why->message : "out of memory");
		hs_free_compile_error(why);
		return false;
	}
	return true;
}

bool iv_literals_compile(IvLiterals *literals, bool for_long, GError **error)
{
	return (for_long && compile_grams(literals)) || compile_database(literals, error);
}

IvLiteralScratch *iv_literal_scratch_new(const IvLiterals *literals, GError **error)
{
	IvLiteralScratch *scratch = g_new0(IvLiteralScratch, 1);

	if (literals->database != NULL &&
	    hs_alloc_scratch(literals->database, &scratch->scratch) != HS_SUCCESS) {
		iv_fail(error, IV_ERROR_IO, "out of memory for the literal matcher");
		g_free(scratch);
		return NULL;
	}
	return scratch;
}

void iv_literal_scratch_free(IvLiteralScratch *scratch)
{
	if (scratch == NULL)
		return;
	hs_free_scratch(scratch->scratch);
	g_free(scratch);
}

typedef struct {
	const IvLiterals *literals;
	IvLiteralFunc func;
	void *user;
} Call;

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		  void *data)
{
	Call *call = data;
	const Literal *literal;

	if (id == DUMMY_ID)
		return 0;
	literal = g_ptr_array_index(call->literals->list, id);
	return call->func(call->user, (const guint *)(const void *)literal->owners->data,
			  literal->owners->len, (size_t)to - literal->len, (size_t)to)
		       ? 0
		       : 1;
}

static bool on_gram(void *data, guint id, size_t end)
{
	Call *call = data;
	const Literal *literal = g_ptr_array_index(call->literals->list, id);

	return call->func(call->user, (const guint *)(const void *)literal->owners->data,
			  literal->owners->len, end - literal->len, end);
}

bool iv_literals_scan(const IvLiterals *literals, IvLiteralScratch *scratch, const void *data,
		      size_t size, IvLiteralFunc func, void *user)
{
	Call call = {.literals = literals, .func = func, .user = user};
	const char *piece = data;
	unsigned len = (unsigned)size;

	g_assert(size <= UINT_MAX);
	if (literals->grams != NULL)
		return iv_grams_scan(literals->grams, data, size, on_gram, &call);
	return hs_scan_vector(literals->database, &piece, &len, 1, 0, scratch->scratch, on_hit,
			      &call) == HS_SUCCESS;
}
