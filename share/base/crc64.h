/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crc64.h - the checksum of objects in a cloud's storage.
 *
 * CRC-64/XZ: polynomial 0x42f0e1eba9ea3693 (ECMA-182), reflected, begun and
 * ended with all bits inverted, as in xz.  "123456789" has 995dc9bbdf1939fa.
 * It finds accidents, not forgery.
 */
#ifndef IV_SHARE_BASE_CRC64_H
#define IV_SHARE_BASE_CRC64_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of all bytes so far and len more; begin with 0.  Any cut of the
 * bytes into pieces gives the same.  Threads may call it at once. */
uint64_t iv_crc64(uint64_t crc, const void *bytes, size_t len);

#endif
