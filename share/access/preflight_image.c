/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight_image.c - a preflight's lines about the image itself, and what goes with it.  See
 * preflight_lines.h. */
#include "share/access/preflight_lines.h"
#include "share/cloud/preflight.h"

/* How many disks the line lists; its remedy lists all. */
#define NAMES 10u

static void say_state(IvPreflight *preflight, const IvCloudImage *image, const char *image_id)
{
	if (image->available)
		iv_preflight_say(preflight, IV_CHECK_STATE, IV_ANSWER_YES, NULL, "its state is %s",
				 image->state);
	else
		iv_preflight_say(preflight, IV_CHECK_STATE, IV_ANSWER_NO,
				 "wait until it can be shared, then try again",
				 "image %s cannot be shared now: its state is %s", image_id,
				 image->state);
}

static void say_owner(IvPreflight *preflight, const IvCloudImage *image, const char *image_id)
{
	if (image->own)
		iv_preflight_say(preflight, IV_CHECK_OWNER, IV_ANSWER_YES, NULL,
				 "this account owns it");
	else
		iv_preflight_say(preflight, IV_CHECK_OWNER, IV_ANSWER_NO,
				 "only the account that made an image can share it",
				 "image %s does not belong to this account (owner: %s)", image_id,
				 image->owner);
}

static void say_public(IvPreflight *preflight, const IvCloudQuestion *question)
{
	if (question->image->is_public)
		iv_preflight_say(preflight, IV_CHECK_PUBLIC, IV_ANSWER_NO,
				 "make it private first, and treat what is in it as "
				 "known",
				 "image %s is public: everybody in region %s can use it already",
				 question->image_id, question->region);
	else
		iv_preflight_say(preflight, IV_CHECK_PUBLIC, IV_ANSWER_YES, NULL,
				 "it is not public");
}

/* The disk that a report of this image is about: the system disk, or the only
 * one.  NULL when that cannot be told. */
static const IvCloudDisk *covered_disk(const IvCloudImage *image)
{
	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk->system || image->disks->len == 1)
			return disk;
	}
	return NULL;
}

/* Those that go with the image and are neither covered by the report nor accepted. */
static GPtrArray *uncovered_disks(const IvPass *pass, const IvCloudImage *image)
{
	const IvCloudDisk *covered = covered_disk(image);
	GPtrArray *rest = g_ptr_array_new();

	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk != covered && !iv_pass_accepts_disk(pass, disk->snapshot))
			g_ptr_array_add(rest, (gpointer)disk);
	}
	return rest;
}

static void append_disk(GString *text, const IvCloudDisk *disk)
{
	g_string_append(text, *disk->snapshot != '\0' ? disk->snapshot : "one without a snapshot");
	g_string_append_printf(text, " (%s", *disk->device != '\0' ? disk->device : "no device");
	if (disk->size_gib > 0)
		g_string_append_printf(text, ", %u GiB", disk->size_gib);
	g_string_append_c(text, ')');
}

static char *disks_text(const GPtrArray *disks)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < disks->len && i < NAMES; i++) {
		g_string_append(text, i > 0 ? ", " : "");
		append_disk(text, disks->pdata[i]);
	}
	if (disks->len > NAMES)
		g_string_append_printf(text, " and %u more", disks->len - NAMES);
	return g_string_free(text, FALSE);
}

static char *disks_remedy(const GPtrArray *disks)
{
	GString *text = g_string_new("make an image without these disks, or look at each and accept "
				     "it in the policy:\naccepted_disks: [");

	for (guint i = 0; i < disks->len; i++) {
		const char *snapshot = ((const IvCloudDisk *)disks->pdata[i])->snapshot;

		g_string_append_printf(text, "%s%s", i > 0 ? ",\n  " : "",
				       *snapshot != '\0' ? snapshot : "\"*\"");
	}
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

static void say_disks(IvPreflight *preflight, const IvPass *pass, const IvCloudImage *image)
{
	g_autoptr(GPtrArray) rest = uncovered_disks(pass, image);
	g_autofree char *names = disks_text(rest), *remedy = disks_remedy(rest);

	if (image->disks->len == 0 && !iv_pass_accepts_disk(pass, ""))
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_UNKNOWN,
				 "try again; \"*\" in the policy's accepted_disks accepts any disk",
				 "the cloud lists no disks of the image, so what would be shared "
				 "with it is not known");
	else if (rest->len > 0)
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_NO, remedy,
				 "the report covers one disk, and the receivers would get more: %s",
				 names);
	else if (image->disks->len > 1)
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_YES, NULL,
				 "its %u disks are covered by the report, or accepted by the "
				 "policy",
				 image->disks->len);
	else
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_YES, NULL,
				 "no data disks go with it");
}

void iv_preflight_image(IvPreflight *preflight, const IvPass *pass, const IvCloudQuestion *question)
{
	const IvCloudImage *image = question->image;

	if (image == NULL) {
		iv_preflight_say(preflight, IV_CHECK_IMAGE, IV_ANSWER_NO,
				 "check --image-id, --region and whose credentials are set",
				 "there is no image %s in region %s of this account",
				 question->image_id, question->region);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_IMAGE, IV_ANSWER_YES, NULL,
			 "image %s (%s) is in region %s", question->image_id, image->name,
			 question->region);
	say_owner(preflight, image, question->image_id);
	say_state(preflight, image, question->image_id);
	say_public(preflight, question);
	say_disks(preflight, pass, image);
}
