/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * skip.h - every decision not to look, by name.
 *
 * "Complete" is only as true as the least of these decisions.  Whoever decides
 * in scanner/ that something is not read, not searched or not reported (a hole,
 * a ceiling, a hard link, a path that keeps a rule away) calls iv_skip() with
 * its reason.  Each reason says what becomes of what was skipped, its account;
 * `imgvet scan --explain-skips` prints how often each was used.
 *
 * A decision that looks at something after all, or that ends in an error, is none.
 * tests/house/test_skips.py holds the code to this: it lists every place that
 * calls iv_skip(), and finds ways out of the readers and searchers that do not.
 *
 * The counters belong to the process: a scan is one process.  Safe to call from
 * any thread, and cheap; where a call per decision is too dear (each hit of a
 * literal), count in a place of your own and hand the sum over later, as
 * scanner/engine/matcher.c does.
 */
#ifndef IV_BASE_SKIP_H
#define IV_BASE_SKIP_H

#include <stdint.h>

/* What becomes of what is skipped. */
typedef enum {
	IV_ACCOUNT_UNREAD,    /* nobody looks at it: the same place is a miss in coverage */
	IV_ACCOUNT_STORED,    /* its bytes are searched as stored, not what they unpack to: it is
			       * counted in coverage */
	IV_ACCOUNT_ELSEWHERE, /* the same bytes are searched at another place */
	IV_ACCOUNT_EMPTY,     /* there are no bytes, or only zeros */
	IV_ACCOUNT_JUDGED,    /* it was looked at, and a rule says that it is nothing */
} IvSkipAccount;

/* By account: what nobody looks at first, what was judged last. */
typedef enum {
	IV_SKIP_UNREAD,
	IV_SKIP_NOT_OPENED,

	IV_SKIP_LINK_SAME_BYTES,
	IV_SKIP_LINK_ATTRIBUTE,
	IV_SKIP_MET_AGAIN,
	IV_SKIP_OWNED,
	IV_SKIP_NOT_CONTENT,
	IV_SKIP_INTERNAL,
	IV_SKIP_UNUSED,
	IV_SKIP_RAW_VOLUME,
	IV_SKIP_SAME_CLAIM,
	IV_SKIP_SEAM,
	IV_SKIP_OUTRANKED,
	IV_SKIP_TWIN,
	IV_SKIP_KNOWN_SECRET,

	IV_SKIP_HOLE,
	IV_SKIP_ZERO_SLACK,
	IV_SKIP_OLD_TABLE,
	IV_SKIP_SPECIAL_FILE,
	IV_SKIP_KERNEL_VIEW,

	IV_SKIP_WEAK_CLAIM,
	IV_SKIP_HELPER_RULE,
	IV_SKIP_OTHER_PATH,
	IV_SKIP_NOT_PATH,
	IV_SKIP_EMPTY_MATCH,
	IV_SKIP_ENTROPY,
	IV_SKIP_ALLOWED,
	IV_SKIP_CHECK,
	IV_SKIP_COUNT
} IvSkip;

typedef struct {
	const char *id;	      /* "not-path": what a report and a reader use */
	const char *words;    /* one sentence, without a full stop */
	IvSkipAccount account;
} IvSkipKind;

/* Decided `count` times not to look, for this reason. */
void iv_skip(IvSkip reason, uint64_t count);

/* The table's line, static; the one of an id, or NULL; and how often so far. */
const IvSkipKind *iv_skip_kind(IvSkip reason);
const IvSkipKind *iv_skip_find(const char *id);
uint64_t iv_skip_counted(IvSkip reason);

/* "unread", "elsewhere" ...: what a report says.  Static. */
const char *iv_skip_account_name(IvSkipAccount account);
/* "not looked at", "searched elsewhere" ...: what a reader sees.  Static. */
const char *iv_skip_account_words(IvSkipAccount account);

/* Begin to count: what the process decided before belongs to another scan. */
void iv_skips_reset(void);

#endif
