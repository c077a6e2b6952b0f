/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write.h - write to a descriptor until all is written. */
#ifndef IV_BASE_WRITE_H
#define IV_BASE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/error.h"

/* Write len bytes, however many calls that takes.  False with errno. */
IV_MUST_CHECK
bool iv_write_all(int fd, const void *bytes, size_t len);

#endif
