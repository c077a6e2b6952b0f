/*
 * clearance.c - a dated, reasoned, expiring acceptance of one finding.  See
 * share.h, and docs/policy.md for the file.
 *
 * An entry that is not right stays in the list with its problem: it never helps,
 * and the verdict names it.  A file that is not right as a whole is an error.
 */
#include "share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/base/yaml.h"

#define FINGERPRINT_DIGITS 32
/* A shorter reason explains nothing; a longer text belongs elsewhere. */
#define MIN_REASON  10
#define MAX_REASON  2000
#define MAX_WHO	    200
#define DAY_SECONDS 86400

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

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
		*problem = g_strdup("it is no mapping with fingerprint, reason, who and expires");
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

/* --- adding ---------------------------------------------------------------------- */

/* A JSON string of one_line() text is a double-quoted YAML scalar as well. */
static char *quoted(const char *text)
{
	g_autoptr(cJSON) string = cJSON_CreateString(text);
	char *printed = cJSON_PrintUnformatted(string);
	char *copy = g_strdup(printed);

	cJSON_free(printed);
	return copy;
}

static char *today(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%d");
}

static char *entry_text(const char *indent, const char *fingerprint, const char *reason,
			const char *who, const char *created, const char *expires)
{
	g_autofree char *quoted_reason = quoted(reason);
	g_autofree char *quoted_who = quoted(who);

	return g_strdup_printf("%s- fingerprint: \"%s\"\n%s  reason: %s\n%s  who: %s\n"
			       "%s  created: %s\n%s  expires: %s\n",
			       indent, fingerprint, indent, quoted_reason, indent, quoted_who,
			       indent, created, indent, expires);
}

/* What a new file begins with. */
static char *header_text(const uint8_t salt[IV_SALT_BYTES])
{
	g_autofree char *hex = iv_text_hex(salt, IV_SALT_BYTES);
	char *text = g_strdup_printf("# Findings that somebody accepts, why, and until when.\n"
				     "# The salt makes the fingerprints: keep it with them.\n"
				     "salt: \"%s\"\n"
				     "clearances:\n",
				     hex);

	OPENSSL_cleanse(hex, strlen(hex));
	return text;
}

/* Does the text hold one entry more than before, the new one the last of them? */
static bool has_grown(const char *text, guint before, const char *fingerprint, const char *reason,
		      const char *who)
{
	g_autoptr(IvClearances) all = iv_clearances_parse("", text, strlen(text), NULL);
	const IvClearance *last;

	if (all == NULL || all->list->len != before + 1)
		return false;
	last = all->list->pdata[before];
	return last->problem == NULL && strcmp(last->fingerprint, fingerprint) == 0 &&
	       strcmp(last->reason, reason) == 0 && strcmp(last->who, who) == 0;
}

/* The old text with one entry behind it.  How deep the list is indented is the
 * user's choice, so the likely depths are tried and the result is read again. */
static char *grown_text(const char *old, const IvYaml *yaml, guint before, const char *fingerprint,
			const char *reason, const char *who, const char *expires)
{
	static const char *const indents[] = {"  ", "", "    ", " ", "   ", "      ", "        "};
	const IvYamlNode *root = iv_yaml_root(yaml);
	bool listed = root != NULL && iv_yaml_get(root, "clearances") != NULL;
	bool ended = *old == '\0' || g_str_has_suffix(old, "\n");
	g_autofree char *created = today();

	for (size_t i = 0; i < G_N_ELEMENTS(indents); i++) {
		g_autofree char *entry =
			entry_text(indents[i], fingerprint, reason, who, created, expires);
		g_autofree char *text = g_strconcat(old, ended ? "" : "\n",
						    listed ? "" : "clearances:\n", entry, NULL);

		if (has_grown(text, before, fingerprint, reason, who))
			return g_steal_pointer(&text);
	}
	return NULL;
}

static char *new_text(const char *path, const char *old, const uint8_t salt[IV_SALT_BYTES],
		      const char *fingerprint, const char *reason, const char *who,
		      const char *expires, GError **error)
{
	g_autofree char *header = *old == '\0' ? header_text(salt) : g_strdup(old);
	g_autoptr(IvYaml) yaml = iv_yaml_parse(path, header, strlen(header), error);
	g_autoptr(IvClearances) all = yaml != NULL ? from_yaml(path, yaml, error) : NULL;
	g_autofree char *own = iv_salt_id(salt);
	char *text;

	if (all == NULL)
		return NULL;
	if (all->salt_id != NULL && strcmp(all->salt_id, own) != 0) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: its clearances were made with another salt than this report\n"
			"scan again with --clearances %s, or name another file",
			path, path);
		return NULL;
	}
	text = grown_text(header, yaml, all->list->len, fingerprint, reason, who, expires);
	if (text == NULL)
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: cannot append to this file\n"
			"its list 'clearances' must come last, one entry after the other, each "
			"beginning with '- '",
			path);
	return text;
}

/* --- writing --------------------------------------------------------------------- */

/* Open (or make) and lock the file that `path` names at this moment; -1 with error. */
static int open_locked(const char *path, GError **error)
{
	for (int i = 0; i < 100; i++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
		struct stat held, named;

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &held) != 0) {
			iv_fail_errno(error, "%s: cannot open the clearances", path);
			if (fd >= 0)
				close(fd);
			return -1;
		}
		/* Somebody may have replaced the file while we waited for the lock. */
		if (S_ISREG(held.st_mode) && stat(path, &named) == 0 &&
		    held.st_ino == named.st_ino && held.st_dev == named.st_dev)
			return fd;
		close(fd);
	}
	iv_fail(error, IV_ERROR_IO, "%s: cannot lock the clearances", path);
	return -1;
}

static char *read_locked(int fd, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[65536];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			iv_fail_errno(error, "%s: cannot read the clearances", path);
			return NULL;
		}
		g_string_append_len(text, buffer, got);
		if (text->len > IV_MAX_YAML_BYTES || memchr(buffer, '\0', (size_t)got) != NULL) {
			iv_fail(error, IV_ERROR_CONFIG, "%s: this is no clearances file", path);
			return NULL;
		}
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t put = write(fd, text, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		text += put;
		left -= (size_t)put;
	}
	return fsync(fd) == 0;
}

/* Whole or not at all: a temporary beside it with the same mode, then a rename. */
static bool replace_locked(int old, const char *path, const char *text, GError **error)
{
	g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
	struct stat st;
	int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
	bool fine;

	if (fd < 0)
		return iv_fail_errno(error, "%s: cannot write the clearances", path);
	fine = fstat(old, &st) == 0 && fchmod(fd, st.st_mode & 0777) == 0 && write_all(fd, text) &&
	       g_rename(temporary, path) == 0;
	if (!fine) {
		iv_fail_errno(error, "%s: cannot write the clearances", path);
		(void)g_unlink(temporary);
	}
	close(fd);
	return fine;
}

bool iv_clearances_add(const char *path, const uint8_t salt[IV_SALT_BYTES], const char *fingerprint,
		       const char *reason, const char *who, const char *expires, GError **error)
{
	const char *problem =
		iv_clearance_problem(fingerprint, reason, who, NULL, expires, NULL, NULL);
	/* A symbolic link stays one: the file behind it is replaced. */
	char *resolved = realpath(path, NULL);
	g_autofree char *file = g_strdup(resolved != NULL ? resolved : path);
	g_autofree char *old = NULL;
	g_autofree char *text = NULL;
	bool fine;
	int fd;

	free(resolved);
	if (problem != NULL)
		return iv_fail(error, IV_ERROR_USAGE, "this clearance would not help: %s", problem);
	fd = open_locked(file, error);
	if (fd < 0)
		return false;
	old = read_locked(fd, file, error);
	if (old != NULL)
		text = new_text(file, old, salt, fingerprint, reason, who, expires, error);
	fine = text != NULL && replace_locked(fd, file, text, error);
	close(fd);
	return fine;
}
