/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crc64.c - see crc64.h: the one file that knows liblzma */
#include "share/base/crc64.h"

#include <lzma.h>

uint64_t iv_crc64(uint64_t crc, const void *bytes, size_t len)
{
	return lzma_crc64(bytes, len, crc);
}
