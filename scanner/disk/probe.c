/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe.c - which container a file's bytes show, and which its name claims.
 *
 * The magics are those of the formats' own specifications: qcow2.txt and
 * qed_spec.txt of QEMU, VMware's "Virtual Disk Format", Microsoft's [MS-VHDX]
 * and "Virtual Hard Disk Image Format", VirtualBox's VDICore.h, RFC 1952
 * (gzip), RFC 8878 (zstd), and the manuals of the other packers.
 *
 * LUKS, a partition table or a file system are no containers: they are what a
 * raw disk may honestly begin with.
 */
#include "scanner/disk/format.h"

#include <string.h>

#include "scanner/base/error.h"

/* Bytes of a file's beginning that hold every magic below. */
#define HEAD_BYTES 512u
/* Size of the trailer that a fixed VHD and a DMG end with. */
#define TAIL_BYTES 512u

enum {
	QCOW,
	VMDK,
	VHDX,
	VHD,
	VDI,
	QED,
	PARALLELS,
	BOCHS,
	DMG,
	GZIP,
	XZ,
	ZSTD,
	BZIP2,
	LZ4,
	ZIP,
	SEVENZIP,
	TAR,
};

static const IvContainer containers[] = {
	[QCOW] = {"qcow2", "qcow2", ".qcow2.qcow.qc2.", &iv_format_qcow2, NULL},
	[VMDK] = {"vmdk", "VMDK", ".vmdk.", NULL, NULL},
	[VHDX] = {"vhdx", "VHDX", ".vhdx.", NULL, NULL},
	[VHD] = {"vpc", "VHD", ".vhd.vpc.", NULL, NULL},
	[VDI] = {"vdi", "VDI", ".vdi.", NULL, NULL},
	[QED] = {"qed", "QED", ".qed.", NULL, NULL},
	[PARALLELS] = {"parallels", "Parallels", ".hdd.hds.", NULL, NULL},
	[BOCHS] = {"bochs", "Bochs", ".bochs.", NULL, NULL},
	[DMG] = {"dmg", "DMG", ".dmg.", NULL, NULL},
	[GZIP] = {"gzip", "gzip", ".gz.tgz.", NULL, "gunzip"},
	[XZ] = {"xz", "xz", ".xz.txz.", NULL, "unxz"},
	[ZSTD] = {"zstd", "zstd", ".zst.zstd.tzst.", NULL, "unzstd"},
	[BZIP2] = {"bzip2", "bzip2", ".bz2.tbz2.", NULL, "bunzip2"},
	[LZ4] = {"lz4", "lz4", ".lz4.", NULL, "unlz4"},
	[ZIP] = {"zip", "zip", ".zip.", NULL, "unzip"},
	[SEVENZIP] = {"7z", "7-Zip", ".7z.", NULL, "7z x"},
	[TAR] = {"tar", "tar", ".tar.ova.", NULL, "tar -xf"},
};

/* Where a magic stands and what it says. */
typedef struct {
	unsigned container;
	unsigned off;
	const char *bytes;
	unsigned len;
} Magic;

#define MAGIC(text) text, sizeof(text) - 1

static const Magic head_magics[] = {
	{QCOW, 0, MAGIC("QFI\xfb")},
	{VMDK, 0, MAGIC("KDMV")},
	{VMDK, 0, MAGIC("COWD")},
	{VMDK, 0, MAGIC("# Disk DescriptorFile")},
	{VHDX, 0, MAGIC("vhdxfile")},
	{VHD, 0, MAGIC("conectix")},
	{VDI, 0x40, MAGIC("\x7f\x10\xda\xbe")},
	{QED, 0, MAGIC("QED\0")},
	{PARALLELS, 0, MAGIC("WithoutFreeSpace")},
	{PARALLELS, 0, MAGIC("WithouFreSpacExt")},
	{BOCHS, 0, MAGIC("Bochs Virtual HD Image")},
	{GZIP, 0, MAGIC("\x1f\x8b\x08")},
	{XZ, 0, MAGIC("\xfd"
		      "7zXZ\0")},
	{ZSTD, 0, MAGIC("\x28\xb5\x2f\xfd")},
	{BZIP2, 4, MAGIC("\x31\x41\x59\x26\x53\x59")},
	{LZ4, 0, MAGIC("\x04\x22\x4d\x18")},
	{ZIP, 0, MAGIC("PK\x03\x04")},
	{SEVENZIP, 0, MAGIC("7z\xbc\xaf\x27\x1c")},
	{TAR, 257, MAGIC("ustar")},
};

static const Magic tail_magics[] = {
	{VHD, 0, MAGIC("conectix")},
	{DMG, 0, MAGIC("koly")},
};

static bool shows(const Magic *magic, const uint8_t *bytes, size_t len)
{
	return magic->off + magic->len <= len &&
	       memcmp(bytes + magic->off, magic->bytes, magic->len) == 0;
}

const IvContainer *iv_probe_name(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *suffix = NULL;
	const char *dot = strrchr(base, '.');

	if (dot == NULL || dot[1] == '\0')
		return NULL;
	suffix = g_strconcat(dot, ".", NULL);
	for (char *c = suffix; *c != '\0'; c++)
		*c = g_ascii_tolower(*c);
	for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
		if (strstr(containers[i].suffixes, suffix) != NULL)
			return &containers[i];
	}
	return NULL;
}

/* A trailer alone proves little: any raw disk may end with such bytes.  It
 * counts when the name says the same. */
static bool probe_tail(IvFile *file, const IvContainer **found, GError **error)
{
	const IvContainer *named = iv_probe_name(file->path);
	uint8_t tail[TAIL_BYTES];

	if (named == NULL || file->size < TAIL_BYTES)
		return true;
	if (!iv_file_read(file, file->size - TAIL_BYTES, tail, TAIL_BYTES, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(tail_magics); i++) {
		const Magic *magic = &tail_magics[i];

		if (named == &containers[magic->container] && shows(magic, tail, TAIL_BYTES))
			*found = named;
	}
	return true;
}

bool iv_probe_bytes(IvFile *file, const IvContainer **found, GError **error)
{
	uint8_t head[HEAD_BYTES];
	size_t len = (size_t)MIN(file->size, HEAD_BYTES);

	*found = NULL;
	if (!iv_file_read(file, 0, head, len, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(head_magics); i++) {
		if (shows(&head_magics[i], head, len)) {
			*found = &containers[head_magics[i].container];
			return true;
		}
	}
	return probe_tail(file, found, error);
}
