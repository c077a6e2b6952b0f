/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict.h - collecting the reasons of a verdict.  Internal to share/gate/: the
 * gate alone makes verdicts.
 */
#ifndef IV_SHARE_GATE_VERDICT_H
#define IV_SHARE_GATE_VERDICT_H

#include "share/gate/gate.h"

typedef enum {
	IV_SAY_NO,   /* blocks */
	IV_SAY_YES,  /* speaks for yes */
	IV_SAY_NOTE, /* for the record */
} IvSay;

IvVerdict *iv_verdict_new(gint64 now);

/* Add a reason; `code` is static, `fingerprint` may be NULL. */
void iv_verdict_say(IvVerdict *verdict, IvSay say, const char *code, const char *fingerprint,
		    const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Decide: yes when there are reasons and none blocks.  Sorts them, blocking ones
 * first, notes last, otherwise as they came. */
void iv_verdict_close(IvVerdict *verdict);

/* "2026-01-31 12:00:00 UTC"; the caller frees it. */
char *iv_verdict_time(gint64 seconds);

/* "90 s", "24 h", "7 days": whole units, rounded down; the caller frees it. */
char *iv_verdict_duration(gint64 seconds);

#endif
