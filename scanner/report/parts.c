/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parts.c - see parts.h */
#include "scanner/report/parts.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"

/* The length of a text that is null. */
#define NO_TEXT UINT32_MAX

static bool is_known(const IvReportPart *part, const IvField *field)
{
	return part->known != NULL && g_strv_contains(part->known, field->name);
}

/* --- writing ------------------------------------------------------------------------ */

static void put(GByteArray *out, uint64_t value, guint bytes)
{
	guint8 le[8];

	for (guint i = 0; i < bytes; i++)
		le[i] = (guint8)(value >> (8 * i));
	g_byte_array_append(out, le, bytes);
}

/* As iv_fields_text() writes it: printable where it is not UTF-8. */
static void put_text(GByteArray *out, const char *text)
{
	g_autofree char *printable = NULL;

	if (text == NULL) {
		put(out, NO_TEXT, 4);
		return;
	}
	if (!g_utf8_validate(text, -1, NULL))
		text = printable = iv_text_printable(text, -1);
	put(out, strlen(text), 4);
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void put_texts(GByteArray *out, char *const *texts)
{
	guint n = texts != NULL ? g_strv_length((char **)texts) : 0;

	put(out, n, 4);
	for (guint i = 0; i < n; i++)
		put_text(out, texts[i]);
}

static void put_count(GByteArray *out, uint64_t value)
{
	put(out, MIN(value, (uint64_t)IV_MAX_JSON_INTEGER), 8);
}

static void put_field(GByteArray *out, const IvField *field, const void *at)
{
	const char *text;

	switch (field->kind) {
	case IV_FIELD_TEXT:
		text = *(char *const *)at;
		put_text(out, text != NULL ? text : "");
		return;
	case IV_FIELD_TEXT_OR_NULL:
		put_text(out, *(char *const *)at);
		return;
	case IV_FIELD_COUNT:
	case IV_FIELD_POSITIVE:
	case IV_FIELD_LINE:
		put_count(out, *(const uint64_t *)at);
		return;
	case IV_FIELD_DISK_OFFSET:
	case IV_FIELD_TIME:
		put(out, (uint64_t) * (const int64_t *)at, 8);
		return;
	case IV_FIELD_BOOL:
		put(out, *(const bool *)at, 1);
		return;
	case IV_FIELD_SEVERITY:
		put(out, *(const IvSeverity *)at, 1);
		return;
	case IV_FIELD_TEXTS:
		put_texts(out, *(const GStrv *)at);
		return;
	}
	g_return_if_reached();
}

void iv_part_write(GByteArray *out, const IvReportPart *part, const void *from)
{
	for (size_t i = 0; i < part->n; i++)
		if (!is_known(part, &part->fields[i]))
			put_field(out, &part->fields[i], (const char *)from + part->fields[i].at);
}

/* --- reading: each reader says what it wanted, or NULL when it is content ------------ */

static bool is_text(const uint8_t *bytes, size_t len)
{
	return g_utf8_validate_len((const char *)bytes, len, NULL);
}

/* *out: the text as one line, or NULL where it is null. */
static const char *take_text(IvCursor *c, char **out)
{
	uint32_t len = iv_cursor_le32(c);
	const uint8_t *bytes;
	g_autofree char *copy = NULL;

	*out = NULL;
	if (c->bad)
		return "a text";
	if (len == NO_TEXT)
		return NULL;
	bytes = iv_cursor_take(c, len);
	if (bytes == NULL || !is_text(bytes, len))
		return "a text in UTF-8";
	copy = g_strndup((const char *)bytes, len);
	*out = iv_text_one_line(copy);
	return NULL;
}

static const char *take_required(IvCursor *c, const IvField *field, char **out)
{
	g_autofree char *text = NULL;
	const char *wanted = take_text(c, &text);

	if (wanted != NULL || text == NULL)
		return "a text in UTF-8";
	if (!iv_field_has_form(field, text))
		return "a text of its fixed form";
	g_free(*out);
	*out = g_steal_pointer(&text);
	return NULL;
}

static const char *take_optional(IvCursor *c, const IvField *field, char **out)
{
	g_autofree char *text = NULL;
	const char *wanted = take_text(c, &text);

	if (wanted != NULL)
		return wanted;
	if (text != NULL && (*text == '\0' || !iv_field_has_form(field, text)))
		return "a text of its form, or null";
	g_free(*out);
	*out = g_steal_pointer(&text);
	return NULL;
}

static const char *take_texts(IvCursor *c, GStrv *out)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	uint32_t n = iv_cursor_le32(c);

	/* Each text has a length at least, so the bytes that are there bound n. */
	for (uint32_t i = 0; i < n; i++) {
		char *text = NULL;

		if (take_text(c, &text) != NULL || text == NULL)
			return "a list of texts";
		g_ptr_array_add(list, text);
	}
	g_ptr_array_add(list, NULL);
	g_strfreev(*out);
	*out = (GStrv)g_ptr_array_steal(list, NULL);
	return c->bad ? "a list of texts" : NULL;
}

static const char *take_count(IvCursor *c, uint64_t least, uint64_t *out)
{
	uint64_t value = iv_cursor_le64(c);

	if (c->bad || value < least || value > (uint64_t)IV_MAX_JSON_INTEGER)
		return least > 0 ? "an integer from 1 to 2^53 - 1" : "an integer from 0 to 2^53 - 1";
	*out = value;
	return NULL;
}

static const char *take_signed(IvCursor *c, int64_t least, int64_t *out)
{
	int64_t value = (int64_t)iv_cursor_le64(c);

	if (c->bad || value < least || value > (int64_t)IV_MAX_JSON_INTEGER)
		return "an integer within 2^53 - 1";
	*out = value;
	return NULL;
}

static const char *take_bool(IvCursor *c, bool *out)
{
	uint8_t value = iv_cursor_u8(c);

	if (c->bad || value > 1)
		return "true or false";
	*out = value == 1;
	return NULL;
}

static const char *take_severity(IvCursor *c, IvSeverity *out)
{
	uint8_t value = iv_cursor_u8(c);

	if (c->bad || value >= IV_SEVERITY_COUNT)
		return "a severity";
	*out = (IvSeverity)value;
	return NULL;
}

static const char *take_field(IvCursor *c, const IvField *field, void *at)
{
	switch (field->kind) {
	case IV_FIELD_TEXT:
		return take_required(c, field, at);
	case IV_FIELD_TEXT_OR_NULL:
		return take_optional(c, field, at);
	case IV_FIELD_COUNT:
	case IV_FIELD_LINE:
		return take_count(c, 0, at);
	case IV_FIELD_POSITIVE:
		return take_count(c, 1, at);
	case IV_FIELD_DISK_OFFSET:
		return take_signed(c, -1, at);
	case IV_FIELD_TIME:
		return take_signed(c, 0, at);
	case IV_FIELD_BOOL:
		return take_bool(c, at);
	case IV_FIELD_SEVERITY:
		return take_severity(c, at);
	case IV_FIELD_TEXTS:
		return take_texts(c, at);
	}
	g_return_val_if_reached("a known kind of field");
}

bool iv_part_read(const uint8_t *bytes, size_t len, const IvReportPart *part, guint index, void *to,
		  GError **error)
{
	IvCursor c = iv_cursor(bytes, len);

	for (size_t i = 0; i < part->n; i++) {
		const IvField *field = &part->fields[i];
		const char *wanted = is_known(part, field) ? NULL
							   : take_field(&c, field, (char *)to + field->at);

		if (wanted != NULL)
			return iv_fail(error, IV_ERROR_CORRUPT, "%s[%u].%s: must be %s", part->name,
				       index, field->name, wanted);
	}
	return c.pos == len || iv_fail(error, IV_ERROR_CORRUPT,
				       "%s[%u]: holds more than its known fields", part->name, index);
}
