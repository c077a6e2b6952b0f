/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate.h - a policy applied to a report and its clearances: a verdict and, only for
 * a yes, a pass.
 *
 * Code that shares without a verdict cannot be written: IvPass is opaque, only gate.c makes one, it
 * names the digest that was judged, and the share call takes no other proof.  Doubt means no.
 * Nothing here does input or output: no network, no cloud, no ledger.
 */
#ifndef IV_SHARE_GATE_GATE_H
#define IV_SHARE_GATE_GATE_H

#include "scanner/base/cjson.h"
#include "scanner/report/report.h"
#include "share/gate/clearance.h"
#include "share/gate/policy.h"

typedef struct {
	bool ok;     /* speaks for yes (true) or blocks (false) */
	bool note;   /* for the record: it neither helps nor blocks (then ok is true) */
	char *code;  /* stable: "signature", "age", "coverage", "finding", "cleared", ... */
	char *text;  /* one sentence for people */
	char *fingerprint; /* of the finding it is about, or NULL */
} IvReason;

typedef struct {
	bool yes;
	GPtrArray *reasons; /* IvReason *, blocking ones first */
	char *digest;	    /* image digest it judged, or NULL */
	char *report_digest;/* sha256 of the canonical report */
	char *policy;	    /* name and digest of the policy used */
	gint64 when;
} IvVerdict;

void iv_verdict_free(IvVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvVerdict, iv_verdict_free)

/* Who would receive, for the policy's lists.  Both may be NULL (gate alone). */
typedef struct {
	GStrv accounts;
	GStrv organizations;
	const char *image_id; /* the id that the user says this report is about, or NULL */
	const char *region;   /* where that image is, or NULL: not said */
	bool is_public;	      /* everybody in the region */
} IvReceivers;

/* The proof that one verdict was yes, for one image and these receivers. */
typedef struct IvPass IvPass;

/* Judge.  `now`: seconds since the epoch.  Never fails for a bad report or
 * clearance: that is a "no" with a reason; *pass is set only for yes.  The
 * report is the JSON as loaded. */
IvVerdict *iv_gate_judge(const cJSON *report, const IvPolicy *policy,
			 const IvClearances *clearances, const IvReceivers *receivers, gint64 now,
			 IvPass **pass);

void iv_pass_free(IvPass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPass, iv_pass_free)
const char *iv_pass_digest(const IvPass *pass);
const char *iv_pass_report_digest(const IvPass *pass);
/* Is the pass for this image in this region? */
bool iv_pass_is_for(const IvPass *pass, const char *image_id, const char *region);
bool iv_pass_covers(const IvPass *pass, const char *account);
bool iv_pass_covers_organization(const IvPass *pass, const char *unit);
/* Does the policy accept that this snapshot is shared with the image although no report covers it?
 * "": an unknown one. */
bool iv_pass_accepts_disk(const IvPass *pass, const char *snapshot);
/* May everybody in the region have it? */
bool iv_pass_is_public(const IvPass *pass);

cJSON *iv_verdict_to_json(const IvVerdict *verdict);

#endif
