/*
 * borrowed_disk.h - a disk that is borrowed: made from a snapshot, attached to the
 * instance that this runs on, and given back.  Internal to share/.
 *
 * What is made carries a tag with the instance's id from its first moment, so
 * that whatever a killed run left is found and removed by the next one.
 */
#ifndef IV_SHARE_TRANSFER_BORROWED_DISK_H
#define IV_SHARE_TRANSFER_BORROWED_DISK_H

#include "share/transfer/move.h"

typedef struct {
	IvMove *move;	      /* connected while any of this runs */
	const char *category; /* as in IvAcquireRequest */
	const char *devices;
	bool (*stopped)(void *user);

	IvCloudInstance *here;
	bool asked;    /* for a disk: there may be one */
	char *disk_id; /* NULL: none is known of */
	char *device;  /* its path, once borrowed */
} IvLent;

/* False with "interrupted" when the user wants an end. */
bool iv_lent_go_on(const IvLent *lent, GError **error);

/* Learn which instance this is; it must be in the command's region. */
bool iv_lent_here(IvLent *lent, GError **error);
/* Remove what earlier runs left on this instance. */
bool iv_lent_remove_left(IvLent *lent, GError **error);
/* Make, attach, find the device.  Whatever comes of it, give it back. */
bool iv_lent_borrow(IvLent *lent, const char *snapshot, GError **error);
/* Detach and delete, also when the command was interrupted or its time is up. */
bool iv_lent_return(IvLent *lent, GError **error);
void iv_lent_clear(IvLent *lent);

#endif
