/* SPDX-License-Identifier: GPL-3.0-or-later */
/* magic.c - see magic.h; rows.c has the marks of beginnings */
#include "scanner/unpack/magic.h"

#include <glib.h>
#include <string.h>

#include "scanner/unpack/rows.h"
#include "scanner/unpack/wide.h"

#define MARK(bytes) bytes, sizeof(bytes) - 1

/* A table of contents of a fixed disk image, a block of a store: at the end. */
static const struct {
	IvPacked kind;
	unsigned back; /* bytes before the end */
	const char *mark;
	uint8_t n;
} tails[] = {
	{IV_PACKED_VHD, 512, MARK("conectix")},
	/* table_format.md of LevelDB and RocksDB: footer */
	{IV_PACKED_LEVELDB, 8, MARK("\x57\xfb\x80\x8b\x24\x75\x47\xdb")},
	{IV_PACKED_LEVELDB, 8, MARK("\xf7\xcf\xf4\x85\xb7\x41\xe2\x88")},
};

IvPacked iv_packed_tail(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < G_N_ELEMENTS(tails); i++)
		if (len >= tails[i].back &&
		    memcmp(data + len - tails[i].back, tails[i].mark, tails[i].n) == 0)
			return tails[i].kind;
	return IV_PACKED_NONE;
}

IvPacked iv_packed_file(const uint8_t *data, size_t len, uint64_t size)
{
	size_t n;
	const IvMagicRow *rows = iv_magic_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (iv_magic_fits(&rows[i], data, len, size))
			return rows[i].kind;
	return iv_wide_file(data, len);
}
