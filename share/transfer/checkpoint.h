/*
 * checkpoint.h - how far a long command has come, in a file beside the disk, so
 * that the same command, run again after any interruption, goes on there.
 * Internal to share/.
 *
 * A key file of texts.  It begins with what the command is about; a file that
 * is about something else is not touched.  Every change is on disk when it
 * returns.  It holds no secret.  What it says is asked from the cloud again
 * wherever the cloud can still tell.
 */
#ifndef IV_SHARE_TRANSFER_CHECKPOINT_H
#define IV_SHARE_TRANSFER_CHECKPOINT_H

#include "share/cloud/cloud.h"

typedef struct IvJourney IvJourney;

/* What a command is about: an array that ends with a NULL name. */
typedef struct {
	const char *name, *value; /* NULL value: not given */
} IvJourneySubject;

/* Read PATH, or begin it (the file is made by the first change).  IV_ERROR_CONFIG when it is about something else or no
 * such file. */
IvJourney *iv_journey_open(const char *path, const IvJourneySubject *subject, GError **error);
/* Close it; it stays where it is. */
void iv_journey_free(IvJourney *journey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvJourney, iv_journey_free)

/* A text, or NULL.  The caller frees it. */
char *iv_journey_get(const IvJourney *journey, const char *name);
bool iv_journey_has(const IvJourney *journey, const char *name);
gint64 iv_journey_number(const IvJourney *journey, const char *name);
/* NULL takes it out. */
bool iv_journey_set(IvJourney *journey, const char *name, const char *value, GError **error);
bool iv_journey_set_number(IvJourney *journey, const char *name, gint64 value, GError **error);

/* Lists of texts; never NULL. */
GStrv iv_journey_list(const IvJourney *journey, const char *name);
bool iv_journey_append(IvJourney *journey, const char *name, const char *value, GError **error);
/* "ActionName REQUEST-ID" in the list of requests, of a call that was done. */
bool iv_journey_note(IvJourney *journey, const char *action, const IvCloudTrace *trace,
		     GError **error);

/* It arrived: remove the file. */
bool iv_journey_end(IvJourney *journey, GError **error);

#endif
