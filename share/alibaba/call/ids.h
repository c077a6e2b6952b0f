/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ids.h - how Alibaba Cloud writes its ids.
 */
#ifndef IV_SHARE_ALIBABA_CALL_IDS_H
#define IV_SHARE_ALIBABA_CALL_IDS_H

#include <stdbool.h>

/* "m-" and letters or digits. */
bool iv_alibaba_image_id_ok(const char *id);
/* Lower-case letters, digits and '-'. */
bool iv_alibaba_region_ok(const char *region);
/* A main account's id: 5 to 20 digits. */
bool iv_alibaba_account_ok(const char *account);
/* A resource directory or one of its folders: "rd-" or "fd-" and letters or digits. */
bool iv_alibaba_organization_ok(const char *unit);

#endif
