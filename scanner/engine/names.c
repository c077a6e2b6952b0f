/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names.c - see names.h */
#include "scanner/engine/names.h"

#include <string.h>

#include "scanner/engine/matcher_state.h"
#include "scanner/engine/names_state.h"
#include "scanner/engine/path_rules.h"

/* Between the rules that a path switches on and those that it switches off. */
#define SEPARATOR G_MAXUINT

typedef struct {
	IvMatcher *matcher;
	IvNames *names;
	GPtrArray *kinds;    /* GArray of guint: rules on, SEPARATOR, rules off */
	GHashTable *changed; /* rule -> index in names->changed, plus one */
	GArray *silenced;    /* guint: rules that only a not_path switches off */
} Sorter;

static void kind_free(void *data)
{
	g_array_unref(data);
}

/* Few of the rules have a not_path: a name costs a look at these, not at all rules. */
static GArray *silenced_rules(const IvRuleSet *set)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < set->rules->len; i++) {
		const IvCompiledRule *rule = &set->compiled[i];

		if (rule->not_path != NULL && rule->path == NULL && rule->rule->visible)
			g_array_append_val(list, i);
	}
	return list;
}

/* What the path that the matcher was given last means to the rules. */
static GArray *kind_of_path(IvMatcher *m, const GArray *silenced)
{
	GArray *kind = g_array_new(FALSE, FALSE, sizeof(guint));
	guint separator = SEPARATOR;

	for (guint k = 0; k < m->applies->len; k++) {
		guint i = g_array_index(m->applies, guint, k);

		if (iv_rule_is_on(m, i))
			g_array_append_val(kind, i);
	}
	g_array_append_val(kind, separator);
	for (guint k = 0; k < silenced->len; k++) {
		guint i = g_array_index(silenced, guint, k);

		if (!iv_rule_is_on(m, i))
			g_array_append_val(kind, i);
	}
	return kind;
}

static IvNameRule *changed_rule(Sorter *s, guint rule, uint64_t otherwise)
{
	GArray *list = s->names->changed;
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(s->changed, GUINT_TO_POINTER(rule)));

	if (at == 0) {
		IvNameRule fresh = {.rule = rule, .kinds = otherwise};

		g_array_append_val(list, fresh);
		at = list->len;
		g_hash_table_insert(s->changed, GUINT_TO_POINTER(rule), GUINT_TO_POINTER(at));
	}
	return &g_array_index(list, IvNameRule, at - 1);
}

/* A rule with a path is off unless a kind switches it on; any other is on. */
static void add_kind(Sorter *s, GArray *kind, uint64_t bit)
{
	bool on = true;

	g_ptr_array_add(s->kinds, kind);
	for (guint k = 0; k < kind->len; k++) {
		guint rule = g_array_index(kind, guint, k);

		if (rule == SEPARATOR)
			on = false;
		else if (on)
			changed_rule(s, rule, 0)->kinds |= bit;
		else
			changed_rule(s, rule, IV_ALL_KINDS)->kinds &= ~bit;
	}
}

static bool same_kind(const GArray *a, const GArray *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof(guint)) == 0;
}

/* The bit of this kind, which is taken; 0 when there are too many. */
static uint64_t bit_of(Sorter *s, GArray *kind)
{
	for (guint k = 0; k < s->kinds->len; k++)
		if (same_kind(s->kinds->pdata[k], kind)) {
			g_array_unref(kind);
			return UINT64_C(1) << k;
		}
	if (s->kinds->len == IV_MAX_NAME_KINDS) {
		g_array_unref(kind);
		return 0;
	}
	add_kind(s, kind, UINT64_C(1) << s->kinds->len);
	return UINT64_C(1) << (s->kinds->len - 1);
}

static void name_clear(void *data)
{
	IvName *name = data;

	g_free(name->path);
	g_free(name->detail);
}

static void add_name(Sorter *s, const char *path, const char *detail)
{
	IvNames *names = s->names;
	IvName name = {.path = g_strdup(path), .detail = g_strdup(detail)};

	iv_match_path(s->matcher, path);
	name.kind = bit_of(s, kind_of_path(s->matcher, s->silenced));
	names->untold += name.kind == 0;
	names->cost += sizeof(name) + 32 + strlen(path) + (detail != NULL ? strlen(detail) : 0);
	g_array_append_val(names->list, name);
}

IvNames *iv_names_new(IvMatcher *matcher, const char *const *paths, const char *const *details,
		      guint n)
{
	IvNames *names = g_new0(IvNames, 1);
	Sorter s = {.matcher = matcher, .names = names};

	g_atomic_ref_count_init(&names->refs);
	names->list = g_array_sized_new(FALSE, FALSE, sizeof(IvName), n);
	names->changed = g_array_new(FALSE, FALSE, sizeof(IvNameRule));
	g_array_set_clear_func(names->list, name_clear);
	s.kinds = g_ptr_array_new_with_free_func(kind_free);
	s.changed = g_hash_table_new(NULL, NULL);
	s.silenced = silenced_rules(matcher->set);
	for (guint i = 0; i < n; i++)
		add_name(&s, paths[i], details != NULL ? details[i] : NULL);
	iv_matcher_end(matcher);
	names->kinds = s.kinds->len;
	names->cost += sizeof(*names) + names->changed->len * sizeof(IvNameRule);
	g_array_unref(s.silenced);
	g_hash_table_unref(s.changed);
	g_ptr_array_unref(s.kinds);
	return names;
}

IvNames *iv_names_ref(const IvNames *names)
{
	IvNames *counted = (IvNames *)names;

	g_atomic_ref_count_inc(&counted->refs);
	return counted;
}

void iv_names_unref(const IvNames *names)
{
	IvNames *counted = (IvNames *)names;

	if (counted == NULL || !g_atomic_ref_count_dec(&counted->refs))
		return;
	g_array_unref(counted->list);
	g_array_unref(counted->changed);
	g_free(counted);
}

guint iv_names_count(const IvNames *names)
{
	return names->list->len;
}

static const IvName *name_at(const IvNames *names, guint i)
{
	return &g_array_index(names->list, IvName, i);
}

const char *iv_names_path(const IvNames *names, guint i)
{
	return name_at(names, i)->path;
}

const char *iv_names_detail(const IvNames *names, guint i)
{
	return name_at(names, i)->detail;
}

uint64_t iv_names_kind(const IvNames *names, guint i)
{
	return name_at(names, i)->kind;
}

guint iv_names_kinds(const IvNames *names)
{
	return names->kinds;
}

guint iv_names_untold(const IvNames *names)
{
	return names->untold;
}

size_t iv_names_cost(const IvNames *names)
{
	return names->cost;
}
