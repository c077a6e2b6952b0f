/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cursor.h - read fields of a hostile buffer in the order of a specification.
 *
 * A cursor never reads outside its buffer.  The first read that would do so
 * sets `bad`, and it and every later read yield zeros; so a parser reads all
 * its fields in a straight line and checks `bad` once before it trusts any.
 * All functions are inline: a cursor costs what the hand-written code costs.
 */
#ifndef IV_BASE_CURSOR_H
#define IV_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
	const uint8_t *data;
	size_t size;
	size_t pos;
	bool bad; /* a read left the buffer; sticky */
} IvCursor;

static inline IvCursor iv_cursor(const void *data, size_t size)
{
	return (IvCursor){.data = data, .size = size};
}

/* Step over len bytes and return where they start, or NULL (and bad). */
static inline const uint8_t *iv_cursor_take(IvCursor *c, size_t len)
{
	const uint8_t *at;

	if (c->bad || len > c->size - c->pos) {
		c->bad = true;
		return NULL;
	}
	at = c->data + c->pos;
	c->pos += len;
	return at;
}

static inline void iv_cursor_skip(IvCursor *c, size_t len)
{
	(void)iv_cursor_take(c, len);
}

/* Go to an absolute position of the buffer. */
static inline void iv_cursor_seek(IvCursor *c, size_t pos)
{
	if (pos > c->size)
		c->bad = true;
	else
		c->pos = pos;
}

static inline void iv_cursor_bytes(IvCursor *c, void *out, size_t len)
{
	const uint8_t *at = iv_cursor_take(c, len);

	if (at != NULL)
		memcpy(out, at, len);
	else
		memset(out, 0, len);
}

#define IV_CURSOR_INT(name, type, swap)                                                            \
	static inline type iv_cursor_##name(IvCursor *c)                                           \
	{                                                                                          \
		type v;                                                                            \
		iv_cursor_bytes(c, &v, sizeof(v));                                                 \
		return swap(v);                                                                    \
	}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IV_SAME(v) (v)
IV_CURSOR_INT(u8, uint8_t, IV_SAME)
IV_CURSOR_INT(le16, uint16_t, IV_SAME)
IV_CURSOR_INT(le32, uint32_t, IV_SAME)
IV_CURSOR_INT(le64, uint64_t, IV_SAME)
IV_CURSOR_INT(be16, uint16_t, __builtin_bswap16)
IV_CURSOR_INT(be32, uint32_t, __builtin_bswap32)
IV_CURSOR_INT(be64, uint64_t, __builtin_bswap64)
#undef IV_SAME
#else
#error "imgvet has only been built for little-endian machines"
#endif
#undef IV_CURSOR_INT

#endif
