/* disk.c - see disk.h */
#include "cli/disk.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/meter.h"
#include "scanner/landing.h"

/* The child is started before the bar's thread. */
static bool unpack(const char *archive, const char *disk, GError **error)
{
	IvScanProgress *progress = iv_scan_progress_new();
	IvApart *apart = iv_landing_start(archive, disk, progress, error);
	IvProgressBar *bar = NULL;
	bool ok;

	if (apart != NULL && progress != NULL)
		bar = cli_progress_start("unpacking", progress);
	ok = apart != NULL && iv_landing_wait(apart, archive, error);
	cli_progress_stop(bar);
	iv_scan_progress_free(progress);
	return ok;
}

bool cli_disk_measure(const char *disk, const char *format, IvDiskBytes *bytes, GError **error)
{
	IvScanProgress *progress = iv_scan_progress_new();
	IvApart *apart = iv_facts_start(disk, format, progress, error);
	g_auto(IvDiskFacts) facts = {0};
	IvProgressBar *bar = NULL;
	bool ok;

	if (apart != NULL && progress != NULL)
		bar = cli_progress_start("digesting", progress);
	ok = apart != NULL && iv_facts_wait(apart, disk, &facts, error);
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
	IvLanding landing;

	(void)user;
	cli_meter_clear();
	if (!iv_landing_probe(file, name, &landing, &format, error))
		return false;
	if (landing == IV_LAND_UNPACK)
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
