/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge.h - the checks behind a verdict.  Internal to share/gate/: gate.c calls them, one after the
 * other, and makes the pass.
 *
 * Each says something, for yes or for no; what cannot be told is a no.
 */
#ifndef IV_SHARE_GATE_JUDGE_H
#define IV_SHARE_GATE_JUDGE_H

#include "share/gate/verdict.h"

/* What a judgement works on; all of it is the gate's. */
typedef struct {
	const cJSON *json;
	const IvReport *report;
	const IvPolicy *policy;
	const IvClearances *clearances;
	const IvReceivers *receivers;
	gint64 now;
	GHashTable *present; /* fingerprints of the report */
	GHashTable *valid;   /* fingerprint -> IvClearance * that helps */
	IvVerdict *verdict;
} IvJudge;

#define iv_judge_yes(judge, code, ...)                                                             \
	iv_verdict_say((judge)->verdict, IV_SAY_YES, code, NULL, __VA_ARGS__)
#define iv_judge_no(judge, code, ...)                                                              \
	iv_verdict_say((judge)->verdict, IV_SAY_NO, code, NULL, __VA_ARGS__)
#define iv_judge_note(judge, code, ...)                                                            \
	iv_verdict_say((judge)->verdict, IV_SAY_NOTE, code, NULL, __VA_ARGS__)

/* judge_report.c; the last three need judge->report. */
void iv_judge_signature(IvJudge *judge);
void iv_judge_age(IvJudge *judge);
void iv_judge_image(IvJudge *judge);
void iv_judge_rules(IvJudge *judge);

/* judge_coverage.c */
void iv_judge_coverage(IvJudge *judge);

/* judge_packed.c: what was searched as stored bytes only; nobody counted is no better
 * than something is there. */
void iv_judge_packed(IvJudge *judge);

/* judge_findings.c: first which clearances help (into judge->valid), then what
 * the findings say. */
void iv_judge_clearances(IvJudge *judge);
void iv_judge_findings(IvJudge *judge);

/* judge_receivers.c: needs no report. */
void iv_judge_receivers(IvJudge *judge);
/* Letters, digits and `extra`, 1 to 256 of them. */
bool iv_judge_id_valid(const char *id, const char *extra);

/* judge_origin.c: is the image id proven by the report's origin record, or only asserted?  Needs no
 * report: then nothing is proven. */
void iv_judge_image_id(IvJudge *judge);

/* judge_report.c: may this key sign?  *text says why or why not, "the signer K is your own key";
 * the caller frees it. */
bool iv_judge_trusted(const IvJudge *judge, const char *signer, char **text);

#endif
