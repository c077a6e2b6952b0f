/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attest.h - who says so: the Ed25519 key of a person or a pipeline, and its
 * signatures on reports and origin records.
 */
#ifndef IV_SHARE_GATE_ATTEST_H
#define IV_SHARE_GATE_ATTEST_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* An Ed25519 key pair.  Wiped when freed. */
typedef struct IvKey IvKey;

/* The signing key: `path`, else $IMGVET_KEY, else the XDG config folder
 * (imgvet/signing.key, PEM PKCS#8, mode 0600), made there on first use.  A key
 * file that others may read is refused (IV_ERROR_CONFIG). */
IV_MUST_CHECK
IvKey *iv_key_load(const char *path, GError **error);
void iv_key_free(IvKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvKey, iv_key_free)

/* Make a key file at `path`, or load it where it is there already. */
IV_MUST_CHECK
IvKey *iv_key_make(const char *path, GError **error);

/* The file that iv_key_load(path) reads.  The caller frees it. */
char *iv_key_path(const char *path);

/* "ed25519:<base64 of the 32 raw bytes>": what a policy lists.  Borrowed. */
const char *iv_key_public(const IvKey *key);

/* Is the text such a public key? */
bool iv_key_public_valid(const char *text);

/* The public half of the user's own key ($IMGVET_KEY, else the XDG config folder); *public_key is
 * NULL when there is none, as none is made here.  False when there is one that cannot be used, or
 * none where $IMGVET_KEY says.  The caller frees it. */
IV_MUST_CHECK
bool iv_key_own_public(char **public_key, GError **error);

/* Put run.signature {algorithm, key, value} into the report; it covers
 * iv_json_canonical() of the report without run.signature. */
IV_MUST_CHECK
bool iv_attest_sign(cJSON *report, const IvKey *key, GError **error);

/* Is run.signature there, and right?  *signer gets the public key text (free
 * it).  IV_ERROR_REFUSED says what is wrong.  Says nothing about trust. */
IV_MUST_CHECK
bool iv_attest_verify(const cJSON *report, char **signer, GError **error);

/* The same for an origin record (scanner/report/origin.h), whose signature is a
 * member of its own. */
IV_MUST_CHECK
bool iv_attest_sign_origin(cJSON *origin, const IvKey *key, GError **error);
IV_MUST_CHECK
bool iv_attest_verify_origin(const cJSON *origin, char **signer, GError **error);

#endif
