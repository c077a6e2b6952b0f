/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directory.c - which accounts a resource directory or one of its folders has:
 * ResourceDirectoryMaster 2022-04-19.  See directory.h.
 *
 * Most of its reads are for the management account and delegated administrators only; for all
 * others the members are not known. */
#include <string.h>

#include "share/alibaba/call/ids.h"
#include "share/alibaba/organization/directory.h"
#include "share/alibaba/call/account.h"
#include "share/base/limits.h"

#define PAGE_SIZE 100u
#define PAGE_TEXT "100"

/* --- reading ------------------------------------------------------------------------------ */

bool iv_directory_read_page(const cJSON *answer, const IvDirectoryList *list, guint page,
			    GPtrArray *ids, guint *total, GError **error)
{
	const cJSON *found = iv_alibaba_list(answer, list->outer, list->inner), *one;
	guint answered;

	if (found == NULL || cJSON_GetArraySize(found) > (int)PAGE_SIZE ||
	    !iv_alibaba_count(answer, "TotalCount", total))
		return iv_alibaba_nonsense(error, list->action, "it holds no list");
	if (!iv_alibaba_count(answer, "PageNumber", &answered) || answered != page)
		return iv_alibaba_nonsense(error, list->action,
					   "it is another page than the one asked for");
	if (cJSON_GetArraySize(found) == 0 && *total > (page - 1) * PAGE_SIZE)
		return iv_alibaba_nonsense(error, list->action, "the list ends early");
	cJSON_ArrayForEach(one, found) {
		const char *id = iv_alibaba_text(one, list->member);

		if (id == NULL || !list->ok(id))
			return iv_alibaba_nonsense(error, list->action, "an id in it is invalid");
		g_ptr_array_add(ids, g_strdup(id));
	}
	return true;
}

static bool folder_ok(const char *id)
{
	return g_str_has_prefix(id, "fd-") && iv_alibaba_organization_ok(id);
}

const IvDirectoryList iv_directory_accounts = {"ListAccounts", "Accounts", "Account", "AccountId",
					       iv_alibaba_account_ok};
const IvDirectoryList iv_directory_accounts_of = {"ListAccountsForParent", "Accounts", "Account",
						  "AccountId", iv_alibaba_account_ok};
const IvDirectoryList iv_directory_folders_of = {"ListFoldersForParent", "Folders", "Folder",
						 "FolderId", folder_ok};

/* --- asking ------------------------------------------------------------------------------- */

/* One walk through a directory. */
typedef struct {
	IvAlibaba *a;
	GHashTable *accounts;
	GPtrArray *folders;  /* char *: found so far, each once */
	GHashTable *seen;    /* of the same; borrowed */
	char **why;
	GError **error;
} Walk;

/* Not known, for this reason. */
static bool unclear(Walk *w, char *why)
{
	g_free(*w->why);
	*w->why = why;
	return false;
}

static cJSON *ask(Walk *w, const char *action, const GPtrArray *params)
{
	g_autofree char *code = NULL;

	return iv_alibaba_may_ask(w->a,
				  &(IvAlibabaCall){.service = IV_ALIBABA_RESOURCE_DIRECTORY,
						   .action = action,
						   .params = params},
				  w->why, &code, w->error);
}

static bool one_page(Walk *w, const IvDirectoryList *list, const char *parent, guint page,
		     GPtrArray *ids, guint *total)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autofree char *number = g_strdup_printf("%u", page);
	g_autoptr(GError) problem = NULL;
	cJSON *answer;
	bool ok;

	if (parent != NULL)
		iv_pairs_add(params, "ParentFolderId", parent);
	iv_pairs_add(params, "PageNumber", number);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = ask(w, list->action, params);
	if (answer == NULL)
		return false;
	ok = iv_directory_read_page(answer, list, page, ids, total, &problem) ||
	     unclear(w, g_strndup(problem->message, strcspn(problem->message, "\n")));
	cJSON_Delete(answer);
	return ok;
}

static bool all_pages(Walk *w, const IvDirectoryList *list, const char *parent, GPtrArray *ids)
{
	guint total = 0, page = 0;

	do {
		page++;
		if (!one_page(w, list, parent, page, ids, &total))
			return false;
		if (total > IV_SHARE_MAX_MEMBERS)
			return unclear(w, g_strdup_printf("it has more than %u entries",
							  IV_SHARE_MAX_MEMBERS));
	} while (page * PAGE_SIZE < total);
	return true;
}

static bool take_accounts(Walk *w, const IvDirectoryList *list, const char *parent)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	if (!all_pages(w, list, parent, ids))
		return false;
	for (guint i = 0; i < ids->len; i++)
		g_hash_table_add(w->accounts, g_strdup(ids->pdata[i]));
	return g_hash_table_size(w->accounts) <= IV_SHARE_MAX_MEMBERS ||
	       unclear(w, g_strdup_printf("it has more than %u accounts", IV_SHARE_MAX_MEMBERS));
}

static void add_folder(Walk *w, const char *folder)
{
	char *copy = g_strdup(folder);

	if (g_hash_table_add(w->seen, copy))
		g_ptr_array_add(w->folders, copy);
	else
		g_free(copy);
}

static bool take_folders(Walk *w, const char *parent)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	if (!all_pages(w, &iv_directory_folders_of, parent, ids))
		return false;
	for (guint i = 0; i < ids->len; i++)
		add_folder(w, ids->pdata[i]);
	return w->folders->len <= IV_SHARE_MAX_FOLDERS ||
	       unclear(w, g_strdup_printf("it has more than %u folders", IV_SHARE_MAX_FOLDERS));
}

/* A folder and what is below it.  Each once, so a cycle ends. */
static bool walk_folder(Walk *w, const char *folder)
{
	add_folder(w, folder);
	for (guint i = 0; i < w->folders->len; i++) {
		const char *at = w->folders->pdata[i];

		if (!take_accounts(w, &iv_directory_accounts_of, at) || !take_folders(w, at))
			return false;
	}
	return true;
}

/* Only the accounts of one's own directory can be listed. */
static bool walk_directory(Walk *w, const char *directory)
{
	g_autoptr(GPtrArray) none = iv_pairs_new();
	cJSON *answer = ask(w, "GetResourceDirectory", none);
	bool own;

	if (answer == NULL)
		return false;
	own = g_strcmp0(iv_alibaba_text(cJSON_GetObjectItemCaseSensitive(answer,
									  "ResourceDirectory"),
					"ResourceDirectoryId"),
			directory) == 0;
	cJSON_Delete(answer);
	return own ? take_accounts(w, &iv_directory_accounts, NULL)
		   : unclear(w, g_strdup("it is not your own resource directory"));
}

GHashTable *iv_alibaba_members(IvCloud *cloud, const char *unit, char **why, GError **error)
{
	g_autoptr(GHashTable) accounts =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
	Walk walk = {.a = iv_alibaba(cloud),
		     .accounts = accounts,
		     .folders = folders,
		     .seen = seen,
		     .why = why,
		     .error = error};
	bool ok;

	*why = NULL;
	ok = g_str_has_prefix(unit, "rd-") ? walk_directory(&walk, unit) : walk_folder(&walk, unit);
	return ok ? g_steal_pointer(&accounts) : NULL;
}
