/*
 * scanner.h - the whole public API of the scanner.
 *
 * Give it an image, get a report.  The library never prints, never exits, and
 * never writes to the image.
 */
#ifndef IV_SCANNER_H
#define IV_SCANNER_H

#include "scanner/engine/rule.h"
#include "scanner/report/report.h"
#include "scanner/finding/redact.h"

typedef enum {
	IV_READER_AUTO,	  /* native where one knows the volume, guest for the rest */
	IV_READER_NATIVE, /* native only; other volumes are coverage */
	IV_READER_GUEST,  /* libguestfs for every file system */
	IV_READER_TREE,	  /* the image is a directory of the host */
} IvReader;

/* A counter that threads share; C++ callers only pass it along. */
#ifdef __cplusplus
typedef uint64_t IvCounter;
#else
typedef _Atomic uint64_t IvCounter;
#endif

/* Shared counters: the scan adds, a progress bar reads, without locks. */
typedef struct {
	IvCounter total; /* bytes of work known so far (hashing and searching) */
	IvCounter done;
	IvCounter findings;
	IvCounter phase; /* IvScanPhase */
} IvScanProgress;

typedef enum { IV_PHASE_OPEN, IV_PHASE_GUEST, IV_PHASE_SEARCH, IV_PHASE_DONE } IvScanPhase;

typedef struct {
	const char *format;  /* "raw", "qcow2", NULL: by magic and name */
	const char *backing; /* the one backing file allowed, or NULL */
	IvReader reader;
	unsigned threads;	  /* 0: one per processor */
	const uint8_t *salt;	  /* IV_SALT_BYTES, for fingerprints */
	bool confine;		  /* after opening the image, give up what reading it does not need
				   * (sandbox.h); only for a process that does nothing else
				   * afterwards.  Not where libguestfs or a tree is read. */
	IvScanProgress *progress; /* or NULL */
} IvScanOptions;

/* Scan an image in this process.  NULL with an error when it cannot be opened
 * or read; what can be worked around is in the report's coverage.  The caller
 * frees the report. */
IvReport *iv_scan(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
		  GError **error);

/* --- scan_process.c: the same in a process of its own -------------------------------- */

typedef struct IvScanProcess IvScanProcess;

/* Counters that a child process can share; NULL when there is no memory. */
IvScanProgress *iv_scan_progress_new(void);
void iv_scan_progress_free(IvScanProgress *progress);

/* Start iv_scan() in a child.  Call it before other threads exist, and before
 * keys are loaded: the child is a copy of this process.  `progress` must come
 * from iv_scan_progress_new(). */
IvScanProcess *iv_scan_process_start(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
			   GError **error);

/* Wait for its report and free the child.  A child that crashed is
 * IV_ERROR_CORRUPT. */
IvReport *iv_scan_process_wait(IvScanProcess *child, const char *image, GError **error);

#endif
