/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_check.c - see scan_check.h */
#include "scanner/process/scan_check.h"

#include <string.h>
#include <time.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/disk/measure.h"
#include "scanner/report/skips.h"

/* Letters of a volume's name, its kind, a reader, a place. */
#define MAX_WORD 256u

static bool wrong(GError **error, const char *what)
{
	return iv_fail(error, IV_ERROR_CORRUPT, "%s", what);
}

/* --- what is known ---------------------------------------------------------------------- */

static bool look_at_image(IvScanKnown *known, const char *image, const IvScanOptions *options,
			  GError **error)
{
	if (options->reader != IV_READER_TREE)
		return iv_disk_measure(image, options->format, &known->format, &known->size, error);
	known->format = "tree";
	return true;
}

bool iv_scan_known_init(IvScanKnown *known, const char *image, const IvRuleSet *rules,
			const IvScanOptions *options, GError **error)
{
	*known = (IvScanKnown){.rules = rules, .reader = options->reader};
	known->started = (gint64)time(NULL);
	known->image = iv_text_printable(image, -1);
	known->host = iv_text_printable(g_get_host_name(), -1);
	known->salt_id = iv_salt_id(options->salt);
	known->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < iv_ruleset_length(rules); i++) {
		const IvRule *rule = iv_ruleset_at(rules, i);

		g_hash_table_insert(known->by_id, rule->id, (void *)rule);
	}
	return look_at_image(known, image, options, error);
}

void iv_scan_known_clear(IvScanKnown *known)
{
	g_clear_pointer(&known->by_id, g_hash_table_unref);
	g_clear_pointer(&known->image, g_free);
	g_clear_pointer(&known->host, g_free);
	g_clear_pointer(&known->salt_id, g_free);
}

/* --- identity ----------------------------------------------------------------------------- */

static bool check_image(const IvScanKnown *known, IvReport *r, void *object, const void *before,
			GError **error)
{
	bool tree = known->reader == IV_READER_TREE;

	if (strcmp(r->format, known->format) != 0)
		return wrong(error, "image.format is another");
	if (!tree && r->size != known->size)
		return wrong(error, "image.size is not that of the image");
	if ((r->digest == NULL) != tree)
		return wrong(error, "image.digest does not go with the format");
	return g_strv_contains((const char *const[]){"gpt", "mbr", "none", NULL}, r->table) ||
	       wrong(error, "image.table is none of those there are");
}

static bool check_rules(const IvScanKnown *known, IvReport *r, void *object, const void *before,
			GError **error)
{
	return (strcmp(r->rules_digest, iv_ruleset_digest(known->rules)) == 0 &&
		r->rules_count == iv_ruleset_length(known->rules)) ||
	       wrong(error, "its rules are not those that were given");
}

static bool check_salt(const IvScanKnown *known, IvReport *r, void *object, const void *before,
		       GError **error)
{
	return strcmp(r->salt_id, known->salt_id) == 0 || wrong(error, "its salt is another");
}

static bool check_run(const IvScanKnown *known, IvReport *r, void *object, const void *before,
		      GError **error)
{
	if (strcmp(r->run_image, known->image) != 0)
		return wrong(error, "run.image is another");
	if (strcmp(r->run_host, known->host) != 0)
		return wrong(error, "run.host is another");
	if (strcmp(r->run_version, IV_VERSION) != 0)
		return wrong(error, "run.version is another");
	return (r->run_started >= known->started && r->run_finished >= r->run_started &&
		r->run_finished <= (gint64)time(NULL)) ||
	       wrong(error, "run.started and run.finished do not lie in the time of the scan");
}

/* Reasons that this program has, each once, in their order, with their account. */
static bool check_skip(const IvScanKnown *known, IvReport *r, void *object, const void *before,
		       GError **error)
{
	const IvReportSkip *skip = object, *last = before;
	const IvSkipKind *kind = iv_skip_find(skip->reason);

	if (kind == NULL || strcmp(skip->account, iv_skip_account_name(kind->account)) != 0)
		return wrong(error, "run.skips has a reason that does not exist");
	return last == NULL || iv_skip_find(last->reason) < kind ||
	       wrong(error, "run.skips is out of order");
}

/* --- coverage ------------------------------------------------------------------------------ */

static bool is_word(const char *text)
{
	return *text != '\0' && strlen(text) <= MAX_WORD;
}

static bool check_volume(const IvScanKnown *known, IvReport *r, void *object, const void *before,
			 GError **error)
{
	const IvCoverageVolume *v = object, *last = before;
	bool tree = known->reader == IV_READER_TREE;

	if (!is_word(v->volume) || !is_word(v->kind) || !is_word(v->reader))
		return wrong(error, "a volume without a name, a kind or a reader");
	if (v->offset > r->size || v->bytes > r->size - v->offset)
		return wrong(error, "a volume outside the disk");
	if (last != NULL && v->offset < last->offset)
		return wrong(error, "volumes that are out of order");
	if ((strcmp(v->reader, "tree") == 0) != tree ||
	    (known->reader == IV_READER_NATIVE && strcmp(v->reader, "guest") == 0))
		return wrong(error, "a volume by a reader that was not asked for");
	return !v->complete || v->unread == 0 || wrong(error, "a complete volume with unread bytes");
}

/* Every byte of the disk lies in a volume; several may share it. */
static bool covers(const IvReport *r)
{
	uint64_t end = 0;

	for (guint i = 0; i < r->coverage->volumes->len; i++) {
		const IvCoverageVolume *v = r->coverage->volumes->pdata[i];

		if (v->offset > end)
			return false;
		end = MAX(end, v->offset + v->bytes);
	}
	return end == r->size && r->coverage->volumes->len > 0;
}

/* A volume of that name, the first one that is incomplete where several are. */
static const IvCoverageVolume *find_volume(const IvReport *r, const char *name)
{
	const IvCoverageVolume *found = NULL;

	for (guint i = 0; i < r->coverage->volumes->len; i++) {
		const IvCoverageVolume *v = r->coverage->volumes->pdata[i];

		if (strcmp(v->volume, name) == 0 && (found == NULL || found->complete))
			found = v;
	}
	return found;
}

static bool check_miss(const IvScanKnown *known, IvReport *r, void *object, const void *before,
		       GError **error)
{
	const IvCoverageMiss *m = object;
	const IvCoverageVolume *v = *m->volume != '\0' ? find_volume(r, m->volume) : NULL;

	if (*m->volume != '\0' && v == NULL)
		return wrong(error, "a miss in a volume that does not exist");
	if (r->coverage->complete || (v != NULL && v->complete))
		return wrong(error, "a miss where everything is said to be complete");
	return is_word(m->reason) || *m->reason != '\0' || wrong(error, "a miss without a reason");
}

/* Was something counted as not looked at? */
static bool left_unread(const IvReport *r)
{
	for (guint i = 0; i < r->run_skips->len; i++) {
		const IvReportSkip *skip = r->run_skips->pdata[i];

		if (iv_skip_find(skip->reason)->account == IV_ACCOUNT_UNREAD)
			return true;
	}
	return false;
}

/* Beyond IV_MAX_PACKED a kind is counted for the whole image: then it has no volume. */
static bool check_packed(const IvScanKnown *known, IvReport *r, void *object, const void *before,
			 GError **error)
{
	const IvPackedEntry *e = object, *last = before;

	if (*e->volume != '\0' && find_volume(r, e->volume) == NULL)
		return wrong(error, "something packed in a volume that does not exist");
	if (!is_word(e->group) || !is_word(e->kind) || e->files + e->pieces == 0)
		return wrong(error, "something packed without a kind or a count");
	if (g_strv_length(e->places) > IV_MAX_PACKED_PLACES)
		return wrong(error, "more places of what is packed than are named");
	return last == NULL || strcmp(last->volume, e->volume) != 0 ||
	       strcmp(last->kind, e->kind) < 0 || wrong(error, "what is packed is out of order");
}

static bool check_coverage(const IvReport *r, GError **error)
{
	const IvCoverage *c = r->coverage;
	bool all = true;

	if (!covers(r))
		return wrong(error, "volumes that do not cover the disk");
	for (guint i = 0; i < c->volumes->len; i++)
		all = all && ((const IvCoverageVolume *)c->volumes->pdata[i])->complete;
	if (c->complete && left_unread(r))
		return wrong(error, "coverage that is complete although run.skips has unread places");
	return !c->complete || (all && c->misses_dropped == 0) ||
	       wrong(error, "coverage that is complete although a volume is not");
}

/* --- findings ------------------------------------------------------------------------------- */

static char *line_of(const char *text)
{
	return iv_text_one_line(text != NULL ? text : "");
}

/* The rule's reason, and behind it at most a remark in brackets. */
static bool is_reason_of(const char *reason, const IvRule *rule)
{
	g_autofree char *known = line_of(rule->reason != NULL ? rule->reason : rule->name);
	size_t len = strlen(known);

	return strncmp(reason, known, len) == 0 &&
	       (reason[len] == '\0' ||
		(g_str_has_prefix(reason + len, " (") && g_str_has_suffix(reason, ")")));
}

static bool check_position(const IvFinding *f, const IvReport *r, GError **error)
{
	if (f->path != NULL && *f->path != '/')
		return wrong(error, "a finding with a path that begins with no /");
	if (f->line > 0 && f->line - 1 > f->offset)
		return wrong(error, "a finding on a line that cannot begin there");
	if (f->disk_offset >= 0 && (f->length == 0 || (uint64_t)f->disk_offset >= r->size))
		return wrong(error, "a finding outside the disk");
	return true;
}

/* What the report says of the rule are the parent's words. */
static void describe(IvFinding *f, const IvRule *rule)
{
	guint n = rule->controls != NULL ? g_strv_length(rule->controls) : 0;

	f->name = line_of(rule->name);
	f->remediation = line_of(rule->remediation);
	f->controls = g_new0(char *, n + 1);
	for (guint i = 0; i < n; i++)
		f->controls[i] = line_of(rule->controls[i]);
}

static bool check_finding(const IvScanKnown *known, IvReport *r, void *object, const void *before,
			  GError **error)
{
	IvFinding *f = object;
	const IvFinding *last = before;
	const IvRule *rule = g_hash_table_lookup(known->by_id, f->rule);

	if (rule == NULL || !rule->visible)
		return wrong(error, "a finding of a rule that does not exist");
	if (find_volume(r, f->volume) == NULL)
		return wrong(error, "a finding in a volume that does not exist");
	if (!is_word(f->place) || !is_reason_of(f->reason, rule))
		return wrong(error, "a finding with words that its rule does not have");
	if (!iv_redacted_fits(f->redacted, f->length, (const char *const *)rule->anchors))
		return wrong(error, "a finding that shows more of its secret than may be seen");
	if (!check_position(f, r, error))
		return false;
	if (last != NULL && iv_finding_compare(&last, &f) >= 0)
		return wrong(error, "findings that are out of order");
	describe(f, rule);
	return true;
}

/* --- all of it --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*check)(const IvScanKnown *known, IvReport *report, void *object, const void *before,
		      GError **error);
} checks[] = {
	{"image", check_image},		      {"rules", check_rules},
	{"fingerprints", check_salt},	      {"run", check_run},
	{"run.skips", check_skip},
	{"coverage.volumes", check_volume},   {"coverage.misses", check_miss},
	{"coverage.packed", check_packed},    {"findings", check_finding},
};

bool iv_scan_check_part(const IvScanKnown *known, IvReport *report, const char *name, void *object,
			const void *before, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(checks); i++)
		if (strcmp(checks[i].name, name) == 0)
			return checks[i].check(known, report, object, before, error);
	return true;
}

static void own_words(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

bool iv_scan_check_whole(const IvScanKnown *known, IvReport *report, GError **error)
{
	if (!check_coverage(report, error))
		return false;
	iv_coverage_finish(report->coverage);
	own_words(&report->run_host, known->host);
	own_words(&report->run_image, known->image);
	report->run_started = known->started;
	report->run_finished = (gint64)time(NULL);
	return true;
}
