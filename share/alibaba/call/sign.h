/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sign.h - ACS3-HMAC-SHA256, the request signature of Alibaba Cloud's OpenAPI.
 *
 * Source: the help page "V3 request body and signature mechanism"; vectors in
 * tests/cloud/acs3-vectors.json.  The AccessKey secret is the HMAC key itself:
 * there is no derived day or region key as in AWS SigV4.
 */
#ifndef IV_SHARE_ALIBABA_CALL_SIGN_H
#define IV_SHARE_ALIBABA_CALL_SIGN_H

#include <glib.h>
#include <stddef.h>

#include "share/alibaba/call/pairs.h"

/* Percent-encoding: A-Z a-z 0-9 - _ . ~ stay, every other byte becomes %XX. */
char *iv_acs3_encode(const char *text);

/* "a=1&b=2", encoded and sorted by name as bytes; "" for none.  It serves as
 * the URL's query too. */
char *iv_acs3_query(const GPtrArray *pairs);

/* Lower-case hex of the SHA-256 of len bytes. */
char *iv_acs3_sha256(const void *bytes, size_t len);

typedef struct {
	const char *method;	/* "POST" */
	const char *uri;	/* "/" for RPC calls, already encoded */
	const char *query;	/* of iv_acs3_query() */
	const GPtrArray *headers; /* IvPair: host, content-type if sent, every x-acs-*, and
				   * among them x-acs-content-sha256; any case, any order */
	const char *body_sha256;
} IvAcs3Request;

typedef struct {
	char *canonical; /* holds header values, so perhaps a security token: wiped when freed */
	char *canonical_sha256;
	char *signed_headers;
	char *signature;
	char *authorization; /* value of the Authorization header */
} IvAcs3Signature;

IvAcs3Signature *iv_acs3_sign(const IvAcs3Request *request, const char *key_id, const char *secret);
void iv_acs3_signature_free(IvAcs3Signature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAcs3Signature, iv_acs3_signature_free)

#endif
