/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clearance_add.c - appending one entry to a clearances file.  See clearance.h.
 *
 * What stands in the file stays byte for byte, comments too; so the entry is
 * written as text, and the result read again before it replaces the file.
 */
#include "share/gate/clearance.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/base/yaml.h"
#include "scanner/base/write.h"
#include "share/gate/salt.h"

/* --- the text ---------------------------------------------------------------------- */

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
	g_autoptr(IvClearances) all =
		yaml != NULL ? iv_clearances_parse(path, header, strlen(header), error) : NULL;
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

/* *made: it was not there. */
static int open_or_make(const char *path, bool *made)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);

	*made = fd < 0 && errno == ENOENT;
	return *made ? open(path, flags | O_CREAT | O_EXCL, 0600) : fd;
}

/* Open (or make) and lock the file that `path` names at this moment; -1 with error. */
static int open_locked(const char *path, bool *made, GError **error)
{
	for (int i = 0; i < 100; i++) {
		int fd = open_or_make(path, made);
		struct stat held, named;

		if (fd < 0 && errno == EEXIST)
			continue; /* another process was faster */
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
	iv_fail(error, IV_ERROR_IO, "%s: cannot make and lock the clearances", path);
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
			iv_fail(error, IV_ERROR_CONFIG, "%s: this is not a clearances file", path);
			return NULL;
		}
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
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
	fine = fstat(old, &st) == 0 && fchmod(fd, st.st_mode & 0777) == 0 &&
	       iv_write_all(fd, text, strlen(text)) && fsync(fd) == 0 &&
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
	/* A symbolic link is kept: the file it points to is replaced. */
	char *resolved = realpath(path, NULL);
	g_autofree char *file = g_strdup(resolved != NULL ? resolved : path);
	g_autofree char *old = NULL;
	g_autofree char *text = NULL;
	bool fine, made;
	int fd;

	free(resolved);
	if (problem != NULL)
		return iv_fail(error, IV_ERROR_USAGE, "this clearance would have no effect: %s",
			       problem);
	fd = open_locked(file, &made, error);
	if (fd < 0)
		return false;
	old = read_locked(fd, file, error);
	if (old != NULL)
		text = new_text(file, old, salt, fingerprint, reason, who, expires, error);
	fine = text != NULL && replace_locked(fd, file, text, error);
	/* Still under the lock: whoever waits for it looks at the name again. */
	if (!fine && made)
		(void)g_unlink(file);
	close(fd);
	return fine;
}
