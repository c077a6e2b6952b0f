/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict.h - a verdict for people, as gate and share print it. */
#ifndef IV_CLI_VERDICT_H
#define IV_CLI_VERDICT_H

#include "share/gate/gate.h"

/* A line for each reason, then policy and verdict.  The caller frees it. */
char *cli_verdict_text(const IvVerdict *verdict, bool colour);

#endif
