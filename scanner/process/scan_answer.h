/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan_answer.h - a report on its way from the process that made it to its
 * parent: a record for each of its parts (scanner/report/parts.h), in their order.
 * The kind of a record is the part's number; one more, before them, says how the
 * process is confined.
 */
#ifndef IV_PROCESS_SCAN_ANSWER_H
#define IV_PROCESS_SCAN_ANSWER_H

#include "scanner/base/error.h"
#include "scanner/process/answer.h"
#include "scanner/process/scan_check.h"
#include "scanner/report/report.h"

/* In the child.  What does not fit into an answer (findings, remarks) is cut off
 * at the end of its list, and said in coverage: so the report changes. */
IV_MUST_CHECK
bool iv_scan_answer_say(IvAnswer *answer, IvReport *report, GError **error);

/* In the child, before the report: what iv_sandbox_words() says. */
IV_MUST_CHECK
bool iv_scan_answer_say_sandbox(IvAnswer *answer, const char *words, GError **error);

/* In the parent: a report that grows with each record, and is checked with each. */
typedef struct IvScanHeard IvScanHeard;

/* Borrows what is known. */
IvScanHeard *iv_scan_heard_new(const IvScanKnown *known);
void iv_scan_heard_free(IvScanHeard *heard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvScanHeard, iv_scan_heard_free)

/* An IvAnswerTake; user is an IvScanHeard *. */
IV_MUST_CHECK
bool iv_scan_heard_take(void *user, uint8_t kind, const uint8_t *bytes, size_t len, GError **error);

/* How the process says that it is confined, fit for a terminal; NULL: it did not.
 * Borrowed. */
const char *iv_scan_heard_sandbox(const IvScanHeard *heard);

/* The answer was complete.  The caller frees the report. */
IV_MUST_CHECK
IvReport *iv_scan_heard_report(IvScanHeard *heard, GError **error);

#endif
