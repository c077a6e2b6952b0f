/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks.c - checks on the shape of a secret's text; see checks.h */
#include "scanner/engine/checks.h"

#include <string.h>

#include "scanner/engine/entropy.h"

/* Secrets longer than this are no placeholders that people type. */
#define MAX_PLACEHOLDER 128u

static bool is_wrapped(const char *text, size_t len, const char *open, const char *close)
{
	size_t a = strlen(open), b = strlen(close);

	return len >= a + b && memcmp(text, open, a) == 0 && memcmp(text + len - b, close, b) == 0;
}

/* <...>, ${...}, $(...), {{...}}, %...%, $NAME: the value comes from elsewhere. */
static bool is_reference(const char *text, size_t len)
{
	static const char *const wraps[][2] = {
		{"<", ">"},   {"${", "}"},  {"$(", ")"},  {"{{", "}}"}, {"%", "%"},
		{"#{", "}"},  {"[", "]"},   {"${{", "}"}, {"@", "@"},	{"__", "__"},
		{"<%", "%>"}, {"%(", ")s"}, {"{%", "%}"}, {"*", "*"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(wraps); i++)
		if (is_wrapped(text, len, wraps[i][0], wraps[i][1]))
			return true;
	if (memmem(text, len, "${", 2) != NULL || memmem(text, len, "{{", 2) != NULL ||
	    memmem(text, len, "$(", 2) != NULL)
		return true;
	if (len > 1 && text[0] == '$' && (g_ascii_isupper(text[1]) || text[1] == '_')) {
		for (size_t i = 1; i < len; i++)
			if (!g_ascii_isupper(text[i]) && !g_ascii_isdigit(text[i]) && text[i] != '_')
				return false;
		return true;
	}
	return false;
}

/* Too much to be words around a placeholder: 12 bytes or more with three digits among other
 * letters.  A secret that holds "example" or "todo" by chance or in front stays a secret. */
static bool looks_random(const char *lower, size_t len)
{
	size_t digits = 0, changes = 0;

	for (size_t i = 0; i < len; i++) {
		digits += g_ascii_isdigit(lower[i]);
		changes += i > 0 && g_ascii_isdigit(lower[i]) != g_ascii_isdigit(lower[i - 1]);
	}
	return len >= 12 && digits >= 3 && changes >= 4;
}

/* Words that say "put yours here"; real weak passwords are not among them. */
static bool has_placeholder_word(const char *lower)
{
	static const char *const words[] = {
		"example",	"placeholder", "your_",	     "your-",	   "yourpass",	"yourkey",
		"yoursecret",	"yourtoken",   "my_secret_", "insert_",	   "replace_me", "replaceme",
		"replace-me",	"xxxx",	       "****",	     "....",	   "<your",	"redacted",
		"not_a_real",	"notareal",    "fake_",	     "dummy",	   "sample_",	"todo",
		"fill_me",	"_here",       "-here",	     "foobar",	   "lorem",	"undefined",
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *word = strstr(lower, words[i]);
		size_t len = strlen(words[i]);

		if (word != NULL && !looks_random(lower, (size_t)(word - lower)) &&
		    !looks_random(word + len, strlen(word + len)))
			return true;
	}
	return false;
}

static bool is_empty_word(const char *lower)
{
	static const char *const words[] = {"none", "null",  "nil",    "true", "false",	 "password",
					    "pass", "passwd", "secret", "token", "string", "key",
					    "na",   "n/a",    "user",	"username", "test", NULL};

	return g_strv_contains(words, lower);
}

/* How long is the longest run of equal, or of ascending or descending, bytes? */
static size_t longest_run(const char *text, size_t len, int step)
{
	size_t best = len > 0, run = 1;

	for (size_t i = 1; i < len; i++) {
		run = text[i] - text[i - 1] == step ? run + 1 : 1;
		best = MAX(best, run);
	}
	return best;
}

static bool is_filler(const char *text, size_t len)
{
	size_t same = longest_run(text, len, 0);
	size_t up = longest_run(text, len, 1), down = longest_run(text, len, -1);

	if (len < 4)
		return same == len;
	return same * 2 > len || up * 2 > len + 1 || down * 2 > len + 1;
}

static bool is_placeholder(const uint8_t *secret, size_t len)
{
	const char *text = (const char *)secret;
	g_autofree char *lower = NULL;
	bool found;

	while (len > 0 && strchr("\"'` \t\r\n", text[0]) != NULL && text[0] != '\0') {
		text++;
		len--;
	}
	while (len > 0 && strchr("\"'` \t\r\n", text[len - 1]) != NULL && text[len - 1] != '\0')
		len--;
	if (len == 0)
		return true;
	if (is_filler(text, len) || is_reference(text, len))
		return true;
	if (len > MAX_PLACEHOLDER)
		return false;
	lower = g_ascii_strdown(text, (gssize)len);
	found = has_placeholder_word(lower) || is_empty_word(lower);
	explicit_bzero(lower, strlen(lower));
	return found;
}

bool iv_check_not_placeholder(IvJudgement *j)
{
	return !is_placeholder(j->secret, j->len);
}

/* The secret is a password in a URL, or a whole URL with one. */
bool iv_check_url_password(IvJudgement *j)
{
	const uint8_t *at = memmem(j->secret, j->len, "://", 3);
	const uint8_t *from = j->secret, *to = j->secret + j->len, *host;

	if (at != NULL) {
		size_t left = (size_t)(to - at) - 3;

		host = memchr(at + 3, '/', left);
		host = memrchr(at + 3, '@', host != NULL ? (size_t)(host - at) - 3 : left);
		from = host != NULL ? memchr(at + 3, ':', (size_t)(host - at) - 3) : NULL;
		if (from == NULL)
			return false;
		from++;
		to = host;
	} else if ((at = memchr(from, ':', j->len)) != NULL &&
		   is_placeholder(at + 1, (size_t)(to - at) - 1)) {
		/* "user:$PASSWORD", or a password with a colon in it */
		return false;
	}
	return from < to && !is_placeholder(from, (size_t)(to - from));
}

/* --- generic assignments ---------------------------------------------------------- */

typedef struct {
	size_t digits, uppers, lowers, others, dots, slashes, changes;
} Shape;

/* 0 digit, 1 upper, 2 lower, 3 other */
static int kind_of(uint8_t c)
{
	return g_ascii_isdigit(c) ? 0 : g_ascii_isupper(c) ? 1 : g_ascii_islower(c) ? 2 : 3;
}

static Shape shape_of(const uint8_t *secret, size_t len)
{
	Shape s = {0};

	for (size_t i = 0; i < len; i++) {
		size_t *const counts[] = {&s.digits, &s.uppers, &s.lowers, &s.others};

		++*counts[kind_of(secret[i])];
		s.dots += secret[i] == '.';
		s.slashes += secret[i] == '/' || secret[i] == '\\';
		s.changes += i > 0 && (kind_of(secret[i]) == 0) != (kind_of(secret[i - 1]) == 0);
	}
	return s;
}

/* a/b/c, ./x, C:\x, pkg.sub.Name, func(x), a->b */
static bool looks_like_code(const uint8_t *secret, size_t len, const Shape *s)
{
	if (secret[0] == '/' || secret[0] == '.' || secret[0] == '~')
		return s->slashes > 0;
	if (memmem(secret, len, "->", 2) != NULL || memmem(secret, len, "::", 2) != NULL ||
	    memmem(secret, len, "://", 3) != NULL || memchr(secret, '(', len) != NULL)
		return true;
	return s->slashes >= 3 && s->digits * 8 < len;
}

/* Could these letters be a word?  Four or more, a vowel among them, and never
 * five consonants in a row. */
static bool is_word(const uint8_t *letters, size_t len)
{
	size_t vowels = 0, row = 0;

	for (size_t i = 0; i < len; i++) {
		bool vowel = strchr("aeiouyAEIOUY", letters[i]) != NULL;

		vowels += vowel;
		row = vowel ? 0 : row + 1;
		if (row > 4)
			return false;
	}
	return len >= 4 && vowels > 0;
}

/* The end of the run of letters at i that may be one word: of one case, or with
 * a capital in front. */
static size_t word_end(const uint8_t *secret, size_t len, size_t i)
{
	size_t from = i++;

	if (i < len && kind_of(secret[from]) == 1 && kind_of(secret[i]) == 2)
		i++;
	while (i < len && kind_of(secret[i]) == kind_of(secret[i - 1]))
		i++;
	/* "HTTPServer": the last capital begins the next word. */
	if (i < len && i - from > 1 && kind_of(secret[i - 1]) == 1 && kind_of(secret[i]) == 2)
		i--;
	return i;
}

/* Names that programs give to things ("oauth2client.Credentials",
 * "ASN1_OCTET_STRING") consist of words; random text hardly does. */
static bool mostly_words(const uint8_t *secret, size_t len)
{
	size_t in_words = 0, all = 0;

	for (size_t i = 0; i < len;) {
		size_t end = i + 1;

		if (kind_of(secret[i]) == 1 || kind_of(secret[i]) == 2) {
			end = word_end(secret, len, i);
			if (is_word(secret + i, end - i))
				in_words += end - i;
		}
		if (kind_of(secret[i]) != 3)
			all += end - i;
		i = end;
	}
	return in_words * 10 >= all * 7;
}

bool iv_check_high_entropy_mixed(IvJudgement *j)
{
	Shape s = shape_of(j->secret, j->len);

	if (j->len < 8 || is_placeholder(j->secret, j->len))
		return false;
	if (looks_like_code(j->secret, j->len, &s))
		return false;
	/* Letters and digits mixed: a word with a number behind it is no key. */
	if (s.digits == 0 || s.uppers + s.lowers == 0)
		return false;
	if (s.changes < 2 || mostly_words(j->secret, j->len))
		return false;
	return iv_entropy(j->secret, j->len) >= 2.8;
}

/* --- password hashes -------------------------------------------------------------- */

static bool all_in(const uint8_t *text, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || (!g_ascii_isalnum(text[i]) && strchr(more, text[i]) == NULL))
			return false;
	return true;
}

/* crypt(5): "$id$salt$hash", by prefix and the length of the hash. */
bool iv_check_shadow_hash(IvJudgement *j)
{
	static const struct {
		const char *prefix;
		size_t hash; /* characters of the last field; bcrypt: salt and hash */
	} kinds[] = {
		{"$1$", 22},  {"$5$", 43},  {"$6$", 86},  {"$y$", 43},	  {"$gy$", 43},
		{"$7$", 43},  {"$2a$", 53}, {"$2b$", 53}, {"$2y$", 53},	  {"$sha1$", 28},
		{"$md5", 22}, {"$3$$", 32},
	};
	const char *text = (const char *)j->secret;

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const uint8_t *last;
		size_t n = strlen(kinds[i].prefix);

		if (j->len <= n || memcmp(text, kinds[i].prefix, n) != 0)
			continue;
		last = memrchr(j->secret, '$', j->len);
		n = (size_t)(j->secret + j->len - last) - 1;
		return n == kinds[i].hash && all_in(last + 1, n, "./") &&
		       all_in(j->secret, j->len, "./$=,");
	}
	return j->len == 13 && all_in(j->secret, j->len, "./");
}
