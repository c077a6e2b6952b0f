/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge.c - see judge.h: the table of checks. */
#include "scanner/engine/judge.h"

#include <string.h>

#include "scanner/engine/checks.h"

static const IvSecretCheck checks[] = {
	{"private-key", iv_check_private_key},
	{"jwt", iv_check_jwt},
	{"not-placeholder", iv_check_not_placeholder},
	{"shadow-hash", iv_check_shadow_hash},
	{"url-password", iv_check_url_password},
	{"high-entropy-mixed", iv_check_high_entropy_mixed},
};

const IvSecretCheck *iv_check_find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
		if (strcmp(checks[i].name, name) == 0)
			return &checks[i];
	return NULL;
}

char *iv_check_names(void)
{
	GString *names = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", checks[i].name);
	return g_string_free(names, FALSE);
}
