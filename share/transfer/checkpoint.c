/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checkpoint.c - see checkpoint.h */
#include "share/transfer/checkpoint.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"

#define GROUP "imgvet"
/* Bytes of such a file. */
#define MAX_BYTES (64u << 10)

struct IvCheckpoint {
	char *path;
	GKeyFile *file;
};

void iv_checkpoint_free(IvCheckpoint *checkpoint)
{
	if (checkpoint == NULL)
		return;
	g_free(checkpoint->path);
	g_key_file_unref(checkpoint->file);
	g_free(checkpoint);
}

static bool save(IvCheckpoint *j, GError **error)
{
	g_autoptr(GError) problem = NULL;
	gsize len;
	g_autofree char *text = g_key_file_to_data(j->file, &len, NULL);

	if (g_file_set_contents_full(j->path, text, (gssize)len,
				     G_FILE_SET_CONTENTS_CONSISTENT |
					     G_FILE_SET_CONTENTS_DURABLE,
				     0600, &problem))
		return true;
	return iv_fail(error, IV_ERROR_IO, "%s: cannot be written: %s", j->path, problem->message);
}

/* --- opening --------------------------------------------------------------------------- */

static bool fits(const IvCheckpoint *j, const IvCheckpointSubject *subject, GError **error)
{
	for (; subject->name != NULL; subject++) {
		g_autofree char *is = iv_checkpoint_get(j, subject->name);

		if (g_strcmp0(is, subject->value) != 0)
			return iv_fail(error, IV_ERROR_CONFIG,
				       "%s: belongs to an unfinished command with another %s\n"
				       "finish that one, or remove the file to give it up",
				       j->path, subject->name);
	}
	return true;
}

static bool read_file(IvCheckpoint *j, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *text = NULL;
	struct stat st;
	gsize len;

	if (lstat(j->path, &st) != 0)
		return iv_fail_errno(error, "%s: cannot be read", j->path);
	if (S_ISREG(st.st_mode) && st.st_size <= (off_t)MAX_BYTES &&
	    g_file_get_contents(j->path, &text, &len, &problem) && len <= MAX_BYTES &&
	    g_key_file_load_from_data(j->file, text, len, G_KEY_FILE_NONE, &problem))
		return true;
	return iv_fail(error, IV_ERROR_CONFIG,
		       "%s: is not the state of an unfinished command%s%s\nremove it to begin anew",
		       j->path, problem != NULL ? ": " : "",
		       problem != NULL ? problem->message : "");
}

IvCheckpoint *iv_checkpoint_open(const char *path, const IvCheckpointSubject *subject, GError **error)
{
	g_autoptr(IvCheckpoint) j = g_new0(IvCheckpoint, 1);
	struct stat st;

	j->path = g_strdup(path);
	j->file = g_key_file_new();
	if (lstat(path, &st) == 0) {
		if (!read_file(j, error) || !fits(j, subject, error))
			return NULL;
		return g_steal_pointer(&j);
	}
	for (; subject->name != NULL; subject++)
		if (subject->value != NULL)
			g_key_file_set_string(j->file, GROUP, subject->name, subject->value);
	return g_steal_pointer(&j);
}

/* --- its contents -------------------------------------------------------------------- */

char *iv_checkpoint_get(const IvCheckpoint *j, const char *name)
{
	return g_key_file_get_string(j->file, GROUP, name, NULL);
}

bool iv_checkpoint_has(const IvCheckpoint *j, const char *name)
{
	return g_key_file_has_key(j->file, GROUP, name, NULL);
}

gint64 iv_checkpoint_number(const IvCheckpoint *j, const char *name)
{
	return g_key_file_get_int64(j->file, GROUP, name, NULL);
}

bool iv_checkpoint_set(IvCheckpoint *j, const char *name, const char *value, GError **error)
{
	if (value != NULL)
		g_key_file_set_string(j->file, GROUP, name, value);
	else
		g_key_file_remove_key(j->file, GROUP, name, NULL);
	return save(j, error);
}

bool iv_checkpoint_set_number(IvCheckpoint *j, const char *name, gint64 value, GError **error)
{
	g_key_file_set_int64(j->file, GROUP, name, value);
	return save(j, error);
}

GStrv iv_checkpoint_list(const IvCheckpoint *j, const char *name)
{
	GStrv list = g_key_file_get_string_list(j->file, GROUP, name, NULL, NULL);

	return list != NULL ? list : g_new0(char *, 1);
}

bool iv_checkpoint_append(IvCheckpoint *j, const char *name, const char *value, GError **error)
{
	g_auto(GStrv) list = iv_checkpoint_list(j, name);
	guint n = g_strv_length(list);
	g_autofree const char **more = g_new0(const char *, n + 2);

	for (guint i = 0; i < n; i++)
		more[i] = list[i];
	more[n] = value;
	g_key_file_set_string_list(j->file, GROUP, name, more, n + 1);
	return save(j, error);
}

bool iv_checkpoint_note(IvCheckpoint *j, const char *action, const IvCallTrace *trace, GError **error)
{
	g_autofree char *text = g_strdup_printf(
		"%s %s", action, trace->request_id != NULL ? trace->request_id : "unknown");

	return iv_checkpoint_append(j, "requests", text, error);
}

bool iv_checkpoint_end(IvCheckpoint *j, GError **error)
{
	if (g_unlink(j->path) == 0 || errno == ENOENT)
		return true;
	return iv_fail_errno(error, "%s: cannot be removed", j->path);
}
