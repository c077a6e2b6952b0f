/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex.c - see regex.h */
#include "scanner/engine/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

/* Steps per start position: one near the high limit takes 10-50 us.  Nearly
 * every window of real data is done under the low one. */
#define MATCH_LIMIT 20000u
#define QUICK_LIMIT 1000u
/* Nested backtracking points, and KiB of heap, of the interpreter (no JIT). */
#define DEPTH_LIMIT 5000u
#define HEAP_LIMIT_KIB 4096u
/* Machine stack of compiled patterns. */
#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (512u << 10)
/* Groups a pattern may have; the largest public rule has nine. */
#define MAX_GROUPS 64u
#define MAX_SECRET_GROUPS 8u

struct IvRegex {
	pcre2_code *code;
	uint32_t groups;
	uint32_t secret[MAX_SECRET_GROUPS]; /* groups named secret or TOKEN */
	unsigned n_secret;
};

struct IvRegexScratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

static pcre2_compile_context *compile_context(void)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);

	if (context == NULL)
		g_error("out of memory");
	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	return context;
}

static void note_secret_groups(IvRegex *regex)
{
	PCRE2_SPTR table = NULL;
	uint32_t count = 0, size = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < count && regex->n_secret < MAX_SECRET_GROUPS; i++) {
		PCRE2_SPTR entry = table + (size_t)i * size;
		const char *name = (const char *)entry + 2;

		if (g_ascii_strcasecmp(name, "secret") == 0 ||
		    g_ascii_strcasecmp(name, "token") == 0)
			regex->secret[regex->n_secret++] = (uint32_t)entry[0] << 8 | entry[1];
	}
}

IvRegex *iv_regex_new(const char *pattern, bool caseless, char **why)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_DUPNAMES |
			   PCRE2_USE_OFFSET_LIMIT | (caseless ? PCRE2_CASELESS : 0);
	pcre2_compile_context *context = compile_context();
	g_autoptr(IvRegex) regex = g_new0(IvRegex, 1);
	char message[256];
	size_t offset = 0;
	int code = 0;

	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code,
				    &offset, context);
	pcre2_compile_context_free(context);
	if (regex->code == NULL) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof(message));
		*why = g_strdup_printf("%s (at offset %zu)", message, offset);
		return NULL;
	}
	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
	if (regex->groups >= MAX_GROUPS) {
		*why = g_strdup_printf("more than %u groups", MAX_GROUPS - 1);
		return NULL;
	}
	note_secret_groups(regex);
	/* Where there is no JIT, the interpreter does the same under the same limits. */
	(void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	return g_steal_pointer(&regex);
}

void iv_regex_free(IvRegex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	g_free(regex);
}

void iv_regex_allow_partial(IvRegex *regex)
{
	(void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
}

IvRegexScratch *iv_regex_scratch_new(void)
{
	IvRegexScratch *scratch = g_new0(IvRegexScratch, 1);

	scratch->data = pcre2_match_data_create(MAX_GROUPS, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	scratch->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (scratch->data == NULL || scratch->context == NULL)
		g_error("out of memory");
	pcre2_set_depth_limit(scratch->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(scratch->context, HEAP_LIMIT_KIB);
	if (scratch->stack != NULL)
		pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
	return scratch;
}

void iv_regex_scratch_free(IvRegexScratch *scratch)
{
	if (scratch == NULL)
		return;
	pcre2_match_data_free(scratch->data);
	pcre2_match_context_free(scratch->context);
	pcre2_jit_stack_free(scratch->stack);
	g_free(scratch);
}

static bool take_group(const size_t *ovector, uint32_t group, IvRegexHit *hit)
{
	size_t start = ovector[2 * group], end = ovector[2 * group + 1];

	if (start == PCRE2_UNSET || end == PCRE2_UNSET || start > end)
		return false;
	hit->secret_start = start;
	hit->secret_end = end;
	return true;
}

static void fill_hit(const IvRegex *regex, const size_t *ovector, uint32_t set, IvRegexHit *hit)
{
	hit->start = MIN(ovector[0], ovector[1]);
	hit->end = ovector[1];
	hit->secret_start = hit->start;
	hit->secret_end = hit->end;
	for (unsigned i = 0; i < regex->n_secret; i++)
		if (regex->secret[i] < set && take_group(ovector, regex->secret[i], hit))
			return;
	if (regex->n_secret > 0)
		return;
	for (uint32_t group = 1; group < set; group++)
		if (take_group(ovector, group, hit))
			return;
}

IvRegexResult iv_regex_match(const IvRegex *regex, IvRegexScratch *scratch,
			     const IvRegexRange *range, IvRegexHit *hit)
{
	uint32_t options = (range->cut_front ? PCRE2_NOTBOL : 0) |
			   (range->cut_back ? PCRE2_NOTEOL : 0) |
			   (range->ask_cut ? PCRE2_PARTIAL_HARD : 0);
	int rc;

	pcre2_set_match_limit(scratch->context, range->quick ? QUICK_LIMIT : MATCH_LIMIT);
	pcre2_set_offset_limit(scratch->context, range->last);
	rc = pcre2_match(regex->code, range->data, range->to, range->from, options, scratch->data,
			 scratch->context);
	if (rc == PCRE2_ERROR_NOMATCH)
		return IV_REGEX_NONE;
	if (rc == PCRE2_ERROR_PARTIAL) {
		*hit = (IvRegexHit){.start = pcre2_get_ovector_pointer(scratch->data)[0],
				    .end = range->to};
		return IV_REGEX_CUT;
	}
	if (rc < 0)
		return IV_REGEX_LIMIT;
	fill_hit(regex, pcre2_get_ovector_pointer(scratch->data), (uint32_t)rc, hit);
	return IV_REGEX_MATCH;
}

IvRegexResult iv_regex_test(const IvRegex *regex, IvRegexScratch *scratch, const void *data,
			    size_t len)
{
	IvRegexRange range = {.data = data, .to = len, .last = len};
	IvRegexHit hit;

	return iv_regex_match(regex, scratch, &range, &hit);
}
