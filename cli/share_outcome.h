/* SPDX-License-Identifier: GPL-3.0-or-later */
/* share_outcome.h - what imgvet share prints at its end, as text or JSON; unshare uses the lists
 * too. */
#ifndef IV_CLI_SHARE_OUTCOME_H
#define IV_CLI_SHARE_OUTCOME_H

#include "share/access/request.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"

/* preflight, result and error may be NULL: not reached, or no failure.  Free what they return. */
char *cli_share_json(const IvVerdict *verdict, const IvShareRequest *request,
		     const IvPreflight *preflight, const IvShareResult *result, const GError *error);
char *cli_share_text(const IvShareRequest *request, const IvShareResult *result);

/* The lists of a result (char *): as an array of that name, or a line each. */
void cli_share_add_list(cJSON *json, const char *name, const GPtrArray *list);
void cli_share_append_list(GString *text, const char *title, const GPtrArray *list);

#endif
