/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_publish.c - imgvet publish: make a cloud image from a local disk, with proof of which bytes
 * it holds. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/disk.h"
#include "cli/meter.h"
#include "cli/move.h"

static char *name, *prefix, *format, *architecture, *boot, *platform, *record;
static gboolean keep_object;

static const GOptionEntry entries[] = {
	{"image-name", 0, 0, G_OPTION_ARG_STRING, &name, "The name of the new image", "NAME"},
	{"bucket", 0, 0, G_OPTION_ARG_STRING, &cli_move.bucket,
	 "The bucket that the disk is uploaded to, in the same region", "NAME"},
	{"object-prefix", 0, 0, G_OPTION_ARG_STRING, &prefix,
	 "Prefix of the object's key, such as a folder/", "TEXT"},
	{"keep-object", 0, 0, G_OPTION_ARG_NONE, &keep_object,
	 "Keep the object in the bucket after the import", NULL},
	{"format", 'f', 0, G_OPTION_ARG_STRING, &format,
	 "The disk's format: raw or qcow2; by default its content and its name must agree", "FMT"},
	{"architecture", 0, 0, G_OPTION_ARG_STRING, &architecture,
	 "x86_64 (default), arm64 or i386", "ARCH"},
	{"boot-mode", 0, 0, G_OPTION_ARG_STRING, &boot,
	 "BIOS or UEFI (default: the cloud's choice)", "MODE"},
	{"platform", 0, 0, G_OPTION_ARG_STRING, &platform,
	 "The operating system, as the cloud names it (default: Others Linux)", "NAME"},
	{"origin", 0, 0, G_OPTION_ARG_FILENAME, &record,
	 "Write the origin record here (default: DISK.origin.json)", "FILE"},
	CLI_MOVE_OPTIONS,
	CLI_CLOUD_OPTIONS,
	{NULL}};

static const char about[] =
	"Make a cloud image from a raw or qcow2 disk and write a signed origin record: which bytes\n"
	"the image was made from. imgvet scan DISK takes the record into its report, so that the\n"
	"gate can call the image id proven. Nothing is shared by this.\n"
	"\n"
	"The disk is uploaded in parts and imported; the image is tagged with the disk's digest,\n"
	"and the object is deleted. After an interruption the same command continues\n"
	"where it stopped; its state is kept beside the disk (DISK.publish).";
static const char more[] =
	"Rights and roles that the account needs: docs/acquire.md.\n"
	"\n"
	"Exit codes: 0 the image is there, 1 refused, 2 wrong usage or configuration, 3 cloud\n"
	"error or could not finish (run the same command again).\n"
	"\n"
	"Example:\n"
	"  imgvet publish disk.qcow2 --image-name shop-1.4 --region cn-hangzhou --bucket vault";

static const char *const architectures[] = {"x86_64", "arm64", "i386", NULL};
static const char *const boots[] = {"BIOS", "UEFI", NULL};

static bool measure(void *user, const char *disk, IvDiskBytes *bytes, GError **error)
{
	cli_meter_clear();
	return cli_disk_measure(disk, format, bytes, error);
}

static int usage(int argc)
{
	if (argc != 2)
		return cli_usage_error("publish", "name one disk");
	if (name == NULL || cli_cloud.region == NULL || cli_move.bucket == NULL)
		return cli_usage_error("publish", "--image-name, --region and --bucket are needed");
	if (architecture != NULL && !g_strv_contains(architectures, architecture))
		return cli_usage_error("publish", "--architecture must be x86_64, arm64 or i386");
	if (boot != NULL && !g_strv_contains(boots, boot))
		return cli_usage_error("publish", "--boot-mode must be BIOS or UEFI");
	return IV_EXIT_YES;
}

static bool publish(const char *disk, gint64 deadline, cJSON **origin, GError **error)
{
	IvPublishRequest request = {
		.move = cli_move_request(disk, deadline),
		.name = name,
		.prefix = prefix,
		.architecture = architecture != NULL ? architecture : architectures[0],
		.boot = boot,
		.platform = platform,
		.keep_object = keep_object,
		.measure = measure,
	};
	g_autoptr(IvLedger) ledger = iv_ledger_open(cli_move.ledger, error);
	bool ok;

	request.move.record = record;
	ok = ledger != NULL && iv_publish(&request, ledger, origin, error);
	cli_meter_clear();
	return ok;
}

static int outcome(const cJSON *origin, const char *disk)
{
	const char *id =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(origin, "image_id"));
	g_autofree char *line =
		g_strdup_printf("published: %s as %s in %s", disk, id, cli_cloud.region);

	return cli_move_outcome(origin, line);
}

int cmd_publish(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) origin = NULL;
	gint64 deadline;
	int code;

	if (!cli_options(&argc, &argv, entries, "DISK", about, more, &code))
		return code;
	code = usage(argc);
	if (code != IV_EXIT_YES)
		return code;
	if (!cli_cloud_options("publish", &deadline))
		return IV_EXIT_USAGE;
	if (!publish(argv[1], deadline, &origin, &error))
		return cli_error(error);
	return outcome(origin, argv[1]);
}
