/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request.h - what share and unshare are asked for, and what came of it.
 */
#ifndef IV_SHARE_ACCESS_REQUEST_H
#define IV_SHARE_ACCESS_REQUEST_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"
#include "share/ledger/record.h"

typedef struct {
	const char *image_id;
	const char *region;
	GStrv accounts;
	GStrv organizations; /* units of an organization that receive instead of accounts, or NULL */
	const char *profile;		/* of the cloud's own tools, or NULL */
	const char *const *endpoints;	/* "URL", "SERVICE=URL" (IvCloudOptions), or NULL */
	gint64 deadline; /* of the whole command, monotonic microseconds; 0: none */
	bool dry_run;
	bool is_public; /* everybody in the region receives it, or loses it (unshare); then there
			 * are no accounts, and the result's lists say "everybody".  See public.h */
	/* Called with each step's line for the terminal; may be NULL. */
	void (*say)(void *user, const char *text);
	void *user;
	IvCloud *session; /* of iv_share_ready(); NULL: each step looks for credentials */
} IvShareRequest;

typedef struct IvShareResult {
	GPtrArray *changed; /* char *: accounts, or units, that are as asked now and were not before */
	GPtrArray *already; /* char *: were as asked before */
	GPtrArray *missing; /* char *: are not as asked afterwards */
	GPtrArray *calls;   /* char *: "ActionName Key=value ..." as made or, in a
			     * dry run, as they would be made */
	bool verified;	    /* read back after the last call: exactly as asked */
	bool known;	    /* changed and missing were read back, as far as it came */
	struct IvShareResult *undone; /* what came of taking it back again, or NULL */
} IvShareResult;

IvShareResult *iv_share_result_new(void);
void iv_share_result_free(IvShareResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvShareResult, iv_share_result_free)

/* Are these well-formed, and is there at least one account?  Else IV_ERROR_USAGE. */
IV_MUST_CHECK
bool iv_share_place_ok(const char *image_id, const char *region, const char *const *endpoints,
		       GError **error);
IV_MUST_CHECK
bool iv_share_accounts_ok(const char *const *accounts, GError **error);
IV_MUST_CHECK
bool iv_share_units_ok(const char *const *units, GError **error);

/* Are image id, region, receivers and endpoints well-formed, with at least one account or at least
 * one unit, not both?  IV_ERROR_USAGE says what is wrong. */
IV_MUST_CHECK
bool iv_share_check(const IvShareRequest *request, GError **error);

/* Are there credentials (else IV_ERROR_CONFIG)?  Ask this before asking for a confirmation.
 * Changes nothing; credentials may be fetched, which then serve every step of the command:
 * request->session, until iv_share_done(). */
IV_MUST_CHECK
bool iv_share_ready(IvShareRequest *request, GError **error);
void iv_share_done(IvShareRequest *request);

/* --- internal to share/ -------------------------------------------------------------------- */

/* The cloud that a request is about, its calls recorded. */
IV_MUST_CHECK
IvCloud *iv_share_cloud(const IvShareRequest *request, const IvCallRecorder *recorder,
			GError **error);
/* The requested accounts or units, each once.  Free with g_strfreev(). */
GStrv iv_share_wanted(const IvShareRequest *request);
/* iv_record_close() it. */
void iv_share_book(IvRecordBook *book, IvLedger *ledger, const IvPass *pass,
		   const IvShareRequest *request);
/* Hand a failure to the caller; a refusal goes on record first. */
void iv_share_pass_on(IvRecordBook *book, GError **problem, GError **error);

#endif
