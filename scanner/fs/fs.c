/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fs.c - see fs.h: which reader knows a volume */
#include "scanner/fs/fs.h"

#include "scanner/fs/readers.h"

static const IvFsReader *const readers[] = {
	&iv_fs_ext,
	NULL,
};

const IvFsReader *iv_fs_probe(IvSource *volume, const char *kind)
{
	for (const IvFsReader *const *reader = readers; *reader != NULL; reader++)
		if ((kind == NULL || g_str_has_prefix(kind, (*reader)->kinds)) &&
		    (*reader)->probe(volume))
			return *reader;
	return NULL;
}
