/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcow2_used.c - see qcow2_used.h */
#include "scanner/disk/qcow2_used.h"

#include <string.h>

#include "scanner/base/skip.h"

#define SECTOR UINT64_C(512)
#define READ   ((size_t)(64u << 10))

void iv_qcow2_used_begin(IvQcow2Used *used, uint64_t start, uint64_t end)
{
	used->start = start;
	used->end = end;
	memset(used->words, 0, ((end - start) / SECTOR / 64 + 1) * sizeof(uint64_t));
}

static bool has(const IvQcow2Used *used, uint64_t sector)
{
	return (used->words[sector / 64] >> sector % 64 & 1) != 0;
}

uint64_t iv_qcow2_used_add(IvQcow2Used *used, uint64_t host, uint64_t len)
{
	uint64_t from = MAX(host, used->start), to = MIN(host + len, used->end), fresh = 0;

	if (from >= to)
		return 0;
	from = (from - used->start) / SECTOR;
	to = (to - used->start + SECTOR - 1) / SECTOR;
	while (from < to) {
		uint64_t bits = MIN(64 - from % 64, to - from);
		uint64_t mask = (bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1) << from % 64;

		fresh += (uint64_t)__builtin_popcountll(mask & ~used->words[from / 64]);
		used->words[from / 64] |= mask;
		from += bits;
	}
	return fresh * SECTOR;
}

bool iv_qcow2_used_holds(const IvQcow2Used *used, uint64_t host, uint64_t len)
{
	return host >= used->start && host < used->end && len <= used->end - host;
}

static bool all_zero(const uint8_t *data, size_t len)
{
	return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* Is a sector a part of a table of clusters? */
static bool is_table(const IvQcow2Used *used, const uint8_t *data)
{
	for (size_t i = 0; i < SECTOR; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, data + i, sizeof(word));
		word = GUINT64_FROM_BE(word) & ~(UINT64_C(1) << 63);
		if (word % used->cluster != 0 || word >= used->file->size)
			return false;
	}
	return true;
}

static bool is_nothing(const IvQcow2Used *used, const uint8_t *data, size_t len)
{
	if (all_zero(data, len))
		return true; /* skip: none, because zeros hold nothing */
	if (len < SECTOR || !is_table(used, data))
		return false;
	iv_skip(IV_SKIP_OLD_TABLE, 1);
	return true;
}

/* The sectors of [at, at+len), which are nobody's, that hold something. */
static uint64_t count_data(const IvQcow2Used *used, uint64_t at, size_t len, uint8_t *buf)
{
	uint64_t bytes = 0;

	if (!iv_file_read(used->file, at, buf, len, NULL))
		return len;
	for (size_t i = 0; i < len; i += SECTOR) {
		size_t part = MIN(SECTOR, len - i);

		bytes += is_nothing(used, buf + i, part) ? 0 : part;
	}
	return bytes;
}

/* A range that is nobody's. */
static uint64_t count_range(const IvQcow2Used *used, uint64_t at, uint64_t end, uint8_t *buf)
{
	uint64_t bytes = 0;

	while (at < end) {
		uint64_t len = end - at;
		bool zero;

		if (!iv_file_extent(used->file, at, &len, &zero, NULL)) {
			zero = false;
			len = end - at;
		}
		for (uint64_t done = zero ? len : 0; done < len; done += READ)
			bytes += count_data(used, at + done, (size_t)MIN(READ, len - done), buf);
		at += len;
	}
	return bytes;
}

uint64_t iv_qcow2_used_rest(const IvQcow2Used *used)
{
	uint64_t n = (used->end - used->start + SECTOR - 1) / SECTOR, bytes = 0;
	g_autofree uint8_t *buf = g_malloc(READ);

	for (uint64_t i = 0; i < n;) {
		uint64_t first = i;

		if (i % 64 == 0 && used->words[i / 64] == UINT64_MAX) {
			i += 64;
			continue;
		}
		while (i < n && !has(used, i))
			i = i % 64 == 0 && used->words[i / 64] == 0 ? i + 64 : i + 1;
		i = MIN(i, n);
		if (first < i)
			bytes += count_range(used, used->start + first * SECTOR,
					     MIN(used->start + i * SECTOR, used->end), buf);
		else
			i++;
	}
	return bytes;
}
