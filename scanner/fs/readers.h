/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readers.h - the native readers, for the probe table of fs.c alone.
 */
#ifndef IV_FS_READERS_H
#define IV_FS_READERS_H

#include "scanner/fs/fs.h"

extern const IvFsReader iv_fs_ext; /* ext.c: ext2, ext3, ext4 */

#endif
