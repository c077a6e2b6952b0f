/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan_source.h - the scan of a disk that is open already: what iv_scan() does
 * once it has opened the image.  Internal; tests give it sources of their own.
 */
#ifndef IV_SCAN_SOURCE_H
#define IV_SCAN_SOURCE_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"
#include "scanner/scanner.h"

/* As iv_scan().  `name` stands in the report as image and format; libguestfs,
 * which opens the image by its path, is not asked. */
IV_MUST_CHECK
IvReport *iv_scan_source(const char *name, IvSource *disk, const IvRuleSet *rules,
			 const IvScanOptions *options, GError **error);

#endif
