/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes.h - numbers in bytes, of either order.  Private to scanner/unpack/. */
#ifndef IV_UNPACK_BYTES_H
#define IV_UNPACK_BYTES_H

#include <stdint.h>

static inline uint32_t iv_le16(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

static inline uint32_t iv_le32(const uint8_t *at)
{
	return iv_le16(at) | iv_le16(at + 2) << 16;
}

static inline uint32_t iv_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
