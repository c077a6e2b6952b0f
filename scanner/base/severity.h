/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * severity.h - how bad a finding is, from worst to record-only.
 *
 * critical  gives access, or a usable secret, to every receiver of the image
 * high      very likely does, or identifies a machine or account abusably
 * medium    leaks internal or personal information, or weakens clones
 * low       hygiene
 * info      for the record
 */
#ifndef IV_BASE_SEVERITY_H
#define IV_BASE_SEVERITY_H

#include <stdbool.h>

#include "scanner/base/error.h"

typedef enum {
	IV_SEVERITY_INFO,
	IV_SEVERITY_LOW,
	IV_SEVERITY_MEDIUM,
	IV_SEVERITY_HIGH,
	IV_SEVERITY_CRITICAL,
} IvSeverity;

#define IV_SEVERITY_COUNT 5

/* "info" ... "critical"; static storage. */
const char *iv_severity_name(IvSeverity severity);

/* Exact lower-case name to value.  False for any other name. */
IV_MUST_CHECK
bool iv_severity_parse(const char *name, IvSeverity *severity);

#endif
