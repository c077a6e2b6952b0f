/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * covered.h - what "complete" covered and what not, in words that a summary and a
 * verdict share.
 */
#ifndef IV_FINDING_COVERED_H
#define IV_FINDING_COVERED_H

#include "scanner/finding/coverage.h"

/* What a complete coverage says: "every byte of the disk was searched as stored".
 * Static. */
const char *iv_covered_words(const IvCoverage *coverage);

/* What it does not: "12 archives and 3 encoded texts (40.0 MiB) were not opened",
 * also where there is nothing or nobody counted.  The caller frees it. */
char *iv_covered_not_opened(const IvCoverage *coverage);

/* Both, with "; " between them, of a complete coverage. */
char *iv_covered_sentence(const IvCoverage *coverage);

#endif
