/* preflight.c - what this cloud adds to a preflight: where an image of a Marketplace product
 * may go, and what sharing an encrypted one takes.  See inside.h and share/preflight.h.
 *
 * Source: the user guide's pages "Share a custom image" and "Share an encrypted
 * custom image", and the error table of ModifyImageSharePermission (2025-04). */
#include "share/preflight.h"

#include "share/alibaba/inside.h"

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

bool iv_alibaba_preflight(IvCloud *cloud, const IvCloudQuestion *question, IvPreflight *preflight,
			  GError **error)
{
	say_marketplace(preflight, question->image);
	if (question->image->encrypted)
		iv_preflight_say(preflight, IV_CHECK_ENCRYPTION, IV_ANSWER_YES, NULL,
				 "it is encrypted; the cloud shares it only when its key is your own "
				 "and every receiver may use it");
	else
		iv_preflight_say(preflight, IV_CHECK_ENCRYPTION, IV_ANSWER_YES, NULL,
				 "it is not encrypted");
	return true;
}
