/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding.c - see finding.h */
#include "scanner/finding/finding.h"

#include <string.h>

IvFinding *iv_finding_new(void)
{
	IvFinding *f = g_new0(IvFinding, 1);

	f->disk_offset = -1;
	f->occurrences = 1;
	return f;
}

void iv_finding_free(IvFinding *finding)
{
	if (finding == NULL)
		return;
	g_free(finding->fingerprint);
	g_free(finding->rule);
	g_free(finding->name);
	g_free(finding->volume);
	g_free(finding->path);
	g_free(finding->place);
	g_free(finding->redacted);
	g_free(finding->reason);
	g_free(finding->remediation);
	g_strfreev(finding->controls);
	g_free(finding);
}

IvFinding *iv_finding_copy(const IvFinding *finding)
{
	IvFinding *f = g_memdup2(finding, sizeof(*finding));

	f->fingerprint = g_strdup(finding->fingerprint);
	f->rule = g_strdup(finding->rule);
	f->name = g_strdup(finding->name);
	f->volume = g_strdup(finding->volume);
	f->path = g_strdup(finding->path);
	f->place = g_strdup(finding->place);
	f->redacted = g_strdup(finding->redacted);
	f->reason = g_strdup(finding->reason);
	f->remediation = g_strdup(finding->remediation);
	f->controls = g_strdupv(finding->controls);
	return f;
}

size_t iv_finding_cost(const IvFinding *f)
{
	const char *const texts[] = {f->fingerprint, f->rule,	  f->name,   f->volume,	     f->path,
				     f->place,	     f->redacted, f->reason, f->remediation};
	size_t cost = sizeof(*f);

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		cost += 16 + (texts[i] != NULL ? strlen(texts[i]) : 0);
	for (GStrv c = f->controls; c != NULL && *c != NULL; c++)
		cost += 24 + strlen(*c);
	return cost;
}

/* The digits at *at without leading zeros; *at moves behind them. */
static const char *digits(const char **at, size_t *len)
{
	const char *first;

	while (**at == '0')
		(*at)++;
	first = *at;
	while (g_ascii_isdigit(**at))
		(*at)++;
	*len = (size_t)(*at - first);
	return first;
}

int iv_volume_compare(const char *a, const char *b)
{
	const char *p = a, *q = b;

	if (a == NULL || b == NULL)
		return g_strcmp0(a, b);
	while (*p != '\0' && *q != '\0') {
		if (g_ascii_isdigit(*p) && g_ascii_isdigit(*q)) {
			size_t m, n;
			const char *x = digits(&p, &m), *y = digits(&q, &n);
			int order = m != n ? (m < n ? -1 : 1) : memcmp(x, y, m);

			if (order != 0)
				return order;
		} else if (*p != *q) {
			break;
		} else {
			p++;
			q++;
		}
	}
	/* "p01" and "p1" count alike; the plain bytes then keep the order total. */
	return *p == *q ? strcmp(a, b) : (guchar)*p - (guchar)*q;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_severity(IvSeverity a, IvSeverity b)
{
	return (int)b - (int)a; /* the worst first */
}

/* Fields that only keep the order total: two findings that agree in all the
 * others are rare, but threads must not decide which comes first. */
static int compare_rest(const IvFinding *a, const IvFinding *b)
{
	int order;

	if ((order = g_strcmp0(a->place, b->place)) != 0 ||
	    (order = compare_u64(a->length, b->length)) != 0 ||
	    (order = compare_u64(a->line, b->line)) != 0)
		return order;
	if (a->disk_offset != b->disk_offset)
		return a->disk_offset < b->disk_offset ? -1 : 1;
	if ((order = g_strcmp0(a->redacted, b->redacted)) != 0 ||
	    (order = g_strcmp0(a->reason, b->reason)) != 0)
		return order;
	return compare_u64(a->occurrences, b->occurrences);
}

int iv_finding_compare(gconstpointer a, gconstpointer b)
{
	const IvFinding *x = *(const IvFinding *const *)a, *y = *(const IvFinding *const *)b;
	int order;

	if ((order = compare_severity(x->severity, y->severity)) != 0 ||
	    (order = iv_volume_compare(x->volume, y->volume)) != 0 ||
	    (order = g_strcmp0(x->path, y->path)) != 0 ||
	    (order = compare_u64(x->offset, y->offset)) != 0 ||
	    (order = g_strcmp0(x->rule, y->rule)) != 0 ||
	    (order = g_strcmp0(x->fingerprint, y->fingerprint)) != 0)
		return order;
	return compare_rest(x, y);
}

static guint same_secret_hash(gconstpointer key)
{
	const IvFinding *f = key;

	return g_str_hash(f->fingerprint != NULL ? f->fingerprint : "");
}

static gboolean same_secret(gconstpointer a, gconstpointer b)
{
	const IvFinding *x = a, *y = b;

	return g_strcmp0(x->fingerprint, y->fingerprint) == 0 &&
	       g_strcmp0(x->volume, y->volume) == 0 && g_strcmp0(x->path, y->path) == 0 &&
	       g_strcmp0(x->place, y->place) == 0;
}

void iv_findings_fold(GPtrArray *findings)
{
	g_autoptr(GHashTable) firsts = g_hash_table_new(same_secret_hash, same_secret);
	guint kept = 0;

	g_ptr_array_sort(findings, iv_finding_compare);
	for (guint i = 0; i < findings->len; i++) {
		IvFinding *f = findings->pdata[i];
		IvFinding *first = g_hash_table_lookup(firsts, f);

		if (first == NULL) {
			g_hash_table_add(firsts, f);
			findings->pdata[kept++] = f;
			continue;
		}
		if (__builtin_add_overflow(first->occurrences, f->occurrences, &first->occurrences))
			first->occurrences = UINT64_MAX;
		iv_finding_free(f);
	}
	/* What stands behind `kept` has moved or is freed: shorten without the
	 * array's free function. */
	for (guint i = kept; i < findings->len; i++)
		findings->pdata[i] = NULL;
	g_ptr_array_set_size(findings, (gint)kept);
}
