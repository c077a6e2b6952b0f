/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - see call.h: reading an answer, explaining a refusal */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/call.h"
#include "share/base/limits.h"

/* The first row that fits; a pattern is a code, or the beginning of one before
 * a '*'.  Sources: the ECS page of common error codes, and the error table of
 * ModifyImageSharePermission (2025-04); the odd spellings are the cloud's. */
static const struct {
	const char *code, *hint;
} hints[] = {
	{"InvalidAccount.Forbbiden",
	 "your own account is in the list of receivers, and it has the image already: leave it out"},
	{"InvalidAccount.NotFound",
	 "one of the accounts does not exist: give the id of the main account (digits), not of a "
	 "RAM user, and check it with the receiver"},
	{"InvalidImageId.NotFound",
	 "there is no such image in this account and region: check --image-id and --region"},
	{"InvalidImageId.BidMismatch",
	 "a receiver belongs to another site (China or international) that this image cannot go to"},
	{"QuotaExceed.ShareImageUser",
	 "this image is shared with as many accounts as the quota allows: take some back, or ask for "
	 "more in the Quota Center"},
	{"QuotaExceed.ShareImage", "too many shared images: take some back, or ask for more in the "
				   "Quota Center"},
	{"AssumeRoleError",
	 "the image is encrypted: the role AliyunECSShareEncryptImageDefaultRole must exist and its "
	 "trust policy must name RECEIVER@ecs.aliyuncs.com for every receiver"},
	{"InvalidOperation.ServiceKeyEncryptedImageUnsupported",
	 "the image is encrypted with the service key: copy it with a key of your own, scan and share "
	 "the copy"},
	{"InvalidParameter.KMSKeyId.*",
	 "the image's key must be enabled, and ECS must be allowed to use it"},
	{"OperationDeined.EncryptedSnapshot", "an encrypted snapshot of the image cannot be shared"},
	{"OperationDeined.FullImage", "an encrypted image with data disks cannot be shared"},
	{"OperationDenied.InvalidImageStatus", "the image is deprecated: make it available again"},
	{"Image.Public", "the image is a community image: everybody has it already"},
	{"ImageName.ContainsSensitiveWords", "rename the image"},
	{"ImageDescription.ContainsSensitiveWords", "change the image's description"},
	{"AccountNotInResourceDirectory",
	 "the account belongs to no resource directory: share with accounts instead (--account), or "
	 "join one first"},
	{"NotEnableSharingWithResourceDirectory",
	 "the management account has to enable resource sharing for the resource directory first"},
	{"NotManagementAccount",
	 "only the management account of the resource directory can do this"},
	{"InvalidTarget*",
	 "it does not belong to your own resource directory: check the ids of --organization"},
	{"ShareWithYourself", "your own account has the image already"},
	{"QuotaExceeded.ResourceShare.Count",
	 "too many resource shares: remove some, or ask for more in the Quota Center"},
	{"QuotaExceeded.Shared*",
	 "too much is shared in this way: take some back, or ask for more in the Quota Center"},
	{"InvalidParameter.ResourceType", "this region does not share images with organizations"},
	{"SignatureDoesNotMatch",
	 "the secret does not belong to the key id: set both again, without quotes or line ends"},
	{"IncompleteSignature", "something between here and the cloud changed the request"},
	{"InvalidTimeStamp.*", "set this machine's clock: it is more than 15 minutes off"},
	{"InvalidAccessKeyId.NotFound", "the key id is not known: check it, and that the endpoint is "
					"of the same site"},
	{"InvalidAccessKeyId.Inactive", "the key is switched off: use another one"},
	{"Forbidden.AccessKeyDisabled", "the key is switched off: use another one"},
	{"InvalidSecurityToken.Expired", "the temporary credentials have run out: get new ones"},
	{"InvalidSecurityToken.*", "the security token does not belong to the key: get new temporary "
				   "credentials"},
	{"MissingSecurityToken", "the key is a temporary one: set ALIBABA_CLOUD_SECURITY_TOKEN too"},
	{"Forbidden.RiskControl", "the account is under risk control: ask Alibaba Cloud's support"},
	{"RealNameAuthenticationError", "the account has not finished its real-name verification"},
	{"Forbidden.KeyNotFound", "there is no such key in this account and region"},
	{"InvalidAction.NotFound", "the endpoint is not one of ECS: check --endpoint"},
	{"InvalidRegionId*", "check --region"},
	{"Throttling*", "the account's calls are being throttled: try again in a few minutes"},
	{"Rejected.Throttling", "the account's calls are being throttled: try again in a few minutes"},
};

/* Codes that begin so say that a right is missing, unless a row above says otherwise; the second
 * spelling is the cloud's too. */
static const char *const no_right[] = {"Forbidden", "Forbbiden", "NoPermission"};

bool iv_alibaba_lacks_right(const char *code)
{
	for (gsize i = 0; code != NULL && i < G_N_ELEMENTS(no_right); i++)
		if (g_str_has_prefix(code, no_right[i]))
			return iv_alibaba_hint(code) == NULL;
	return false;
}

const char *iv_alibaba_hint(const char *code)
{
	for (gsize i = 0; code != NULL && i < G_N_ELEMENTS(hints); i++) {
		const char *star = strchr(hints[i].code, '*');

		if (star != NULL ? strncmp(code, hints[i].code, (size_t)(star - hints[i].code)) == 0
				 : strcmp(code, hints[i].code) == 0)
			return hints[i].hint;
	}
	return NULL;
}

/* A string member under either spelling, made printable and cut; else NULL. */
static char *words(const cJSON *object, const char *name, const char *lower, const char *hide)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	g_autofree char *cut = NULL;

	if (item == NULL)
		item = cJSON_GetObjectItemCaseSensitive(object, lower);
	if (!cJSON_IsString(item) || *item->valuestring == '\0')
		return NULL;
	if (hide != NULL && *hide != '\0' && strstr(item->valuestring, hide) != NULL)
		return NULL;
	cut = g_utf8_strlen(item->valuestring, -1) > (glong)IV_CALL_WORDS
		      ? g_utf8_substring(item->valuestring, 0, IV_CALL_WORDS)
		      : g_strdup(item->valuestring);
	return iv_text_printable(cut, -1);
}

/* The whole body is one JSON object in valid UTF-8, with nothing behind it. */
static cJSON *parse_object(const char *body, size_t length)
{
	cJSON *json;

	if (length == 0 || !g_utf8_validate(body, (gssize)length, NULL))
		return NULL;
	json = cJSON_ParseWithLengthOpts(body, length + 1, NULL, 1);
	if (json != NULL && !cJSON_IsObject(json))
		g_clear_pointer(&json, cJSON_Delete);
	return json;
}

/* Does any name or text in it hold the token?  It was sent with the request, so an answer could
 * repeat it, even as an image's name; tokens have no character that JSON escapes. */
static bool repeats(const cJSON *json, const char *hide)
{
	char *text;
	bool found;

	if (json == NULL || hide == NULL || *hide == '\0')
		return false;
	text = cJSON_PrintUnformatted(json);
	found = text == NULL || strstr(text, hide) != NULL;
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	cJSON_free(text);
	return found;
}

bool iv_alibaba_answer_read(long status, const char *body, size_t length, const char *hide,
			    IvAlibabaAnswer *answer, GError **error)
{
	cJSON *json = parse_object(body, length);
	bool success = status >= 200 && status <= 299;

	*answer = (IvAlibabaAnswer){0};
	answer->request_id = words(json, "RequestId", "requestId", hide);
	answer->code = words(json, "Code", "code", hide);
	answer->message = words(json, "Message", "message", hide);
	/* That message repeats what was signed: of no use to the user, and it
	 * would show the security token's place. */
	if (answer->message == NULL || g_strcmp0(answer->code, "SignatureDoesNotMatch") == 0) {
		g_free(answer->message);
		answer->message = g_strdup("");
	}
	if (success && repeats(json, hide)) {
		cJSON_Delete(json);
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the answer repeats the security token\n"
			       "this service never does that: check --endpoint, and get new "
			       "temporary credentials");
	}
	if (success && json != NULL && answer->code == NULL && answer->request_id != NULL) {
		answer->json = json;
		return true;
	}
	cJSON_Delete(json);
	if (!success && answer->code != NULL)
		return true;
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the answer (HTTP %ld, %zu bytes) does not come from this service\n"
		       "check --endpoint, and whether a proxy or a login page is in between",
		       status, length);
}

void iv_alibaba_answer_clear(IvAlibabaAnswer *answer)
{
	cJSON_Delete(answer->json);
	g_free(answer->code);
	g_free(answer->message);
	g_free(answer->request_id);
	*answer = (IvAlibabaAnswer){0};
}
