/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - see progress.h */
#include "scanner/base/progress.h"

#include <stddef.h>
#include <sys/mman.h>

IvScanProgress *iv_scan_progress_new(void)
{
	void *shared = mmap(NULL, sizeof(IvScanProgress), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared != MAP_FAILED ? shared : NULL;
}

void iv_scan_progress_free(IvScanProgress *progress)
{
	if (progress != NULL)
		munmap(progress, sizeof(*progress));
}
