/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * look.c - see look.h: once for every processor, once for those with AVX2, once for those
 * with AVX-512 and its permutations of bytes (VBMI)
 */
#include "scanner/unpack/look.h"

#include <glib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

G_STATIC_ASSERT(IV_LOOK_BYTES == 64 && IV_LOOK_MARK == 4 && IV_LOOK_WIDE == 32);

/* Bytes that a look reads. */
#define READ (IV_LOOK_BYTES + IV_LOOK_MARK - 1)

/* What a kernel finds out about 64 bytes. */
typedef struct {
	uint64_t marks; /* as in IvLook */
	uint64_t zeros; /* bit i: byte i is 0 */
	uint8_t words;	/* bit g: the g-th eight bytes are letters */
} Seen;

/* --- for all kernels ----------------------------------------------------------------- */

/* Do the zeros of 32 bytes repeat after four, and are there letters between them? */
static inline bool in_turn(uint32_t zeros)
{
	return ((zeros ^ zeros >> 4) & 0x0fffffff) == 0 && zeros != 0 && zeros != UINT32_MAX;
}

static inline unsigned wide_halves(uint64_t zeros)
{
	if (zeros == 0)
		return 0;
	return (unsigned)in_turn((uint32_t)zeros) | (unsigned)in_turn((uint32_t)(zeros >> 32)) << 1;
}

/* Is there anything? */
static inline bool take(IvLook *look, Seen seen)
{
	unsigned words = look->words >> 8 | (unsigned)seen.words << 8, rows = words & words >> 1;

	look->words = (uint16_t)words;
	look->marks = seen.marks;
	look->letters = (uint8_t)((rows & rows >> 2) >> 5);
	look->wide = (uint8_t)wide_halves(seen.zeros);
	look->at = look->next;
	look->next += IV_LOOK_BYTES;
	return (look->marks | look->letters | look->wide) != 0;
}

/* The last looks, where fewer bytes are left than one reads: zeros stand for them. */
static const uint8_t *padded(uint8_t *room, const uint8_t *data, size_t size, size_t at)
{
	memset(room, 0, READ);
	return memcpy(room, data + at, MIN(size - at, READ));
}

/* The loop of each kernel, which has to lie in a function of the same target. */
#define LOOK_LOOP(tables, seen_by)                                                                 \
	uint8_t room[READ];                                                                        \
	IvLook here = *look;                                                                       \
	bool any = false;                                                                          \
                                                                                                   \
	while (!any && here.next < end && size - here.next >= READ)                                \
		any = take(&here, seen_by(tables, data + here.next));                              \
	while (!any && here.next < end)                                                            \
		any = take(&here, seen_by(tables, padded(room, data, size, here.next)));           \
	*look = here;                                                                              \
	return any

/* --- every processor ------------------------------------------------------------------ */

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

/* Bit i: byte i of eight is 0. */
static inline unsigned zeros_8(const uint8_t *at)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t eight;

	memcpy(&eight, at, sizeof(eight));
	eight = GUINT64_FROM_LE(eight);
	eight = ~((((eight & low) + low) | eight) | low);
	return (unsigned)((eight >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* Bit 0 and 1: the first and second eight of 16 bytes are letters. */
static inline unsigned words_16(const uint8_t *at)
{
	Bytes16 bytes, fit;
	uint64_t halves[2];

	memcpy(&bytes, at, sizeof(bytes));
	fit = (Bytes16)((bytes | 0x20) - 'a' < (Bytes16){0} + 26);
	fit |= (Bytes16)(bytes - '/' < (Bytes16){0} + 11);
	fit |= (Bytes16)(bytes == '+') | (Bytes16)(bytes == '-') | (Bytes16)(bytes == '_');
	memcpy(halves, &fit, sizeof(halves));
	return (unsigned)(halves[0] == UINT64_MAX) | (unsigned)(halves[1] == UINT64_MAX) << 1;
}

/* Bit i: a mark may stand at at + i. */
static inline unsigned marks_8(const IvLookMarks *marks, const uint8_t *at)
{
	uint8_t first[8];
	uint64_t any;
	unsigned seen = 0;

	for (unsigned i = 0; i < 8; i++)
		first[i] = marks->seven[0][at[i] & 127] & marks->seven[1][at[i + 1] & 127];
	memcpy(&any, first, sizeof(any));
	for (unsigned i = 0; any != 0 && i < 8; i++)
		if ((first[i] & marks->seven[2][at[i + 2] & 127] & marks->seven[3][at[i + 3] & 127]) != 0)
			seen |= 1u << i;
	return seen;
}

static inline Seen seen_plain(const IvLookMarks *marks, const uint8_t *at)
{
	Seen seen = {0};

	for (unsigned i = 0; i < IV_LOOK_BYTES; i += 8) {
		seen.marks |= (uint64_t)marks_8(marks, at + i) << i;
		seen.zeros |= (uint64_t)zeros_8(at + i) << i;
	}
	for (unsigned i = 0; i < IV_LOOK_BYTES; i += 16)
		seen.words |= (uint8_t)(words_16(at + i) << i / 8);
	return seen;
}

static bool next_plain(const IvLookMarks *marks, const uint8_t *data, size_t size, size_t end,
		       IvLook *look)
{
	LOOK_LOOP(marks, seen_plain);
}

#if defined(__x86_64__)

/* --- AVX2 ------------------------------------------------------------------------------- */

#define AVX2 __attribute__((target("avx2")))

/* The tables, in registers as far as there are enough. */
typedef struct {
	__m256i low[IV_LOOK_MARK], high[IV_LOOK_MARK];
} Tables32;

AVX2 static inline __m256i twice(const uint8_t *table)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

AVX2 static inline Tables32 tables_32(const IvLookMarks *m)
{
	return (Tables32){{twice(m->low[0]), twice(m->low[1]), twice(m->low[2]), twice(m->low[3])},
			  {twice(m->high[0]), twice(m->high[1]), twice(m->high[2]), twice(m->high[3])}};
}

/* Of 32 bytes, what both tables have for their halves. */
AVX2 static inline __m256i by_halves(__m256i low, __m256i high, __m256i bytes)
{
	__m256i half = _mm256_set1_epi8(0x0f), upper = _mm256_srli_epi16(bytes, 4);

	return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half)),
				_mm256_shuffle_epi8(high, _mm256_and_si256(upper, half)));
}

/* Of 32 places, the groups that may have their byte n there. */
AVX2 static inline __m256i groups_32(const Tables32 *t, const uint8_t *at, unsigned n)
{
	return by_halves(t->low[n], t->high[n], _mm256_loadu_si256((const __m256i *)(at + n)));
}

/* The five rows of ASCII that have letters, a bit each: 2x, 3x, 4x and 6x, 5x, 7x. */
AVX2 static inline __m256i letters_32(__m256i bytes)
{
	const __m128i low = _mm_setr_epi8(0x1a, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e,
					  0x1c, 0x05, 0x04, 0x05, 0x04, 0x0d);
	const __m128i high = _mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0);

	return by_halves(_mm256_broadcastsi128_si256(low), _mm256_broadcastsi128_si256(high), bytes);
}

AVX2 static inline Seen seen_32(const Tables32 *t, const uint8_t *at)
{
	__m256i bytes = _mm256_loadu_si256((const __m256i *)at), none = _mm256_setzero_si256();
	__m256i groups = _mm256_and_si256(
		_mm256_and_si256(groups_32(t, at, 0), groups_32(t, at, 1)),
		_mm256_and_si256(groups_32(t, at, 2), groups_32(t, at, 3)));
	__m256i others = _mm256_cmpeq_epi8(letters_32(bytes), none);

	return (Seen){
		.marks = (uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, none)),
		.zeros = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, none)),
		.words = (uint8_t)_mm256_movemask_pd(
			_mm256_castsi256_pd(_mm256_cmpeq_epi64(others, none))),
	};
}

AVX2 static inline Seen seen_avx2(const Tables32 *t, const uint8_t *at)
{
	Seen low = seen_32(t, at), high = seen_32(t, at + 32);

	return (Seen){low.marks | high.marks << 32, low.zeros | high.zeros << 32,
		      (uint8_t)(low.words | high.words << 4)};
}

AVX2 static bool next_avx2(const IvLookMarks *marks, const uint8_t *data, size_t size, size_t end,
			   IvLook *look)
{
	Tables32 tables = tables_32(marks);

	LOOK_LOOP(&tables, seen_avx2);
}

/* --- AVX-512 with VBMI: 128 bytes of a table at once, by seven bits of a byte --------------- */

#define VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

typedef struct {
	__m512i low, high;
} Table64;

typedef struct {
	Table64 marks[IV_LOOK_MARK];
	Table64 others; /* what is no letter */
} Tables64;

VBMI static inline Table64 table_64(const uint8_t *table)
{
	return (Table64){_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64)};
}

VBMI static inline Tables64 tables_64(const IvLookMarks *marks)
{
	Tables64 t = {{table_64(marks->seven[0]), table_64(marks->seven[1]), table_64(marks->seven[2]),
		       table_64(marks->seven[3])}};
	t.others = table_64(marks->others);
	return t;
}

VBMI static inline __m512i look_up(const Table64 *t, __m512i bytes)
{
	return _mm512_permutex2var_epi8(t->low, bytes, t->high);
}

/* Of 64 places, the groups that may have their byte n there. */
VBMI static inline __m512i groups_64(const Tables64 *t, const uint8_t *at, unsigned n)
{
	return look_up(&t->marks[n], _mm512_loadu_si512(at + n));
}

VBMI static inline Seen seen_vbmi(const Tables64 *t, const uint8_t *at)
{
	__m512i bytes = _mm512_loadu_si512(at);
	__m512i first = _mm512_and_si512(groups_64(t, at, 0), groups_64(t, at, 1));
	__m512i last = _mm512_and_si512(groups_64(t, at, 2), groups_64(t, at, 3));
	__m512i others = _mm512_or_si512(look_up(&t->others, bytes),
					 _mm512_and_si512(bytes, _mm512_set1_epi8((char)0x80)));

	return (Seen){_mm512_test_epi8_mask(first, last), _mm512_testn_epi8_mask(bytes, bytes),
		      _mm512_testn_epi64_mask(others, others)};
}

VBMI static bool next_vbmi(const IvLookMarks *marks, const uint8_t *data, size_t size, size_t end,
			   IvLook *look)
{
	Tables64 tables = tables_64(marks);

	LOOK_LOOP(&tables, seen_vbmi);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}

static bool has_vbmi(void)
{
	return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
}

#endif

/* --- which of them ------------------------------------------------------------------------ */

static bool has_all(void)
{
	return true;
}

/* The fastest first. */
static const struct {
	const char *name;
	bool (*here)(void);
	IvLookNext next;
} kernels[] = {
#if defined(__x86_64__)
	{"vbmi", has_vbmi, next_vbmi},
	{"avx2", has_avx2, next_avx2},
#endif
	{"plain", has_all, next_plain},
};

IvLookNext iv_look_kernel(unsigned n, const char **name, bool *here)
{
	if (n >= G_N_ELEMENTS(kernels))
		return NULL;
	*name = kernels[n].name;
	*here = kernels[n].here();
	return kernels[n].next;
}

IvLookNext iv_look_next(void)
{
	size_t n = 0;

	while (!kernels[n].here())
		n++;
	return kernels[n].next;
}
