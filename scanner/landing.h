/*
 * landing.h - what came out of a cloud becomes a disk at hand, and what a disk
 * at hand is: its format, size and digest.
 *
 * Both work in a child without keys (apart.h), confined once its files are
 * open.  Start them before other threads exist.
 */
#ifndef IV_LANDING_H
#define IV_LANDING_H

#include "scanner/apart.h"
#include "scanner/scanner.h"

/* How the file of an exported object becomes a disk. */
typedef enum {
	IV_LAND_AS_IS,	/* it is one already: raw or qcow2 */
	IV_LAND_UNPACK, /* a gzip tar that holds a raw one */
} IvLanding;

/* By its bytes and the name it had in the cloud, which must not contradict
 * each other.  *format is the disk's, "raw" or "qcow2"; static.  What imgvet
 * does not read is IV_ERROR_UNSUPPORTED, with what to do about it. */
bool iv_landing_probe(const char *file, const char *name, IvLanding *landing, const char **format,
		      GError **error);

/* Unpack into `disk`, which is made, or emptied where it is there.  The counters
 * (or NULL) come from iv_scan_progress_new() and count the archive's bytes. */
IvApart *iv_landing_start(const char *archive, const char *disk, IvScanProgress *progress,
			  GError **error);
bool iv_landing_wait(IvApart *apart, const char *archive, GError **error);

typedef struct {
	char *format; /* "raw" or "qcow2" */
	uint64_t size; /* virtual bytes */
	char *digest; /* "fsverity-sha256:<hex>" of them */
} IvDiskFacts;

void iv_disk_facts_clear(IvDiskFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvDiskFacts, iv_disk_facts_clear)

/* Digest a disk; format as in IvScanOptions.  A disk that changes meanwhile is
 * an error. */
IvApart *iv_facts_start(const char *disk, const char *format, IvScanProgress *progress,
			GError **error);
bool iv_facts_wait(IvApart *apart, const char *disk, IvDiskFacts *facts, GError **error);

#endif
