/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * regex.h - PCRE2 patterns, compiled once, matched under limits.  Private to
 * the engine; regex.c is the only file that knows PCRE2.
 *
 * Patterns see bytes, never UTF-8.  A line ends with LF, CR or CRLF.
 */
#ifndef IV_ENGINE_REGEX_H
#define IV_ENGINE_REGEX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct IvRegex IvRegex;		      /* immutable; threads share it */
typedef struct IvRegexScratch IvRegexScratch; /* one per thread */

/* NULL with *why = "message (at offset N)", to be freed, when it is not a valid pattern. */
IvRegex *iv_regex_new(const char *pattern, bool caseless, char **why);
void iv_regex_free(IvRegex *regex);
/* Make ask_cut fast for this pattern; before threads share it. */
void iv_regex_allow_partial(IvRegex *regex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvRegex, iv_regex_free)

IvRegexScratch *iv_regex_scratch_new(void);
void iv_regex_scratch_free(IvRegexScratch *scratch);

typedef enum {
	IV_REGEX_NONE,
	IV_REGEX_MATCH,
	IV_REGEX_LIMIT, /* match limit or stack exhausted: unknown */
	IV_REGEX_CUT,	/* what begins at hit->start may be a match, or a longer one, with bytes
			 * behind `to` */
} IvRegexResult;

/* What to search.  Look-behind sees data[0, from); nothing sees data[to, ...).
 * A match may begin at from .. last. */
typedef struct {
	const uint8_t *data;
	size_t from, to, last;
	bool cut_front; /* data[0] is not where the text begins: ^ does not match there */
	bool cut_back;	/* data[to] is not where it ends: $ does not match there */
	bool quick;	/* under the low match limit */
	bool ask_cut;	/* IV_REGEX_CUT where the end of the range is reached */
} IvRegexRange;

typedef struct {
	size_t start, end;
	/* The group named secret or TOKEN, else the first group that took part,
	 * else the whole match. */
	size_t secret_start, secret_end;
} IvRegexHit;

IvRegexResult iv_regex_match(const IvRegex *regex, IvRegexScratch *scratch,
			     const IvRegexRange *range, IvRegexHit *hit);

/* Does the pattern match anywhere in these bytes? */
IvRegexResult iv_regex_test(const IvRegex *regex, IvRegexScratch *scratch, const void *data, size_t len);

#endif
