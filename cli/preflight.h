/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight.h - a preflight's lines for people.  Private to cli/. */
#ifndef IV_CLI_PREFLIGHT_H
#define IV_CLI_PREFLIGHT_H

#include "share/cloud/preflight.h"

/* A line each, its answer first, wrapped; remedies below those that need one.
 * The caller frees it. */
char *cli_preflight_text(const IvPreflight *preflight, int columns, bool colour);

#endif
