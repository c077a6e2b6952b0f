/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xml.c - see xml.h */
#include "share/alibaba/oss/xml.h"

#include <string.h>

#include "share/alibaba/call/pairs.h"
#include "share/base/limits.h"

typedef struct {
	GPtrArray *elements;
	GString *path;
	GString *text;	 /* of the element that is open and has no others in it */
	IvPair *innermost; /* that element, or NULL */
	guint depth;
	guint roots;
} Reader;

/* The message is for nobody: the caller says that the answer makes no sense. */
static void refuse(GError **error)
{
	g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "refused");
}

static void on_start(GMarkupParseContext *context, const char *name, const char **names,
		     const char **values, gpointer user, GError **error)
{
	Reader *r = user;

	r->roots += r->depth == 0;
	if (++r->depth > IV_XML_MAX_DEPTH || r->elements->len >= IV_XML_MAX_ELEMENTS ||
	    r->roots > 1 || strlen(name) > 64) {
		refuse(error);
		return;
	}
	g_string_append_printf(r->path, "%s%s", r->path->len > 0 ? "/" : "", name);
	iv_pairs_add(r->elements, r->path->str, NULL);
	r->innermost = r->elements->pdata[r->elements->len - 1];
	g_string_truncate(r->text, 0);
}

static void on_end(GMarkupParseContext *context, const char *name, gpointer user, GError **error)
{
	Reader *r = user;
	const char *slash = strrchr(r->path->str, '/');

	if (r->innermost != NULL)
		r->innermost->value = g_strdup(r->text->str);
	r->innermost = NULL;
	r->depth--;
	g_string_truncate(r->path, slash != NULL ? (gsize)(slash - r->path->str) : 0);
}

static void on_text(GMarkupParseContext *context, const char *text, gsize len, gpointer user,
		    GError **error)
{
	Reader *r = user;

	if (r->innermost == NULL)
		return;
	if (r->text->len + len > IV_XML_MAX_TEXT) {
		refuse(error);
		return;
	}
	g_string_append_len(r->text, text, (gssize)len);
}

/* <?xml ...?> and comments pass; a document type does not. */
static void on_rest(GMarkupParseContext *context, const char *text, gsize len, gpointer user,
		    GError **error)
{
	if (!g_str_has_prefix(text, "<?") && !g_str_has_prefix(text, "<!--"))
		refuse(error);
}

GPtrArray *iv_oss_xml_read(const char *bytes, gsize len)
{
	static const GMarkupParser parser = {on_start, on_end, on_text, on_rest, NULL};
	Reader r = {.elements = iv_pairs_new(), .path = g_string_new(NULL),
		    .text = g_string_new(NULL)};
	g_autoptr(GMarkupParseContext) context =
		g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &r, NULL);
	bool ok = memchr(bytes, '\0', len) == NULL &&
		  g_markup_parse_context_parse(context, bytes, (gssize)len, NULL) &&
		  g_markup_parse_context_end_parse(context, NULL);

	g_string_free(r.path, TRUE);
	g_string_free(r.text, TRUE);
	if (!ok)
		g_clear_pointer(&r.elements, g_ptr_array_unref);
	return r.elements;
}

const char *iv_oss_xml_text(const GPtrArray *elements, const char *path)
{
	for (guint i = 0; elements != NULL && i < elements->len; i++) {
		const IvPair *element = elements->pdata[i];

		if (strcmp(element->name, path) == 0)
			return element->value;
	}
	return NULL;
}

bool iv_oss_number(const char *text, guint64 most, guint64 *number)
{
	if (text == NULL || !g_ascii_isdigit(*text))
		return false;
	return g_ascii_string_to_unsigned(text, 10, 0, most, number, NULL);
}
