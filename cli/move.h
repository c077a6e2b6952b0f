/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * move.h - what acquire and publish share: --key, --ledger, --json, the request, the outcome.
 *
 * A verb puts CLI_MOVE_OPTIONS into its table of entries.
 */
#ifndef IV_CLI_MOVE_H
#define IV_CLI_MOVE_H

#include <glib.h>

#include "scanner/base/cjson.h"
#include "share/transfer/acquire.h"

typedef struct {
	char *bucket; /* of a row of the verb's own; or NULL, as all of these: not given */
	char *key;
	char *ledger;
	gboolean as_json;
} CliMoveOptions;

extern CliMoveOptions cli_move;

#define CLI_MOVE_OPTIONS                                                                           \
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &cli_move.key,                                          \
	 "Sign the origin record with this key (default: your own)", "FILE"},                        \
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &cli_move.ledger,                                    \
	 "Record everything in this ledger", "FILE"},                                                \
	{"json", 0, 0, G_OPTION_ARG_NONE, &cli_move.as_json, "Print the origin record", NULL}

/* These options and those of the cloud (cloud_options.h), with lines and progress on stderr.
 * Borrows disk and all options. */
IvMoveRequest cli_move_request(const char *disk, gint64 deadline);

/* Print the record with --json, else `line` and the digest; returns the exit code. */
int cli_move_outcome(const cJSON *origin, const char *line);

#endif
