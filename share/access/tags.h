/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tags.h - a shared image carries what was judged: imgvet-digest (of its
 * content) and imgvet-verdict ("yes,DATE,digest of the report, its beginning"),
 * for whoever looks at it in the cloud.  Internal to share/access/.
 *
 * A convenience, not a proof: whoever may tag the image can write anything there.  The ledger is
 * the record.
 */
#ifndef IV_SHARE_ACCESS_TAGS_H
#define IV_SHARE_ACCESS_TAGS_H

#include "scanner/base/error.h"
#include "share/access/converge.h"

/* After a share.  A refusal by the cloud is only a warning; false only when the call could not be
 * put on record. */
IV_MUST_CHECK
bool iv_tags_verdict(const IvConverge *converge, const IvPass *pass, GError **error);

/* After taking it back from all: the verdict becomes "withdrawn,DATE". */
IV_MUST_CHECK
bool iv_tags_withdrawn(const IvConverge *converge, GError **error);

#endif
