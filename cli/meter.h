/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meter.h - how far a part of a long command is, in one line of stderr that is
 * drawn anew; nothing when stderr is no terminal or under --quiet */
#ifndef IV_CLI_METER_H
#define IV_CLI_METER_H

#include <glib.h>
#include <stdbool.h>

/* As IvMoveRequest.progress (share/transfer/acquire.h); user is not used. */
void cli_meter(void *user, const char *what, guint64 done, guint64 total, bool bytes);

/* Take the line away, before anything else is written to the terminal. */
void cli_meter_clear(void);

#endif
