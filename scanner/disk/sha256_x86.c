/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sha256_x86.c - SHA-256 of several blocks at once on x86-64; see sha256.h.
 *
 * Two ways, each compiled for its own instructions and chosen at run time:
 *   sha-ni-x2   two blocks side by side with the SHA extensions: one block alone
 *               waits for its own results most of the time
 *   avx512-x16  sixteen blocks, one in each 32-bit lane of a 512-bit register
 *
 *     sha-ni-x2    lane 0: block i    |r0 r1 r2 r3| .. |   rounds of one lane
 *                  lane 1: block i+1     |r0 r1 r2 r3| ..  fill the other's waits
 *
 *     avx512-x16   register w[t]:  | b0[t] | b1[t] | b2[t] | ... | b15[t] |
 *                  word t of sixteen blocks, so that one instruction does the
 *                  same step of all sixteen; a 16x16 transposition loads them
 *
 * The function is FIPS 180-4, section 6.2.2; instructions as in Intel's Software
 * Developer's Manual, volume 2 (SHA256RNDS2, SHA256MSG1, SHA256MSG2, VPTERNLOGD).
 */
#include "scanner/disk/sha256.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

/* Message blocks of 64 bytes per IV_SHA256_BLOCK, and then the padding. */
#define CHUNKS (IV_SHA256_BLOCK / 64)

/* --- two lanes with the SHA extensions --------------------------------------------- */

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

typedef struct {
	__m128i abef, cdgh;
	__m128i m[4]; /* the last sixteen words of the schedule, four in each */
} Lane;

SHA_NI static inline __m128i big_endian(__m128i v)
{
	return _mm_shuffle_epi8(
		v, _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
}

SHA_NI static inline __m128i load_words(const void *at)
{
	return _mm_loadu_si128((const __m128i *)at);
}

SHA_NI static inline void lane_start(Lane *lane)
{
	__m128i dcba = load_words(iv_sha256_initial), hgfe = load_words(iv_sha256_initial + 4);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	lane->abef = _mm_alignr_epi8(cdab, efgh, 8);
	lane->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

/* Four rounds: words 4*i .. 4*i+3. */
SHA_NI static inline void lane_rounds(Lane *lane, const uint8_t *data, int i)
{
	__m128i wk;

	if (i < 4) {
		lane->m[i] = big_endian(load_words(data + 16 * i));
	} else {
		__m128i w = _mm_sha256msg1_epu32(lane->m[i & 3], lane->m[(i + 1) & 3]);

		w = _mm_add_epi32(w, _mm_alignr_epi8(lane->m[(i + 3) & 3], lane->m[(i + 2) & 3], 4));
		lane->m[i & 3] = _mm_sha256msg2_epu32(w, lane->m[(i + 3) & 3]);
	}
	wk = _mm_add_epi32(lane->m[i & 3], load_words(iv_sha256_k + 4 * i));
	lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, wk);
	lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

SHA_NI static inline void two_chunks(Lane *a, Lane *b, const uint8_t *data_a, const uint8_t *data_b)
{
	__m128i abef_a = a->abef, cdgh_a = a->cdgh, abef_b = b->abef, cdgh_b = b->cdgh;

#pragma GCC unroll 16
	for (int i = 0; i < 16; i++) {
		lane_rounds(a, data_a, i);
		lane_rounds(b, data_b, i);
	}
	a->abef = _mm_add_epi32(a->abef, abef_a);
	a->cdgh = _mm_add_epi32(a->cdgh, cdgh_a);
	b->abef = _mm_add_epi32(b->abef, abef_b);
	b->cdgh = _mm_add_epi32(b->cdgh, cdgh_b);
}

SHA_NI static inline void lane_end(const Lane *lane, uint8_t *out)
{
	__m128i feba = _mm_shuffle_epi32(lane->abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(lane->cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)out, big_endian(_mm_blend_epi16(feba, dchg, 0xf0)));
	_mm_storeu_si128((__m128i *)(out + 16), big_endian(_mm_alignr_epi8(dchg, feba, 8)));
}

SHA_NI static void hash_two(const uint8_t *block_a, const uint8_t *block_b, uint8_t *out_a,
			    uint8_t *out_b)
{
	Lane a, b;

	lane_start(&a);
	lane_start(&b);
	for (size_t i = 0; i < CHUNKS; i++)
		two_chunks(&a, &b, block_a + 64 * i, block_b + 64 * i);
	two_chunks(&a, &b, iv_sha256_padding, iv_sha256_padding);
	lane_end(&a, out_a);
	lane_end(&b, out_b);
}

static void hash_sha_ni(const uint8_t *const blocks[], uint8_t *const out[], size_t n)
{
	uint8_t nowhere[IV_SHA256_BYTES];
	size_t i = 0;

	for (; i + 2 <= n; i += 2)
		hash_two(blocks[i], blocks[i + 1], out[i], out[i + 1]);
	if (i < n)
		hash_two(blocks[i], blocks[i], out[i], nowhere);
}

/* GCC 12's __builtin_cpu_supports() does not know "sha": CPUID leaf 7, EBX bit 29. */
static bool has_sha_ni(void)
{
	uint32_t a = 7, b, c = 0, d;

	if (__builtin_cpu_supports("sse4.1") == 0 || __builtin_cpu_supports("ssse3") == 0)
		return false;
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 29 & 1) != 0;
}

const IvSha256 iv_sha256_sha_ni = {
	.name = "sha-ni-x2",
	.force = "sha-ni",
	.usable = has_sha_ni,
	.hash = hash_sha_ni,
};

/* --- sixteen lanes with AVX-512 ------------------------------------------------------ */

#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define LANES 16

AVX512 static inline __m512i xor3(__m512i a, __m512i b, __m512i c)
{
	return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

/* FIPS 180-4, section 4.1.2. */
AVX512 static inline __m512i choose(__m512i x, __m512i y, __m512i z)
{
	return _mm512_ternarylogic_epi32(x, y, z, 0xca);
}

AVX512 static inline __m512i majority(__m512i x, __m512i y, __m512i z)
{
	return _mm512_ternarylogic_epi32(x, y, z, 0xe8);
}

#define BIG_SIGMA_0(x) xor3(_mm512_ror_epi32(x, 2), _mm512_ror_epi32(x, 13), _mm512_ror_epi32(x, 22))
#define BIG_SIGMA_1(x) xor3(_mm512_ror_epi32(x, 6), _mm512_ror_epi32(x, 11), _mm512_ror_epi32(x, 25))
#define SIGMA_0(x)     xor3(_mm512_ror_epi32(x, 7), _mm512_ror_epi32(x, 18), _mm512_srli_epi32(x, 3))
#define SIGMA_1(x)                                                                                 \
	xor3(_mm512_ror_epi32(x, 17), _mm512_ror_epi32(x, 19), _mm512_srli_epi32(x, 10))

/* Turn sixteen rows of sixteen words (a row is one lane's bytes) into sixteen
 * columns (a register holds one word of every lane): interleave words, then
 * pairs, then quarters of registers. */
AVX512 static inline void transpose(__m512i r[LANES])
{
	__m512i t[LANES];

#pragma GCC unroll 8
	for (int i = 0; i < 16; i += 2) {
		t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 16; i += 4) {
		r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
		t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
		t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
		t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
		r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
		r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
		r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
	}
}

/* The bytes of each word the other way round, in every 128-bit part. */
AVX512 static inline __m512i swap_bytes(__m512i v)
{
	return _mm512_shuffle_epi8(
		v, _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0,
						       1, 2, 3)));
}

AVX512 static inline void sixteen_chunks(__m512i state[8], __m512i w[LANES])
{
	__m512i a = state[0], b = state[1], c = state[2], d = state[3];
	__m512i e = state[4], f = state[5], g = state[6], h = state[7];

#pragma GCC unroll 64
	for (int i = 0; i < 64; i++) {
		__m512i t1, t2;

		if (i >= 16)
			w[i & 15] = _mm512_add_epi32(
				_mm512_add_epi32(w[i & 15], SIGMA_0(w[(i + 1) & 15])),
				_mm512_add_epi32(w[(i + 9) & 15], SIGMA_1(w[(i + 14) & 15])));
		t1 = _mm512_add_epi32(_mm512_add_epi32(h, BIG_SIGMA_1(e)),
				      _mm512_add_epi32(choose(e, f, g),
						       _mm512_add_epi32(_mm512_set1_epi32(
										(int)iv_sha256_k[i]),
									w[i & 15])));
		t2 = _mm512_add_epi32(BIG_SIGMA_0(a), majority(a, b, c));
		h = g, g = f, f = e;
		e = _mm512_add_epi32(d, t1);
		d = c, c = b, b = a;
		a = _mm512_add_epi32(t1, t2);
	}
	state[0] = _mm512_add_epi32(state[0], a);
	state[1] = _mm512_add_epi32(state[1], b);
	state[2] = _mm512_add_epi32(state[2], c);
	state[3] = _mm512_add_epi32(state[3], d);
	state[4] = _mm512_add_epi32(state[4], e);
	state[5] = _mm512_add_epi32(state[5], f);
	state[6] = _mm512_add_epi32(state[6], g);
	state[7] = _mm512_add_epi32(state[7], h);
}

AVX512 static inline void load_chunk(const uint8_t *const blocks[LANES], size_t at, __m512i w[LANES])
{
#pragma GCC unroll 16
	for (int i = 0; i < LANES; i++)
		w[i] = swap_bytes(_mm512_loadu_si512(blocks[i] + at));
	transpose(w);
}

AVX512 static void hash_sixteen(const uint8_t *const blocks[LANES], uint8_t *const out[LANES])
{
	__m512i state[LANES], w[LANES];

	for (int i = 0; i < 8; i++)
		state[i] = _mm512_set1_epi32((int)iv_sha256_initial[i]);
	for (size_t chunk = 0; chunk < CHUNKS; chunk++) {
		load_chunk(blocks, 64 * chunk, w);
		sixteen_chunks(state, w);
	}
	for (int i = 0; i < LANES; i++)
		w[i] = swap_bytes(_mm512_loadu_si512(iv_sha256_padding));
	transpose(w);
	sixteen_chunks(state, w);
	for (int i = 8; i < LANES; i++)
		state[i] = _mm512_setzero_si512();
	transpose(state);
	for (int i = 0; i < LANES; i++)
		_mm256_storeu_si256((__m256i *)out[i],
				    _mm512_castsi512_si256(swap_bytes(state[i])));
}

/* The last few blocks fill the lanes up with the first of them. */
static void hash_avx512(const uint8_t *const blocks[], uint8_t *const out[], size_t n)
{
	uint8_t nowhere[IV_SHA256_BYTES];

	for (size_t i = 0; i < n; i += LANES) {
		const uint8_t *from[LANES];
		uint8_t *to[LANES];

		for (size_t lane = 0; lane < LANES; lane++) {
			from[lane] = i + lane < n ? blocks[i + lane] : blocks[i];
			to[lane] = i + lane < n ? out[i + lane] : nowhere;
		}
		hash_sixteen(from, to);
	}
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}

const IvSha256 iv_sha256_avx512 = {
	.name = "avx512-x16",
	.force = "avx512",
	.usable = has_avx512,
	.hash = hash_avx512,
};

#endif
