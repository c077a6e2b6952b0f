/* SPDX-License-Identifier: GPL-3.0-or-later */
/* severity.c - see severity.h */
#include "scanner/base/severity.h"

#include <string.h>

static const char *const names[IV_SEVERITY_COUNT] = {"info", "low", "medium", "high", "critical"};

const char *iv_severity_name(IvSeverity severity)
{
	return names[severity];
}

bool iv_severity_parse(const char *name, IvSeverity *severity)
{
	for (int i = 0; i < IV_SEVERITY_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*severity = (IvSeverity)i;
			return true;
		}
	}
	return false;
}
