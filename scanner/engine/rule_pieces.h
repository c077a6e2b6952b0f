/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_pieces.h - the named pieces of a rule file: {{name}} in its patterns,
 * anchors and texts.  Private to the engine.
 *
 * A piece is a text or a list.  In a pattern it stands as a whole, in a group
 * where it needs one, and a list as an alternation; in a list of words an entry stands for one
 * entry per value; in a text it must be a single value.
 */
#ifndef IV_ENGINE_RULE_PIECES_H
#define IV_ENGINE_RULE_PIECES_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/yaml.h"

/* What names of definitions consist of. */
#define IV_PIECE_NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_-"

typedef struct IvPieces IvPieces;

IvPieces *iv_pieces_new(void);
void iv_pieces_free(IvPieces *pieces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPieces, iv_pieces_free)

/* Take the map of "definitions" (rule_definitions.c).  Unknown names, circles and names that are
 * taken are errors with their line. */
bool iv_pieces_read(IvPieces *pieces, const IvYaml *yaml, const IvYamlNode *map, GError **error);

/* What one rule brings along.  LITERAL is text: quoted in a pattern; SECRET is
 * the group that is judged. */
typedef enum { IV_PIECE_PATTERN, IV_PIECE_LITERAL, IV_PIECE_SECRET } IvPieceKind;
extern const char *const iv_rule_piece_names[]; /* keyword, secret, ...; NULL at the end */
void iv_pieces_set(IvPieces *pieces, const char *name, IvPieceKind kind, const char *const *values);
bool iv_pieces_has(const IvPieces *pieces, const char *name);
bool iv_pieces_used(const IvPieces *pieces, const char *name); /* since it was set */
void iv_pieces_forget_rule(IvPieces *pieces);

/* Expand in place.  False with *why, to be freed. */
bool iv_pieces_in_pattern(IvPieces *pieces, char **pattern, char **why);
bool iv_pieces_in_patterns(IvPieces *pieces, GStrv *patterns, char **why);
bool iv_pieces_in_words(IvPieces *pieces, GStrv *words, char **why);
bool iv_pieces_in_text(IvPieces *pieces, char **text, char **why);

/* A definition among those used since iv_pieces_forget_rule() that is dense
 * (layout.h), or NULL. */
const char *iv_pieces_dense(const IvPieces *pieces);

#endif
