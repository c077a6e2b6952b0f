/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format.h - private to scanner/disk: what a disk format offers to open.c, and
 * what it is told.
 */
#ifndef IV_DISK_FORMAT_H
#define IV_DISK_FORMAT_H

#include "scanner/base/error.h"
#include "scanner/disk/beside.h"
#include "scanner/disk/file.h"
#include "scanner/disk/source.h"

typedef struct IvLayer IvLayer;
typedef struct IvDiskFormat IvDiskFormat;

/* How a layer of a disk is opened: the image itself, or the one file below it. */
struct IvLayer {
	const char *format;  /* as in IvDiskOptions */
	const char *backing; /* as in IvDiskOptions */
	bool below;	     /* this is a backing file already: it may not name another */
	GPtrArray *files;    /* collects a reference to each opened IvFile */
	/* Opens a layer by its path (open.c), so that a format can open the one below
	 * without knowing all formats; *format (may be NULL) receives what it is. */
	IvSource *(*open)(const char *path, const IvLayer *layer, const IvDiskFormat **format,
			  GError **error);
};

/* A disk format.  open() takes its own reference to the file.  beside() names what
 * the file of an open disk holds that is no part of it; NULL: that cannot be. */
struct IvDiskFormat {
	const char *name;
	IvSource *(*open)(IvFile *file, const IvLayer *layer, GError **error);
	void (*beside)(IvSource *source, IvBeside *beside);
};

extern const IvDiskFormat iv_format_raw;
extern const IvDiskFormat iv_format_qcow2;

/* --- recognising containers ------------------------------------------------------ */

/* A container format that people store disks in. */
typedef struct {
	const char *name;	   /* as qemu-img calls it, where qemu-img knows it */
	const char *title;	   /* as people call it */
	const char *suffixes;	   /* of file names: ".a.b." */
	const IvDiskFormat *reads; /* how imgvet reads it, or NULL */
	const char *unpack;	   /* what to run instead, "%s" is the file; NULL: qemu-img convert */
} IvContainer;

/* Which container the file's bytes show, or NULL for none of those known.
 * Containers that are only marked at their end (a fixed-size VHD, a DMG) are
 * recognised when the file's name agrees.  An I/O error is reported. */
IV_MUST_CHECK
bool iv_probe_bytes(IvFile *file, const IvContainer **found, GError **error);

/* Which container the file's name claims, or NULL: raw. */
const IvContainer *iv_probe_name(const char *path);

#endif
