/* SPDX-License-Identifier: GPL-3.0-or-later */
/* debug.c - see debug.h */
#include "share/http/debug.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/text.h"
#include "share/base/limits.h"
#include "share/http/secret.h"

#define HIDDEN IV_HTTP_HIDDEN
/* A hidden value shorter than this is not searched for in other lines. */
#define SHORTEST 4u

static GMutex lock;
static IvHttpDebug listener;
static void *listener_user;

struct IvHttpLog {
	GPtrArray *secrets; /* char *: hidden values met so far */
};

void iv_http_debug(IvHttpDebug hook, void *user)
{
	g_mutex_lock(&lock);
	listener = hook;
	listener_user = user;
	g_mutex_unlock(&lock);
}

/* --- secrets of one exchange -------------------------------------------------------- */

static void free_secret(gpointer p)
{
	explicit_bzero(p, strlen(p));
	g_free(p);
}

static void remember(IvHttpLog *log, const char *value, gssize len)
{
	char *copy = len < 0 ? g_strdup(value) : g_strndup(value, (gsize)len);

	if (strlen(copy) >= SHORTEST)
		g_ptr_array_add(log->secrets, copy);
	else
		free_secret(copy);
}

/* "... Credential=ID/...,Signature=HEX" and "SCHEME ID:SIGNATURE": id and signature. */
static void remember_authorization(IvHttpLog *log, const char *value)
{
	const char *id = strstr(value, "Credential="), *signature = strstr(value, "Signature=");

	if (id != NULL)
		remember(log, id + 11, (gssize)strcspn(id + 11, ",/ "));
	if (signature != NULL)
		remember(log, signature + 10, (gssize)strcspn(signature + 10, ", "));
	if (id == NULL && strchr(value, ':') != NULL) {
		id = strchr(value, ' ') != NULL ? strchr(value, ' ') + 1 : value;
		remember(log, id, (gssize)strcspn(id, ":"));
		remember(log, strchr(value, ':') + 1, -1);
	}
}

static void remember_named(IvHttpLog *log, const char *name, const char *value)
{
	if (!iv_http_secret_name(name))
		return;
	remember(log, value, -1);
	if (g_ascii_strcasecmp(name, "authorization") == 0)
		remember_authorization(log, value);
}

/* --- one line ------------------------------------------------------------------------ */

static void replace_all(GString *text, const char *what)
{
	if (*what != '\0')
		g_string_replace(text, what, HIDDEN, 0);
}

/* Every secret of the exchange, as it is and percent-encoded. */
static void hide_values(const IvHttpLog *log, GString *text)
{
	for (guint i = 0; i < log->secrets->len; i++) {
		g_autofree char *encoded =
			g_uri_escape_string(log->secrets->pdata[i], NULL, FALSE);

		replace_all(text, log->secrets->pdata[i]);
		replace_all(text, encoded);
		explicit_bzero(encoded, strlen(encoded));
	}
}

/* Takes `text`. */
static void say(const IvHttpLog *log, GString *text)
{
	g_autofree char *line = NULL;

	hide_values(log, text);
	line = g_utf8_validate(text->str, (gssize)text->len, NULL)
		       ? iv_text_one_line(text->str)
		       : iv_text_printable(text->str, (gssize)text->len);
	g_mutex_lock(&lock);
	if (listener != NULL)
		listener(listener_user, line);
	g_mutex_unlock(&lock);
	free_secret(g_string_free(text, FALSE));
}

static GString *text_new(const char *first, const char *second)
{
	GString *text = g_string_new(first);

	return g_string_append(text, second);
}

static void say_header(const IvHttpLog *log, const char *mark, const char *line)
{
	const char *colon = strchr(line, ':');
	g_autofree char *name = g_strndup(line, colon != NULL ? (gsize)(colon - line) : 0);

	GString *text = text_new(mark, line);

	if (colon == NULL || iv_http_secret_value(name, colon + 1 + strspn(colon + 1, " "))) {
		explicit_bzero(text->str, text->len);
		g_string_printf(text, "%s%s: " HIDDEN, mark, name);
	}
	say(log, text);
}

/* --- query and form -------------------------------------------------------------------- */

typedef void (*PairSeen)(IvHttpLog *log, const char *raw, const char *name, const char *value,
			 GString *out);

static char *decoded(const char *text, gsize len)
{
	g_autofree char *part = g_strndup(text, len);
	char *plain = g_uri_unescape_string(g_strdelimit(part, "+", ' '), NULL);

	return plain != NULL ? plain : g_strdup("secret that does not decode");
}

/* Each "name=value" between '&'s, as it stands and decoded. */
static void each_pair(IvHttpLog *log, const char *text, PairSeen seen, GString *out)
{
	g_auto(GStrv) pairs = g_strsplit(text, "&", -1);

	for (char **p = pairs; *p != NULL; p++) {
		gsize n = strcspn(*p, "=");
		g_autofree char *name = decoded(*p, n);
		char *value = decoded(*p + n + ((*p)[n] == '='), strlen(*p) - n);

		seen(log, *p, name, value, out);
		free_secret(value);
		explicit_bzero(*p, strlen(*p));
	}
}

static void pair_remembered(IvHttpLog *log, const char *raw, const char *name, const char *value,
			    GString *out)
{
	remember_named(log, name, value);
}

static void pair_shown(IvHttpLog *log, const char *raw, const char *name, const char *value,
		       GString *out)
{
	if (out->str[out->len - 1] != '?' && out->str[out->len - 1] != ' ')
		g_string_append_c(out, '&');
	if (iv_http_secret_value(name, value))
		g_string_append_printf(out, "%.*s=" HIDDEN, (int)strcspn(raw, "="), raw);
	else
		g_string_append(out, raw);
}

static void say_request_line(IvHttpLog *log, const IvHttpRequest *request)
{
	const char *query = strchr(request->target, '?');
	gsize path = strcspn(request->target, "?");
	GString *text = text_new("> ", request->method);

	g_string_append_printf(text, " %s", request->endpoint->base);
	if (request->hide_target) {
		g_string_append(text, "/" HIDDEN);
	} else {
		g_string_append_len(text, request->target, (gssize)path);
		g_string_append(text, query != NULL ? "?" : "");
		if (query != NULL && query[1] != '\0')
			each_pair(log, query + 1, pair_shown, text);
	}
	say(log, text);
}

/* --- bodies ------------------------------------------------------------------------------ */

static void say_cut(const IvHttpLog *log, const char *mark, char *body)
{
	GString *text = text_new(mark, "body: ");

	g_string_append(text, body);
	hide_values(log, text); /* before it is cut: half a secret would not be found */
	if (text->len > IV_HTTP_DEBUG_BODY) {
		explicit_bzero(text->str + IV_HTTP_DEBUG_BODY, text->len - IV_HTTP_DEBUG_BODY);
		g_string_truncate(text, IV_HTTP_DEBUG_BODY);
		g_string_append(text, " ...");
	}
	say(log, text);
	free_secret(body);
}

static void say_body(const IvHttpLog *log, const char *mark, const char *bytes, guint64 len)
{
	char *body = NULL;
	GString *text;

	if (len == 0)
		return;
	if (bytes != NULL && len <= IV_HTTP_MAX_BODY) {
		body = iv_http_safe_json(bytes, (size_t)len);
		if (body == NULL)
			body = iv_http_safe_xml(bytes, (size_t)len);
	}
	if (body != NULL) {
		say_cut(log, mark, body);
		return;
	}
	text = text_new(mark, "body: ");
	g_string_append_printf(text, "%" G_GUINT64_FORMAT " bytes, left out", len);
	say(log, text);
}

static const char *content_type(const IvHttpRequest *request)
{
	for (guint i = 0; i < request->headers->len; i++) {
		const char *line = request->headers->pdata[i];

		if (g_ascii_strncasecmp(line, "content-type:", 13) == 0)
			return line + 13;
	}
	return "";
}

/* A form as text with a NUL, or NULL when the body is not a form. */
static char *form_of(const IvHttpRequest *request)
{
	if (request->body == NULL || request->length > IV_HTTP_MAX_BODY ||
	    strstr(content_type(request), "x-www-form-urlencoded") == NULL)
		return NULL;
	return g_strndup(request->body, (gsize)request->length);
}

static void say_request_body(IvHttpLog *log, const IvHttpRequest *request)
{
	char *form = form_of(request);
	GString *text;

	if (form == NULL) {
		say_body(log, "> ", request->body, request->length);
		return;
	}
	text = text_new("> ", "body: ");
	each_pair(log, form, pair_shown, text);
	say(log, text);
	free_secret(form);
}

/* --- one exchange -------------------------------------------------------------------------- */

/* Collect every secret of the request before the first line is written. */
static void remember_request(IvHttpLog *log, const IvHttpRequest *request)
{
	const char *query = strchr(request->target, '?');
	char *form = form_of(request);

	if (request->hide_target)
		remember(log, request->target, -1);
	for (guint i = 0; i < request->headers->len; i++) {
		const char *line = request->headers->pdata[i], *colon = strchr(line, ':');
		g_autofree char *name = g_strndup(line, strcspn(line, ":"));

		if (colon != NULL)
			remember_named(log, name, colon + 1 + strspn(colon + 1, " "));
	}
	if (query != NULL)
		each_pair(log, query + 1, pair_remembered, NULL);
	if (form != NULL) {
		each_pair(log, form, pair_remembered, NULL);
		free_secret(form);
	}
}

IvHttpLog *iv_http_log_begin(const IvHttpRequest *request)
{
	IvHttpLog *log;
	bool wanted;

	g_mutex_lock(&lock);
	wanted = listener != NULL;
	g_mutex_unlock(&lock);
	if (!wanted)
		return NULL;
	log = g_new0(IvHttpLog, 1);
	log->secrets = g_ptr_array_new_with_free_func(free_secret);
	remember_request(log, request);
	say_request_line(log, request);
	for (guint i = 0; i < request->headers->len; i++)
		say_header(log, "> ", request->headers->pdata[i]);
	say_request_body(log, request);
	return log;
}

void iv_http_log_answer(IvHttpLog *log, const IvHttpAnswer *answer)
{
	GString *text;

	if (log == NULL)
		return;
	text = g_string_new(NULL);
	g_string_printf(text, "< %ld", answer->status);
	say(log, text);
	for (guint i = 0; i < answer->headers->len; i++)
		say_header(log, "< ", answer->headers->pdata[i]);
	say_body(log, "< ", answer->written == 0 ? answer->body : NULL,
		 answer->length + answer->written);
}

void iv_http_log_failure(IvHttpLog *log, const char *message)
{
	if (log != NULL)
		say(log, text_new("! ", message));
}

void iv_http_log_free(IvHttpLog *log)
{
	if (log == NULL)
		return;
	g_ptr_array_unref(log->secrets);
	g_free(log);
}
