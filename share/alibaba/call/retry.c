/* SPDX-License-Identifier: GPL-3.0-or-later */
/* retry.c - see retry.h */
#include "share/alibaba/call/retry.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/base/limits.h"

/* One call under way. */
typedef struct {
	IvAlibabaClient *client;
	const IvRetryCall *call;
	IvCallTrace *trace;
	gint64 deadline; /* monotonic microseconds; 0: none */
	IvCredentials *as; /* of the attempt under way */
	bool clock_tried;
	bool renewed, renew_now; /* once in all; for the attempt to come */
} Run;

static gint64 left_ms(const Run *run)
{
	return run->deadline == 0 ? G_MAXINT32 : (run->deadline - g_get_monotonic_time()) / 1000;
}

/* --- once more? ---------------------------------------------------------------------------- */

/* May a lost answer be answered by asking once more? */
static bool safe_twice(const Run *run)
{
	return !run->call->changes || run->call->repeatable;
}

/* Sleep before the next attempt; false when attempts or time are used up. */
static bool may_repeat(const Run *run, gint64 asked_ms)
{
	unsigned step = MIN(run->trace->attempts - 1, 8u);
	gint64 wait_ms = MIN((gint64)IV_CALL_WAIT_MS << step, (gint64)IV_CALL_WAIT_MAX_MS);

	/* Between half of it and all of it, so that many clients do not march in step. */
	wait_ms = wait_ms / 2 + g_random_int_range(0, (gint32)(wait_ms / 2) + 1);
	if (asked_ms >= 0)
		wait_ms = asked_ms;
	if (run->trace->attempts >= IV_CALL_ATTEMPTS || wait_ms >= left_ms(run))
		return false;
	g_usleep((gulong)wait_ms * 1000);
	return true;
}

/* The exchange itself failed: repeat what cannot have acted, and reads. */
static bool after_no_answer(const Run *run, IvHttpFailure failure)
{
	if (failure != IV_HTTP_NOT_SENT && !safe_twice(run)) {
		run->trace->unsure = true;
		run->trace->again = failure == IV_HTTP_BROKEN;
		return false;
	}
	return failure != IV_HTTP_USELESS && failure != IV_HTTP_STOPPED && may_repeat(run, -1);
}

static bool learn_clock(Run *run, const IvHttpAnswer *answer)
{
	if (run->clock_tried || answer->date == 0)
		return false;
	run->clock_tried = true;
	run->client->clock_ahead = answer->date - g_get_real_time() / G_USEC_PER_SEC;
	return may_repeat(run, 0);
}

static bool renew(Run *run)
{
	if (run->renewed)
		return false;
	run->renewed = run->renew_now = true;
	return may_repeat(run, 0);
}

static bool when_unsure(Run *run, gint64 asked_ms)
{
	if (safe_twice(run))
		return may_repeat(run, asked_ms);
	run->trace->unsure = run->trace->again = true;
	return false;
}

static bool after_refusal(Run *run, const IvHttpAnswer *answer, const IvRetryAdvice *advice)
{
	switch (advice->next) {
	case IV_RETRY_WAIT:
		return may_repeat(run, advice->wait_ms);
	case IV_RETRY_AT_ONCE:
		return may_repeat(run, 0);
	case IV_RETRY_CLOCK:
		return learn_clock(run, answer);
	case IV_RETRY_RENEW:
		return renew(run);
	case IV_RETRY_UNSURE:
		return when_unsure(run, advice->wait_ms);
	case IV_RETRY_GIVE_UP:
		return false;
	}
	return false;
}

/* --- attempts until one counts ------------------------------------------------------------------ */

/* Credentials that are good now: a copy for each attempt, so that none is kept longer than
 * it is of use. */
static bool sign_as(Run *run, GError **error)
{
	bool renewing = run->renew_now;

	run->renew_now = false;
	if (run->client->source == NULL)
		return true;
	iv_credentials_free(run->as);
	run->as = iv_credential_source_get(run->client->source, renewing, error);
	return run->as != NULL;
}

static IvHttpAnswer *one_round(Run *run, bool *repeat, GError **error)
{
	const IvRetryCall *call = run->call;
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvRetryAdvice advice = {.wait_ms = -1};
	IvHttpFailure failure;

	*repeat = false;
	if (!sign_as(run, error))
		return NULL;
	run->trace->attempts++;
	answer = call->attempt(call->user, run->as, left_ms(run), &failure, error);
	if (answer == NULL) {
		if (failure != IV_HTTP_STOPPED)
			g_prefix_error(error, "%s: ", call->name);
		*repeat = after_no_answer(run, failure);
		return NULL;
	}
	if (call->judge(call->user, answer, run->as, run->trace, &advice, error))
		return g_steal_pointer(&answer);
	*repeat = after_refusal(run, answer, &advice);
	run->trace->unsure |= advice.nonsense && call->changes && !*repeat;
	return NULL;
}

static IvHttpAnswer *all_rounds(Run *run, GError **error)
{
	for (;;) {
		g_autoptr(GError) problem = NULL;
		bool repeat;
		IvHttpAnswer *answer = one_round(run, &repeat, &problem);

		if (answer != NULL)
			return answer;
		if (!repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
	}
}

static gint64 deadline_of(const IvAlibabaClient *client, const IvRetryCall *call)
{
	gint64 own = g_get_monotonic_time() + (gint64)IV_CALL_DEADLINE_MS * 1000;

	if (call->stream)
		return client->deadline;
	return client->deadline != 0 ? MIN(client->deadline, own) : own;
}

static IvHttpAnswer *run_call(IvAlibabaClient *client, const IvRetryCall *call, IvCallTrace *trace,
			      GError **error)
{
	Run run = {.client = client,
		   .call = call,
		   .trace = trace,
		   .deadline = deadline_of(client, call)};
	IvHttpAnswer *answer = NULL;

	if (left_ms(&run) > 0)
		answer = all_rounds(&run, error);
	else
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the time for the whole command is used up\n"
			"run the same command again, with a longer --deadline if need be",
			call->name);
	iv_credentials_free(run.as);
	return answer;
}

/* --- on record ------------------------------------------------------------------------------------ */

/* When the second line cannot be written the call has been made all the same: say so, with
 * what came of it. */
static void unrecorded(const char *text, const GError *problem, GError **error)
{
	g_autofree char *what =
		problem == NULL ? g_strdup("it succeeded")
				: g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_prefix_error(error, "the call %s was made (%s), and its end could not be recorded: ",
		       text, what);
}

static bool begin_line(const IvCallRecorder *recorder, const IvRetryCall *call, gint64 *line,
		       GError **error)
{
	if (recorder == NULL ||
	    recorder->begin(recorder->user, call->text, call->changes, line, error))
		return true;
	g_prefix_error(error, "no call was made, because it could not be recorded: ");
	return false;
}

static bool end_line(const IvCallRecorder *recorder, const IvRetryCall *call, gint64 line,
		     const IvCallTrace *trace, const GError *problem, GError **error)
{
	IvOutcome failed = trace->unsure ? IV_OUTCOME_UNKNOWN : IV_OUTCOME_FAILED;

	if (recorder == NULL ||
	    recorder->end(recorder->user, line, problem == NULL ? IV_OUTCOME_DONE : failed, trace,
			  problem != NULL ? problem->message : NULL, error))
		return true;
	unrecorded(call->text, problem, error);
	return false;
}

IvHttpAnswer *iv_retry_call(IvAlibabaClient *client, const IvRetryCall *call, IvCallTrace *trace,
			    GError **error)
{
	const IvCallRecorder *recorder = client->recorder;
	g_autoptr(IvHttpAnswer) answer = NULL;
	g_autoptr(GError) problem = NULL;
	gint64 line = 0;

	iv_call_trace_clear(trace);
	trace->action = call->name;
	if (!begin_line(recorder, call, &line, error))
		return NULL;
	answer = run_call(client, call, trace, &problem);
	if (!end_line(recorder, call, line, trace, problem, error)) {
		trace->again = false;
		return NULL;
	}
	if (answer == NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	return g_steal_pointer(&answer);
}
