/*
 * preflight.h - what is looked at before anybody is asked to confirm a share: a
 * list of lines, each with yes, no or unknown.
 *
 * What is asked, in which order, and what refuses the share stands in the table
 * of preflight.c, for every cloud alike.  "No" refuses where the cloud would
 * refuse too, or where more would be given away than was judged.  "Unknown"
 * refuses only where the answer decides what is given away: whether the image is
 * there, whose it is, its state, who has it, and what else goes with it.
 */
#ifndef IV_SHARE_PREFLIGHT_H
#define IV_SHARE_PREFLIGHT_H

#include <cjson/cJSON.h>

#include "share/cloud.h"
#include "share/share.h"

/* In the order of the list. */
typedef enum {
	IV_CHECK_CREDENTIALS, /* whose account makes the calls */
	IV_CHECK_RECEIVERS,   /* written as such are */
	IV_CHECK_OWN_ACCOUNT, /* not among the receivers */
	IV_CHECK_POLICY,      /* lets each of them receive */
	IV_CHECK_IMAGE,	      /* it exists, in this region */
	IV_CHECK_OWNER,	      /* is this account */
	IV_CHECK_STATE,
	IV_CHECK_PUBLIC,
	IV_CHECK_EVERYBODY,   /* not shared with a group of everybody */
	IV_CHECK_REACH,	      /* how many accounts a unit of an organization is */
	IV_CHECK_OTHER_WAY,   /* no receiver has it by its account id and by its organization */
	IV_CHECK_DATA_DISKS,  /* nothing but what the report covers goes with it */
	IV_CHECK_MARKETPLACE,
	IV_CHECK_ENCRYPTION,
	IV_CHECK_KEY_REGION,  /* where encrypted images can be shared */
	IV_CHECK_KEY_DISKS,   /* an encrypted image of one disk */
	IV_CHECK_KEY_KIND,
	IV_CHECK_KEY_STATE,
	IV_CHECK_KEY_TRUST,   /* every receiver may use the key */
	IV_CHECK_QUOTA,
	IV_CHECKS
} IvCheck;

typedef enum {
	IV_ANSWER_YES,
	IV_ANSWER_NO,
	IV_ANSWER_UNKNOWN,
} IvAnswer;

typedef struct {
	IvCheck check;
	IvAnswer answer;
	bool blocks; /* this answer refuses the share */
	char *text;  /* one sentence for people */
	/* What to do, or NULL.  Its first line is a sentence; further lines are to be
	 * copied as they are (a command, a piece of a document); an indented one goes on
	 * with what stands before it. */
	char *remedy;
} IvPreflightLine;

struct IvPreflight {
	GPtrArray *lines; /* IvPreflightLine *, in the order of the checks */
};

IvPreflight *iv_preflight_new(void);

/* Add a line in its place; `remedy` may be NULL and is copied. */
void iv_preflight_say(IvPreflight *preflight, IvCheck check, IvAnswer answer, const char *remedy,
		      const char *format, ...) G_GNUC_PRINTF(5, 6);

/* "image", "key-trust": a name that does not change. */
const char *iv_check_code(IvCheck check);
/* "yes", "no", "unknown". */
const char *iv_answer_word(IvAnswer answer);

/* True when no line blocks; else IV_ERROR_REFUSED with the first that does. */
bool iv_preflight_ok(const IvPreflight *preflight, GError **error);

/* [{"check", "answer", "blocks", "text", "remedy"}]; cJSON_Delete() it. */
cJSON *iv_preflight_to_json(const IvPreflight *preflight);

/* --- the lines that are the same for every cloud: internal to share/ -------------------- */

/* RECEIVERS and POLICY: the pass is for this image and each of the receivers. */
void iv_preflight_pass(IvPreflight *preflight, const IvPass *pass,
		       const IvCloudQuestion *question);
/* CREDENTIALS and OWN_ACCOUNT; `identity` is NULL where it is not known, for the
 * reason of `problem`. */
void iv_preflight_identity(IvPreflight *preflight, const IvCloudIdentity *identity,
			   const GError *problem, const IvCloudQuestion *question);
/* IMAGE, and when there is one OWNER, STATE, PUBLIC and DATA_DISKS: of the disks,
 * the report covers the system disk, and the pass what the policy accepts. */
void iv_preflight_image(IvPreflight *preflight, const IvPass *pass,
			const IvCloudQuestion *question);
/* REACH and OTHER_WAY, of which the cloud is asked; `list` has the image by account.
 * False only when nothing more may be asked. */
bool iv_preflight_organization(IvPreflight *preflight, IvCloud *cloud, const IvReceiverList *list,
			       const IvCloudQuestion *question, GError **error);
/* EVERYBODY and QUOTA, from who has the image already.  `usual`: the accounts of
 * one image unless more were granted; 0: not known. */
void iv_preflight_receivers(IvPreflight *preflight, const IvReceiverList *list, guint usual,
			    const IvCloudQuestion *question);

#endif
