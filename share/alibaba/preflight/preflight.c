/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight.c - what this cloud adds to a preflight: where an image of a Marketplace product
 * may go, and what sharing an encrypted one takes.  See preflight.h.
 *
 * Sources: the user guide's "Share a custom image" and "Share an encrypted custom
 * image", and the error table of ModifyImageSharePermission (2025-04). */
#include "scanner/base/error.h"
#include "share/alibaba/preflight/keys.h"
#include "share/alibaba/preflight/preflight.h"

/* Where copies of the guide that list regions let encrypted images be shared;
 * the newest list none, so it is a warning elsewhere. */
static const char *const key_regions[] = {"cn-beijing", "cn-shanghai", "cn-hongkong",
					  "ap-southeast-1", "ap-southeast-5", NULL};

/* --- the lines ---------------------------------------------------------------------------- */

static void say_marketplace(IvPreflight *preflight, const IvCloudImage *image)
{
	if (image->marketplace)
		iv_preflight_say(preflight, IV_CHECK_MARKETPLACE, IV_ANSWER_NO,
				 "see that the receivers accept that; accounts of the other site "
				 "(China, international) cannot get it",
				 "it comes from a Marketplace product, whose terms and fees go "
				 "with it");
	else
		iv_preflight_say(preflight, IV_CHECK_MARKETPLACE, IV_ANSWER_YES, NULL,
				 "it comes from no Marketplace product");
}

static void say_region(const IvKeyLook *look)
{
	const char *region = look->question->region;

	if (g_strv_contains(key_regions, region))
		iv_preflight_say(look->preflight, IV_CHECK_KEY_REGION, IV_ANSWER_YES, NULL,
				 "encrypted images can be shared in %s", region);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_REGION, IV_ANSWER_UNKNOWN,
				 "try it; if the cloud refuses, share a copy in Beijing, Shanghai, "
				 "Hong Kong, Singapore or Jakarta",
				 "whether encrypted images can be shared in %s is not known", region);
}

static void say_disks(const IvKeyLook *look)
{
	guint disks = look->question->image->disks->len;

	if (disks > 1)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_DISKS, IV_ANSWER_NO,
				 "make an image of the system disk alone, scan and share that",
				 "an encrypted image with data disks cannot be shared, and this one "
				 "has %u disks",
				 disks);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_DISKS, IV_ANSWER_YES, NULL,
				 "it has one disk, as an encrypted image must");
}

static bool look_at_encryption(const IvKeyLook *look, GError **error)
{
	iv_preflight_say(look->preflight, IV_CHECK_ENCRYPTION, IV_ANSWER_YES, NULL,
			 "it is encrypted; what follows is what that takes");
	say_region(look);
	say_disks(look);
	return iv_alibaba_look_keys(look, error) && iv_alibaba_look_trust(look, error);
}

static bool any_unclear(const IvCloudImage *image)
{
	bool unclear = image->disks->len == 0;

	for (guint i = 0; i < image->disks->len; i++)
		unclear |= ((const IvCloudDisk *)image->disks->pdata[i])->unclear;
	return unclear;
}

bool iv_alibaba_preflight(IvCloud *cloud, const IvCloudQuestion *question, IvPreflight *preflight,
			  GError **error)
{
	IvKeyLook look = {iv_alibaba(cloud), question, preflight};

	say_marketplace(preflight, question->image);
	if (question->image->encrypted)
		return look_at_encryption(&look, error);
	if (any_unclear(question->image))
		iv_preflight_say(preflight, IV_CHECK_ENCRYPTION, IV_ANSWER_UNKNOWN, NULL,
				 "the cloud does not say whether it is encrypted");
	else
		iv_preflight_say(preflight, IV_CHECK_ENCRYPTION, IV_ANSWER_YES, NULL,
				 "it is not encrypted");
	return true;
}
