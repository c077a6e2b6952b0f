/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_pieces.c - see rule_pieces.h */
#include "scanner/engine/rule_pieces.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/layout.h"

/* What PCRE2 reads as more than itself. */
#define META_BYTES "\\^$.[|()?*+{}#"

typedef struct {
	char *name;
	GStrv values;
	IvPieceKind kind;
	bool used;
} Piece;

struct IvPieces {
	GHashTable *by_name;
	const char *dense; /* the name of a piece, or NULL */
};

/* One expansion: what it may still cost, and why it failed. */
typedef struct {
	IvPieces *pieces;
	GString *out;
	guint steps;
	char **why;
} Expansion;

const char *const iv_rule_piece_names[] = {"keyword", "secret", "site", "service", NULL};

static void piece_free(void *data)
{
	Piece *piece = data;

	g_free(piece->name);
	g_strfreev(piece->values);
	g_free(piece);
}

IvPieces *iv_pieces_new(void)
{
	IvPieces *pieces = g_new0(IvPieces, 1);

	pieces->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, piece_free);
	return pieces;
}

void iv_pieces_free(IvPieces *pieces)
{
	if (pieces == NULL)
		return;
	g_hash_table_unref(pieces->by_name);
	g_free(pieces);
}

void iv_pieces_set(IvPieces *pieces, const char *name, IvPieceKind kind, const char *const *values)
{
	Piece *piece = g_new0(Piece, 1);

	piece->name = g_strdup(name);
	piece->values = g_strdupv((char **)values);
	piece->kind = kind;
	g_hash_table_replace(pieces->by_name, piece->name, piece);
}

bool iv_pieces_has(const IvPieces *pieces, const char *name)
{
	return g_hash_table_contains(pieces->by_name, name);
}

bool iv_pieces_used(const IvPieces *pieces, const char *name)
{
	const Piece *piece = g_hash_table_lookup(pieces->by_name, name);

	return piece != NULL && piece->used;
}

void iv_pieces_forget_rule(IvPieces *pieces)
{
	for (guint i = 0; iv_rule_piece_names[i] != NULL; i++)
		g_hash_table_remove(pieces->by_name, iv_rule_piece_names[i]);
	pieces->dense = NULL;
}

const char *iv_pieces_dense(const IvPieces *pieces)
{
	return pieces->dense;
}

/* --- one name ------------------------------------------------------------------------ */

static bool fail(Expansion *e, char *why)
{
	if (*e->why == NULL)
		*e->why = why;
	else
		g_free(why);
	return false;
}

static bool spend(Expansion *e)
{
	if (e->steps++ < IV_MAX_PIECE_STEPS && e->out->len <= IV_MAX_PIECE_BYTES)
		return true;
	return fail(e, g_strdup_printf("the definitions in it grow beyond %u KiB or %u uses",
				       IV_MAX_PIECE_BYTES >> 10, IV_MAX_PIECE_STEPS));
}

static char *why_no_piece(const char *name)
{
	if (g_strv_contains(iv_rule_piece_names, name))
		return g_strdup_printf("{{%s}} stands here, and the rule has no key \"%s\"", name,
				       name);
	return g_strdup_printf("there is no definition \"%s\"\ndefine it under \"definitions\" of"
			       " this file, or of the file that \"definitions_from\" names",
			       name);
}

/* The piece that *at, a "{{", names; *at moves behind its "}}". */
static Piece *take_piece(Expansion *e, const char **at)
{
	size_t len = strspn(*at + 2, IV_PIECE_NAME_BYTES);
	g_autofree char *name = g_strndup(*at + 2, len);
	Piece *piece = g_hash_table_lookup(e->pieces->by_name, name);

	if (len == 0 || !g_str_has_prefix(*at + 2 + len, "}}")) {
		fail(e, g_strdup("\"{{\" begins the name of a definition, as in {{name}}\nwrite"
				 " \\{\\{ for two braces in a pattern"));
		return NULL;
	}
	if (piece == NULL)
		fail(e, why_no_piece(name));
	if (piece == NULL || !spend(e))
		return NULL;
	piece->used = true;
	*at += len + 4;
	return piece;
}

/* --- in patterns ----------------------------------------------------------------------- */

static bool put_pattern(Expansion *e, const char *text, unsigned depth);

static void put_quoted(GString *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr(META_BYTES, *text) != NULL)
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
}

/* Options of one alternative would hold for those behind it as well, and a
 * comment at its end would swallow what follows. */
static bool put_value(Expansion *e, const char *value, bool grouped, unsigned depth)
{
	bool group = grouped && iv_pattern_has_options(value);

	if (group)
		g_string_append(e->out, "(?:");
	if (!put_pattern(e, value, depth))
		return false;
	if (iv_pattern_is_extended(value))
		g_string_append_c(e->out, '\n');
	if (group)
		g_string_append_c(e->out, ')');
	return true;
}

/* Does what follows repeat the piece?  In (?x) a comment might stand between. */
static bool is_repeated(const char *rest, bool extended)
{
	if (extended)
		rest += strspn(rest, " \t\n");
	if (g_str_has_prefix(rest, "{{") || *rest == '\0')
		return false;
	return strchr("*+?{", *rest) != NULL || (extended && *rest == '#');
}

static bool sets_options(const char *value)
{
	for (const char *at = value; (at = strstr(at, "(?")) != NULL; at += 2)
		if (iv_pattern_has_options(at))
			return true;
	return false;
}

/* Could a piece mean something else, or change what surrounds it, without a
 * group?  Where not, it stands as if it had been written there. */
static bool needs_group(const Piece *piece, const char *rest, bool extended)
{
	const char *value = piece->values[0];

	if (piece->kind != IV_PIECE_PATTERN || piece->values[1] != NULL)
		return true;
	return is_repeated(rest, extended) || strchr(value, '|') != NULL || sets_options(value) ||
	       (strchr("*+?{0123456789", *value) != NULL && !g_str_has_prefix(value, "{{")) ||
	       (extended && (strpbrk(value, " \t\n#") != NULL || strstr(value, "{{") != NULL));
}

static bool put_values(Expansion *e, Piece *piece, unsigned depth)
{
	for (guint i = 0; piece->values[i] != NULL; i++) {
		const char *value = piece->values[i];

		if (i > 0)
			g_string_append_c(e->out, '|');
		if (piece->kind == IV_PIECE_LITERAL)
			put_quoted(e->out, value);
		else if (!put_value(e, value, piece->values[1] != NULL, depth))
			return false;
		if (e->pieces->dense == NULL && iv_pattern_is_dense(value))
			e->pieces->dense = piece->name;
	}
	return true;
}

/* A piece keeps its meaning wherever it stands: blanks in it count although
 * (?x) surrounds it.  `rest` is what follows it. */
static bool put_piece(Expansion *e, Piece *piece, const char *rest, bool extended, unsigned depth)
{
	bool secret = piece->kind == IV_PIECE_SECRET;
	bool group = needs_group(piece, rest, extended);

	if (secret)
		g_string_append(e->out, "(?P<secret>");
	if (group && (extended || !secret))
		g_string_append(e->out, extended ? "(?-x:" : "(?:");
	if (!put_values(e, piece, depth))
		return false;
	if (group && (extended || !secret))
		g_string_append_c(e->out, ')');
	if (secret)
		g_string_append_c(e->out, ')');
	return spend(e);
}

static bool put_pattern(Expansion *e, const char *text, unsigned depth)
{
	bool extended = iv_pattern_is_extended(text);
	const char *open;

	if (depth > IV_MAX_PIECE_DEPTH)
		return fail(e, g_strdup_printf("its definitions are nested deeper than %u\ndoes "
					       "one of them name itself?",
					       IV_MAX_PIECE_DEPTH));
	while ((open = strstr(text, "{{")) != NULL) {
		Piece *piece;

		g_string_append_len(e->out, text, open - text);
		text = open;
		piece = take_piece(e, &text);
		if (piece == NULL || !put_piece(e, piece, text, extended, depth + 1))
			return false;
	}
	g_string_append(e->out, text);
	return true;
}

/* The piece that is all of a text, or NULL. */
static Piece *lone_piece(IvPieces *pieces, const char *text)
{
	size_t len = g_str_has_prefix(text, "{{") ? strspn(text + 2, IV_PIECE_NAME_BYTES) : 0;
	g_autofree char *name = g_strndup(text + (len > 0 ? 2 : 0), len);

	return len > 0 && strcmp(text + 2 + len, "}}") == 0
		       ? g_hash_table_lookup(pieces->by_name, name)
		       : NULL;
}

bool iv_pieces_in_pattern(IvPieces *pieces, char **pattern, char **why)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Expansion e = {.pieces = pieces, .out = out, .why = why};
	Piece *lone = lone_piece(pieces, *pattern);

	/* A pattern that is one piece needs no group around it. */
	if (lone != NULL && lone->kind == IV_PIECE_PATTERN && g_strv_length(lone->values) == 1) {
		lone->used = true;
		if (pieces->dense == NULL && iv_pattern_is_dense(lone->values[0]))
			pieces->dense = lone->name;
		if (!put_pattern(&e, lone->values[0], 1))
			return false;
	} else if (!put_pattern(&e, *pattern, 0) || !spend(&e)) {
		return false;
	}
	g_free(*pattern);
	*pattern = g_strdup(out->str);
	return true;
}

bool iv_pieces_in_patterns(IvPieces *pieces, GStrv *patterns, char **why)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; *patterns != NULL && (*patterns)[i] != NULL; i++) {
		Piece *lone = lone_piece(pieces, (*patterns)[i]);
		char *one[] = {(*patterns)[i], NULL}, **from = lone != NULL ? lone->values : one;

		/* An entry that is a list's name stands for the entries of the list. */
		for (guint k = 0; from[k] != NULL; k++) {
			g_ptr_array_add(out, g_strdup(from[k]));
			if (!iv_pieces_in_pattern(pieces, (char **)&out->pdata[out->len - 1], why))
				return false;
		}
	}
	g_ptr_array_add(out, NULL);
	g_strfreev(*patterns);
	*patterns = (GStrv)g_ptr_array_free(g_steal_pointer(&out), FALSE);
	return true;
}

/* --- in words and texts ------------------------------------------------------------------ */

/* Replace the first name of a text by each value of its piece, and put what
 * comes of it in front of the work still to do, in order. */
static bool replace_first(Expansion *e, GQueue *work, const char *text, const char *open)
{
	const char *rest = open;
	Piece *piece = take_piece(e, &rest);

	for (guint i = piece != NULL ? g_strv_length(piece->values) : 0; i > 0; i--) {
		g_autoptr(GString) next = g_string_new_len(text, open - text);

		g_string_append(next, piece->values[i - 1]);
		g_string_append(next, rest);
		if (next->len > IV_MAX_PIECE_BYTES || !spend(e))
			return fail(e, g_strdup("the definitions in it grow too long"));
		g_queue_push_head(work, g_strdup(next->str));
	}
	return piece != NULL;
}

static bool put_words(Expansion *e, const char *text, GPtrArray *out)
{
	g_autoptr(GQueue) work = g_queue_new();
	bool ok = true;

	g_queue_push_head(work, g_strdup(text));
	while (ok && !g_queue_is_empty(work)) {
		char *next = g_queue_pop_head(work);
		const char *open = strstr(next, "{{");

		if (open == NULL) {
			g_ptr_array_add(out, next);
			continue;
		}
		ok = replace_first(e, work, next, open);
		g_free(next);
	}
	g_queue_clear_full(work, g_free);
	return ok;
}

bool iv_pieces_in_words(IvPieces *pieces, GStrv *words, char **why)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) none = g_string_new(NULL);
	Expansion e = {.pieces = pieces, .out = none, .why = why};

	for (guint i = 0; *words != NULL && (*words)[i] != NULL; i++)
		if (!put_words(&e, (*words)[i], out))
			return false;
	g_ptr_array_add(out, NULL);
	g_strfreev(*words);
	*words = (GStrv)g_ptr_array_free(g_steal_pointer(&out), FALSE);
	return true;
}

bool iv_pieces_in_text(IvPieces *pieces, char **text, char **why)
{
	char *one[] = {*text, NULL};
	g_auto(GStrv) words = g_strdupv(one);

	if (!iv_pieces_in_words(pieces, &words, why))
		return false;
	if (g_strv_length(words) != 1) {
		*why = g_strdup("a definition that is a list cannot stand in a text");
		return false;
	}
	g_free(*text);
	*text = g_strdup(words[0]);
	return true;
}
