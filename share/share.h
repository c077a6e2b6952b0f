/*
 * share.h - the public API of the sharing half: judge a report, and share an
 * image with a pass.
 *
 * It never sees an image byte.  The unsafe call is unwritable: IvPass is
 * opaque, only gate.c mints one, it names the digest it judged, and the share
 * call takes no other proof.  Doubt means no.
 */
#ifndef IV_SHARE_H
#define IV_SHARE_H

#include "scanner/finding/redact.h"
#include "scanner/report/report.h"

/* --- attest.c: who says so --------------------------------------------------- */

/* An Ed25519 key pair.  Wiped when freed. */
typedef struct IvKey IvKey;

/* The signing key: `path`, else $IMGVET_KEY, else the XDG config folder
 * (imgvet/signing.key, PEM PKCS#8, mode 0600), made there on first use.  A key
 * file that others may read is refused (IV_ERROR_CONFIG). */
IvKey *iv_key_load(const char *path, GError **error);
void iv_key_free(IvKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvKey, iv_key_free)

/* Make a key file at `path`, or load it where it is there already. */
IvKey *iv_key_make(const char *path, GError **error);

/* The file that iv_key_load(path) reads.  The caller frees it. */
char *iv_key_path(const char *path);

/* "ed25519:<base64 of the 32 raw bytes>": what a policy lists.  Borrowed. */
const char *iv_key_public(const IvKey *key);

/* Is the text such a public key? */
bool iv_key_public_valid(const char *text);

/* The public half of the own key ($IMGVET_KEY, else the XDG config folder), or
 * *public NULL where there is none: it is never made here.  False when there is
 * one that cannot be used.  The caller frees it. */
bool iv_key_own_public(char **public_key, GError **error);

/* Put run.signature {algorithm, key, value} into the report; it covers
 * iv_json_canonical() of the report without run.signature. */
bool iv_attest_sign(cJSON *report, const IvKey *key, GError **error);

/* Is run.signature there, and right?  *signer gets the public key text (free
 * it).  IV_ERROR_REFUSED says what is wrong.  Says nothing about trust. */
bool iv_attest_verify(const cJSON *report, char **signer, GError **error);

/* The same for an origin record (scanner/report/origin.h), whose signature is a
 * member of its own. */
bool iv_attest_sign_origin(cJSON *origin, const IvKey *key, GError **error);
bool iv_attest_verify_origin(const cJSON *origin, char **signer, GError **error);

/* --- salt.c ------------------------------------------------------------------ */

/* The salt of fingerprints: that of the clearances file when one is given and
 * names one, else imgvet/salt in the XDG config folder, made on first use. */
bool iv_salt_load(const char *clearances, uint8_t salt[IV_SALT_BYTES], GError **error);

/* The salt that a clearances file names; *found is false where it names none.
 * A file that is not there, or a malformed salt, is an error. */
bool iv_clearances_salt(const char *path, uint8_t salt[IV_SALT_BYTES], bool *found,
			GError **error);

/* --- policy.c: what a team allows -------------------------------------------- */

typedef struct {
	char *name;		 /* file name, or "built-in default" */
	char *digest;		 /* "sha256:<hex>" of its meaning, for verdicts and the ledger */
	IvSeverity blocking;	 /* findings at or above this block (built-in: medium) */
	bool require_coverage;	 /* incomplete coverage blocks (built-in: true) */
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
	GStrv trusted_keys;	 /* public keys; NULL: the own one */
	uint64_t max_clearance;	 /* longest life of a clearance, seconds; 0: any */
} IvPolicy;

/* Read a policy; NULL path gives the built-in default. */
IvPolicy *iv_policy_load(const char *path, GError **error);
/* The same from memory; `name` stands in error messages. */
IvPolicy *iv_policy_parse(const char *name, const char *text, size_t len, GError **error);
void iv_policy_free(IvPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPolicy, iv_policy_free)

/* --- clearance.c: a dated, reasoned, expiring acceptance of one finding ------- */

typedef struct {
	char *fingerprint;
	char *reason;
	char *who;
	gint64 created; /* seconds since the epoch, 0 if not given */
	gint64 expires; /* end of that day, UTC */
	unsigned line;
	char *problem; /* why it can never help (malformed), or NULL */
} IvClearance;

typedef struct {
	char *name;		/* file name, or NULL: none given */
	char *salt_id;		/* of the salt it was made with, or NULL */
	GPtrArray *list;	/* IvClearance * */
} IvClearances;

/* A NULL path gives an empty list.  A file that is no YAML, or not a
 * clearances file at all, is IV_ERROR_CONFIG; a single bad entry stays in the
 * list with its `problem`, so that the verdict can name it. */
IvClearances *iv_clearances_load(const char *path, GError **error);
/* The same from memory; `name` stands in error messages. */
IvClearances *iv_clearances_parse(const char *name, const char *text, size_t len, GError **error);
void iv_clearances_free(IvClearances *clearances);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvClearances, iv_clearances_free)

/* What is wrong with these texts of an entry ("the reason is shorter than 10
 * characters"), or NULL.  created may be NULL; dates are YYYY-MM-DD and the
 * values go to *from (0 without created) and *until, which may be NULL. */
const char *iv_clearance_problem(const char *fingerprint, const char *reason, const char *who,
				 const char *created, const char *expires, gint64 *from,
				 gint64 *until);

/* Append one entry (and make the file, with the salt, if it is not there);
 * what stood in the file stays byte for byte.  In clearance_add.c. */
bool iv_clearances_add(const char *path, const uint8_t salt[IV_SALT_BYTES], const char *fingerprint,
		       const char *reason, const char *who, const char *expires, GError **error);

/* --- gate.c: policy applied to report and clearances ---------------------------- */

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
/* Was this image, in this region, what was judged? */
bool iv_pass_is_for(const IvPass *pass, const char *image_id, const char *region);
bool iv_pass_covers(const IvPass *pass, const char *account);
bool iv_pass_covers_organization(const IvPass *pass, const char *unit);
/* Does the policy accept that this snapshot goes with the image although no
 * report covers it?  "": one that is not known. */
bool iv_pass_accepts_disk(const IvPass *pass, const char *snapshot);
/* May everybody in the region have it? */
bool iv_pass_is_public(const IvPass *pass);

cJSON *iv_verdict_to_json(const IvVerdict *verdict);

/* --- ledger.c: append-only record ------------------------------------------------ */

typedef struct IvLedger IvLedger;

/* SQLite at `path`, else $IMGVET_LEDGER, else imgvet/ledger.db in the XDG data
 * folder.  Rows can be added, never changed or removed (triggers), and each
 * names the SHA-256 of the one before it, so a cut shows. */
IvLedger *iv_ledger_open(const char *path, GError **error);
void iv_ledger_close(IvLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvLedger, iv_ledger_close)

/* The file that iv_ledger_open(path) opens.  The caller frees it. */
char *iv_ledger_path(const char *path);

/* Append a line; durable when it returns.  kind: "scan", "clearance",
 * "verdict", "origin", "call-begin", "call-end".  The detail of a call-end holds "begin":
 * the id of its call-begin.  detail is copied (NULL: nothing); never a secret. */
bool iv_ledger_add(IvLedger *ledger, const char *kind, const char *digest, const cJSON *detail,
		   gint64 *id, GError **error);

typedef struct {
	gint64 id;
	gint64 when;
	const char *kind, *who, *digest;
	const char *detail; /* JSON text */
	bool chain_ok;	    /* its hash and the one before it agree */
	bool open;	    /* a call-begin without its call-end */
} IvLedgerLine;
typedef bool (*IvLedgerFunc)(void *user, const IvLedgerLine *line);
/* In order; stops when the function returns false.  IV_ERROR_REFUSED, after the
 * last line, when lines are missing at the end or the guards are gone. */
bool iv_ledger_each(IvLedger *ledger, IvLedgerFunc each, void *user, GError **error);

/* Append a verdict, with its reasons (at most 200 of them) and who would have
 * received the image.  In record.c. */
bool iv_ledger_add_verdict(IvLedger *ledger, const IvVerdict *verdict,
			   const IvReceivers *receivers, GError **error);

/* --- share.c: the call ------------------------------------------------------------ */

typedef struct {
	const char *image_id;
	const char *region;
	GStrv accounts;
	GStrv organizations; /* units of an organization that receive instead of accounts, or NULL */
	const char *profile;		/* of the cloud's own tools, or NULL */
	const char *const *endpoints;	/* "URL", "SERVICE=URL" (cloud.h), or NULL: the region's */
	gint64 deadline; /* of the whole command, monotonic microseconds; 0: none */
	bool dry_run;
	bool is_public; /* everybody in the region receives it, or (unshare) does no more; then
			 * there are no accounts.  In public.c; lists of the result say
			 * "everybody" */
	/* Called with each step's line for the terminal; may be NULL. */
	void (*say)(void *user, const char *text);
	void *user;
	struct IvCloud *session; /* of iv_share_ready(); NULL: each step looks for credentials */
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

/* Each text once, in the order of its first appearance.  Free with g_strfreev(). */
GStrv iv_share_fold(const char *const *accounts);

/* Are these written as such are (IV_ERROR_USAGE)?  And is there an account? */
bool iv_share_place_ok(const char *image_id, const char *region, const char *const *endpoints,
		       GError **error);
bool iv_share_accounts_ok(const char *const *accounts, GError **error);
bool iv_share_units_ok(const char *const *units, GError **error);

/* Are image id, region, receivers and endpoint written as such are, and is there
 * at least one account, or at least one unit but not both?  IV_ERROR_USAGE says
 * what is not. */
bool iv_share_check(const IvShareRequest *request, GError **error);

/* Could the calls be made: are there credentials (IV_ERROR_CONFIG)?  To be asked
 * before a person is.  Nothing is changed, at most credentials are fetched, which
 * then serve every step of the command: request->session, until iv_share_done(). */
bool iv_share_ready(IvShareRequest *request, GError **error);
void iv_share_done(IvShareRequest *request);

/* What is known before anybody is asked to confirm (preflight.h).  Only looks.
 * False with IV_ERROR_REFUSED, which is on record then, when a line refuses the
 * share; with another error when the cloud could not be asked what decides.
 * *preflight has the lines so far in every case. */
typedef struct IvPreflight IvPreflight;
void iv_preflight_free(IvPreflight *preflight);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPreflight, iv_preflight_free)
bool iv_share_preflight(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
			IvPreflight **preflight, GError **error);

/* Record that the call was not made, and why (the user said no). */
bool iv_share_record_refusal(const IvPass *pass, const IvShareRequest *request, const char *reason,
			     IvLedger *ledger, GError **error);

/* Check the image, share, verify, record.  Refuses (IV_ERROR_REFUSED) any
 * account or image id that the pass does not cover, and an image that cannot be
 * shared.  Every call is a ledger line before it and one after it; without the
 * first there is no call.  *result is set also when it fails half way, and an
 * asked account that is not known to have access is in `missing` then. */
bool iv_share(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
	      IvShareResult **result, GError **error);

/* --- undo.c: a share that failed part way ---------------------------------------------- */

/* Whom that run gave access: those that were added, or, when it could not be read
 * back, all that may have been.  Never who had access before.  Empty when nothing
 * was called.  Free with g_strfreev(). */
GStrv iv_share_given(const IvShareRequest *request, const IvShareResult *result);

/* Take it back from those, read back, record (verb "undo").  A deadline that is
 * over, or nearly, is put off by a minute for it.  result->undone is set in every
 * case. */
bool iv_share_undo(const IvPass *pass, const IvShareRequest *request, IvShareResult *result,
		   IvLedger *ledger, GError **error);

/* --- unshare.c: taking it back ------------------------------------------------------ */

typedef struct {
	IvShareRequest from; /* the image, and whose access ends */
	bool all;	     /* everybody's who has it by account or organization; then neither is named */
	/* Asked when it is known who would lose access, each of whom has it now (not
	 * in a dry run, nor when nobody would).  False with *error: nothing is taken
	 * back.  NULL: need not be asked.  Gets from.user. */
	bool (*confirm)(void *user, const char *const *receivers, GError **error);
} IvUnshareRequest;

/* Take access back, in batches, read back, record.  Needs no pass: nobody gets
 * anything by it.  What was copied or launched from the image stays where it is.
 * Refuses (IV_ERROR_REFUSED) an image that is not one's own, and `all` for one
 * that is public.  *result is set also when it fails half way: `changed` lost
 * access, `already` had none, `missing` still have it. */
bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error);

#endif
