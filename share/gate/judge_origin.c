/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge_origin.c - is the image id proven, or only asserted?  See judge.h.
 *
 * The report's digest says which bytes were scanned; the origin record says that these bytes are
 * those of an image in the cloud.  A record that is there and is not valid blocks, whatever the
 * policy allows: something is wrong.
 */
#include "share/gate/judge.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/report/origin.h"
#include "share/gate/attest.h"

/* Longest image id, in characters. */
#define MAX_IMAGE_ID 128

static const struct {
	const char *way, *text;
} ways[] = {
	{"export", "exported from"},
	{"disk", "read through a disk made from its snapshot in"},
	{"publish", "uploaded to and imported in"},
};

static const char *way_text(const char *way)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		if (strcmp(ways[i].way, way) == 0)
			return ways[i].text;
	return "taken from";
}

/* Is the record valid: signed by a trusted key, about the scanned bytes?  If not, says why. */
static bool origin_holds(IvJudge *j, const IvOrigin *origin, char **trust)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *signer = NULL;

	if (!iv_attest_verify_origin(j->report->origin, &signer, &problem)) {
		iv_judge_no(j, "origin", "%s", problem->message);
		return false;
	}
	if (!iv_judge_trusted(j, signer, trust)) {
		iv_judge_no(j, "origin", "the origin record does not count: %s", *trust);
		return false;
	}
	if (g_strcmp0(origin->digest, j->report->digest) != 0) {
		iv_judge_no(j, "origin", "the origin record is about other bytes: %s", origin->digest);
		return false;
	}
	return true;
}

static void say_origin(IvJudge *j, const IvOrigin *origin, const char *trust)
{
	g_autofree char *when = iv_verdict_time(origin->finished);
	g_autofree char *through =
		origin->endpoints[0] != NULL ? g_strjoinv(", ", origin->endpoints) : NULL;

	iv_judge_note(j, "origin", "the scanned disk is image %s, %s %s of account %s on %s%s%s; %s",
		      origin->image_id, way_text(origin->way), origin->region, origin->account, when,
		      through != NULL ? " through " : "", through != NULL ? through : "", trust);
}

/* The image id is not proven; `why` begins with a comma, or is "". */
static void judge_asserted(IvJudge *j, const char *id, const char *why)
{
	if (j->policy->allow_asserted)
		iv_judge_yes(j, "image-id",
			     "the image id %s is asserted, not proven%s, which the policy allows", id,
			     why);
	else
		iv_judge_no(j, "image-id",
			    "the image id %s is asserted, not proven%s, and the policy forbids that",
			    id, why);
}

static void judge_proof(IvJudge *j, const IvOrigin *origin, const char *id)
{
	const char *region = j->receivers->region;
	g_autofree char *place = iv_text_printable(region != NULL ? region : "", -1);

	if (strcmp(origin->image_id, id) != 0)
		iv_judge_no(j, "image-id", "the scanned disk is of image %s, not of %s",
			    origin->image_id, id);
	else if (region != NULL && strcmp(origin->region, region) != 0)
		iv_judge_no(j, "image-id", "the scanned disk is of image %s in %s, not in %s", id,
			    origin->region, place);
	else if (origin->disks != 1)
		judge_asserted(j, id, ", as the image has further disks");
	else
		iv_judge_yes(j, "image-id", "the image id %s is proven: its bytes were %s %s", id,
			     way_text(origin->way), origin->region);
}

static bool id_ok(IvJudge *j, const char *id, const char *shown)
{
	if (iv_judge_id_valid(id, "-_") && strlen(id) <= MAX_IMAGE_ID)
		return true;
	iv_judge_no(j, "image-id", "'%s' is not an image id", shown);
	return false;
}

void iv_judge_image_id(IvJudge *j)
{
	const char *id = j->receivers != NULL ? j->receivers->image_id : NULL;
	g_autoptr(IvOrigin) origin = j->report != NULL && j->report->origin != NULL
					     ? iv_origin_from_json(j->report->origin, NULL)
					     : NULL;
	g_autofree char *shown = iv_text_printable(id != NULL ? id : "", -1);
	g_autofree char *trust = NULL;
	bool holds = origin != NULL && origin_holds(j, origin, &trust);

	if (holds)
		say_origin(j, origin, trust);
	if (id == NULL || !id_ok(j, id, shown))
		return;
	if (holds)
		judge_proof(j, origin, shown);
	else
		judge_asserted(j, shown, "");
}
