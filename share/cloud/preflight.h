/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * preflight.h - what is checked before anybody is asked to confirm a share: a list of lines, each
 * with yes, no or unknown.
 *
 * The table in preflight.c says what is checked, in which order, and what refuses the share; it is
 * the same for every cloud.  "No" refuses where the cloud would refuse too, or where more would be
 * given away than was judged.  "Unknown" refuses only where the answer decides what is given away:
 * whether the image is there, whose it is, its state, who has it, and what else goes with it.
 */
#ifndef IV_SHARE_CLOUD_PREFLIGHT_H
#define IV_SHARE_CLOUD_PREFLIGHT_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* In the order of the list. */
typedef enum {
	IV_CHECK_CREDENTIALS, /* whose account makes the calls */
	IV_CHECK_RECEIVERS,   /* well-formed */
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
} IvPreflightCheck;

typedef enum {
	IV_ANSWER_YES,
	IV_ANSWER_NO,
	IV_ANSWER_UNKNOWN,
} IvAnswer;

typedef struct {
	IvPreflightCheck check;
	IvAnswer answer;
	bool blocks; /* this answer refuses the share */
	char *text;  /* one sentence for people */
	/* What to do, or NULL.  Its first line is a sentence; further lines are to be
	 * copied as they are (a command, a piece of a document); an indented one goes on
	 * with what stands before it. */
	char *remedy;
} IvPreflightLine;

typedef struct IvPreflight {
	GPtrArray *lines; /* IvPreflightLine *, in the order of the checks */
} IvPreflight;

IvPreflight *iv_preflight_new(void);
void iv_preflight_free(IvPreflight *preflight);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPreflight, iv_preflight_free)

/* Add a line in its place; `remedy` may be NULL and is copied. */
void iv_preflight_say(IvPreflight *preflight, IvPreflightCheck check, IvAnswer answer, const char *remedy,
		      const char *format, ...) G_GNUC_PRINTF(5, 6);

/* "image", "key-trust": a name that does not change. */
const char *iv_preflight_code(IvPreflightCheck check);
/* "yes", "no", "unknown". */
const char *iv_answer_word(IvAnswer answer);

/* True when no line blocks; else IV_ERROR_REFUSED with the first that does. */
IV_MUST_CHECK
bool iv_preflight_ok(const IvPreflight *preflight, GError **error);

/* [{"check", "answer", "blocks", "text", "remedy"}]; cJSON_Delete() it. */
cJSON *iv_preflight_to_json(const IvPreflight *preflight);

#endif
