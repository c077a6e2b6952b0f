/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - image identity + findings + coverage + rule set identity, and its
 * canonical JSON, described by docs/report.schema.json.
 *
 * Two scans of one image give the same report apart from the `run` object,
 * which holds times, host, names of files, and the signature.
 */
#ifndef IV_REPORT_REPORT_H
#define IV_REPORT_REPORT_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/finding/coverage.h"
#include "scanner/finding/finding.h"
#include "scanner/report/skips.h"

#define IV_REPORT_SCHEMA 1

typedef struct {
	/* image */
	char *format;	/* "raw", "qcow2", "tree" */
	uint64_t size;	/* virtual bytes; for a tree the sum of its files */
	char *digest;	/* "fsverity-sha256:<hex>", or NULL for a tree */
	char *table;	/* "gpt", "mbr", "none" */
	cJSON *origin;	/* where the disk comes from (origin.h), as loaded, or NULL; owned */
	/* rules */
	char *rules_digest;
	uint64_t rules_count;
	/* what fingerprints were made with */
	char *salt_id;
	/* results */
	IvCoverage *coverage;
	GPtrArray *findings; /* IvFinding *, in iv_finding_compare() order */
	/* run */
	char *run_image;     /* the image's file name as the user gave it, printable */
	char *run_host;
	char *run_version;   /* of imgvet */
	gint64 run_started;  /* seconds since the epoch, UTC */
	gint64 run_finished;
	uint64_t run_bytes;  /* bytes read and searched */
	GPtrArray *run_skips; /* IvReportSkip * (skips.h), or NULL: an imgvet that did not count */
	cJSON *signature;    /* run.signature as loaded, or NULL; owned */
} IvReport;

/* Empty, with an empty coverage (complete) and an empty array of findings. */
IvReport *iv_report_new(void);
void iv_report_free(IvReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvReport, iv_report_free)

/* The worst severity present; false when there is no finding. */
bool iv_report_worst(const IvReport *report, IvSeverity *worst);

/* Model to JSON and back.  Loading checks everything it uses: types, ranges,
 * the schema number, duplicate keys; IV_ERROR_CORRUPT names the field.  What
 * follows from other fields (summary, the order of findings, complete where
 * something was missed) is not believed but worked out again.  Texts of the
 * model are fit to be printed, whatever the file holds. */
cJSON *iv_report_to_json(const IvReport *report);
IV_MUST_CHECK
IvReport *iv_report_from_json(const cJSON *json, GError **error);

/* The bytes of a report file (indented JSON, a newline at the end). */
IV_MUST_CHECK
char *iv_report_text(const cJSON *json);

/* Read a report file: the tree as it stands, for its signature and for
 * iv_report_from_json().  Strict JSON only (scanner/report/json.h), at most
 * IV_MAX_REPORT_BYTES.  The caller deletes it. */
IV_MUST_CHECK
cJSON *iv_report_load(const char *path, GError **error);

/* Write atomically, mode 0600: a temporary beside it, fsync, rename onto the
 * name given (a symbolic link there is replaced, not followed).  "-" is stdout's
 * business, not ours.  IV_ERROR_IO leaves an older file as it was. */
IV_MUST_CHECK
bool iv_report_save(const cJSON *json, const char *path, GError **error);

/* Canonical bytes of a JSON tree: keys sorted, no white space, integers without
 * exponent, strings escaped no more than needed: RFC 8785 restricted to
 * integers.  What a signature covers.  NULL when the tree holds what reports
 * cannot: a number that is no integer within 2^53 - 1, broken UTF-8, nesting
 * beyond IV_MAX_JSON_DEPTH; never for a tree that loaded. */
IV_MUST_CHECK
char *iv_json_canonical(const cJSON *json);

/* The summary for a terminal: grouped, sorted by severity, at most `columns`
 * wide, colour only when asked.  The caller frees it. */
char *iv_report_summary(const IvReport *report, int columns, bool colour);
/* What follows it under --explain-skips: each decision not to look, how often it
 * came, and what becomes of it. */
char *iv_report_explain_skips(const IvReport *report, int columns, bool colour);

#endif
