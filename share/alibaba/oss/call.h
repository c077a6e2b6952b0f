/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.h - one call to the object storage; inside of the files oss*.c.
 */
#ifndef IV_SHARE_ALIBABA_OSS_CALL_H
#define IV_SHARE_ALIBABA_OSS_CALL_H

#include "share/alibaba/oss/oss.h"

typedef struct {
	const char *name;   /* "GetObject" */
	const char *method;
	const char *key;    /* NULL: about the bucket */
	GPtrArray *query;   /* IvPair, a NULL value is a bare name; or NULL */
	GPtrArray *headers; /* IvPair; or NULL */
	bool changes;	    /* it changes something in the account */
	bool repeatable;    /* a second time is the same as once: a lost answer is no matter */

	/* As in http.h. */
	const void *body;
	guint64 length;
	size_t (*read)(void *user, void *buffer, size_t room);
	bool (*write)(void *user, const IvHttpAnswer *answer, const void *bytes, size_t len);
	bool (*progress)(void *user, guint64 sent, guint64 received);
	/* Before each attempt: begin the body again, add headers of this attempt. */
	void (*begin)(void *user, GPtrArray *headers);
	/* Why a callback stopped the exchange; taken as the call's error. */
	GError **stopped;
	void *user;
} IvOssCall;

/* The answer when it is a 2xx, else NULL with an error; trace->code is the
 * storage's code then (of HEAD, whose answer has no body, by its status). */
IvHttpAnswer *iv_oss_call(IvOss *oss, const IvOssCall *call, IvCallTrace *trace, GError **error);

/* The same, and the XML of the answer: a document whose root is `root`. */
GPtrArray *iv_oss_ask(IvOss *oss, const IvOssCall *call, const char *root, IvCallTrace *trace,
		      GError **error);

/* ETag, size and checksum out of an answer's headers; a size is demanded when
 * `sized`.  NULL with IV_ERROR_CLOUD for nonsense. */
IvOssObject *iv_oss_object_of(const IvHttpAnswer *answer, const char *name, const char *key,
			      bool sized, GError **error);

/* An ETag that may stand in a header and in XML: printable ASCII, at most 128
 * characters, without <, > and &. */
bool iv_oss_etag_ok(const char *etag);

#endif
