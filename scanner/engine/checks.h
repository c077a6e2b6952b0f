/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checks.h - the named checks of judge.c's table, one function each.  Private
 * to the engine.  True: believable.  docs/rules.md says what each demands.
 */
#ifndef IV_ENGINE_CHECKS_H
#define IV_ENGINE_CHECKS_H

#include "scanner/engine/judge.h"

/* checks.c: shapes of text */
bool iv_check_not_placeholder(IvJudgement *j);
bool iv_check_url_password(IvJudgement *j);
bool iv_check_high_entropy_mixed(IvJudgement *j);
bool iv_check_shadow_hash(IvJudgement *j);

/* checks_key.c: decoded structures */
bool iv_check_private_key(IvJudgement *j);
bool iv_check_jwt(IvJudgement *j);

#endif
