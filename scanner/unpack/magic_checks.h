/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * magic_checks.h - is what follows a mark really of that format?  Private to
 * scanner/unpack/rows.c, which names them.
 *
 * data[0, len) begins with the mark (or has it where the row says); `size` is
 * that of the file, UINT64_MAX when it is not known.  Too few bytes to tell: no.
 */
#ifndef IV_UNPACK_MAGIC_CHECKS_H
#define IV_UNPACK_MAGIC_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool (*IvMagicCheck)(const uint8_t *data, size_t len, uint64_t size);

bool iv_magic_zip(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_cab(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lha(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_rpm(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_gzip(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_bzip2(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_xz(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lzma(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lzip(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_zstd(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_zstd_skippable(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lz4(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lz4_legacy(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_lzop(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_compress(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_zlib(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_no_file(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_pdf(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_qcow(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_vmdk(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_squashfs(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_cramfs(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_boot_record(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_fat(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_ext(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_git_pack(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_journal(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_luks(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_java(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_pgp(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_pkcs12(const uint8_t *data, size_t len, uint64_t size);
bool iv_magic_keepass(const uint8_t *data, size_t len, uint64_t size);

#endif
