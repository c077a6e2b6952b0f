/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * private_file.h - small files that only their owner may read: the signing key and
 * the salt.  Internal to share/.
 *
 * A private file is a regular file with no permission for group and others.
 * It is made with mode 0600 in a folder of mode 0700, and becomes visible under
 * its name only when it is whole and on the disk.  Two processes that make it
 * at the same moment end up with the same file.
 */
#ifndef IV_SHARE_BASE_PRIVATE_FILE_H
#define IV_SHARE_BASE_PRIVATE_FILE_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"

/* "imgvet/NAME" below the XDG configuration folder, read anew from the
 * environment.  The caller frees it. */
char *iv_config_path(const char *name);
/* The same below the XDG data folder. */
char *iv_data_path(const char *name);

/* Make the folder that `path` lies in, and those above it, with mode 0700
 * where they are new. */
IV_MUST_CHECK
bool iv_private_folder(const char *path, GError **error);

/* Read a private file of at most 16 KiB into *text (NUL-terminated; wipe and free it with
 * iv_text_wipe()).  `what` names it in errors ("signing key").  A file that is not there is
 * IV_ERROR_IO; *missing, if given, tells this case apart.  One that others may read, or that is no
 * regular file, is IV_ERROR_CONFIG. */
IV_MUST_CHECK
bool iv_private_read(const char *path, const char *what, char **text, bool *missing,
		     GError **error);

/* Make a private file.  One that exists already is left as it is, which is a success too: read it
 * afterwards to learn what it holds. */
IV_MUST_CHECK
bool iv_private_make(const char *path, const char *what, const char *text, GError **error);

#endif
