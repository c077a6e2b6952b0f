/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer.h - reading what the object storage says of a call, and what it
 * means for trying again; inside of call.c.
 */
#ifndef IV_SHARE_ALIBABA_OSS_ANSWER_H
#define IV_SHARE_ALIBABA_OSS_ANSWER_H

#include "share/alibaba/call/retry.h"

/* What a refusal says; texts are printable and hold no secret. */
typedef struct {
	char *code;	  /* or NULL: it makes no sense */
	char *words;	  /* or NULL */
	const char *hint; /* or NULL; static */
	IvRetry next;
} IvOssRefusal;

/* 2xx, unless the body is an error all the same (of CompleteMultipartUpload). */
bool iv_oss_is_success(const IvHttpAnswer *answer);

/* `as`: whose secrets must not be repeated; `now`: our clock, corrected. */
void iv_oss_refusal_read(const IvHttpAnswer *answer, const IvCredentials *as, gint64 now,
			 IvOssRefusal *refusal);
void iv_oss_refusal_clear(IvOssRefusal *refusal);

/* The request's id in the answer, printable, or NULL. */
char *iv_oss_request_id(const IvHttpAnswer *answer);

#endif
