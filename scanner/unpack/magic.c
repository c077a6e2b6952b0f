/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * magic.c - see magic.h: a table of marks
 *
 * Each row names where its mark is described.  The checks behind it look at what
 * the format fixes besides; magic_checks.c has them.
 */
#include "scanner/unpack/magic.h"

#include <glib.h>
#include <string.h>

#include "scanner/unpack/magic_checks.h"
#include "scanner/unpack/wide.h"

typedef enum {
	AT_START,  /* of a file only: the mark is short, or stands far in */
	ANYWHERE,  /* as well where something else holds it */
} Where;

typedef struct {
	IvPacked kind;
	Where where;
	uint32_t at;	  /* bytes from the beginning */
	const char *mark; /* these bytes */
	uint8_t n;
	IvMagicCheck check; /* or NULL */
} Row;

#define MARK(bytes) bytes, sizeof(bytes) - 1

/* Of rows that fit the same bytes the first counts. */
static const Row rows[] = {
	/* PKWARE APPNOTE 4.3.7 */
	{IV_PACKED_ZIP, ANYWHERE, 0, MARK("PK\3\4"), iv_magic_zip},
	{IV_PACKED_ZIP, ANYWHERE, 0, MARK("PK\7\10PK\3\4"), NULL},
	/* 7zFormat.txt, SignatureHeader: major version 0 */
	{IV_PACKED_7Z, ANYWHERE, 0, MARK("7z\xbc\xaf\x27\x1c\0"), NULL},
	/* RAR technote: 1.5 and 5.0 */
	{IV_PACKED_RAR, ANYWHERE, 0, MARK("Rar!\x1a\7\0"), NULL},
	{IV_PACKED_RAR, ANYWHERE, 0, MARK("Rar!\x1a\7\1\0"), NULL},
	/* MS-CAB 2.1 */
	{IV_PACKED_CAB, ANYWHERE, 0, MARK("MSCF\0\0\0\0"), iv_magic_cab},
	/* LHA header levels 0 to 3: method "-lh5-" and its like */
	{IV_PACKED_LHA, AT_START, 2, MARK("-lh"), iv_magic_lha},
	{IV_PACKED_XAR, ANYWHERE, 0, MARK("xar!\0\x1c\0\1"), NULL},
	{IV_PACKED_WIM, ANYWHERE, 0, MARK("MSWIM\0\0\0"), NULL},
	/* RPM file format: lead */
	{IV_PACKED_RPM, ANYWHERE, 0, MARK("\xed\xab\xee\xdb"), iv_magic_rpm},
	/* deb(5): an ar whose first member is that */
	{IV_PACKED_DEB, ANYWHERE, 0, MARK("!<arch>\ndebian-binary"), NULL},

	/* RFC 1952 2.3 */
	{IV_PACKED_GZIP, ANYWHERE, 0, MARK("\x1f\x8b\10"), iv_magic_gzip},
	{IV_PACKED_BZIP2, ANYWHERE, 0, MARK("BZh"), iv_magic_bzip2},
	/* xz-file-format 2.1.1 */
	{IV_PACKED_XZ, ANYWHERE, 0, MARK("\xfd" "7zXZ\0\0"), iv_magic_xz},
	/* lzma-file-format 1.1 */
	{IV_PACKED_LZMA, ANYWHERE, 0, MARK("\x5d\0\0"), iv_magic_lzma},
	{IV_PACKED_LZIP, ANYWHERE, 0, MARK("LZIP\1"), iv_magic_lzip},
	/* RFC 8878 3.1.1, 3.1.2 */
	{IV_PACKED_ZSTD, ANYWHERE, 0, MARK("\x28\xb5\x2f\xfd"), iv_magic_zstd},
	{IV_PACKED_ZSTD, ANYWHERE, 1, MARK("\x2a\x4d\x18"), iv_magic_zstd_skippable},
	/* lz4_Frame_format.md: frames, and the legacy ones of kernels */
	{IV_PACKED_LZ4, ANYWHERE, 0, MARK("\4\x22\x4d\x18"), iv_magic_lz4},
	{IV_PACKED_LZ4, ANYWHERE, 0, MARK("\2\x21\x4c\x18"), iv_magic_lz4_legacy},
	{IV_PACKED_LZO, ANYWHERE, 0, MARK("\x89LZO\0\r\n\x1a\n"), iv_magic_lzop},
	{IV_PACKED_COMPRESS, AT_START, 0, MARK("\x1f\x9d"), iv_magic_compress},
	/* RFC 1950 2.2: git's loose objects, for one */
	{IV_PACKED_ZLIB, AT_START, 0, MARK("x"), iv_magic_zlib},
	{IV_PACKED_SNAPPY, ANYWHERE, 0, MARK("\xff\6\0\0sNaPpY"), NULL},
	/* Linux Documentation/arch/x86/boot: header; EFI zboot */
	{IV_PACKED_KERNEL, AT_START, 514, MARK("HdrS"), NULL},
	{IV_PACKED_KERNEL, AT_START, 4, MARK("zimg"), NULL},

	/* ISO 32000 7.5.2: streams of text are deflated */
	{IV_PACKED_PDF, ANYWHERE, 0, MARK("%PDF-"), iv_magic_pdf},
	/* MS-CFB 2.2: older office documents, mostly UTF-16 in pieces */
	{IV_PACKED_OLE, ANYWHERE, 0, MARK("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL},

	/* QEMU docs/interop/qcow2 */
	{IV_PACKED_QCOW, ANYWHERE, 0, MARK("QFI\xfb\0\0\0"), iv_magic_qcow},
	/* VMware Virtual Disk Format 1.1: sparse extent header */
	{IV_PACKED_VMDK, ANYWHERE, 0, MARK("KDMV"), iv_magic_vmdk},
	{IV_PACKED_VMDK, ANYWHERE, 0, MARK("COWD\1\0\0\0"), NULL},
	/* VHD 1.0: a copy of the footer begins a dynamic disk */
	{IV_PACKED_VHD, ANYWHERE, 0, MARK("conectix"), NULL},
	{IV_PACKED_VHDX, ANYWHERE, 0, MARK("vhdxfile"), NULL},
	{IV_PACKED_VDI, AT_START, 64, MARK("\x7f\x10\xda\xbe"), NULL},
	/* ECMA-119 8.4; in something else the descriptor itself is what begins */
	{IV_PACKED_ISO, AT_START, 32768, MARK("\1CD001\1"), NULL},
	{IV_PACKED_ISO, ANYWHERE, 0, MARK("\1CD001\1"), NULL},
	{IV_PACKED_SQUASHFS, ANYWHERE, 0, MARK("hsqs"), iv_magic_squashfs},
	{IV_PACKED_CRAMFS, ANYWHERE, 0, MARK("\x45\x3d\xcd\x28"), iv_magic_cramfs},
	{IV_PACKED_EROFS, AT_START, 1024, MARK("\xe2\xe1\xf5\xe0"), NULL},
	/* UEFI 5.3.2; the boot record's table, and FAT */
	{IV_PACKED_DISK, AT_START, 512, MARK("EFI PART"), NULL},
	{IV_PACKED_DISK, AT_START, 510, MARK("\x55\xaa"), iv_magic_boot_record},
	{IV_PACKED_FILESYSTEM, AT_START, 510, MARK("\x55\xaa"), iv_magic_fat},
	{IV_PACKED_FILESYSTEM, AT_START, 1080, MARK("\x53\xef"), iv_magic_ext},
	{IV_PACKED_FILESYSTEM, AT_START, 0, MARK("XFSB\0\0"), NULL},
	{IV_PACKED_FILESYSTEM, AT_START, 65600, MARK("_BHRfS_M"), NULL},

	/* gitformat-pack(5) */
	{IV_PACKED_GIT_PACK, ANYWHERE, 0, MARK("PACK\0\0\0"), iv_magic_git_pack},
	/* systemd JOURNAL_FILE_FORMAT: header, where its flags allow compression */
	{IV_PACKED_JOURNAL, AT_START, 0, MARK("LPKSHHRH"), iv_magic_journal},
	{IV_PACKED_MOZLZ4, ANYWHERE, 0, MARK("mozLz40\0"), NULL},
	/* Linux kernel/power/swap.c: the header of a swap area that holds memory */
	{IV_PACKED_HIBERNATION, AT_START, 4086, MARK("S1SUSPEND"), NULL},

	/* LUKS1 and LUKS2 On-Disk Format: header, secondary header */
	{IV_PACKED_LUKS, ANYWHERE, 0, MARK("LUKS\xba\xbe\0"), iv_magic_luks},
	{IV_PACKED_LUKS, ANYWHERE, 0, MARK("SKUL\xba\xbe\0"), iv_magic_luks},
	{IV_PACKED_AGE, ANYWHERE, 0, MARK("age-encryption.org/v1\n"), NULL},
	/* RFC 4880 4.2, 5.1, 5.3, 5.6 */
	{IV_PACKED_PGP, AT_START, 0, MARK(""), iv_magic_pgp},
	{IV_PACKED_OPENSSL, ANYWHERE, 0, MARK("Salted__"), NULL},
	/* java.security.KeyStore: JKS and JCEKS */
	{IV_PACKED_JAVA_KEYSTORE, ANYWHERE, 0, MARK("\xfe\xed\xfe\xed\0\0\0"), iv_magic_java},
	{IV_PACKED_JAVA_KEYSTORE, ANYWHERE, 0, MARK("\xce\xce\xce\xce\0\0\0"), iv_magic_java},
	/* RFC 7292 4: PFX, version 3 */
	{IV_PACKED_PKCS12, AT_START, 0, MARK("\x30"), iv_magic_pkcs12},
	{IV_PACKED_KEEPASS, ANYWHERE, 0, MARK("\3\xd9\xa2\x9a"), iv_magic_keepass},
	{IV_PACKED_ANSIBLE_VAULT, ANYWHERE, 0, MARK("$ANSIBLE_VAULT;1."), NULL},
};

static bool fits(const Row *row, const uint8_t *data, size_t len, uint64_t size)
{
	/* The first byte says no to most, and is cheaper than a call. */
	if (len < (size_t)row->at + row->n || (row->n > 0 && data[row->at] != (uint8_t)*row->mark))
		return false;
	return (row->n == 0 || memcmp(data + row->at, row->mark, row->n) == 0) &&
	       (row->check == NULL || row->check(data, len, size));
}

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
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (fits(&rows[i], data, len, size))
			return rows[i].kind;
	return iv_wide_file(data, len);
}

/* --- in something else ------------------------------------------------------------- */

/* Which two first bytes can begin one of the rows? */
static const uint8_t *first_bytes(void)
{
	static uint8_t table[1u << 16];
	static gsize ready;

	if (g_once_init_enter(&ready)) {
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			const Row *row = &rows[i];

			if (row->where != ANYWHERE)
				continue;
			/* A mark one byte in: any byte, then its first. */
			for (unsigned b = 0; row->at == 1 && b < 256; b++)
				table[b | (unsigned)(uint8_t)row->mark[0] << 8] = 1;
			if (row->at == 0)
				table[(uint8_t)row->mark[0] |
				      (unsigned)(uint8_t)row->mark[1] << 8] = 1;
		}
		g_once_init_leave(&ready, 1);
	}
	return table;
}

static IvPacked piece(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].where == ANYWHERE && fits(&rows[i], data, len, UINT64_MAX))
			return rows[i].kind;
	return IV_PACKED_NONE;
}

size_t iv_packed_search(const uint8_t *data, size_t len, size_t from, size_t to, IvPacked *kind)
{
	const uint8_t *first = first_bytes();

	*kind = IV_PACKED_NONE;
	for (size_t at = from; at < to && len - at >= 2; at += IV_PACKED_STEP) {
		if (first[data[at] | (unsigned)data[at + 1] << 8] == 0)
			continue;
		*kind = piece(data + at, len - at);
		if (*kind != IV_PACKED_NONE)
			return at;
	}
	return to;
}
