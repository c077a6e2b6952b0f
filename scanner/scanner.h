/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scanner.h - the whole public API of the scanner.
 *
 * Give it an image, get a report.  The library never prints, never exits, and
 * never writes to the image.
 */
#ifndef IV_SCANNER_H
#define IV_SCANNER_H

#include "scanner/base/error.h"
#include "scanner/base/progress.h"
#include "scanner/engine/rule.h"
#include "scanner/finding/redact.h"
#include "scanner/fs/reader.h"
#include "scanner/report/report.h"

typedef struct {
	const char *format;  /* "raw", "qcow2", NULL: by magic and name */
	const char *backing; /* the one backing file allowed, or NULL */
	IvReader reader;
	unsigned threads;	  /* 0: one per processor */
	const uint8_t *salt;	  /* IV_SALT_BYTES, for fingerprints */
	/* Called once everything that a native scan needs is open: the caller may give
	 * up what reading it does not need (process/sandbox.h), in a process that does
	 * nothing else afterwards.  Not called where libguestfs or a tree is read.
	 * False ends the scan with its error.  NULL: nothing is called. */
	bool (*sandbox)(GError **error);
	IvScanProgress *progress; /* or NULL */
} IvScanOptions;

/* Scan an image in this process.  NULL with an error when it cannot be opened
 * or read; what can be worked around is in the report's coverage.  The caller
 * frees the report. */
IV_MUST_CHECK
IvReport *iv_scan(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
		  GError **error);

#endif
