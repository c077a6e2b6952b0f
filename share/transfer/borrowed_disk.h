/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * borrowed_disk.h - a temporary cloud disk: made from a snapshot, attached to the instance that
 * this runs on, and deleted.  Internal to share/transfer/.
 *
 * It is created with a tag that holds the instance's id, so that the next run finds and removes
 * whatever a killed one left.
 */
#ifndef IV_SHARE_TRANSFER_BORROWED_DISK_H
#define IV_SHARE_TRANSFER_BORROWED_DISK_H

#include "scanner/base/error.h"
#include "share/transfer/move.h"

typedef struct {
	IvMove *move;	      /* connected while any of this runs */
	const char *category; /* as in IvAcquireRequest */
	const char *devices;
	bool (*stopped)(void *user);

	IvCloudInstance *here;
	bool asked;    /* a disk was asked for: there may be one */
	char *disk_id; /* NULL: none is known of */
	char *device;  /* its path, once borrowed */
} IvBorrowedDisk;

/* False with "interrupted" when the user stopped the command. */
IV_MUST_CHECK
bool iv_borrowed_disk_go_on(const IvBorrowedDisk *borrowed, GError **error);

/* Learn which instance this is; it must be in the command's region. */
IV_MUST_CHECK
bool iv_borrowed_disk_here(IvBorrowedDisk *borrowed, GError **error);
/* Remove what earlier runs left on this instance. */
IV_MUST_CHECK
bool iv_borrowed_disk_remove_left(IvBorrowedDisk *borrowed, GError **error);
/* Make, attach, find the device.  Whether it succeeds or not, call iv_borrowed_disk_return()
 * afterwards. */
IV_MUST_CHECK
bool iv_borrowed_disk_borrow(IvBorrowedDisk *borrowed, const char *snapshot, GError **error);
/* Detach and delete, also when the command was interrupted or its time is up. */
IV_MUST_CHECK
bool iv_borrowed_disk_return(IvBorrowedDisk *borrowed, GError **error);
void iv_borrowed_disk_clear(IvBorrowedDisk *borrowed);

#endif
