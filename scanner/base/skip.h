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
 * The counters belong to the process: a scan is one process.  Safe to call from
 * any thread, and cheap.
 */
#ifndef IV_BASE_SKIP_H
#define IV_BASE_SKIP_H

#include <stdint.h>

/* What becomes of what is skipped. */
typedef enum {
	IV_ACCOUNT_UNREAD,    /* nobody looks at it: the same place is a miss in coverage */
	IV_ACCOUNT_ELSEWHERE, /* the same bytes are searched at another place */
	IV_ACCOUNT_EMPTY,     /* there are no bytes, or only zeros */
	IV_ACCOUNT_JUDGED,    /* it was looked at, and a rule says that it is nothing */
} IvSkipAccount;

typedef enum {
	IV_SKIP_HOLE,
	IV_SKIP_ZERO_SLACK,
	IV_SKIP_LINK_SAME_BYTES,
	IV_SKIP_NOT_PATH,
	IV_SKIP_ALLOWED,
	IV_SKIP_ENTROPY,
	IV_SKIP_CHECK,
	IV_SKIP_TWIN,
	IV_SKIP_KNOWN_SECRET,
	IV_SKIP_SAME_CLAIM,
	IV_SKIP_UNREAD,
	IV_SKIP_COUNT
} IvSkip;

typedef struct {
	const char *id;	      /* "not-path": what a report and a reader use */
	const char *words;    /* one sentence, without a full stop */
	IvSkipAccount account;
} IvSkipKind;

/* Decided `count` times not to look, for this reason. */
void iv_skip(IvSkip reason, uint64_t count);

/* The table's line, static; and how often so far. */
const IvSkipKind *iv_skip_kind(IvSkip reason);
uint64_t iv_skip_counted(IvSkip reason);

/* "not looked at", "searched elsewhere" ...; static. */
const char *iv_skip_account_words(IvSkipAccount account);

/* Begin to count: what the process decided before belongs to another scan. */
void iv_skips_reset(void);

#endif
