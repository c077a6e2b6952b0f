/* SPDX-License-Identifier: GPL-3.0-or-later */
/* whole_digest.h - the digest of a small disk, in one go */
#ifndef IV_TESTS_WHOLE_DIGEST_H
#define IV_TESTS_WHOLE_DIGEST_H

#include "scanner/disk/digest.h"

static char *whole_digest(IvSource *source, GError **error)
{
	g_autoptr(IvDigest) digest = iv_digest_new(source, error);
	char *result = NULL;
	void *buf;

	if (digest == NULL)
		return NULL;
	buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);
	if (iv_digest_range(digest, 0, source->size, buf, error))
		result = iv_digest_finish(digest, error);
	g_aligned_free(buf);
	return result;
}

#endif
