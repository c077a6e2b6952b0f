/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reader.h - who reads a volume's files. */
#ifndef IV_FS_READER_H
#define IV_FS_READER_H

typedef enum {
	IV_READER_AUTO,	  /* native where one knows the volume, guest for the rest */
	IV_READER_NATIVE, /* native only; other volumes are coverage */
	IV_READER_GUEST,  /* libguestfs for every file system */
	IV_READER_TREE,	  /* the image is a directory of the host */
} IvReader;

#endif
