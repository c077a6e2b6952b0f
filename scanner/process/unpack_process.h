/*
 * unpack_process.h - what came out of a cloud becomes a disk at hand, and what a disk
 * at hand is: its format, size and digest.
 *
 * Both work in a child without keys (subprocess.h), confined once its files are
 * open.  Start them before other threads exist.
 */
#ifndef IV_PROCESS_UNPACK_PROCESS_H
#define IV_PROCESS_UNPACK_PROCESS_H

#include "scanner/process/subprocess.h"
#include "scanner/scanner.h"

/* How the file of an exported object becomes a disk. */
typedef enum {
	IV_EXPORT_DISK,	/* it is one already: raw or qcow2 */
	IV_EXPORT_ARCHIVE, /* a gzip tar that holds a raw one */
} IvExport;

/* By its bytes and the name it had in the cloud, which must not contradict
 * each other.  *format is the disk's, "raw" or "qcow2"; static.  What imgvet
 * does not read is IV_ERROR_UNSUPPORTED, with what to do about it. */
bool iv_export_probe(const char *file, const char *name, IvExport *landing, const char **format,
		      GError **error);

/* Unpack into `disk`, which is made, or emptied where it is there.  The counters
 * (or NULL) come from iv_scan_progress_new() and count the archive's bytes. */
IvSubprocess *iv_unpack_process_start(const char *archive, const char *disk, IvScanProgress *progress,
			  GError **error);
bool iv_unpack_process_wait(IvSubprocess *process, const char *archive, GError **error);

typedef struct {
	char *format; /* "raw" or "qcow2" */
	uint64_t size; /* virtual bytes */
	char *digest; /* "fsverity-sha256:<hex>" of them */
} IvDiskFacts;

void iv_disk_facts_clear(IvDiskFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvDiskFacts, iv_disk_facts_clear)

/* Digest a disk; format as in IvScanOptions.  A disk that changes meanwhile is
 * an error. */
IvSubprocess *iv_digest_process_start(const char *disk, const char *format, IvScanProgress *progress,
			GError **error);
bool iv_digest_process_wait(IvSubprocess *process, const char *disk, IvDiskFacts *facts, GError **error);

#endif
