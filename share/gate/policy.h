/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy.h - what a team allows.  docs/policy.md describes every key of the file.
 */
#ifndef IV_SHARE_GATE_POLICY_H
#define IV_SHARE_GATE_POLICY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"
#include "scanner/base/severity.h"

/* What is packed or encoded, and was searched as stored bytes only. */
typedef enum {
	IV_POLICY_PACKED_NOTE,	 /* the verdict says so */
	IV_POLICY_PACKED_REFUSE, /* it blocks; so does a report that did not count it */
} IvPolicyPacked;

typedef struct {
	char *name;		 /* file name, or "built-in default" */
	char *digest;		 /* "sha256:<hex>" of its meaning, for verdicts and the ledger */
	IvSeverity blocking;	 /* findings at or above this block (built-in: medium) */
	bool require_coverage;	 /* incomplete coverage blocks (built-in: true) */
	IvPolicyPacked packed;	 /* built-in: note */
	GPtrArray *accepted_gaps;/* glob patterns "VOLUME" or "VOLUME:PATH" whose misses are accepted */
	uint64_t max_age;	 /* seconds since run.finished; built-in: 24 hours */
	GStrv accepted_disks;	 /* snapshots of further disks that may go with an image although no
				  * report covers them; "*" is any; NULL: none */
	GStrv public_images;	 /* ids of images that may be given to everybody; NULL: none */
	GStrv accounts;		 /* that may receive; NULL: any; "*" is any */
	GStrv organizations;
	GStrv rules;		 /* rules digests that are accepted; NULL: any */
	uint64_t min_rules;	 /* at least so many rules; built-in: 60 */
	bool allow_asserted;	 /* an image id may be merely asserted, without an origin record that
				  * proves it (built-in: false) */
	GStrv trusted_keys;	 /* public keys; NULL: own_key alone */
	char *own_key;		 /* public half of the user's own key, where trusted_keys is NULL;
				  * NULL: there is none, and nobody is trusted */
	uint64_t max_clearance;	 /* longest life of a clearance, seconds; 0: any */
} IvPolicy;

/* Read a policy; NULL path gives the built-in default.  One that lists no keys takes the user's own
 * one (iv_key_own_public()); it is an error when that cannot be read. */
IV_MUST_CHECK
IvPolicy *iv_policy_load(const char *path, GError **error);
/* The text alone, without own_key; `name` stands in error messages. */
IV_MUST_CHECK
IvPolicy *iv_policy_parse(const char *name, const char *text, size_t len, GError **error);
void iv_policy_free(IvPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPolicy, iv_policy_free)

#endif
