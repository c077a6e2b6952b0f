/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.c - see disk.h */
#include "cli/disk.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/meter.h"
#include "scanner/process/digest_process.h"
#include "scanner/process/unpack_process.h"

/* The child is started before the bar's thread. */
static bool unpack(const char *archive, const char *disk, GError **error)
{
	IvScanProgress *progress = iv_scan_progress_new();
	IvSubprocess *process = iv_unpack_process_start(archive, disk, progress, error);
	IvProgressBar *bar = NULL;
	bool ok;

	if (process != NULL)
		bar = cli_progress_start("unpacking", progress);
	ok = process != NULL && iv_unpack_process_wait(process, archive, error);
	cli_progress_stop(bar);
	iv_scan_progress_free(progress);
	return ok;
}

bool cli_disk_measure(const char *disk, const char *format, IvDiskBytes *bytes, GError **error)
{
	IvScanProgress *progress = iv_scan_progress_new();
	IvSubprocess *process = iv_digest_process_start(disk, format, progress, error);
	g_auto(IvDiskFacts) facts = {0};
	IvProgressBar *bar = NULL;
	bool ok;

	if (process != NULL)
		bar = cli_progress_start("digesting", progress);
	ok = process != NULL && iv_digest_process_wait(process, disk, &facts, error);
	cli_progress_stop(bar);
	iv_scan_progress_free(progress);
	if (ok)
		*bytes = (IvDiskBytes){g_steal_pointer(&facts.format), facts.size,
				       g_steal_pointer(&facts.digest)};
	return ok;
}

bool cli_disk_land(void *user, const char *file, const char *name, const char *disk,
		   IvDiskBytes *bytes, GError **error)
{
	const char *format;
	IvExport kind;

	(void)user;
	cli_meter_clear();
	if (!iv_export_probe(file, name, &kind, &format, error))
		return false;
	if (kind == IV_EXPORT_ARCHIVE)
		return unpack(file, disk, error) && cli_disk_measure(disk, "raw", bytes, error);
	if (!cli_disk_measure(file, format, bytes, error))
		return false;
	/* A hard link, not a rename: after an interruption the file is needed again. */
	(void)g_unlink(disk);
	if (link(file, disk) == 0)
		return true;
	iv_disk_bytes_clear(bytes);
	return iv_fail_errno(error, "%s: cannot be created", disk);
}

bool cli_disk_measure_raw(void *user, const char *disk, IvDiskBytes *bytes, GError **error)
{
	(void)user;
	cli_meter_clear();
	return cli_disk_measure(disk, "raw", bytes, error);
}
