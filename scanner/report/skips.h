/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * skips.h - what a scan decided not to look at, or to pass over: run.skips of a
 * report, and its table for a terminal.  The reasons are those of
 * scanner/base/skip.h.
 */
#ifndef IV_REPORT_SKIPS_H
#define IV_REPORT_SKIPS_H

#include <glib.h>
#include <stdint.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/report/fields.h"

typedef struct {
	char *reason;  /* IvSkipKind.id, or one that a later imgvet knows */
	uint64_t count; /* how often, at least 1 */
	char *account; /* iv_skip_account_name() */
} IvReportSkip;

#define IV_REPORT_SKIP_FIELDS 3
extern const IvField iv_report_skip_fields[IV_REPORT_SKIP_FIELDS];

/* An empty list of IvReportSkip *, and an empty one at its end. */
GPtrArray *iv_report_skips_new(void);
IvReportSkip *iv_report_skips_add(GPtrArray *skips);

/* Those that this process counted since iv_skips_reset(), in the
 * order of their table; reasons that never came up are left out. */
GPtrArray *iv_report_skips_counted(void);

/* The list as JSON, and back; NULL with *error when it is none. */
cJSON *iv_report_skips_to_json(const GPtrArray *skips);
IV_MUST_CHECK
GPtrArray *iv_report_skips_from_json(const cJSON *json, GError **error);

#endif
