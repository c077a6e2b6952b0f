/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress.h - how far long work has come: the work adds, a progress bar reads,
 * without locks, and across processes.
 */
#ifndef IV_BASE_PROGRESS_H
#define IV_BASE_PROGRESS_H

#include <stdint.h>

/* A counter that threads share; C++ callers only pass it along. */
#ifdef __cplusplus
typedef uint64_t IvCounter;
#else
typedef _Atomic uint64_t IvCounter;
#endif

/* Shared counters: the scan adds, a progress bar reads, without locks.  Who reads
 * them in another process than the scan's reads each once, and believes nothing. */
typedef struct {
	IvCounter total; /* bytes of work known so far (hashing and searching) */
	IvCounter done;
	IvCounter findings;
	IvCounter phase; /* IvScanPhase */
} IvScanProgress;

typedef enum { IV_PHASE_OPEN, IV_PHASE_GUEST, IV_PHASE_SEARCH, IV_PHASE_DONE } IvScanPhase;

/* Counters, all 0, that the caller's child processes share; NULL when there is
 * no memory for them. */
IvScanProgress *iv_scan_progress_new(void);
void iv_scan_progress_free(IvScanProgress *progress);

#endif
