/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.h - origin records on the command line: which one belongs to a scan */
#ifndef IV_CLI_ORIGIN_H
#define IV_CLI_ORIGIN_H

#include "scanner/base/error.h"
#include "scanner/report/report.h"

/* The record to put into the report of `image`: the file given, else IMAGE.origin.json where it is
 * there; *origin stays NULL without one.  It must be signed, by any key: the gate decides which
 * keys to trust.  The caller deletes it. */
IV_MUST_CHECK
bool cli_origin_find(const char *image, const char *given, cJSON **origin, GError **error);

/* Put it into the report, which keeps a copy.  IV_ERROR_CORRUPT when it is
 * about other bytes than those that were scanned. */
IV_MUST_CHECK
bool cli_origin_attach(IvReport *report, const char *image, const cJSON *origin, GError **error);

#endif
