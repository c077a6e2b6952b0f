/* SPDX-License-Identifier: GPL-3.0-or-later */
/* covered.c - see covered.h */
#include "scanner/finding/covered.h"

#include <string.h>

/* A folder's free space and deleted files are not there to be searched. */
static bool is_tree(const IvCoverage *coverage)
{
	const IvCoverageVolume *first =
		coverage->volumes->len > 0 ? coverage->volumes->pdata[0] : NULL;

	return first != NULL && g_strcmp0(first->kind, "tree") == 0;
}

const char *iv_covered_words(const IvCoverage *coverage)
{
	return is_tree(coverage) ? "every file of the folder was searched as stored, as this user sees it"
				 : "every byte of the disk was searched as stored";
}

/* Is it one thing? */
static bool single(const char *words)
{
	return g_str_has_prefix(words, "1 ") && strstr(words, " and ") == NULL;
}

char *iv_covered_not_opened(const IvCoverage *coverage)
{
	g_autofree char *words = NULL;

	if (coverage->packed == NULL)
		return g_strdup("whether anything is packed or encoded was not counted");
	words = iv_packed_list_words(coverage->packed);
	if (words == NULL)
		return g_strdup("nothing was recognised as packed or encoded");
	return g_strdup_printf("%s %s not opened", words, single(words) ? "was" : "were");
}

char *iv_covered_sentence(const IvCoverage *coverage)
{
	g_autofree char *not_opened = iv_covered_not_opened(coverage);

	return g_strdup_printf("%s; %s", iv_covered_words(coverage), not_opened);
}
