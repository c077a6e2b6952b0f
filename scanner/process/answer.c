/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - see answer.h */
#include "scanner/process/answer.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/base/write.h"

#define HEAD 5u
/* Kinds of this file's own. */
enum { KIND_END = 0xfe, KIND_ERROR = 0xff };
/* Bytes that are gathered before they are written. */
#define GATHERED (64u << 10)

/* --- the child's side ---------------------------------------------------------------- */

struct IvAnswer {
	int fd;
	GByteArray *waiting;
	uint64_t said;
};

IvAnswer *iv_answer_new(int fd)
{
	IvAnswer *answer = g_new0(IvAnswer, 1);

	answer->fd = fd;
	answer->waiting = g_byte_array_new();
	return answer;
}

void iv_answer_free(IvAnswer *answer)
{
	if (answer == NULL)
		return;
	g_byte_array_unref(answer->waiting);
	g_free(answer);
}

uint64_t iv_answer_cost(size_t len)
{
	return HEAD + (uint64_t)len;
}

static bool flush(IvAnswer *answer, GError **error)
{
	if (!iv_write_all(answer->fd, answer->waiting->data, answer->waiting->len))
		return iv_fail_errno(error, "cannot answer the parent process");
	g_byte_array_set_size(answer->waiting, 0);
	return true;
}

static bool add(IvAnswer *answer, uint8_t kind, const void *bytes, size_t len, GError **error)
{
	guint8 head[HEAD] = {kind, (guint8)len, (guint8)(len >> 8), (guint8)(len >> 16),
			     (guint8)(len >> 24)};

	if (len > IV_MAX_RECORD_BYTES || answer->said + iv_answer_cost(len) > IV_MAX_ANSWER_BYTES)
		return iv_fail(error, IV_ERROR_LIMIT,
			       "the answer is longer than what a scan may say");
	answer->said += iv_answer_cost(len);
	g_byte_array_append(answer->waiting, head, HEAD);
	if (len > 0)
		g_byte_array_append(answer->waiting, bytes, (guint)len);
	return answer->waiting->len < GATHERED || flush(answer, error);
}

bool iv_answer_add(IvAnswer *answer, uint8_t kind, const void *bytes, size_t len, GError **error)
{
	g_return_val_if_fail(kind < IV_ANSWER_KINDS, false);
	return add(answer, kind, bytes, len, error);
}

bool iv_answer_end(IvAnswer *answer, GError **error)
{
	return add(answer, KIND_END, NULL, 0, error) && flush(answer, error);
}

bool iv_answer_fail(IvAnswer *answer, const GError *why)
{
	int code = why->domain == IV_ERROR ? why->code : IV_ERROR_IO;
	g_autofree char *text = g_strdup_printf("%c%.60000s", code, why->message);
	size_t len = 1 + strlen(text + 1);

	/* Always room for it: what was said before does not count any more. */
	answer->said = 0;
	return add(answer, KIND_ERROR, text, len, NULL) && flush(answer, NULL);
}

/* --- the parent's side --------------------------------------------------------------- */

struct IvAnswerReader {
	IvAnswerTake take;
	void *user;
	GByteArray *part; /* of a record that is not complete yet */
	uint64_t heard;
	bool ended;
	GError *said; /* the child's error */
};

IvAnswerReader *iv_answer_reader_new(IvAnswerTake take, void *user)
{
	IvAnswerReader *reader = g_new0(IvAnswerReader, 1);

	reader->take = take;
	reader->user = user;
	reader->part = g_byte_array_new();
	return reader;
}

void iv_answer_reader_free(IvAnswerReader *reader)
{
	if (reader == NULL)
		return;
	g_byte_array_unref(reader->part);
	g_clear_error(&reader->said);
	g_free(reader);
}

static bool refuse(GError **error, const char *why)
{
	return iv_fail(error, IV_ERROR_CORRUPT, "%s", why);
}

/* A message of several lines (error.h), each fit for a terminal. */
static char *clean_lines(const uint8_t *bytes, size_t len)
{
	g_autofree char *text = g_strndup((const char *)bytes, len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 8);

	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_utf8_validate(lines[i], -1, NULL) ? iv_text_one_line(lines[i])
								 : iv_text_printable(lines[i], -1);

		g_free(lines[i]);
		lines[i] = line;
	}
	return g_strjoinv("\n", lines);
}

static bool take_error(IvAnswerReader *reader, const uint8_t *bytes, size_t len, GError **error)
{
	g_autofree char *text = NULL;

	if (len < 2 || bytes[0] > IV_ERROR_REFUSED)
		return refuse(error, "it reported an error that does not exist");
	text = clean_lines(bytes + 1, len - 1);
	reader->said = g_error_new_literal(IV_ERROR, bytes[0], text);
	return true;
}

static bool take_record(IvAnswerReader *reader, uint8_t kind, const uint8_t *bytes, size_t len,
			GError **error)
{
	if (reader->ended)
		return refuse(error, "it went on behind its end");
	if (kind < IV_ANSWER_KINDS)
		return reader->take(reader->user, kind, bytes, len, error);
	reader->ended = true;
	if (kind == KIND_ERROR)
		return take_error(reader, bytes, len, error);
	return (kind == KIND_END && len == 0) || refuse(error, "it holds a record of no known kind");
}

/* Take the complete records of the bytes; *used of them were. */
static bool take_records(IvAnswerReader *reader, const uint8_t *bytes, size_t len, size_t *used,
			 GError **error)
{
	for (*used = 0; len - *used >= HEAD;) {
		IvCursor c = iv_cursor(bytes + *used, len - *used);
		uint8_t kind = iv_cursor_u8(&c);
		uint32_t size = iv_cursor_le32(&c);
		const uint8_t *body;

		if (size > IV_MAX_RECORD_BYTES)
			return iv_fail(error, IV_ERROR_LIMIT, "it holds a record of %u bytes", size);
		body = iv_cursor_take(&c, size);
		if (body == NULL)
			return true;
		if (!take_record(reader, kind, body, size, error))
			return false;
		*used += c.pos;
	}
	return true;
}

bool iv_answer_feed(IvAnswerReader *reader, const uint8_t *bytes, size_t len, GError **error)
{
	size_t used;

	reader->heard += len;
	if (reader->heard > IV_MAX_ANSWER_BYTES)
		return iv_fail(error, IV_ERROR_LIMIT, "it is longer than %u bytes",
			       IV_MAX_ANSWER_BYTES);
	g_byte_array_append(reader->part, bytes, (guint)len);
	if (!take_records(reader, reader->part->data, reader->part->len, &used, error))
		return false;
	g_byte_array_remove_range(reader->part, 0, (guint)used);
	return !reader->ended || reader->part->len == 0 || refuse(error, "it went on behind its end");
}

bool iv_answer_close(IvAnswerReader *reader, GError **error)
{
	if (reader->said != NULL) {
		g_propagate_error(error, g_steal_pointer(&reader->said));
		return false;
	}
	return reader->ended || iv_fail(error, IV_ERROR_IO, "it breaks off");
}
