/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clearance.c - a dated, reasoned, expiring acceptance of one finding.  See clearance.h, and
 * docs/policy.md for the file.
 *
 * An invalid entry stays in the list with its problem: it has no effect, and the verdict names it.
 * A file that is invalid as a whole is an error.
 */
#include "share/gate/clearance.h"

#include <openssl/crypto.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/base/yaml.h"

#define FINGERPRINT_DIGITS 32
/* A shorter reason explains nothing; a longer text belongs elsewhere. */
#define MIN_REASON  10
#define MAX_REASON  2000
#define MAX_WHO	    200
#define DAY_SECONDS 86400

/* --- one entry ------------------------------------------------------------------- */

/* Seconds at the beginning of a day, UTC; false for anything but a real YYYY-MM-DD. */
static bool parse_day(const char *text, gint64 *start)
{
	guint64 year, month, day;
	g_autoptr(GDateTime) date = NULL;
	g_auto(GStrv) parts = NULL;

	if (!g_regex_match_simple("\\A[0-9]{4}-[0-9]{2}-[0-9]{2}\\z", text, 0, 0))
		return false;
	parts = g_strsplit(text, "-", 3);
	year = g_ascii_strtoull(parts[0], NULL, 10);
	month = g_ascii_strtoull(parts[1], NULL, 10);
	day = g_ascii_strtoull(parts[2], NULL, 10);
	if (year < 1970 || month < 1 || month > 12 ||
	    !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return false;
	date = g_date_time_new_utc((int)year, (int)month, (int)day, 0, 0, 0);
	*start = g_date_time_to_unix(date);
	return true;
}

/* One line of visible text: it will stand in a YAML file and on terminals. */
static bool one_line(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return false;
	for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c)) {
		switch (g_unichar_type(g_utf8_get_char(c))) {
		case G_UNICODE_CONTROL:
		case G_UNICODE_FORMAT:
		case G_UNICODE_UNASSIGNED:
		case G_UNICODE_PRIVATE_USE:
		case G_UNICODE_SURROGATE:
		case G_UNICODE_LINE_SEPARATOR:
		case G_UNICODE_PARAGRAPH_SEPARATOR:
			return false;
		default:
			break;
		}
	}
	return true;
}

/* Characters without the white space at both ends. */
static glong visible_length(const char *text)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));

	return g_utf8_strlen(copy, -1);
}

static const char *text_problem(const char *fingerprint, const char *reason, const char *who)
{
	if (fingerprint == NULL || *fingerprint == '\0')
		return "it names no fingerprint";
	if (strlen(fingerprint) != FINGERPRINT_DIGITS ||
	    strspn(fingerprint, "0123456789abcdef") != FINGERPRINT_DIGITS)
		return "the fingerprint is not 32 lower-case hex digits";
	if (who == NULL || !one_line(who) || visible_length(who) == 0)
		return "it does not say who cleared it, in one line of text";
	if (visible_length(who) > MAX_WHO)
		return "the name of who cleared it is longer than 200 characters";
	if (reason == NULL || !one_line(reason))
		return "it does not give a reason, in one line of text";
	if (visible_length(reason) < MIN_REASON)
		return "the reason is shorter than 10 characters";
	if (visible_length(reason) > MAX_REASON)
		return "the reason is longer than 2000 characters";
	return NULL;
}

const char *iv_clearance_problem(const char *fingerprint, const char *reason, const char *who,
				 const char *created, const char *expires, gint64 *from,
				 gint64 *until)
{
	const char *problem = text_problem(fingerprint, reason, who);
	gint64 first = 0, last = 0;

	if (problem != NULL)
		return problem;
	if (created != NULL && !parse_day(created, &first))
		return "created is not a date like 2026-01-31";
	if (expires == NULL)
		return "it does not say when it expires";
	if (!parse_day(expires, &last))
		return "expires is not a date like 2026-01-31";
	if (created != NULL && first > last)
		return "it expires before it was created";
	if (from != NULL)
		*from = first;
	if (until != NULL)
		*until = last + DAY_SECONDS - 1;
	return NULL;
}

static void clearance_free(void *data)
{
	IvClearance *clearance = data;

	g_free(clearance->fingerprint);
	g_free(clearance->reason);
	g_free(clearance->who);
	g_free(clearance->problem);
	g_free(clearance);
}

static const char *const entry_keys[] = {"fingerprint", "reason",  "who",
					 "created",	"expires", NULL};

/* The entry's texts in the order of entry_keys; false with *problem. */
static bool entry_texts(const IvYamlNode *node, const char **texts, char **problem)
{
	if (iv_yaml_kind(node) != IV_YAML_MAP) {
		*problem = g_strdup("it is not a mapping with fingerprint, reason, who and expires");
		return false;
	}
	for (guint i = 0; i < iv_yaml_length(node); i++) {
		const char *key = iv_yaml_key(node, i);
		g_autofree char *shown = iv_text_printable(key, -1);
		size_t row = 0;

		while (entry_keys[row] != NULL && strcmp(entry_keys[row], key) != 0)
			row++;
		if (entry_keys[row] == NULL)
			*problem = g_strdup_printf("it has an unknown key '%s'", shown);
		else if ((texts[row] = iv_yaml_text(iv_yaml_at(node, i))) == NULL)
			*problem = g_strdup_printf("its %s is not a text", key);
		if (*problem != NULL)
			return false;
	}
	return true;
}

static IvClearance *read_entry(const IvYamlNode *node)
{
	IvClearance *entry = g_new0(IvClearance, 1);
	const char *texts[G_N_ELEMENTS(entry_keys)] = {NULL};

	entry->line = iv_yaml_line(node);
	if (entry_texts(node, texts, &entry->problem))
		entry->problem =
			g_strdup(iv_clearance_problem(texts[0], texts[1], texts[2], texts[3],
						      texts[4], &entry->created, &entry->expires));
	entry->fingerprint = g_strdup(texts[0]);
	entry->reason = g_strdup(texts[1]);
	entry->who = g_strdup(texts[2]);
	return entry;
}

/* --- the file -------------------------------------------------------------------- */

static const char *const file_keys[] = {"salt", "clearances", NULL};

/* A key without a value reads as an empty text. */
static bool is_blank(const IvYamlNode *node)
{
	return iv_yaml_text(node) != NULL && *iv_yaml_text(node) == '\0';
}

static bool read_salt(const IvYaml *yaml, uint8_t salt[IV_SALT_BYTES], bool *found, GError **error)
{
	const IvYamlNode *root = iv_yaml_root(yaml);
	const IvYamlNode *node = NULL;

	*found = false;
	if (root == NULL)
		return true;
	if (!iv_yaml_only_keys(yaml, root, file_keys, error))
		return false;
	node = iv_yaml_get(root, "salt");
	if (node == NULL)
		return true;
	if (iv_yaml_text(node) == NULL || !iv_text_unhex(iv_yaml_text(node), salt, IV_SALT_BYTES))
		return iv_yaml_fail(yaml, node, error, "'salt' must be %d hex digits",
				    2 * IV_SALT_BYTES);
	*found = true;
	return true;
}

static bool read_list(const IvYaml *yaml, GPtrArray *list, GError **error)
{
	const IvYamlNode *root = iv_yaml_root(yaml);
	const IvYamlNode *node = root != NULL ? iv_yaml_get(root, "clearances") : NULL;

	if (node == NULL || is_blank(node))
		return true;
	if (iv_yaml_kind(node) != IV_YAML_LIST)
		return iv_yaml_fail(yaml, node, error, "'clearances' must be a list");
	for (guint i = 0; i < iv_yaml_length(node); i++)
		g_ptr_array_add(list, read_entry(iv_yaml_at(node, i)));
	return true;
}

static IvClearances *clearances_new(const char *name)
{
	IvClearances *clearances = g_new0(IvClearances, 1);

	clearances->name = name != NULL ? iv_text_printable(name, -1) : NULL;
	clearances->list = g_ptr_array_new_with_free_func(clearance_free);
	return clearances;
}

static IvClearances *from_yaml(const char *name, const IvYaml *yaml, GError **error)
{
	g_autoptr(IvClearances) clearances = clearances_new(name);
	uint8_t salt[IV_SALT_BYTES];
	bool found = false;
	bool fine =
		read_salt(yaml, salt, &found, error) && read_list(yaml, clearances->list, error);

	if (fine && found)
		clearances->salt_id = iv_salt_id(salt);
	OPENSSL_cleanse(salt, sizeof(salt));
	return fine ? g_steal_pointer(&clearances) : NULL;
}

IvClearances *iv_clearances_parse(const char *name, const char *text, size_t len, GError **error)
{
	g_autoptr(IvYaml) yaml = iv_yaml_parse(name, text, len, error);

	return yaml != NULL ? from_yaml(name, yaml, error) : NULL;
}

IvClearances *iv_clearances_load(const char *path, GError **error)
{
	g_autoptr(IvYaml) yaml = NULL;

	if (path == NULL)
		return clearances_new(NULL);
	yaml = iv_yaml_load(path, error);
	return yaml != NULL ? from_yaml(path, yaml, error) : NULL;
}

void iv_clearances_free(IvClearances *clearances)
{
	if (clearances == NULL)
		return;
	g_free(clearances->name);
	g_free(clearances->salt_id);
	g_ptr_array_unref(clearances->list);
	g_free(clearances);
}

bool iv_clearances_salt(const char *path, uint8_t salt[IV_SALT_BYTES], bool *found, GError **error)
{
	g_autoptr(IvYaml) yaml = iv_yaml_load(path, error);

	return yaml != NULL && read_salt(yaml, salt, found, error);
}
