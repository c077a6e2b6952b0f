/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sign.h - request signatures of Alibaba Cloud's object storage (OSS).
 *
 * OSS4-HMAC-SHA256 in the Authorization header.  Bodies are not signed: the
 * payload is UNSIGNED-PAYLOAD, literally.
 *
 * Source: OSS API reference, "Include a V4 signature in the header"; vectors in
 * tests/cloud/oss4-vectors.json and oss-more-vectors.json.
 */
#ifndef IV_SHARE_ALIBABA_OSS_SIGN_H
#define IV_SHARE_ALIBABA_OSS_SIGN_H

#include <glib.h>

#include "share/alibaba/call/credentials.h"

/* A request as it is signed.  Lists hold IvPair (sign.h) in any order. */
typedef struct {
	const char *method;
	const char *region; /* "cn-hangzhou" */
	const char *bucket;
	const char *key; /* NULL: a call about the bucket */
	const GPtrArray *query;	  /* a NULL value is a bare name ("uploads"); may be NULL */
	const GPtrArray *headers; /* content-type, content-md5 and x-oss-* are signed; may be NULL */
	const char *const *additional; /* names of further headers to sign, or NULL */
	gint64 time; /* seconds since the epoch */
} IvOssRequest;

typedef struct {
	char *canonical; /* may hold a security token: wiped when freed */
	char *to_sign;
	char *signature;
	char *authorization; /* value of the Authorization header */
} IvOssSignature;

/* "20260102T030405Z", the form of x-oss-date. */
char *iv_oss_date(gint64 time);

/* "/bucket/key", "/bucket/" or "/key" with bucket NULL: each byte of the key
 * encoded but '/'. */
char *iv_oss_path(const char *bucket, const char *key);

/* "a=1&uploads": encoded and sorted by encoded name; "" for none. */
char *iv_oss_query(const GPtrArray *pairs);

/* x-oss-date, x-oss-content-sha256 and (of temporary credentials)
 * x-oss-security-token must be among the headers. */
IvOssSignature *iv_oss_sign(const IvOssRequest *request, const IvCredentials *as);

void iv_oss_signature_free(IvOssSignature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvOssSignature, iv_oss_signature_free)

#endif
