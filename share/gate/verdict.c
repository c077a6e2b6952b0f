/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict.c - see verdict.h and gate.h */
#include "share/gate/verdict.h"

static void reason_free(void *data)
{
	IvReason *reason = data;

	g_free(reason->code);
	g_free(reason->text);
	g_free(reason->fingerprint);
	g_free(reason);
}

IvVerdict *iv_verdict_new(gint64 now)
{
	IvVerdict *verdict = g_new0(IvVerdict, 1);

	verdict->reasons = g_ptr_array_new_with_free_func(reason_free);
	verdict->when = now;
	return verdict;
}

void iv_verdict_free(IvVerdict *verdict)
{
	if (verdict == NULL)
		return;
	g_ptr_array_unref(verdict->reasons);
	g_free(verdict->digest);
	g_free(verdict->report_digest);
	g_free(verdict->policy);
	g_free(verdict);
}

void iv_verdict_say(IvVerdict *verdict, IvSay say, const char *code, const char *fingerprint,
		    const char *format, ...)
{
	IvReason *reason = g_new0(IvReason, 1);
	va_list args;

	va_start(args, format);
	reason->text = g_strdup_vprintf(format, args);
	va_end(args);
	reason->ok = say != IV_SAY_NO;
	reason->note = say == IV_SAY_NOTE;
	reason->code = g_strdup(code);
	reason->fingerprint = g_strdup(fingerprint);
	g_ptr_array_add(verdict->reasons, reason);
}

static int rank(const IvReason *reason)
{
	return !reason->ok ? 0 : !reason->note ? 1 : 2;
}

void iv_verdict_close(IvVerdict *verdict)
{
	GPtrArray *sorted = g_ptr_array_new_full(verdict->reasons->len, reason_free);
	bool yes = false;

	for (int wanted = 0; wanted <= 2; wanted++) {
		for (guint i = 0; i < verdict->reasons->len; i++) {
			if (rank(verdict->reasons->pdata[i]) == wanted)
				g_ptr_array_add(sorted, verdict->reasons->pdata[i]);
		}
	}
	g_ptr_array_set_free_func(verdict->reasons, NULL);
	g_ptr_array_unref(verdict->reasons);
	verdict->reasons = sorted;
	if (sorted->len > 0) {
		const IvReason *first = sorted->pdata[0];

		yes = first->ok && !first->note;
	}
	verdict->yes = yes;
}

char *iv_verdict_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

	return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC")
			    : g_strdup("an impossible time");
}

char *iv_verdict_duration(gint64 seconds)
{
	if (seconds < 120)
		return g_strdup_printf("%" G_GINT64_FORMAT " s", seconds);
	if (seconds < 7200)
		return g_strdup_printf("%" G_GINT64_FORMAT " min", seconds / 60);
	if (seconds < 2 * 86400)
		return g_strdup_printf("%" G_GINT64_FORMAT " h", seconds / 3600);
	return g_strdup_printf("%" G_GINT64_FORMAT " days", seconds / 86400);
}

static char *iso_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

	return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("");
}

static void add_text(cJSON *object, const char *name, const char *text)
{
	if (text != NULL)
		cJSON_AddStringToObject(object, name, text);
	else
		cJSON_AddNullToObject(object, name);
}

cJSON *iv_verdict_to_json(const IvVerdict *verdict)
{
	cJSON *object = cJSON_CreateObject();
	g_autofree char *when = iso_time(verdict->when);
	cJSON *reasons;

	cJSON_AddStringToObject(object, "verdict", verdict->yes ? "yes" : "no");
	add_text(object, "digest", verdict->digest);
	add_text(object, "report_digest", verdict->report_digest);
	add_text(object, "policy", verdict->policy);
	cJSON_AddStringToObject(object, "when", when);
	reasons = cJSON_AddArrayToObject(object, "reasons");
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const IvReason *reason = verdict->reasons->pdata[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "effect",
					!reason->ok    ? "blocks"
					: reason->note ? "note"
						       : "allows");
		cJSON_AddStringToObject(item, "code", reason->code);
		cJSON_AddStringToObject(item, "text", reason->text);
		if (reason->fingerprint != NULL)
			cJSON_AddStringToObject(item, "fingerprint", reason->fingerprint);
		cJSON_AddItemToArray(reasons, item);
	}
	return object;
}
