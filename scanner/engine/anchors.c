/*
 * anchors.c - see anchors.h
 *
 * The idea is libyara's: a costly pattern is tried only where a cheap literal
 * was seen.  A small parser walks the pattern once.  For every part it knows
 * one of two things:
 *
 *   exact   the few strings that the part can match, all of them
 *   need    strings of which every match of the part contains one
 *
 * Parts in a row extend a run of exact strings (a cross product) until one of
 * them is not exact; then the run is a candidate for `need`, and the best
 * candidate wins.  Alternatives need a string from every branch.  What may be
 * absent contributes nothing.  Syntax that the parser does not know makes it
 * give up: no anchor is better than a wrong one.
 */
#include "scanner/engine/anchors.h"

#include <string.h>

/* Strings of one run; more would be a set that is too large to be an anchor. */
#define EXACT_MAX IV_ANCHOR_SET_MAX
/* A class of more characters than this ends the run. */
#define CLASS_MAX 8u
#define DEPTH_MAX 100u

typedef struct {
	GPtrArray *exact; /* char *, or NULL */
	GPtrArray *need;  /* char *, or NULL */
	bool empty;	  /* zero-width: an assertion, an option setting */
} Part;

typedef struct {
	const char *at;
	bool extended;	    /* (?x): white space and # comments mean nothing */
	bool extended_more; /* (?xx): blanks in classes neither */
	bool failed;
	unsigned depth;
} Parser;

static Part parse_alternatives(Parser *p);

/* --- sets ------------------------------------------------------------------------- */

static GPtrArray *set_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

static GPtrArray *set_of(const char *text)
{
	GPtrArray *set = set_new();

	g_ptr_array_add(set, g_strdup(text));
	return set;
}

static bool set_has(const GPtrArray *set, const char *text)
{
	for (guint i = 0; i < set->len; i++)
		if (strcmp(g_ptr_array_index(set, i), text) == 0)
			return true;
	return false;
}

static void set_add(GPtrArray *set, const char *text)
{
	if (!set_has(set, text))
		g_ptr_array_add(set, g_strdup(text));
}

static GPtrArray *set_copy(const GPtrArray *set)
{
	GPtrArray *copy = set_new();

	for (guint i = 0; i < set->len; i++)
		g_ptr_array_add(copy, g_strdup(g_ptr_array_index(set, i)));
	return copy;
}

static void set_free(GPtrArray *set)
{
	if (set != NULL)
		g_ptr_array_unref(set);
}

/* Every string of a followed by every string of b; NULL when that is too much. */
static GPtrArray *set_cross(const GPtrArray *a, const GPtrArray *b)
{
	GPtrArray *out;

	if ((guint64)a->len * b->len > EXACT_MAX)
		return NULL;
	out = set_new();
	for (guint i = 0; i < a->len; i++) {
		for (guint j = 0; j < b->len; j++) {
			g_autofree char *text = g_strconcat(g_ptr_array_index(a, i),
							    g_ptr_array_index(b, j), NULL);

			if (strlen(text) > IV_ANCHOR_MAX) {
				set_free(out);
				return NULL;
			}
			set_add(out, text);
		}
	}
	return out;
}

static void part_clear(Part *part)
{
	set_free(part->exact);
	set_free(part->need);
	part->exact = part->need = NULL;
}

/* --- how good an anchor is -------------------------------------------------------- */

static const char *const generic_words[] = {
	"access",  "account", "api",	 "auth",   "authorization", "bearer",
	"client",  "config",  "credential", "credentials", "email", "host", "http", "https",
	"http://", "https://", "id",	 "key",	   "login",  "name",  "pass",  "passwd",
	"password", "private", "public", "pwd",	   "secret", "server", "service",
	"token",   "url",     "user",	 "username", "value", "www.", "://", "basic",
	"cert", "code", "data", "file", "session", "string", "com", ".com", "org", "test", "type", "base64", "root", "home", "true",
	"false", "null", "end", "begin", "export", "etc", "usr", "var", "bin", "lib", NULL,
};

bool iv_anchor_is_generic(const char *anchor)
{
	g_autofree char *lower = g_ascii_strdown(anchor, -1);

	return g_strv_contains(generic_words, lower);
}

/* Rarity of one lower-case byte in files, roughly in bits over the commonest. */
static int byte_rarity(unsigned char c)
{
	static const char common[] = "etaoinsrlcdup ";

	if (strchr(common, c) != NULL && c != '\0')
		return 4;
	if (g_ascii_isalpha(c))
		return c == 'z' || c == 'q' || c == 'j' || c == 'x' ? 7 : 5;
	if (c == '0')
		return 3;
	return g_ascii_isdigit(c) ? 5 : 6;
}

/* Bits, as far as the matcher can use them: at most eight bytes count. */
static int literal_score(const char *text)
{
	size_t len = strlen(text);
	int best = 0;

	if (len < IV_ANCHOR_MIN)
		return 0;
	for (size_t from = 0; from + MIN(len, 8) <= len; from++) {
		int sum = 0;

		for (size_t i = from; i < from + MIN(len, 8); i++)
			sum += i > from && text[i] == text[i - 1] ? 1
								   : byte_rarity((guchar)text[i]);
		best = MAX(best, sum);
	}
	return iv_anchor_is_generic(text) ? 1 : best;
}

/* A set is as good as its worst literal, and worse the larger it is. */
static int set_score(const GPtrArray *set)
{
	int worst = G_MAXINT;

	if (set == NULL || set->len == 0 || set->len > IV_ANCHOR_SET_MAX)
		return 0;
	for (guint i = 0; i < set->len; i++)
		worst = MIN(worst, literal_score(g_ptr_array_index(set, i)));
	for (guint n = set->len; n > 1 && worst > 1; n /= 2)
		worst--;
	return worst;
}

/* Leave out literals that contain another one of the set: the shorter suffices. */
static GPtrArray *minimal(const GPtrArray *set)
{
	GPtrArray *out = set_new();

	for (guint i = 0; i < set->len; i++) {
		const char *text = g_ptr_array_index(set, i);
		bool covered = false;

		for (guint j = 0; j < set->len && !covered; j++)
			covered = i != j && strstr(text, g_ptr_array_index(set, j)) != NULL;
		if (!covered)
			g_ptr_array_add(out, g_strdup(text));
	}
	return out;
}

/* Keep the better of *best and the candidate. */
static void consider(GPtrArray **best, const GPtrArray *candidate)
{
	g_autoptr(GPtrArray) small = candidate != NULL ? minimal(candidate) : NULL;

	if (set_score(small) <= set_score(*best))
		return;
	set_free(*best);
	*best = g_steal_pointer(&small);
}

/* --- lexing ----------------------------------------------------------------------- */

static void give_up(Parser *p)
{
	p->failed = true;
	p->at += strlen(p->at);
}

static void skip_blank(Parser *p)
{
	while (*p->at != '\0') {
		if (strncmp(p->at, "(?#", 3) == 0) {
			const char *end = strchr(p->at, ')');

			if (end == NULL) {
				give_up(p);
				return;
			}
			p->at = end + 1;
		} else if (p->extended && strchr(" \t\n\v\f\r", *p->at) != NULL) {
			p->at++;
		} else if (p->extended && *p->at == '#') {
			p->at += strcspn(p->at, "\r\n");
		} else {
			return;
		}
	}
}

/* One character after a backslash that stands for itself or a control
 * character; -1: not one. */
static int simple_escape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'f':
		return '\f';
	case 'e':
		return 27;
	case 'a':
		return 7;
	default:
		return g_ascii_isalnum(c) || c == '\0' ? -1 : (guchar)c;
	}
}

/* \xHH and \x{HH} behind the x; -1 when it is neither or no byte. */
static int hex_escape(Parser *p)
{
	int value = 0, digits = 0;
	bool braces = *p->at == '{';

	if (braces)
		p->at++;
	while (g_ascii_isxdigit(*p->at) && digits < (braces ? 8 : 2)) {
		value = value * 16 + g_ascii_xdigit_value(*p->at++);
		digits++;
	}
	if (braces && *p->at != '}') {
		give_up(p);
		return -1;
	}
	if (braces)
		p->at++;
	return value < 256 ? value : -1;
}

static void fill_class(bool *set, char kind)
{
	bool negated = g_ascii_isupper(kind);

	for (int c = 0; c < 256; c++) {
		bool in = false;

		switch (g_ascii_tolower(kind)) {
		case 'd':
			in = g_ascii_isdigit(c);
			break;
		case 'w':
			in = g_ascii_isalnum(c) || c == '_';
			break;
		case 's':
			in = g_ascii_isspace(c) || c == '\v';
			break;
		case 'h':
			in = c == ' ' || c == '\t' || c == 0xa0;
			break;
		default: /* v */
			in = (c >= '\n' && c <= '\r') || c == 0x85;
			break;
		}
		if (in != negated)
			set[c] = true;
	}
}

/* A set of bytes as an exact part, when it is small after folding case. */
static Part class_part(const bool *set)
{
	Part part = {0};
	GPtrArray *exact = set_new();

	for (int c = 0; c < 256; c++) {
		char text[2] = {g_ascii_tolower((char)c), '\0'};

		if (!set[c])
			continue;
		if (c == 0 || exact->len > CLASS_MAX) {
			set_free(exact);
			return part;
		}
		set_add(exact, text);
	}
	if (exact->len == 0 || exact->len > CLASS_MAX)
		set_free(exact);
	else
		part.exact = exact;
	return part;
}

static Part byte_part(int c)
{
	bool set[256] = {false};

	set[(guchar)c] = true;
	return class_part(set);
}

/* --- classes ---------------------------------------------------------------------- */

/* [:alpha:] inside a class: treated as a large set, so that the class is not exact. */
static bool skip_posix(Parser *p, bool *set)
{
	const char *end;

	if (p->at[0] != '[' || (p->at[1] != ':' && p->at[1] != '.' && p->at[1] != '='))
		return false;
	end = strstr(p->at + 2, ":]");
	if (end == NULL || strcspn(p->at + 2, "]\\") < (size_t)(end - p->at) - 1)
		return false;
	memset(set, true, 256);
	p->at = end + 2;
	return true;
}

/* One member: its byte, or -1 when it is a set of its own (added already). */
static int class_member(Parser *p, bool *set)
{
	char c;
	int value;

	if (skip_posix(p, set))
		return -1;
	c = *p->at++;
	if (c != '\\')
		return (guchar)c;
	c = *p->at;
	if (c == '\0') {
		give_up(p);
		return -1;
	}
	p->at++;
	if (c == 'x')
		return hex_escape(p);
	if (c == 'b')
		return '\b';
	if (strchr("dDwWsShHvV", c) != NULL) {
		fill_class(set, c);
		return -1;
	}
	value = simple_escape(c);
	if (value < 0)
		give_up(p);
	return value;
}

static Part parse_class(Parser *p)
{
	bool set[256] = {false};
	bool negated = false, first = true;

	p->at++;
	if (*p->at == '^') {
		negated = true;
		p->at++;
	}
	while (*p->at != '\0' && (first || *p->at != ']')) {
		int from, to;

		first = false;
		if (p->extended_more && (*p->at == ' ' || *p->at == '\t')) {
			p->at++;
			continue;
		}
		if (p->at[0] == '\\' && (p->at[1] == 'Q' || p->at[1] == 'E')) {
			give_up(p);
			break;
		}
		from = to = class_member(p, set);
		if (from >= 0 && p->at[0] == '-' && p->at[1] != ']' && p->at[1] != '\0') {
			p->at++;
			to = class_member(p, set);
			if (to < 0) { /* "a-\d" is no range */
				set['-'] = true;
				to = from;
			}
		}
		for (int c = from; from >= 0 && c <= to; c++)
			set[c] = true;
	}
	if (*p->at == ']')
		p->at++;
	else
		give_up(p);
	for (int c = 0; negated && c < 256; c++)
		set[c] = !set[c];
	return p->failed ? (Part){0} : class_part(set);
}

/* --- escapes and groups ----------------------------------------------------------- */

/* \p{L}, \k<name>, \g{1}: skip the braces. */
static void skip_braced(Parser *p)
{
	char close;

	if (*p->at == '{')
		close = '}';
	else if (*p->at == '<')
		close = '>';
	else if (*p->at == '\'')
		close = '\'';
	else
		close = '\0';
	if (close == '\0') {
		if (*p->at != '\0')
			p->at++;
		return;
	}
	p->at++;
	p->at += strcspn(p->at, (char[]){close, '\0'});
	if (*p->at == '\0')
		give_up(p);
	else
		p->at++;
}

static Part parse_quoted(Parser *p)
{
	const char *end = strstr(p->at, "\\E");
	size_t len = end != NULL ? (size_t)(end - p->at) : strlen(p->at);
	Part part = {0};
	g_autofree char *text = g_ascii_strdown(p->at, (gssize)len);

	p->at += len + (end != NULL ? 2 : 0);
	/* A quantifier would belong to the last character only. */
	if (strchr("*+?{", *p->at) != NULL && *p->at != '\0')
		give_up(p);
	if (len == 0)
		part.empty = true;
	else if (len <= IV_ANCHOR_MAX)
		part.exact = set_of(text);
	return part;
}

static Part parse_escape(Parser *p)
{
	char c;
	int value;

	p->at++;
	c = *p->at;
	if (c == '\0') {
		give_up(p);
		return (Part){0};
	}
	p->at++;
	if (strchr("bBAzZGE", c) != NULL)
		return (Part){.empty = true};
	if (strchr("dDwWsShHvV", c) != NULL) {
		bool set[256] = {false};

		fill_class(set, c);
		return class_part(set);
	}
	if (strchr("NRXC", c) != NULL)
		return (Part){0};
	if (c == 'p' || c == 'P' || c == 'k') {
		skip_braced(p);
		return (Part){0};
	}
	if (c >= '1' && c <= '9' && !g_ascii_isdigit(*p->at))
		return (Part){0}; /* a back reference: unknown, perhaps empty */
	if (c == 'Q')
		return parse_quoted(p);
	value = c == 'x' ? hex_escape(p) : simple_escape(c);
	if (c != 'x' && value < 0)
		give_up(p); /* \K, \g, \c, octal ... */
	return value > 0 && !p->failed ? byte_part(value) : (Part){0};
}

/* (?imsx-imsx) or (?imsx:...): the letters.  False when it is neither. */
static bool parse_options(Parser *p, bool *is_group)
{
	bool on = true;

	for (;; p->at++) {
		switch (*p->at) {
		case '^':
			p->extended = p->extended_more = false;
			break;
		case '-':
			on = false;
			break;
		case 'x':
			p->extended_more = on && p->at[1] == 'x';
			p->extended = on;
			if (p->at[1] == 'x')
				p->at++;
			break;
		case 'i':
		case 'm':
		case 's':
		case 'n':
		case 'U':
		case 'J':
			break;
		case ':':
		case ')':
			*is_group = *p->at++ == ':';
			return true;
		default:
			return false;
		}
	}
}

/* What stands behind "(?".  Sets *assertion for look-around, *setting for
 * "(?i)".  False: unknown. */
static bool parse_group_head(Parser *p, bool *assertion, bool *setting)
{
	const char *at = p->at;
	bool is_group = true;
	char close = '\0';

	if (*at == ':' || *at == '>' || *at == '|') {
		p->at++;
		return true;
	}
	if (*at == '=' || *at == '!' || (at[0] == '<' && (at[1] == '=' || at[1] == '!'))) {
		p->at += *at == '<' ? 2 : 1;
		*assertion = true;
		return true;
	}
	if (*at == 'P' && at[1] == '<')
		at++;
	if (*at == '<')
		close = '>';
	else if (*at == '\'')
		close = '\'';
	if (close != '\0') {
		const char *end = strchr(at + 1, close);

		p->at = end != NULL ? end + 1 : at + strlen(at);
		return end != NULL;
	}
	if (!parse_options(p, &is_group))
		return false;
	*setting = !is_group;
	return true;
}

static Part parse_group(Parser *p)
{
	bool extended = p->extended, more = p->extended_more, assertion = false, setting = false;
	Part part = {0};

	p->at++;
	if (*p->at == '*' || ++p->depth > DEPTH_MAX) {
		give_up(p);
		return part;
	}
	if (*p->at == '?') {
		p->at++;
		if (!parse_group_head(p, &assertion, &setting)) {
			give_up(p);
			return part;
		}
	}
	if (setting) { /* holds to the end of the enclosing group */
		p->depth--;
		return (Part){.empty = true};
	}
	part = parse_alternatives(p);
	if (*p->at == ')')
		p->at++;
	else
		give_up(p);
	p->extended = extended;
	p->extended_more = more;
	p->depth--;
	if (assertion) {
		part_clear(&part);
		part.empty = true;
	}
	return part;
}

static Part parse_atom(Parser *p)
{
	switch (*p->at) {
	case '(':
		return parse_group(p);
	case '[':
		return parse_class(p);
	case '\\':
		return parse_escape(p);
	case '^':
	case '$':
		p->at++;
		return (Part){.empty = true};
	case '.':
		p->at++;
		return (Part){0};
	default:
		return byte_part(*p->at++);
	}
}

/* --- quantifiers and sequences ---------------------------------------------------- */

typedef struct {
	unsigned min, max; /* max UINT_MAX: no end */
} Repeat;

static bool parse_braces(const char **at, Repeat *repeat)
{
	const char *c = *at + 1;
	char *end;

	if (!g_ascii_isdigit(*c))
		return false;
	repeat->min = repeat->max = (unsigned)g_ascii_strtoull(c, &end, 10);
	c = end;
	if (*c == ',') {
		c++;
		repeat->max = UINT_MAX;
		if (g_ascii_isdigit(*c)) {
			repeat->max = (unsigned)g_ascii_strtoull(c, &end, 10);
			c = end;
		}
	}
	if (*c != '}')
		return false;
	*at = c + 1;
	return true;
}

/* "{,3}" and "{ 1, 3 }": text to older releases of PCRE2, a quantifier to newer ones. */
static bool is_doubtful_brace(const char *at)
{
	size_t span = strspn(at + 1, "0123456789, \t");

	return span > 0 && at[1 + span] == '}';
}

static Repeat parse_repeat(Parser *p)
{
	Repeat repeat = {1, 1};

	skip_blank(p);
	switch (*p->at) {
	case '*':
		repeat = (Repeat){0, UINT_MAX};
		p->at++;
		break;
	case '+':
		repeat = (Repeat){1, UINT_MAX};
		p->at++;
		break;
	case '?':
		repeat = (Repeat){0, 1};
		p->at++;
		break;
	case '{':
		if (!parse_braces(&p->at, &repeat)) {
			if (is_doubtful_brace(p->at))
				give_up(p);
			return (Repeat){1, 1};
		}
		break;
	default:
		return repeat;
	}
	if (*p->at == '?' || *p->at == '+')
		p->at++;
	return repeat;
}

typedef struct {
	GPtrArray *run;	 /* strings the parts so far can end with, exactly */
	GPtrArray *best; /* the best candidate so far, or NULL */
	bool exact;	 /* nothing was lost: the run is all that was matched */
} Sequence;

static void sequence_break(Sequence *s, GPtrArray *next)
{
	consider(&s->best, s->run);
	set_free(s->run);
	s->run = next;
	s->exact = false;
}

/* Append a set of exact strings, or begin a new run with it. */
static void sequence_append(Sequence *s, const GPtrArray *exact)
{
	GPtrArray *longer = set_cross(s->run, exact);

	if (longer == NULL) {
		sequence_break(s, set_copy(exact));
		return;
	}
	set_free(s->run);
	s->run = longer;
}

static void sequence_add_exact(Sequence *s, const GPtrArray *exact, Repeat repeat)
{
	unsigned sure = MIN(repeat.min, IV_ANCHOR_MAX + 1);

	if (repeat.min == 0 && repeat.max == 1) {
		g_autoptr(GPtrArray) maybe = set_copy(exact);

		set_add(maybe, "");
		if ((guint64)s->run->len * maybe->len <= EXACT_MAX)
			sequence_append(s, maybe);
		else
			sequence_break(s, set_of(""));
		return;
	}
	for (unsigned i = 0; i < sure; i++)
		sequence_append(s, exact);
	if (repeat.min != repeat.max || sure != repeat.min)
		sequence_break(s, repeat.min > 0 ? set_copy(exact) : set_of(""));
}

static void sequence_add(Sequence *s, Part *part, Repeat repeat)
{
	if (part->empty)
		return;
	if (part->exact != NULL) {
		sequence_add_exact(s, part->exact, repeat);
		return;
	}
	sequence_break(s, set_of(""));
	if (repeat.min > 0)
		consider(&s->best, part->need);
}

static Part parse_sequence(Parser *p)
{
	Sequence s = {.run = set_of(""), .exact = true};
	Part result = {0};

	for (skip_blank(p); *p->at != '\0' && *p->at != '|' && *p->at != ')'; skip_blank(p)) {
		Part part = parse_atom(p);
		Repeat repeat = p->failed ? (Repeat){0, 0} : parse_repeat(p);

		sequence_add(&s, &part, repeat);
		part_clear(&part);
	}
	consider(&s.best, s.run);
	if (s.exact)
		result.exact = s.run;
	else
		set_free(s.run);
	result.need = s.best;
	return result;
}

/* --- alternatives ----------------------------------------------------------------- */

/* Add a branch's strings to *all; an unusable branch makes *all NULL for good. */
static void join(GPtrArray **all, const GPtrArray *branch, guint most, bool *lost)
{
	if (*lost || branch == NULL || (*all)->len + branch->len > most) {
		*lost = true;
		return;
	}
	for (guint i = 0; i < branch->len; i++)
		set_add(*all, g_ptr_array_index(branch, i));
}

static Part parse_alternatives(Parser *p)
{
	GPtrArray *exact = set_new(), *need = set_new();
	bool no_exact = false, no_need = false;
	Part result = {0};

	for (;;) {
		Part branch = parse_sequence(p);

		join(&exact, branch.exact, EXACT_MAX, &no_exact);
		join(&need, branch.need, IV_ANCHOR_SET_MAX, &no_need);
		part_clear(&branch);
		if (*p->at != '|')
			break;
		p->at++;
	}
	if (no_exact)
		set_free(exact);
	else
		result.exact = exact;
	if (no_need || need->len == 0)
		set_free(need);
	else
		result.need = need;
	return result;
}

GStrv iv_anchors_derive(const char *pattern)
{
	Parser p = {.at = pattern};
	Part part = parse_alternatives(&p);
	GStrv anchors = NULL;

	if (*p.at != '\0')
		p.failed = true;
	if (!p.failed && set_score(part.need) > 0) {
		g_autoptr(GPtrArray) small = minimal(part.need);

		g_ptr_array_add(small, NULL);
		anchors = (GStrv)g_ptr_array_steal(small, NULL);
	}
	part_clear(&part);
	return anchors;
}
