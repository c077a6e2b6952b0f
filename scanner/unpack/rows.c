/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows.c - see rows.h */
#include "scanner/unpack/rows.h"

#include <glib.h>
#include <string.h>

#define MARK(bytes) bytes, sizeof(bytes) - 1
/* Not in something else: the mark is too short for it, or stands far in. */
#define AT_START	       false, 0, NULL
#define ANYWHERE(rare, inside) true, rare, inside

static const IvMagicRow rows[] = {
	/* PKWARE APPNOTE 4.3.7 */
	{IV_PACKED_ZIP, 0, MARK("PK\3\4"), iv_magic_zip, ANYWHERE(0, iv_inside_zip)},
	{IV_PACKED_ZIP, 0, MARK("PK\7\10PK\3\4"), NULL, ANYWHERE(0, iv_inside_zip_part)},
	/* 7zFormat.txt, SignatureHeader: major version 0 */
	{IV_PACKED_7Z, 0, MARK("7z\xbc\xaf\x27\x1c\0"), NULL, ANYWHERE(0, iv_inside_7z)},
	/* RAR technote: 1.5 and 5.0 */
	{IV_PACKED_RAR, 0, MARK("Rar!\x1a\7\0"), NULL, ANYWHERE(2, iv_inside_rar4)},
	{IV_PACKED_RAR, 0, MARK("Rar!\x1a\7\1\0"), NULL, ANYWHERE(2, iv_inside_rar5)},
	/* MS-CAB 2.1 */
	{IV_PACKED_CAB, 0, MARK("MSCF\0\0\0\0"), iv_magic_cab, ANYWHERE(0, NULL)},
	/* LHA header levels 0 to 3: method "-lh5-" and its like */
	{IV_PACKED_LHA, 2, MARK("-lh"), iv_magic_lha, AT_START},
	{IV_PACKED_XAR, 0, MARK("xar!\0\x1c\0\1"), NULL, ANYWHERE(2, iv_inside_xar)},
	{IV_PACKED_WIM, 0, MARK("MSWIM\0\0\0"), NULL, ANYWHERE(1, iv_inside_wim)},
	/* RPM file format: lead */
	{IV_PACKED_RPM, 0, MARK("\xed\xab\xee\xdb"), iv_magic_rpm, ANYWHERE(0, iv_inside_rpm)},
	/* deb(5): an ar whose first member is that */
	{IV_PACKED_DEB, 0, MARK("!<arch>\ndebian-binary"), NULL, ANYWHERE(5, iv_inside_deb)},

	/* RFC 1952 2.3 */
	{IV_PACKED_GZIP, 0, MARK("\x1f\x8b\10"), iv_magic_gzip, ANYWHERE(0, iv_inside_gzip)},
	/* The level, then pi (a block) or its square root (none) */
	{IV_PACKED_BZIP2, 4, MARK("\x31\x41\x59\x26\x53\x59"), iv_magic_bzip2,
	 ANYWHERE(0, iv_inside_bzip2)},
	{IV_PACKED_BZIP2, 4, MARK("\x17\x72\x45\x38\x50\x90"), iv_magic_bzip2,
	 ANYWHERE(0, iv_inside_bzip2_empty)},
	/* xz-file-format 2.1.1 */
	{IV_PACKED_XZ, 0, MARK("\xfd" "7zXZ\0\0"), iv_magic_xz, ANYWHERE(0, NULL)},
	/* lzma-file-format 1.1 */
	{IV_PACKED_LZMA, 0, MARK("\x5d\0\0"), iv_magic_lzma, ANYWHERE(0, iv_inside_lzma)},
	{IV_PACKED_LZIP, 0, MARK("LZIP\1"), iv_magic_lzip, ANYWHERE(1, iv_inside_lzip)},
	/* RFC 8878 3.1.1, 3.1.2 */
	{IV_PACKED_ZSTD, 0, MARK("\x28\xb5\x2f\xfd"), iv_magic_zstd, ANYWHERE(0, iv_inside_zstd)},
	{IV_PACKED_ZSTD, 1, MARK("\x2a\x4d\x18"), iv_magic_zstd_skippable, ANYWHERE(0, NULL)},
	/* lz4_Frame_format.md: frames, and the legacy ones of kernels */
	{IV_PACKED_LZ4, 0, MARK("\4\x22\x4d\x18"), iv_magic_lz4, ANYWHERE(0, iv_inside_lz4)},
	{IV_PACKED_LZ4, 0, MARK("\2\x21\x4c\x18"), iv_magic_lz4_legacy,
	 ANYWHERE(0, iv_inside_lz4_legacy)},
	{IV_PACKED_LZO, 0, MARK("\x89LZO\0\r\n\x1a\n"), iv_magic_lzop, ANYWHERE(0, NULL)},
	{IV_PACKED_COMPRESS, 0, MARK("\x1f\x9d"), iv_magic_compress, AT_START},
	/* RFC 1950 2.2: git's loose objects, for one.  Inside, windows of 32 KiB only */
	{IV_PACKED_ZLIB, 0, MARK("x"), iv_magic_zlib, AT_START},
	{IV_PACKED_ZLIB, 0, MARK("x\x9c"), iv_magic_no_file, ANYWHERE(0, iv_inside_zlib)},
	{IV_PACKED_ZLIB, 0, MARK("x\1"), iv_magic_no_file, ANYWHERE(0, iv_inside_zlib)},
	{IV_PACKED_ZLIB, 0, MARK("x\x5e"), iv_magic_no_file, ANYWHERE(0, iv_inside_zlib)},
	{IV_PACKED_ZLIB, 0, MARK("x\xda"), iv_magic_no_file, ANYWHERE(0, iv_inside_zlib)},
	{IV_PACKED_SNAPPY, 0, MARK("\xff\6\0\0sNaPpY"), NULL, ANYWHERE(0, iv_inside_snappy)},
	/* Linux Documentation/arch/x86/boot: header; EFI zboot */
	{IV_PACKED_KERNEL, 514, MARK("HdrS"), NULL, AT_START},
	{IV_PACKED_KERNEL, 4, MARK("zimg"), NULL, AT_START},

	/* ISO 32000 7.5.2: streams of text are deflated */
	{IV_PACKED_PDF, 0, MARK("%PDF-"), iv_magic_pdf, ANYWHERE(1, iv_inside_pdf)},
	/* MS-CFB 2.2: older office documents, mostly UTF-16 in pieces */
	{IV_PACKED_OLE, 0, MARK("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL,
	 ANYWHERE(0, iv_inside_ole)},

	/* QEMU docs/interop/qcow2 */
	{IV_PACKED_QCOW, 0, MARK("QFI\xfb\0\0\0"), iv_magic_qcow, ANYWHERE(0, iv_inside_qcow)},
	/* VMware Virtual Disk Format 1.1: sparse extent header */
	{IV_PACKED_VMDK, 0, MARK("KDMV"), iv_magic_vmdk, ANYWHERE(0, iv_inside_vmdk)},
	{IV_PACKED_VMDK, 0, MARK("COWD\1\0\0\0"), NULL, ANYWHERE(0, NULL)},
	/* VHD 1.0: a copy of the footer begins a dynamic disk */
	{IV_PACKED_VHD, 0, MARK("conectix"), NULL, ANYWHERE(4, iv_inside_vhd)},
	{IV_PACKED_VHDX, 0, MARK("vhdxfile"), NULL, ANYWHERE(0, iv_inside_vhdx)},
	{IV_PACKED_VDI, 64, MARK("\x7f\x10\xda\xbe"), NULL, AT_START},
	/* ECMA-119 8.4; in something else the descriptor itself is what begins */
	{IV_PACKED_ISO, 32768, MARK("\1CD001\1"), NULL, AT_START},
	{IV_PACKED_ISO, 0, MARK("\1CD001\1"), NULL, ANYWHERE(0, iv_inside_iso)},
	{IV_PACKED_SQUASHFS, 0, MARK("hsqs"), iv_magic_squashfs, ANYWHERE(0, NULL)},
	{IV_PACKED_CRAMFS, 0, MARK("\x45\x3d\xcd\x28"), iv_magic_cramfs, ANYWHERE(0, NULL)},
	{IV_PACKED_EROFS, 1024, MARK("\xe2\xe1\xf5\xe0"), NULL, AT_START},
	/* UEFI 5.3.2; the boot record's table, and FAT */
	{IV_PACKED_DISK, 512, MARK("EFI PART"), NULL, AT_START},
	{IV_PACKED_DISK, 510, MARK("\x55\xaa"), iv_magic_boot_record, AT_START},
	{IV_PACKED_FILESYSTEM, 510, MARK("\x55\xaa"), iv_magic_fat, AT_START},
	{IV_PACKED_FILESYSTEM, 1080, MARK("\x53\xef"), iv_magic_ext, AT_START},
	{IV_PACKED_FILESYSTEM, 0, MARK("XFSB\0\0"), NULL, AT_START},
	{IV_PACKED_FILESYSTEM, 65600, MARK("_BHRfS_M"), NULL, AT_START},

	/* gitformat-pack(5) */
	{IV_PACKED_GIT_PACK, 0, MARK("PACK\0\0\0"), iv_magic_git_pack, ANYWHERE(0, iv_inside_git_pack)},
	/* systemd JOURNAL_FILE_FORMAT: header, where its flags allow compression */
	{IV_PACKED_JOURNAL, 0, MARK("LPKSHHRH"), iv_magic_journal, AT_START},
	{IV_PACKED_MOZLZ4, 0, MARK("mozLz40\0"), NULL, ANYWHERE(2, iv_inside_mozlz4)},
	/* Linux kernel/power/swap.c: the header of a swap area that holds memory */
	{IV_PACKED_HIBERNATION, 4086, MARK("S1SUSPEND"), NULL, AT_START},

	/* LUKS1 and LUKS2 On-Disk Format: header, secondary header */
	{IV_PACKED_LUKS, 0, MARK("LUKS\xba\xbe\0"), iv_magic_luks, ANYWHERE(2, NULL)},
	{IV_PACKED_LUKS, 0, MARK("SKUL\xba\xbe\0"), iv_magic_luks, ANYWHERE(2, NULL)},
	{IV_PACKED_AGE, 0, MARK("age-encryption.org/v1\n"), NULL, ANYWHERE(17, iv_inside_age)},
	/* RFC 4880 4.2, 5.1, 5.3, 5.6 */
	{IV_PACKED_PGP, 0, MARK(""), iv_magic_pgp, AT_START},
	{IV_PACKED_OPENSSL, 0, MARK("Salted__"), NULL, ANYWHERE(4, iv_inside_salted)},
	/* java.security.KeyStore: JKS and JCEKS */
	{IV_PACKED_JAVA_KEYSTORE, 0, MARK("\xfe\xed\xfe\xed\0\0\0"), iv_magic_java,
	 ANYWHERE(0, iv_inside_java)},
	{IV_PACKED_JAVA_KEYSTORE, 0, MARK("\xce\xce\xce\xce\0\0\0"), iv_magic_java,
	 ANYWHERE(0, iv_inside_java)},
	/* RFC 7292 4: PFX, version 3 */
	{IV_PACKED_PKCS12, 0, MARK("\x30"), iv_magic_pkcs12, AT_START},
	{IV_PACKED_KEEPASS, 0, MARK("\3\xd9\xa2\x9a"), iv_magic_keepass, ANYWHERE(0, iv_inside_keepass)},
	{IV_PACKED_ANSIBLE_VAULT, 0, MARK("$ANSIBLE_VAULT;1."), NULL, ANYWHERE(0, iv_inside_ansible)},
};

const IvMagicRow *iv_magic_rows(size_t *n)
{
	*n = G_N_ELEMENTS(rows);
	return rows;
}

bool iv_magic_fits(const IvMagicRow *row, const uint8_t *data, size_t len, uint64_t size)
{
	/* The first byte says no to most, and is cheaper than a call. */
	if (len < (size_t)row->at + row->n || (row->n > 0 && data[row->at] != (uint8_t)*row->mark))
		return false;
	return (row->n == 0 || memcmp(data + row->at, row->mark, row->n) == 0) &&
	       (row->check == NULL || row->check(data, len, size));
}
