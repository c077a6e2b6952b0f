/* SPDX-License-Identifier: GPL-3.0-or-later */
/* letters.c - see letters.h: once for every processor, once for those with AVX2 */
#include "scanner/unpack/letters.h"

#include <glib.h>
#include <string.h>

#include "scanner/unpack/encoded.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define LOOK   IV_LETTERS_LOOK
#define STRIDE IV_LETTERS_STRIDE
G_STATIC_ASSERT(STRIDE + LOOK - 1 <= IV_ENCODED_LETTERS);

/* Both kernels let pass: bytes that are a letter once a bit is set, '[' to '_' and '{'
 * to DEL among them; and those from '+' to '9'. */
#define LETTERS_FROM 0x61
#define LETTERS	     31
#define DIGITS_FROM  0x2b
#define DIGITS	     15

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

static inline bool may_be_letters(const uint8_t *at)
{
	Bytes16 bytes, fit;
	uint64_t halves[2];

	memcpy(&bytes, at, sizeof(bytes));
	fit = (Bytes16)((bytes | 0x20) - LETTERS_FROM < (Bytes16){0} + LETTERS);
	fit |= (Bytes16)(bytes - DIGITS_FROM < (Bytes16){0} + DIGITS);
	memcpy(halves, &fit, sizeof(halves));
	return (halves[0] & halves[1]) == UINT64_MAX;
}

static size_t next_plain(const uint8_t *data, size_t size, size_t from, size_t end)
{
	for (size_t p = from; p < end && size - p >= LOOK; p += STRIDE)
		if (may_be_letters(data + p))
			return p;
	return end;
}

#if defined(__x86_64__)

/* Two looks: bits 0 and 1 are set when all of the first fits, 2 and 3 for the second. */
__attribute__((target("avx2"))) static inline unsigned two_looks(const uint8_t *at)
{
	__m256i bytes = _mm256_inserti128_si256(
		_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
		_mm_loadu_si128((const __m128i *)(at + STRIDE)), 1);
	__m256i letter = _mm256_sub_epi8(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)),
					 _mm256_set1_epi8(LETTERS_FROM));
	__m256i digit = _mm256_sub_epi8(bytes, _mm256_set1_epi8(DIGITS_FROM));
	__m256i fit = _mm256_or_si256(
		_mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(LETTERS - 1)), letter),
		_mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(DIGITS - 1)), digit));

	fit = _mm256_cmpeq_epi64(fit, _mm256_set1_epi8(-1));
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(fit));
}

__attribute__((target("avx2"))) static size_t next_wide(const uint8_t *data, size_t size,
							size_t from, size_t end)
{
	size_t p = from;

	while (p + 3 * STRIDE < end && size - p >= 3 * STRIDE + LOOK) {
		unsigned halves = two_looks(data + p) | two_looks(data + p + 2 * STRIDE) << 4;
		unsigned whole = halves & halves >> 1 & 0x55;

		if (whole != 0)
			return p + (unsigned)__builtin_ctz(whole) / 2 * STRIDE;
		p += 4 * STRIDE;
	}
	return next_plain(data, size, p, end);
}

#endif

size_t iv_letters_next(const uint8_t *data, size_t size, size_t from, size_t end)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return next_wide(data, size, from, end);
#endif
	return next_plain(data, size, from, end);
}
