/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fs.c - see fs.h: which reader knows a volume */
#include "scanner/fs/fs.h"

#include "scanner/fs/readers.h"

static const IvFsReader *const readers[] = {
	&iv_fs_ext,
	NULL,
};

const IvFsReader *iv_fs_probe(IvSource *volume)
{
	for (const IvFsReader *const *reader = readers; *reader != NULL; reader++)
		if ((*reader)->probe(volume))
			return *reader;
	return NULL;
}
