/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge.h - is a match believable?  Named checks in code.  Private to the engine.  docs/rules.md lists the checks.
 */
#ifndef IV_ENGINE_JUDGE_H
#define IV_ENGINE_JUDGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/severity.h"

/* What a check sees, and may change: severity and note. */
typedef struct {
	const uint8_t *secret;
	size_t len;
	IvSeverity severity;
	const char *note; /* static, or NULL */
} IvJudgement;

typedef struct {
	const char *name;
	bool (*believe)(IvJudgement *judgement);
} IvSecretCheck;

const IvSecretCheck *iv_check_find(const char *name);
char *iv_check_names(void); /* "a, b, c"; the caller frees it */

#endif
