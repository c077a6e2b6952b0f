/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * salt.h - the secret salt of fingerprints (scanner/finding/redact.h), which stays
 * with the clearances.
 */
#ifndef IV_SHARE_GATE_SALT_H
#define IV_SHARE_GATE_SALT_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"
#include "scanner/finding/redact.h"

/* The salt of fingerprints: that of the clearances file when one is given and
 * names one, else imgvet/salt in the XDG config folder, made on first use. */
IV_MUST_CHECK
bool iv_salt_load(const char *clearances, uint8_t salt[IV_SALT_BYTES], GError **error);

#endif
