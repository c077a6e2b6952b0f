/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kinds.h - how bytes can hide a text from a search that reads them as stored.
 *
 * A kind counts when it can carry a key or a password: archives, compressed
 * files, documents, disk images, packed stores, encrypted files, encoded texts.
 * What has its bytes in plain form is none (tar, cpio, static libraries, SQLite),
 * nor are pictures, sound, video, fonts and programs: what text they hold they
 * hold in plain form, but for rare chunks that docs/report.md names.
 *
 * This room is a leaf: bytes in, a kind out.  It knows neither disks nor rules.
 */
#ifndef IV_UNPACK_KINDS_H
#define IV_UNPACK_KINDS_H

typedef enum {
	/* archives: members, packed */
	IV_PACKED_ZIP,
	IV_PACKED_7Z,
	IV_PACKED_RAR,
	IV_PACKED_CAB,
	IV_PACKED_LHA,
	IV_PACKED_XAR,
	IV_PACKED_WIM,
	IV_PACKED_RPM,
	IV_PACKED_DEB,
	/* one stream of bytes, compressed */
	IV_PACKED_GZIP,
	IV_PACKED_BZIP2,
	IV_PACKED_XZ,
	IV_PACKED_LZMA,
	IV_PACKED_LZIP,
	IV_PACKED_ZSTD,
	IV_PACKED_LZ4,
	IV_PACKED_LZO,
	IV_PACKED_COMPRESS,
	IV_PACKED_ZLIB,
	IV_PACKED_SNAPPY,
	IV_PACKED_KERNEL,
	/* documents */
	IV_PACKED_PDF,
	IV_PACKED_OLE,
	/* disk images */
	IV_PACKED_QCOW,
	IV_PACKED_VMDK,
	IV_PACKED_VHD,
	IV_PACKED_VHDX,
	IV_PACKED_VDI,
	IV_PACKED_ISO,
	IV_PACKED_SQUASHFS,
	IV_PACKED_CRAMFS,
	IV_PACKED_EROFS,
	IV_PACKED_DISK,
	IV_PACKED_FILESYSTEM,
	/* stores that compress what they keep */
	IV_PACKED_GIT_PACK,
	IV_PACKED_JOURNAL,
	IV_PACKED_LEVELDB,
	IV_PACKED_MOZLZ4,
	IV_PACKED_HIBERNATION,
	/* encrypted */
	IV_PACKED_LUKS,
	IV_PACKED_AGE,
	IV_PACKED_PGP,
	IV_PACKED_OPENSSL,
	IV_PACKED_JAVA_KEYSTORE,
	IV_PACKED_PKCS12,
	IV_PACKED_KEEPASS,
	IV_PACKED_ANSIBLE_VAULT,
	/* encoded texts */
	IV_PACKED_UTF16,
	IV_PACKED_UTF32,
	IV_PACKED_BASE64,
	IV_PACKED_BASE32,
	IV_PACKED_HEX,
	IV_PACKED_COUNT
} IvPacked;

/* No kind: the bytes are what they are. */
#define IV_PACKED_NONE IV_PACKED_COUNT

typedef enum {
	IV_PACKED_IS_ARCHIVE,
	IV_PACKED_IS_COMPRESSED,
	IV_PACKED_IS_DOCUMENT,
	IV_PACKED_IS_IMAGE,
	IV_PACKED_IS_STORE,
	IV_PACKED_IS_ENCRYPTED,
	IV_PACKED_IS_ENCODED,
} IvPackedClass;

IvPackedClass iv_packed_class(IvPacked kind);

/* "gzip", "utf-16"; "compressed", "encoded": what a report says.  Static. */
const char *iv_packed_name(IvPacked kind);
const char *iv_packed_class_name(IvPacked kind);

#endif
