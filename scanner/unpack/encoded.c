/* SPDX-License-Identifier: GPL-3.0-or-later */
/* encoded.c - see encoded.h: stretches of letters, and which of them count */
#include "scanner/unpack/encoded.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "scanner/unpack/decode.h"
#include "scanner/unpack/look.h"

/* Letters of a next line that goes on with the same stretch. */
#define NEXT_LINE 16u
/* Letters of a stretch of hex that is no digest: SHA-512 has 128. */
#define HEX_LETTERS 129u
/* Bytes before a stretch where a PEM block that holds it may begin: 8 KiB of
 * context are there, and no certificate or key has more. */
#define PEM_BACK (8u << 10)

/* A stretch at hand. */
typedef struct {
	const uint8_t *data;
	size_t size;
	size_t start, line, end; /* the first line ends at `line` */
} Stretch;

/* --- one stretch ------------------------------------------------------------------------ */

/* Where the letters of the next line begin, or 0: a line break, blanks, letters. */
static size_t next_line(const Stretch *s, size_t at)
{
	size_t n = 0;

	while (at < s->size && (s->data[at] == '=' || s->data[at] == '\r' || s->data[at] == ' '))
		at++;
	if (at == s->size || s->data[at] != '\n')
		return 0;
	for (at++; at < s->size && (s->data[at] == ' ' || s->data[at] == '\t'); at++)
		continue;
	while (n < NEXT_LINE && at + n < s->size && iv_is_letter(s->data[at + n]))
		n++;
	return n == NEXT_LINE ? at : 0;
}

static size_t letters_end(const Stretch *s, size_t at)
{
	while (at < s->size && iv_is_letter(s->data[at]))
		at++;
	return at;
}

/* The stretch around the IV_LOOK_LETTERS letters from `at` on, not before `least`. */
static Stretch stretch_at(const uint8_t *data, size_t size, size_t at, size_t least)
{
	Stretch s = {data, size, at, at, at};
	size_t next;

	while (s.start > least && iv_is_letter(data[s.start - 1]))
		s.start--;
	s.line = s.end = letters_end(&s, at + IV_LOOK_LETTERS);
	if (s.line - s.start < IV_ENCODED_LETTERS)
		return s;
	while ((next = next_line(&s, s.end)) != 0)
		s.end = letters_end(&s, next);
	return s;
}

/* The next letters of the stretch, without line breaks: at most `most`.  *at moves. */
static size_t gather(const Stretch *s, size_t *at, uint8_t *letters, size_t most)
{
	size_t n = 0;

	if (s->end == s->line) {
		n = MIN(most, s->end - *at);
		memcpy(letters, s->data + *at, n);
		*at += n;
	}
	for (; *at < s->end && n < most; (*at)++)
		if (iv_is_letter(s->data[*at]))
			letters[n++] = s->data[*at];
	memset(letters + n, 0, most - n);
	return n;
}

/* --- what rules look into ------------------------------------------------------------ */

#define NAME(text) text, sizeof(text) - 1

/* Blocks whose bodies are keys in a form that rules know, or no secret: the last
 * word of "-----BEGIN NAME-----". */
static const struct {
	const char *text;
	size_t n;
} pem_known[] = {
	{NAME("CERTIFICATE-----")}, {NAME("KEY-----")},	       {NAME("REQUEST-----")},	 {NAME("CRL-----")},
	{NAME("BLOCK-----")},	    {NAME("PARAMETERS-----")}, {NAME("SIGNATURE-----")},
};

static bool in_body(uint8_t c)
{
	return iv_is_letter(c) || c == '\n' || c == '\r' || c == '=';
}

/* Is the stretch in the body of such a block?  Only lines of letters lie before it,
 * and the dashes are letters of base64 for URLs too. */
static bool in_known_pem(const Stretch *s)
{
	size_t least = s->start > PEM_BACK ? s->start - PEM_BACK : 0, at = s->start;

	while (at > least && in_body(s->data[at - 1]))
		at--;
	for (size_t i = 0; i < G_N_ELEMENTS(pem_known); i++) {
		size_t n = pem_known[i].n;

		if (s->start - at > n && s->data[at] == (uint8_t)*pem_known[i].text &&
		    memcmp(s->data + at, pem_known[i].text, n) == 0)
			return true;
	}
	return false;
}

/* --- judging ------------------------------------------------------------------------- */

/* Digests are hex as well; what is longer, or lines of another length, is a dump. */
static IvPacked judge_hex(const Stretch *s)
{
	static const unsigned digests[] = {32, 40, 48, 56, 64, 96, 128};
	size_t line = s->line - s->start;

	for (size_t i = 0; i < G_N_ELEMENTS(digests); i++)
		if (line == digests[i])
			return IV_PACKED_NONE;
	return s->end - s->start >= HEX_LETTERS ? IV_PACKED_HEX : IV_PACKED_NONE;
}

static IvPacked judge_random(const Stretch *s, const uint8_t *letters, size_t n, bool first)
{
	IvPacked kind = iv_decode_random(letters, n);

	if (first && iv_decode_is_hex(letters, n))
		return judge_hex(s);
	if (kind != IV_PACKED_NONE && (in_known_pem(s) || (first && iv_decode_harmless(letters, n))))
		return IV_PACKED_NONE;
	return kind;
}

/* Words and paths are letters too, and an encoded text may stand behind them: the
 * part behind the last slash is looked at by itself. */
static IvPacked judge_behind_slash(const Stretch *s)
{
	const uint8_t *slash = memrchr(s->data + s->start, '/', s->line - s->start);
	size_t at = slash != NULL ? (size_t)(slash - s->data) + 1 : s->line;
	uint8_t letters[IV_DECODE_WINDOW];

	if (s->line - at < IV_ENCODED_LETTERS)
		return IV_PACKED_NONE;
	return iv_decode_text(letters, gather(s, &at, letters, sizeof(letters)));
}

static IvPacked judge(const Stretch *s)
{
	uint8_t letters[IV_DECODE_WINDOW];
	size_t at = s->start, n;
	IvPacked kind;

	for (bool first = true; (n = gather(s, &at, letters, sizeof(letters))) > 0; first = false) {
		kind = iv_decode_text(letters, n);
		/* The names in a certificate are texts too, behind its beginning. */
		if (kind != IV_PACKED_NONE && (first || !in_known_pem(s)))
			return kind;
		kind = judge_random(s, letters, n, first);
		if (kind != IV_PACKED_NONE)
			return kind;
		if (first && (iv_decode_harmless(letters, n) || in_known_pem(s)))
			return IV_PACKED_NONE;
	}
	return judge_behind_slash(s);
}

void iv_encoded_at(IvPieces *p, size_t at)
{
	IvPacked kind;
	Stretch s;

	if (at < p->encoded_end)
		return;
	s = stretch_at(p->data, p->size, at, p->encoded_end);
	if (s.line - s.start < IV_ENCODED_LETTERS || s.start >= p->to || s.end <= p->from)
		return;
	p->encoded_end = s.end;
	kind = judge(&s);
	if (kind != IV_PACKED_NONE)
		p->found(p->user, kind, MAX(s.start, p->from), MIN(s.end, p->to));
}
