/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect.h - the findings of a scan, from all its threads, within ceilings
 * (IV_MAX_FINDINGS, IV_MAX_FINDING_BYTES): what a report does not list is coverage.
 */
#ifndef IV_SEARCH_COLLECT_H
#define IV_SEARCH_COLLECT_H

#include "scanner/base/progress.h"
#include "scanner/finding/finding.h"
#include "scanner/finding/redact.h"
#include "scanner/search/place.h"

typedef struct IvCollection IvCollection;

IvCollection *iv_collection_new(const uint8_t salt[IV_SALT_BYTES], IvScanProgress *progress);
void iv_collection_free(IvCollection *collection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCollection, iv_collection_free)

/* What fingerprints are made with: IV_SALT_BYTES, borrowed. */
const uint8_t *iv_collection_salt(const IvCollection *collection);

/* Add a finding (taken) of this place.  For any thread. */
void iv_collection_add(IvCollection *collection, IvPlace *place, IvFinding *finding);

/* Take the findings: IvFinding *, in the report's order; the caller owns the array. */
GPtrArray *iv_collection_take(IvCollection *collection);

#endif
