/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write.c - see write.h */
#include "scanner/base/write.h"

#include <errno.h>
#include <unistd.h>

bool iv_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}
