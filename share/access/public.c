/*
 * public.c - let everybody in a region use an image, or no more.  See share.h.
 *
 * As with accounts: look, change, look again; a lost answer is no reason to
 * guess, and running it again converges.
 */
#include <string.h>

#include "scanner/base/error.h"
#include "share/access/access.h"
#include "share/access/preflight_lines.h"
#include "share/access/public.h"
#include "share/access/request.h"
#include "share/access/tags.h"
#include "share/access/unshare.h"
#include "share/base/limits.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"
#include "share/ledger/history.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"
#include "share/ledger/recorder.h"

/* One change in the making. */
typedef struct {
	IvAccess access; /* its cloud, its words, its result; no accounts */
	const IvShareRequest *request;
	IvRecordBook *book;
	bool on;
	IvCloudImage *image; /* as it was seen last */
} Publicity;

static void list_everybody(GPtrArray *list)
{
	g_ptr_array_set_size(list, 0);
	g_ptr_array_add(list, g_strdup(IV_HISTORY_EVERYBODY));
}

/* --- looking ------------------------------------------------------------------------------ */

static bool look(Publicity *p, GError **error)
{
	IvCloud *cloud = p->access.cloud;
	IvCallTrace trace = {0};
	bool ok;

	g_clear_pointer(&p->image, iv_cloud_image_free);
	ok = cloud->ops->image(cloud, p->request->image_id, &p->image, &trace, error);
	iv_call_trace_clear(&trace);
	return ok;
}

static bool settled(const Publicity *p)
{
	return p->image != NULL && p->image->is_public == p->on;
}

static bool is_own(const Publicity *p, GError **error)
{
	if (p->image != NULL && p->image->own)
		return true;
	return iv_fail(error, IV_ERROR_REFUSED,
		       "there is no image %s in region %s that is this account's own\n"
		       "check --image-id, --region and whose credentials are set",
		       p->request->image_id, p->request->region);
}

/* What decides for accounts decides here too; and the cloud wants no encrypted
 * image to be public. */
static bool may_be_public(const Publicity *p, const IvPass *pass, GError **error)
{
	g_autoptr(IvPreflight) seen = iv_preflight_new();
	IvCloudQuestion question = {.image_id = p->request->image_id,
				    .region = p->request->region,
				    .image = p->image};

	if (settled(p))
		return true;
	iv_preflight_image(seen, pass, &question);
	if (!iv_preflight_ok(seen, error))
		return false;
	if (p->image->encrypted)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is encrypted, and an encrypted image cannot be public\n"
			       "make an image that is not, and scan that",
			       p->request->image_id);
	return true;
}

/* --- changing ----------------------------------------------------------------------------- */

static bool send(Publicity *p, bool *again, GError **error)
{
	IvCloud *cloud = p->access.cloud;
	IvCallTrace trace = {0};
	char *text = cloud->ops->publish_text(cloud, p->request->image_id, p->on);
	bool ok = true;

	iv_access_say(&p->access, "%s %s", p->request->dry_run ? "would call" : "calling", text);
	g_ptr_array_add(p->access.result->calls, text);
	if (!p->request->dry_run)
		ok = cloud->ops->publish(cloud, p->request->image_id, p->on, &trace, error);
	*again = trace.again;
	iv_call_trace_clear(&trace);
	return ok;
}

static bool send_until_settled(Publicity *p, GError **error)
{
	for (guint round = 1;; round++) {
		g_autoptr(GError) problem = NULL;
		bool again = false;

		if (send(p, &again, &problem))
			return true;
		if (again && look(p, NULL) && settled(p)) {
			iv_access_say(&p->access, "the call had been carried out");
			return true;
		}
		if (!again || round == IV_SHARE_ROUNDS) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
		g_usleep((gulong)(IV_CALL_WAIT_MS << round) * 1000);
	}
}

static bool read_back(Publicity *p, GError **error)
{
	for (guint reads = 1;; reads++) {
		if (!look(p, error)) {
			g_prefix_error(error, "the change was made, and that could not be verified: ");
			return false;
		}
		if (settled(p))
			return true;
		if (reads == IV_SHARE_VERIFY_READS)
			return iv_fail(error, IV_ERROR_CLOUD,
				       "the cloud reported success, and still image %s is %s\n"
				       "run the same command again",
				       p->request->image_id, p->on ? "not public" : "public");
		g_usleep((gulong)IV_SHARE_VERIFY_WAIT_MS * 1000);
	}
}

static bool change(Publicity *p, GError **error)
{
	IvShareResult *result = p->access.result;

	if (settled(p)) {
		g_ptr_array_set_size(result->missing, 0);
		list_everybody(result->already);
		return result->verified = true;
	}
	if (!send_until_settled(p, error))
		return false;
	if (p->request->dry_run)
		return true;
	if (!read_back(p, error))
		return false;
	g_ptr_array_set_size(result->missing, 0);
	list_everybody(result->changed);
	return result->verified = true;
}

/* --- the whole ---------------------------------------------------------------------------- */

static bool open_and_look(Publicity *p, GError **error)
{
	list_everybody(p->access.result->missing);
	p->access.cloud = iv_share_cloud(p->request, &p->book->recorder, error);
	return p->access.cloud != NULL && look(p, error);
}

static void end(Publicity *p)
{
	iv_cloud_free(p->access.cloud);
	iv_cloud_image_free(p->image);
	iv_record_close(p->book);
}

static Publicity publicity_of(const IvShareRequest *request, IvRecordBook *book,
			      IvShareResult *result, bool on)
{
	return (Publicity){.access = {.image_id = request->image_id,
				      .say = request->say,
				      .user = request->user,
				      .result = result},
			   .request = request,
			   .book = book,
			   .on = on};
}

static bool covered(const IvPass *pass, const IvShareRequest *request, GError **error)
{
	if (iv_pass_is_public(pass) &&
	    iv_pass_is_for(pass, request->image_id, request->region))
		return true;
	return iv_fail(error, IV_ERROR_REFUSED, "the gate's pass does not let everybody have image %s",
		       request->image_id);
}

bool iv_share_public(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		     IvShareResult *result, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	Publicity p = publicity_of(request, &book, result, true);
	bool ok;

	iv_share_book(&book, ledger, pass, request);
	ok = covered(pass, request, &problem) && open_and_look(&p, &problem) &&
	     is_own(&p, &problem) && may_be_public(&p, pass, &problem);
	if (!ok)
		iv_share_pass_on(&book, &problem, error);
	ok = ok && change(&p, error) &&
	     (request->dry_run || iv_tags_verdict(&p.access, pass, error));
	end(&p);
	return ok;
}

static bool confirmed(const Publicity *p, const IvUnshareRequest *request, GError **error)
{
	static const char *const everybody[] = {IV_HISTORY_EVERYBODY, NULL};

	return request->confirm == NULL || request->from.dry_run || settled(p) ||
	       request->confirm(request->from.user, everybody, error);
}

bool iv_unshare_public(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult *result,
		       GError **error)
{
	const IvShareRequest *from = &request->from;
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	Publicity p = publicity_of(from, &book, result, false);
	bool ok;

	iv_record_open(&book, ledger,
		       &(IvRecordSubject){.verb = "unshare",
					  .image_id = from->image_id,
					  .region = from->region,
					  .endpoints = from->endpoints,
					  .is_public = true,
					  .dry_run = from->dry_run});
	ok = open_and_look(&p, &problem) && is_own(&p, &problem) &&
	     confirmed(&p, request, &problem);
	if (!ok)
		iv_share_pass_on(&book, &problem, error);
	ok = ok && change(&p, error);
	end(&p);
	return ok;
}
