/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - see answer.h and http.h */
#include "share/http/answer.h"

#include <stdlib.h>
#include <string.h>

/* Values may be secrets (a token of the metadata service). */
static void free_header(gpointer p)
{
	explicit_bzero(p, strlen(p));
	g_free(p);
}

IvHttpAnswer *iv_http_answer_new(void)
{
	IvHttpAnswer *answer = g_new0(IvHttpAnswer, 1);

	answer->headers = g_ptr_array_new_with_free_func(free_header);
	answer->retry_after_ms = -1;
	return answer;
}

void iv_http_answer_free(IvHttpAnswer *answer)
{
	if (answer == NULL)
		return;
	if (answer->body != NULL)
		explicit_bzero(answer->body, answer->length);
	g_free(answer->body);
	g_ptr_array_unref(answer->headers);
	g_free(answer);
}

/* A status line begins the next answer: what an interim one (100) said is over. */
static void begin(IvHttpAnswer *answer, const char *line)
{
	const char *space = strchr(line, ' ');

	g_ptr_array_set_size(answer->headers, 0);
	answer->status = space != NULL ? strtol(space, NULL, 10) : 0;
}

void iv_http_answer_take(IvHttpAnswer *answer, const char *bytes, size_t len)
{
	char *line = g_strndup(bytes, len), *colon = strchr(line, ':');

	if (g_str_has_prefix(line, "HTTP/")) {
		begin(answer, line);
	} else if (colon != NULL) {
		*colon = '\0';
		g_ptr_array_add(answer->headers,
				g_strdup_printf("%s: %s", g_strstrip(line), g_strstrip(colon + 1)));
	}
	explicit_bzero(line, len);
	g_free(line);
}

const char *iv_http_header(const IvHttpAnswer *answer, const char *name)
{
	size_t n = strlen(name);

	for (guint i = 0; i < answer->headers->len; i++) {
		const char *line = answer->headers->pdata[i];

		if (g_ascii_strncasecmp(line, name, n) == 0 && line[n] == ':')
			return line + n + 2;
	}
	return NULL;
}
