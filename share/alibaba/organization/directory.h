/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * directory.h - ResourceDirectoryMaster, API version 2022-04-19: reading its
 * lists of accounts and folders, which are paged by number.
 */
#ifndef IV_SHARE_ALIBABA_ORGANIZATION_DIRECTORY_H
#define IV_SHARE_ALIBABA_ORGANIZATION_DIRECTORY_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

typedef struct {
	const char *action;
	const char *outer, *inner; /* {"Accounts": {"Account": [...]}} */
	const char *member;	   /* that holds the id */
	bool (*ok)(const char *id);
} IvDirectoryList;

extern const IvDirectoryList iv_directory_accounts, iv_directory_accounts_of,
	iv_directory_folders_of;

/* Put one page's ids into the list; *total gets the count that the answer names
 * for all pages. */
IV_MUST_CHECK
bool iv_directory_read_page(const cJSON *answer, const IvDirectoryList *list, guint page,
			    GPtrArray *ids, guint *total, GError **error);

/* Every account of a resource directory or folder, as IvOrganizationOps.members. */
IV_MUST_CHECK
GHashTable *iv_alibaba_members(IvCloud *cloud, const char *unit, char **why, GError **error);

#endif
