/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - see origin.h */
#include "cli/origin.h"

#include "scanner/base/error.h"
#include "scanner/report/origin.h"
#include "share/gate/attest.h"

bool cli_origin_find(const char *image, const char *given, cJSON **origin, GError **error)
{
	g_autofree char *beside = iv_origin_path(image);
	const char *path = given != NULL ? given : beside;
	g_autoptr(GError) problem = NULL;
	g_autofree char *signer = NULL;

	*origin = NULL;
	if (given == NULL && !g_file_test(beside, G_FILE_TEST_EXISTS))
		return true;
	*origin = iv_origin_load(path, error);
	if (*origin == NULL)
		return false;
	if (iv_attest_verify_origin(*origin, &signer, &problem))
		return true;
	g_clear_pointer(origin, cJSON_Delete);
	return iv_fail(error, IV_ERROR_CORRUPT, "%s: %s\n--no-origin scans without it", path,
		       problem->message);
}

bool cli_origin_attach(IvReport *report, const char *image, const cJSON *origin, GError **error)
{
	g_autoptr(IvOrigin) about = origin != NULL ? iv_origin_from_json(origin, error) : NULL;

	if (origin == NULL)
		return true;
	if (about == NULL)
		return false;
	if (g_strcmp0(about->digest, report->digest) != 0)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: its bytes are not those of its origin record: %s was scanned, "
			       "%s is on record\n"
			       "acquire the image again, or scan with --no-origin, which proves "
			       "nothing",
			       image, report->digest != NULL ? report->digest : "a folder",
			       about->digest);
	report->origin = cJSON_Duplicate(origin, true);
	return true;
}
