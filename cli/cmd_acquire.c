/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_acquire.c - imgvet acquire: fetch a cloud image as a local disk, with proof of which image it
 * is. */
#include <signal.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/disk.h"
#include "cli/meter.h"
#include "cli/move.h"

static char *image_id, *via, *prefix, *category, *disk;
static gboolean delete_object;

static const GOptionEntry entries[] = {
	{"image-id", 0, 0, G_OPTION_ARG_STRING, &image_id, "The cloud image to fetch", "ID"},
	{"via", 0, 0, G_OPTION_ARG_STRING, &via,
	 "export (default), through an object in a bucket; or disk, on an instance", "WAY"},
	{"bucket", 0, 0, G_OPTION_ARG_STRING, &cli_move.bucket,
	 "The bucket that the image is exported to, in the same region", "NAME"},
	{"prefix", 0, 0, G_OPTION_ARG_STRING, &prefix,
	 "Prefix of the exported object's name (letters and digits)", "TEXT"},
	{"disk-category", 0, 0, G_OPTION_ARG_STRING, &category,
	 "With --via disk: the kind of the temporary disk (default: cloud_essd)", "KIND"},
	{"output", 'o', 0, G_OPTION_ARG_FILENAME, &disk,
	 "The disk to make; its origin record is DISK.origin.json", "DISK"},
	{"delete-object", 0, 0, G_OPTION_ARG_NONE, &delete_object,
	 "Delete the exported object once the disk is here", NULL},
	CLI_MOVE_OPTIONS,
	CLI_CLOUD_OPTIONS,
	{NULL}};

static const char about[] =
	"Fetch the bytes of a cloud image and write a signed origin record: which image they are\n"
	"of, by which calls, with which digest. imgvet scan DISK takes the record into its report,\n"
	"so that the gate can call the image id proven.\n"
	"\n"
	"The cloud exports the image into an object of a bucket, usually a gzip tar, which is\n"
	"fetched and unpacked as a sparse file. After an interruption the same command continues\n"
	"where it stopped; its state is kept beside the disk (DISK.acquire, DISK.object).\n"
	"\n"
	"With --via disk, on an ECS instance of the image's region, a temporary disk is made from\n"
	"the image's snapshot, attached, copied, detached and deleted; also after an interrupt.";
static const char more[] =
	"Rights and roles that the account needs: docs/acquire.md.\n"
	"\n"
	"Exit codes: 0 the disk is here, 1 this image cannot be exported, 2 wrong usage or\n"
	"configuration, 3 cloud error or could not finish (run the same command again).\n"
	"\n"
	"Example:\n"
	"  imgvet acquire --image-id m-bp1... --region cn-hangzhou --bucket vault \\\n"
	"    -o disk.raw --delete-object && imgvet scan disk.raw -o report.json";

static bool via_disk(void)
{
	return g_strcmp0(via, "disk") == 0;
}

/* --- interrupts: with --via disk there is something to clear up ------------------------------ */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

static bool stopped(void *user)
{
	(void)user;
	return interrupted != 0;
}

static void catch_interrupts(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};

	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static int usage(void)
{
	if (via != NULL && strcmp(via, "export") != 0 && strcmp(via, "disk") != 0)
		return cli_usage_error("acquire", "--via must be export or disk");
	if (image_id == NULL || cli_cloud.region == NULL || disk == NULL)
		return cli_usage_error("acquire", "--image-id, --region and -o are needed");
	if (via_disk() && (cli_move.bucket != NULL || prefix != NULL || delete_object))
		return cli_usage_error("acquire",
				       "--via disk takes no --bucket, --prefix or --delete-object");
	if (!via_disk() && (cli_move.bucket == NULL || category != NULL))
		return cli_usage_error("acquire",
				       "--via export needs --bucket and takes no --disk-category");
	return IV_EXIT_YES;
}

static bool acquire(gint64 deadline, cJSON **origin, GError **error)
{
	IvAcquireRequest request = {
		.move = cli_move_request(disk, deadline),
		.image_id = image_id,
		.prefix = prefix,
		.delete_object = delete_object,
		.land = cli_disk_land,
		.via_disk = via_disk(),
		.category = category,
		.devices = g_getenv("IMGVET_DISK_BY_ID"),
		.stopped = stopped,
		.measure = cli_disk_measure_raw,
	};
	g_autoptr(IvLedger) ledger = iv_ledger_open(cli_move.ledger, error);
	bool ok = ledger != NULL && iv_acquire(&request, ledger, origin, error);

	cli_meter_clear();
	return ok;
}

int cmd_acquire(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) origin = NULL;
	g_autofree char *line = NULL;
	gint64 deadline;
	int code;

	if (!cli_options(&argc, &argv, entries, "", about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("acquire", "unexpected argument '%s'", argv[1]);
	code = usage();
	if (code != IV_EXIT_YES)
		return code;
	if (!cli_cloud_options("acquire", &deadline))
		return IV_EXIT_USAGE;
	if (via_disk())
		catch_interrupts();
	if (!acquire(deadline, &origin, &error))
		return cli_error(error);
	line = g_strdup_printf("acquired: %s in %s as %s", image_id, cli_cloud.region, disk);
	return cli_move_outcome(origin, line);
}
