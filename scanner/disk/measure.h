/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure.h - what can be said of an image without understanding it: its format,
 * and how large its disk claims to be.
 *
 * For a process that must not parse hostile bytes: it reads the first few only,
 * compares magics, and takes one number.
 */
#ifndef IV_DISK_MEASURE_H
#define IV_DISK_MEASURE_H

#include <stdint.h>

#include "scanner/base/error.h"

/* *format: `wanted`, or what the bytes show: "raw" or "qcow2"; static.  *size:
 * bytes of the file or block device; of a qcow2 image the number in its header
 * (qcow2 specification, "Header", bytes 24 to 31), which opening may still refuse;
 * 0 where there is none.  Errors are those of opening the file.  An image that
 * iv_disk_open() refuses is measured as well. */
IV_MUST_CHECK
bool iv_disk_measure(const char *path, const char *wanted, const char **format, uint64_t *size,
		     GError **error);

#endif
