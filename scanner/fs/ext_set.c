/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_set.c - see ext.h: a bitmap in chunks, of which only the mixed ones exist */
#include "scanner/fs/ext.h"

#define CHUNK_BITS 4096u
#define CHUNK_WORDS (CHUNK_BITS / 64)
#define CHUNK_COST (CHUNK_WORDS * 8 + 16) /* with the allocator's overhead */

struct IvExtSet {
	uint64_t bound;
	size_t budget;	   /* bytes that may still be allocated */
	uint64_t **chunks; /* NULL: none of it is in; FULL: all of it is in */
	uint16_t *counts;  /* of a mixed chunk */
};

/* Stands for every chunk that is completely in; never written. */
static uint64_t full_chunk[CHUNK_WORDS];
#define FULL full_chunk

static uint64_t chunk_count(uint64_t bound)
{
	return bound / CHUNK_BITS + 1;
}

IvExtSet *iv_ext_set_new(uint64_t bound, size_t max_bytes)
{
	IvExtSet *set = g_new0(IvExtSet, 1);

	set->bound = bound;
	set->budget = max_bytes;
	set->chunks = g_new0(uint64_t *, chunk_count(bound));
	set->counts = g_new0(uint16_t, chunk_count(bound));
	return set;
}

void iv_ext_set_free(IvExtSet *set)
{
	if (set == NULL)
		return;
	for (uint64_t i = 0; i < chunk_count(set->bound); i++)
		if (set->chunks[i] != FULL)
			g_free(set->chunks[i]);
	g_free(set->chunks);
	g_free(set->counts);
	g_free(set);
}

/* The bits [low, high) of one word. */
static uint64_t mask(unsigned low, unsigned high)
{
	uint64_t upto = high == 64 ? UINT64_MAX : (UINT64_C(1) << high) - 1;

	return upto & ~((UINT64_C(1) << low) - 1);
}

/* Set bits [low, high) of a chunk; how many were set before. */
static unsigned set_bits(uint64_t *words, unsigned low, unsigned high)
{
	unsigned already = 0;

	while (low < high) {
		unsigned end = MIN((low / 64 + 1) * 64, high);
		uint64_t m = mask(low % 64, end - low / 64 * 64);

		already += (unsigned)__builtin_popcountll(words[low / 64] & m);
		words[low / 64] |= m;
		low = end;
	}
	return already;
}

static unsigned count_bits(const uint64_t *words, unsigned low, unsigned high)
{
	unsigned n = 0;

	while (low < high) {
		unsigned end = MIN((low / 64 + 1) * 64, high);

		n += (unsigned)__builtin_popcountll(words[low / 64] &
						    mask(low % 64, end - low / 64 * 64));
		low = end;
	}
	return n;
}

/* Add bits [low, high) of chunk i. */
static bool add_to_chunk(IvExtSet *set, uint64_t i, unsigned low, unsigned high, uint64_t *already)
{
	unsigned before;

	if (set->chunks[i] == FULL) {
		*already += high - low;
		return true;
	}
	if (set->chunks[i] == NULL && high - low == CHUNK_BITS) {
		set->chunks[i] = FULL;
		return true;
	}
	if (set->chunks[i] == NULL) {
		if (set->budget < CHUNK_COST)
			return false;
		set->budget -= CHUNK_COST;
		set->chunks[i] = g_new0(uint64_t, CHUNK_WORDS);
	}
	before = set_bits(set->chunks[i], low, high);
	*already += before;
	set->counts[i] = (uint16_t)(set->counts[i] + high - low - before);
	if (set->counts[i] == CHUNK_BITS) {
		g_free(set->chunks[i]);
		set->chunks[i] = FULL;
		set->budget += CHUNK_COST;
	}
	return true;
}

bool iv_ext_set_add(IvExtSet *set, uint64_t first, uint64_t count, uint64_t *already)
{
	uint64_t in = 0;
	bool ok = true;

	g_return_val_if_fail(first <= set->bound && count <= set->bound - first, false);
	while (count > 0) {
		unsigned low = (unsigned)(first % CHUNK_BITS);
		unsigned n = (unsigned)MIN(count, CHUNK_BITS - low);

		ok &= add_to_chunk(set, first / CHUNK_BITS, low, low + n, &in);
		first += n;
		count -= n;
	}
	if (already != NULL)
		*already = in;
	return ok;
}

bool iv_ext_set_has(const IvExtSet *set, uint64_t number)
{
	const uint64_t *words;

	if (number >= set->bound)
		return false;
	words = set->chunks[number / CHUNK_BITS];
	if (words == NULL || words == FULL)
		return words != NULL;
	return (words[number % CHUNK_BITS / 64] >> (number % 64)) & 1;
}

uint64_t iv_ext_set_count(const IvExtSet *set, uint64_t first, uint64_t count)
{
	uint64_t in = 0;

	while (count > 0 && first < set->bound) {
		unsigned low = (unsigned)(first % CHUNK_BITS);
		unsigned n = (unsigned)MIN(count, CHUNK_BITS - low);
		const uint64_t *words = set->chunks[first / CHUNK_BITS];

		if (words == FULL)
			in += n;
		else if (words != NULL)
			in += count_bits(words, low, low + n);
		first += n;
		count -= n;
	}
	return in;
}

bool iv_ext_bits_run(const uint64_t *words, uint64_t at, uint64_t limit, uint64_t *end)
{
	bool in = (words[at / 64] >> (at % 64)) & 1;
	uint64_t flip = in ? UINT64_MAX : 0;
	uint64_t differ = (words[at / 64] ^ flip) & ~((UINT64_C(1) << (at % 64)) - 1);
	uint64_t word = at / 64;

	while (differ == 0 && (word + 1) * 64 < limit)
		differ = words[++word] ^ flip;
	*end = differ == 0 ? limit : MIN(limit, word * 64 + (uint64_t)__builtin_ctzll(differ));
	return in;
}

bool iv_ext_set_run(const IvExtSet *set, uint64_t at, uint64_t limit, uint64_t *end)
{
	bool in = iv_ext_set_has(set, at);
	uint64_t pos = at;

	while (pos < limit && pos < set->bound) {
		const uint64_t *words = set->chunks[pos / CHUNK_BITS];
		uint64_t base = pos / CHUNK_BITS * CHUNK_BITS, stop;

		if (words == NULL || words == FULL) {
			if ((words != NULL) != in)
				break;
			pos = base + CHUNK_BITS;
			continue;
		}
		if (iv_ext_bits_run(words, pos - base, CHUNK_BITS, &stop) != in)
			break;
		pos = base + stop;
	}
	if (!in && pos >= set->bound)
		pos = limit;
	*end = MIN(pos, limit);
	return in;
}
