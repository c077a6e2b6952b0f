/* share_outcome.h - what imgvet share tells at its end, as text or JSON; its lists
 * serve unshare too. */
#ifndef IV_CLI_SHARE_OUTCOME_H
#define IV_CLI_SHARE_OUTCOME_H

#include "share/access/request.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"

/* preflight, result and error may be NULL: it did not come that far, or went well.
 * Free what they return. */
char *cli_share_json(const IvVerdict *verdict, const IvShareRequest *request,
		     const IvPreflight *preflight, const IvShareResult *result, const GError *error);
char *cli_share_text(const IvShareRequest *request, const IvShareResult *result);

/* The lists of a result (char *): as an array of that name, or a line each. */
void cli_share_add_list(cJSON *json, const char *name, const GPtrArray *list);
void cli_share_append_list(GString *text, const char *title, const GPtrArray *list);

#endif
