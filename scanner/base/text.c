/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - see text.h */
#include "scanner/base/text.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

/* Characters that would let a name from an image rewrite what a reviewer sees:
 * controls, line separators, and the bidirectional overrides (Unicode 15,
 * UAX #9 section 2). */
static gboolean is_deceptive(gunichar c)
{
	if (c == '\\')
		return TRUE;
	return !g_unichar_isprint(c) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void append_escaped(GString *out, const char *bytes, gsize len)
{
	for (gsize i = 0; i < len; i++) {
		guchar b = (guchar)bytes[i];

		g_string_append(out, "\\x");
		g_string_append_c(out, digits[b >> 4]);
		g_string_append_c(out, digits[b & 15]);
	}
}

char *iv_text_printable(const char *bytes, gssize len)
{
	gsize left = len < 0 ? strlen(bytes) : (gsize)len;
	GString *out = g_string_sized_new(left + 1);

	while (left > 0) {
		gunichar c = g_utf8_get_char_validated(bytes, (gssize)left);
		gsize used = 1;

		/* Both error values have the top bit set; a NUL yields 0 or an error. */
		if (c == 0 || (c & 0x80000000u) != 0) {
			append_escaped(out, bytes, 1);
		} else {
			used = (gsize)(g_utf8_next_char(bytes) - bytes);
			if (is_deceptive(c))
				append_escaped(out, bytes, used);
			else
				g_string_append_len(out, bytes, (gssize)used);
		}
		bytes += used;
		left -= used;
	}
	return g_string_free(out, FALSE);
}

gboolean iv_text_steers(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return !g_unichar_isprint(c) || type == G_UNICODE_FORMAT ||
	       type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *iv_text_one_line(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == '\n' || c == '\t')
			g_string_append_c(out, ' ');
		else if (iv_text_steers(c))
			g_string_append_printf(out, "\\u{%x}", c);
		else
			g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

char *iv_text_hex(const uint8_t *bytes, size_t len)
{
	char *text = g_malloc(2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

gboolean iv_text_unhex(const char *text, uint8_t *bytes, size_t len)
{
	if (strlen(text) != 2 * len)
		return FALSE;
	for (size_t i = 0; i < len; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]);
		int low = g_ascii_xdigit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return FALSE;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return TRUE;
}

char *iv_text_size(uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	guint unit = 0;

	if (bytes < 1024)
		return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
	for (value /= 1024; value >= 1023.95 && unit + 1 < G_N_ELEMENTS(units); unit++)
		value /= 1024;
	return g_strdup_printf("%.1f %s", value, units[unit]);
}

GStrv iv_text_unique(const char *const *texts)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
		if (g_hash_table_add(seen, (gpointer)texts[i]))
			g_ptr_array_add(list, g_strdup(texts[i]));
	g_ptr_array_add(list, NULL);
	return (GStrv)g_ptr_array_free(list, FALSE);
}

void iv_text_wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	g_free(text);
}
