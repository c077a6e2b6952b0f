/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - see answer.h */
#include "share/alibaba/oss/answer.h"

#include <string.h>

#include "scanner/base/text.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

/* Seconds that a date may be off: a little less than the storage allows. */
#define MAX_SKEW_S (14 * 60)

/* --- what an answer means for trying again ------------------------------------------------ */

static const struct {
	const char *code, *hint;
	IvRetry next;
} codes[] = {
	{"RequestTimeTooSkewed", "set this machine's clock: it is more than 15 minutes off", IV_RETRY_CLOCK},
	{"SecurityTokenExpired", "the temporary credentials have run out: get new ones", IV_RETRY_RENEW},
	{"InternalError", NULL, IV_RETRY_UNSURE},
	{"ServiceUnavailable", NULL, IV_RETRY_UNSURE},
	{"SlowDown", "the storage is throttling: try again in a few minutes", IV_RETRY_WAIT},
	{"QpsLimitExceeded", "the storage is throttling: try again in a few minutes", IV_RETRY_WAIT},
	{"DownloadTrafficRateLimitExceeded", "the bucket's bandwidth is used up: try later", IV_RETRY_WAIT},
	{"UploadTrafficRateLimitExceeded", "the bucket's bandwidth is used up: try later", IV_RETRY_WAIT},
	{"AccessDenied", "the key lacks rights on this bucket (oss:GetObject, oss:PutObject, "
			 "oss:ListObjects ...), or the bucket is in another region", IV_RETRY_GIVE_UP},
	{"InvalidAccessKeyId", "the key id is not known: check it, and that the endpoint is of the "
			       "same site", IV_RETRY_GIVE_UP},
	{"SignatureDoesNotMatch", "the secret does not belong to the key id: set both again, without "
				  "quotes or line ends", IV_RETRY_GIVE_UP},
	{"NoSuchBucket", "there is no such bucket in this region: check its name and --region",
	 IV_RETRY_GIVE_UP},
	{"NoSuchKey", "there is no such object: check its name", IV_RETRY_GIVE_UP},
	{"PreconditionFailed", "the object was replaced meanwhile: run the same command again",
	 IV_RETRY_GIVE_UP},
	{"InvalidObjectState", "the object is archived: restore it first, then run the same command "
			       "again", IV_RETRY_GIVE_UP},
	{"InvalidDigest", "the file changed while it was sent, or something between here and the "
			  "storage changes the bytes: run the same command again", IV_RETRY_GIVE_UP},
	{"FileAlreadyExists", "another object has that name: choose a new one, or delete it",
	 IV_RETRY_GIVE_UP},
};

static const char *hint_of(const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_strcmp0(codes[i].code, code) == 0)
			return codes[i].hint;
	return NULL;
}

static IvRetry next_of(long status, const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_strcmp0(codes[i].code, code) == 0)
			return codes[i].next;
	if (status == 429)
		return IV_RETRY_WAIT;
	return status >= 500 ? IV_RETRY_UNSURE : IV_RETRY_GIVE_UP;
}

/* --- reading it ---------------------------------------------------------------------------- */

/* HEAD has no body: its error may stand in a header, in base64. */
static GPtrArray *error_elements(const IvHttpAnswer *answer)
{
	const char *header = iv_http_header(answer, "x-oss-err");
	g_autofree guchar *decoded = NULL;
	gsize len = 0;

	if (answer->length > 0 || header == NULL)
		return iv_oss_xml_read(answer->body, answer->length);
	decoded = g_base64_decode(header, &len);
	return iv_oss_xml_read((const char *)decoded, len);
}

/* The code of an answer without any words.  A clock that is off looks like a lack
 * of rights then, so the server's date decides. */
static const char *code_of_status(const IvHttpAnswer *answer, gint64 now)
{
	static const struct {
		long status;
		const char *code;
	} rows[] = {{403, "AccessDenied"}, {404, "NoSuchKey"}, {412, "PreconditionFailed"}};

	if (answer->status == 403 && answer->date != 0 && ABS(answer->date - now) > MAX_SKEW_S)
		return "RequestTimeTooSkewed";
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].status == answer->status)
			return rows[i].code;
	return NULL;
}

/* Words of the storage, fit to be shown: printable, cut, without a secret. */
static char *words_of(const GPtrArray *elements, const char *path,
		      const IvCredentials *as)
{
	const char *text = iv_oss_xml_text(elements, path);
	g_autofree char *cut = NULL;

	if (text == NULL || *text == '\0' || strstr(text, as->secret) != NULL ||
	    (as->token != NULL && strstr(text, as->token) != NULL))
		return NULL;
	cut = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), (glong)IV_CALL_WORDS));
	return iv_text_printable(cut, -1);
}

bool iv_oss_is_success(const IvHttpAnswer *answer)
{
	g_autoptr(GPtrArray) elements = NULL;

	if (answer->status / 100 != 2)
		return false;
	if (answer->length == 0 || answer->written > 0)
		return true;
	elements = iv_oss_xml_read(answer->body, answer->length);
	return elements == NULL || strcmp(((IvPair *)elements->pdata[0])->name, "Error") != 0;
}

/* A token that has run out, or perhaps one: of a refusal without words nobody can tell. */
static bool may_be_expired(const IvHttpAnswer *answer, const IvCredentials *as)
{
	return as->token != NULL && answer->status == 403 && answer->length == 0;
}

void iv_oss_refusal_read(const IvHttpAnswer *answer, const IvCredentials *as, gint64 now,
			 IvOssRefusal *refusal)
{
	g_autoptr(GPtrArray) elements = error_elements(answer);

	refusal->code = words_of(elements, "Error/Code", as);
	refusal->words = words_of(elements, "Error/Message", as);
	if (refusal->code == NULL && answer->length == 0)
		refusal->code = g_strdup(code_of_status(answer, now));
	refusal->hint = hint_of(refusal->code);
	refusal->next = next_of(answer->status, refusal->code);
	if (refusal->next == IV_RETRY_GIVE_UP && may_be_expired(answer, as))
		refusal->next = IV_RETRY_RENEW;
}

void iv_oss_refusal_clear(IvOssRefusal *refusal)
{
	g_clear_pointer(&refusal->code, g_free);
	g_clear_pointer(&refusal->words, g_free);
}

char *iv_oss_request_id(const IvHttpAnswer *answer)
{
	const char *id = iv_http_header(answer, "x-oss-request-id");

	return id != NULL && strlen(id) <= 64 ? iv_text_printable(id, -1) : NULL;
}
