/* SPDX-License-Identifier: GPL-3.0-or-later */
/* everybody.c - everybody in an image's region, as a kind of converge.h: the image is public, or
 * it is not.  There is one receiver, IV_HISTORY_EVERYBODY. */
#include "scanner/base/error.h"
#include "share/access/converge.h"
#include "share/base/limits.h"

static IvConvergeState *read_image(const IvConverge *c, const IvConvergeState *earlier,
				   GError **error)
{
	IvCallTrace trace = {0};
	IvCloudImage *image = NULL;
	bool ok = c->cloud->ops->image(c->cloud, c->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	if (ok && image != NULL && image->own)
		return image;
	iv_cloud_image_free(image);
	if (ok)
		iv_fail(error, IV_ERROR_REFUSED,
			"there is no image %s in region %s that belongs to this account\n"
			"check --image-id, --region and whose credentials are set",
			c->image_id, c->region);
	return NULL;
}

static void free_image(IvConvergeState *state)
{
	iv_cloud_image_free(state);
}

static bool settled(const IvConverge *c, const IvConvergeState *state, const char *id)
{
	const IvCloudImage *image = state;

	return image->is_public == (c->change == IV_CLOUD_ADD);
}

static guint batch(const IvCloud *cloud)
{
	return 1;
}

static char *text(const IvConverge *c, const IvConvergeState *state, const char *const *ids)
{
	return c->cloud->ops->publish_text(c->cloud, c->image_id, c->change == IV_CLOUD_ADD);
}

static bool change(const IvConverge *c, const IvConvergeState *state, const char *const *ids,
		   IvCallTrace *trace, GError **error)
{
	return c->cloud->ops->publish(c->cloud, c->image_id, c->change == IV_CLOUD_ADD, trace,
				      error);
}

/* The whole command is about everybody, and so is its one call. */
static void about(IvRecordSubject *subject, const char *const *ids)
{
}

static bool no_stranger(const IvConverge *c, const IvConvergeState *now, GError **error)
{
	return true;
}

static bool report_missing(const IvConverge *c, const IvConvergeState *now, GError **error)
{
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still image %s is %s\n"
		       "run the same command again",
		       c->image_id, c->change == IV_CLOUD_ADD ? "not public" : "public");
}

const IvConvergeKind iv_converge_everybody = {
	.read = read_image,
	.free = free_image,
	.settled = settled,
	.batch = batch,
	.text = text,
	.change = change,
	.about = about,
	.verify_reads = IV_SHARE_VERIFY_READS,
	.no_stranger = no_stranger,
	.report_missing = report_missing,
	.done = {[IV_CLOUD_ADD] = "the image was made public",
		 [IV_CLOUD_REMOVE] = "the image was made private"},
	.where = "the image",
};
