/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attempt.c - one attempt of one call: headers, signature, body.  See call.h. */
#include <openssl/rand.h>
#include <string.h>

#include "scanner/base/text.h"
#include "share/alibaba/call/call.h"
#include "share/alibaba/call/sign.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

/* 128 random bits: unique for every attempt. */
static char *fresh_nonce(void)
{
	uint8_t bytes[16];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		g_error("no random numbers from the cryptographic library");
	return iv_text_hex(bytes, sizeof bytes);
}

/* As the server's clock has it. */
static char *date_now(const IvAlibabaClient *client)
{
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(
		g_get_real_time() / G_USEC_PER_SEC + client->clock_ahead);

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
}

/* Everything that is signed: host, the type of a form and every x-acs-* header. */
static GPtrArray *headers_to_sign(const IvAlibabaClient *client, const IvAlibabaCall *call,
				  const IvCredentials *as, const char *body_sha256)
{
	g_autofree char *date = date_now(client);
	g_autofree char *nonce = fresh_nonce();
	GPtrArray *headers = iv_pairs_new();

	iv_pairs_add(headers, "host",
		     iv_alibaba_endpoint(client->endpoints, call->service)->host);
	if (call->form != NULL)
		iv_pairs_add(headers, "content-type", FORM_TYPE);
	iv_pairs_add(headers, "x-acs-action", call->action);
	iv_pairs_add(headers, "x-acs-version", iv_alibaba_version(call->service));
	iv_pairs_add(headers, "x-acs-date", date);
	iv_pairs_add(headers, "x-acs-signature-nonce", nonce);
	iv_pairs_add(headers, "x-acs-content-sha256", body_sha256);
	if (as->token != NULL) {
		iv_pairs_add(headers, "x-acs-accesskey-id", as->key_id);
		iv_pairs_add(headers, "x-acs-security-token", as->token);
	}
	return headers;
}

static void free_line(gpointer line)
{
	iv_text_wipe(line);
}

/* The lines for the wire; the host header is made from the URL, identically. */
static GPtrArray *header_lines(const GPtrArray *headers, const char *authorization)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);

	for (guint i = 0; i < headers->len; i++) {
		const IvPair *header = headers->pdata[i];

		if (strcmp(header->name, "host") != 0)
			g_ptr_array_add(lines,
					g_strdup_printf("%s: %s", header->name, header->value));
	}
	g_ptr_array_add(lines, g_strdup("Accept: application/json"));
	g_ptr_array_add(lines, g_strdup_printf("Authorization: %s", authorization));
	return lines;
}

/* The body of a form; "" when there is none.  iv_text_wipe() it. */
static char *form_body(const IvAlibabaCall *call)
{
	return call->form != NULL ? iv_acs3_query(call->form) : g_strdup("");
}

static IvHttpAnswer *send_it(const IvAlibabaClient *client, const IvAlibabaCall *call,
			     const char *query, const GPtrArray *lines, const char *body,
			     unsigned timeout_ms, IvHttpFailure *failure, GError **error)
{
	g_autofree char *target = g_strconcat("/", *query != '\0' ? "?" : "", query, NULL);

	return iv_http_exchange(&(IvHttpRequest){.endpoint = iv_alibaba_endpoint(client->endpoints,
									 call->service),
						 .method = "POST",
						 .target = target,
						 .headers = lines,
						 .body = body,
						 .length = strlen(body),
						 .timeout_ms = timeout_ms},
				failure, error);
}

static IvHttpAnswer *attempt_signed(const IvAlibabaClient *client, const IvAlibabaCall *call,
				    const IvCredentials *as, const char *body, unsigned timeout_ms,
				    IvHttpFailure *failure, GError **error)
{
	g_autofree char *body_sha256 = iv_acs3_sha256(body, strlen(body));
	g_autofree char *query = iv_acs3_query(call->params);
	g_autoptr(GPtrArray) headers = headers_to_sign(client, call, as, body_sha256);
	g_autoptr(IvAcs3Signature) signature = iv_acs3_sign(
		&(IvAcs3Request){.method = "POST", .uri = "/", .query = query, .headers = headers,
				 .body_sha256 = body_sha256},
		as->key_id, as->secret);
	g_autoptr(GPtrArray) lines = header_lines(headers, signature->authorization);

	return send_it(client, call, query, lines, body, timeout_ms, failure, error);
}

/* Without a signature, action and version travel in the query, as in the older
 * protocol: x-acs-* headers would have to be signed. */
static IvHttpAnswer *attempt_unsigned(const IvAlibabaClient *client, const IvAlibabaCall *call,
				      const char *body, unsigned timeout_ms, IvHttpFailure *failure,
				      GError **error)
{
	g_autofree char *date = date_now(client);
	g_autofree char *nonce = fresh_nonce();
	g_autofree char *query = NULL;
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(free_line);

	iv_pairs_add(params, "Action", call->action);
	iv_pairs_add(params, "Version", iv_alibaba_version(call->service));
	iv_pairs_add(params, "Format", "JSON");
	iv_pairs_add(params, "Timestamp", date);
	iv_pairs_add(params, "SignatureNonce", nonce);
	query = iv_acs3_query(params);
	g_ptr_array_add(lines, g_strdup("Accept: application/json"));
	g_ptr_array_add(lines, g_strdup("Content-Type: " FORM_TYPE));
	return send_it(client, call, query, lines, body, timeout_ms, failure, error);
}

IvHttpAnswer *iv_alibaba_attempt(const IvAlibabaClient *client, const IvAlibabaCall *call,
			     const IvCredentials *as, unsigned timeout_ms, IvHttpFailure *failure,
			     GError **error)
{
	char *body = form_body(call);
	IvHttpAnswer *answer =
		as != NULL ? attempt_signed(client, call, as, body, timeout_ms, failure, error)
			   : attempt_unsigned(client, call, body, timeout_ms, failure, error);

	iv_text_wipe(body);
	return answer;
}
