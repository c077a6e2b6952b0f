/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checkpoint.h - how far a long command has come, in a file beside the disk, so that the same
 * command, run again after any interruption, continues there.  Internal to share/transfer/.
 *
 * A GLib key file.  It begins with what the command is about; a file that is about something else
 * is not touched.  Every change is on disk when it returns.  It holds no secret.  What the cloud
 * can still tell is asked from the cloud again.
 */
#ifndef IV_SHARE_TRANSFER_CHECKPOINT_H
#define IV_SHARE_TRANSFER_CHECKPOINT_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

typedef struct IvCheckpoint IvCheckpoint;

/* What a command is about: an array that ends with a NULL name. */
typedef struct {
	const char *name, *value; /* NULL value: not given */
} IvCheckpointSubject;

/* Read PATH, or begin it (the file is made by the first change).  IV_ERROR_CONFIG when it belongs
 * to something else, or is not such a file. */
IV_MUST_CHECK
IvCheckpoint *iv_checkpoint_open(const char *path, const IvCheckpointSubject *subject, GError **error);
/* Close it; it stays where it is. */
void iv_checkpoint_free(IvCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCheckpoint, iv_checkpoint_free)

/* A text, or NULL.  The caller frees it. */
char *iv_checkpoint_get(const IvCheckpoint *checkpoint, const char *name);
bool iv_checkpoint_has(const IvCheckpoint *checkpoint, const char *name);
gint64 iv_checkpoint_number(const IvCheckpoint *checkpoint, const char *name);
/* NULL takes it out. */
IV_MUST_CHECK
bool iv_checkpoint_set(IvCheckpoint *checkpoint, const char *name, const char *value, GError **error);
IV_MUST_CHECK
bool iv_checkpoint_set_number(IvCheckpoint *checkpoint, const char *name, gint64 value, GError **error);

/* Lists of texts; never NULL. */
GStrv iv_checkpoint_list(const IvCheckpoint *checkpoint, const char *name);
IV_MUST_CHECK
bool iv_checkpoint_append(IvCheckpoint *checkpoint, const char *name, const char *value, GError **error);
/* "ActionName REQUEST-ID" in the list of requests, of a call that was done. */
IV_MUST_CHECK
bool iv_checkpoint_note(IvCheckpoint *checkpoint, const char *action, const IvCallTrace *trace,
		     GError **error);

/* The command is done: remove the file. */
IV_MUST_CHECK
bool iv_checkpoint_end(IvCheckpoint *checkpoint, GError **error);

#endif
