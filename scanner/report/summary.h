/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary.h - the sections of the terminal summary.  Private to
 * scanner/report/.
 */
#ifndef IV_REPORT_SUMMARY_H
#define IV_REPORT_SUMMARY_H

#include "scanner/report/page.h"
#include "scanner/report/report.h"

/* Bytes that were not looked at, as far as known, over all volumes. */
uint64_t iv_page_unread(const IvCoverage *coverage);

/* What was found, grouped, the worst first. */
void iv_page_findings(IvPage *page, const GPtrArray *findings);

/* The section that says what was looked at, and first of all what was not. */
void iv_page_coverage(IvPage *page, const IvCoverage *coverage);

/* What is packed or encoded, by volume and kind. */
void iv_page_packed(IvPage *page, const IvCoverage *coverage);

#endif
