/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan_check.h - does what a scanning process says agree with what its parent
 * knows by itself?
 *
 * The child may have been taken over by the image.  So nothing that the parent can
 * know is the child's word: image, format, size, rules, salt, host, version and
 * times are compared, and the report gets the parent's.  What only the child can
 * know (digest, table, coverage, findings) must at least agree with itself: parts
 * that cover the disk, nothing complete of which something was missed, findings
 * in order, of rules that exist, in volumes that exist, with nothing to be seen
 * of a secret but what redact.h may show.  That the child leaves out findings, no
 * check can tell: docs/threat-model.md.
 *
 * Every check is IV_ERROR_CORRUPT and says which word was wrong.
 */
#ifndef IV_PROCESS_SCAN_CHECK_H
#define IV_PROCESS_SCAN_CHECK_H

#include "scanner/base/error.h"
#include "scanner/scanner.h"

/* What the parent knows before the child begins.  Borrows rules. */
typedef struct {
	const IvRuleSet *rules;
	GHashTable *by_id; /* const char * of a rule -> const IvRule * */
	char *image, *host; /* as the report names them */
	char *salt_id;
	const char *format; /* "raw", "qcow2", "tree"; static */
	uint64_t size;	    /* virtual bytes; a folder's are not known */
	IvReader reader;
	gint64 started; /* seconds since the epoch */
} IvScanKnown;

/* Look at the image (the first bytes of a file, its size) and the options. */
IV_MUST_CHECK
bool iv_scan_known_init(IvScanKnown *known, const char *image, const IvRuleSet *rules,
			const IvScanOptions *options, GError **error);
void iv_scan_known_clear(IvScanKnown *known);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvScanKnown, iv_scan_known_clear)

/* One part of the answer, as it comes in: `name` as in parts.h, `object` the part
 * just read, `before` the one before it in its list, or NULL. */
IV_MUST_CHECK
bool iv_scan_check_part(const IvScanKnown *known, IvReport *report, const char *name, void *object,
			const void *before, GError **error);

/* The whole.  On success what the parent knows is in the report, in its words. */
IV_MUST_CHECK
bool iv_scan_check_whole(const IvScanKnown *known, IvReport *report, GError **error);

#endif
