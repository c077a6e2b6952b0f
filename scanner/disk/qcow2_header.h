/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2_header.h - private to scanner/disk: what the first cluster of a qcow2 image says.
 */
#ifndef IV_DISK_QCOW2_HEADER_H
#define IV_DISK_QCOW2_HEADER_H

#include "scanner/base/error.h"
#include "scanner/disk/qcow2.h"

/* The header's fields, and where the rest of it is. */
typedef struct {
	const char *path;
	const uint8_t *bytes; /* the first cluster, or as much of it as there is */
	size_t len;
	uint32_t version, cluster_bits, crypt, l1_size, refs_clusters, header_len, name_len;
	uint64_t name_off, size, l1_off, refs_off, features;
	unsigned compression;
	bool extended; /* "Extended L2 entries" */
	const uint8_t *names; /* the feature name table, or NULL */
	size_t names_len;
	size_t named; /* where the header and its extensions end */
	char *backing;	      /* the backing file's name, or NULL */
	char *backing_format; /* or NULL */
	IvQcow2Extras extras;
} IvQcow2Header;

/* Read the header of a file that begins like a qcow2 image, and check all that does
 * not need the tables.  h: zeroed, and to be released in any case. */
IV_MUST_CHECK
bool iv_qcow2_header_read(IvQcow2Header *h, IvFile *file, GError **error);
void iv_qcow2_header_release(IvQcow2Header *h);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvQcow2Header, iv_qcow2_header_release)

/* Fails with IV_ERROR_CORRUPT: "PATH: the qcow2 header WRONG". */
bool iv_qcow2_header_fail(const IvQcow2Header *h, const char *wrong, GError **error);

#endif
