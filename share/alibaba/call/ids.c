/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ids.c - see ids.h */
#include "share/alibaba/call/ids.h"

#include <glib.h>
#include <string.h>

bool iv_alibaba_image_id_ok(const char *id)
{
	size_t len = strlen(id);

	if (len < 4 || len > 64 || strncmp(id, "m-", 2) != 0)
		return false;
	for (const char *p = id + 2; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p))
			return false;
	return true;
}

bool iv_alibaba_region_ok(const char *region)
{
	size_t len = strlen(region);

	if (len < 2 || len > 40 || region[0] == '-' || region[len - 1] == '-')
		return false;
	return strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool iv_alibaba_organization_ok(const char *unit)
{
	size_t len = strlen(unit);

	if (len < 5 || len > 64 || (strncmp(unit, "rd-", 3) != 0 && strncmp(unit, "fd-", 3) != 0))
		return false;
	for (const char *p = unit + 3; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p))
			return false;
	return true;
}

bool iv_alibaba_account_ok(const char *account)
{
	size_t len = strlen(account);

	return len >= 5 && len <= 20 && strspn(account, "0123456789") == len;
}
