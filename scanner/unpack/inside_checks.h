/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside_checks.h - does something packed really begin here, inside something else?
 * Private to scanner/unpack/; rows.c names them.
 *
 * They are asked behind the checks of magic_checks.h, where those alone would take random
 * bytes, or a program or text that names the mark, for the thing itself.
 */
#ifndef IV_UNPACK_INSIDE_CHECKS_H
#define IV_UNPACK_INSIDE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	const uint8_t *data; /* begins with the mark, or has it where the row says */
	size_t len;
	size_t before;	 /* bytes in front of data[0] */
	uint64_t *tried; /* as in IvPieces */
} IvInside;

typedef bool (*IvInsideCheck)(const IvInside *in);

bool iv_inside_zip(const IvInside *in);
bool iv_inside_zip_part(const IvInside *in);
bool iv_inside_7z(const IvInside *in);
bool iv_inside_rar4(const IvInside *in);
bool iv_inside_rar5(const IvInside *in);
bool iv_inside_xar(const IvInside *in);
bool iv_inside_wim(const IvInside *in);
bool iv_inside_rpm(const IvInside *in);
bool iv_inside_deb(const IvInside *in);
bool iv_inside_bzip2(const IvInside *in);
bool iv_inside_bzip2_empty(const IvInside *in);
bool iv_inside_lzma(const IvInside *in);
bool iv_inside_lzip(const IvInside *in);
bool iv_inside_snappy(const IvInside *in);
bool iv_inside_pdf(const IvInside *in);
bool iv_inside_ole(const IvInside *in);
bool iv_inside_qcow(const IvInside *in);
bool iv_inside_vmdk(const IvInside *in);
bool iv_inside_vhd(const IvInside *in);
bool iv_inside_vhdx(const IvInside *in);
bool iv_inside_iso(const IvInside *in);
bool iv_inside_git_pack(const IvInside *in);
bool iv_inside_age(const IvInside *in);
bool iv_inside_salted(const IvInside *in);
bool iv_inside_java(const IvInside *in);
bool iv_inside_keepass(const IvInside *in);
bool iv_inside_ansible(const IvInside *in);

/* inside_streams.c: those that unpack a little of it. */
bool iv_inside_gzip(const IvInside *in);
bool iv_inside_zlib(const IvInside *in);
bool iv_inside_zstd(const IvInside *in);
bool iv_inside_lz4(const IvInside *in);
bool iv_inside_lz4_legacy(const IvInside *in);
bool iv_inside_mozlz4(const IvInside *in);

#endif
