/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_publish.c - imgvet publish: make a cloud image from a local disk, with proof of which bytes
 * it holds. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/disk.h"
#include "cli/meter.h"
#include "scanner/report/report.h"
#include "share/transfer/acquire.h"

static char *name, *bucket, *prefix, *format, *architecture, *boot, *platform, *record, *key_file,
	*ledger_file;
static gboolean keep_object, as_json;

static const GOptionEntry entries[] = {
	{"image-name", 0, 0, G_OPTION_ARG_STRING, &name, "The name of the new image", "NAME"},
	{"bucket", 0, 0, G_OPTION_ARG_STRING, &bucket,
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
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &key_file,
	 "Sign the origin record with this key (default: your own)", "FILE"},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Record everything in this ledger",
	 "FILE"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the origin record", NULL},
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

static void say_line(void *user, const char *text)
{
	cli_meter_clear();
	cli_say("%s", text);
}

static bool measure(void *user, const char *disk, IvDiskBytes *bytes, GError **error)
{
	cli_meter_clear();
	return cli_disk_measure(disk, format, bytes, error);
}

static int usage(int argc)
{
	if (argc != 2)
		return cli_usage_error("publish", "name one disk");
	if (name == NULL || cli_cloud.region == NULL || bucket == NULL)
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
		.move = {.region = cli_cloud.region,
			 .profile = cli_cloud.profile,
			 .endpoints = (const char *const *)cli_cloud.endpoints,
			 .deadline = deadline,
			 .bucket = bucket,
			 .disk = disk,
			 .record = record,
			 .key = key_file,
			 .say = say_line,
			 .progress = cli_meter},
		.name = name,
		.prefix = prefix,
		.architecture = architecture != NULL ? architecture : architectures[0],
		.boot = boot,
		.platform = platform,
		.keep_object = keep_object,
		.measure = measure,
	};
	g_autoptr(IvLedger) ledger = iv_ledger_open(ledger_file, error);
	bool ok = ledger != NULL && iv_publish(&request, ledger, origin, error);

	cli_meter_clear();
	return ok;
}

static char *outcome(const cJSON *origin, const char *disk)
{
	const char *id =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(origin, "image_id"));
	const char *digest =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(origin, "digest"));

	if (as_json)
		return iv_report_text(origin);
	return g_strdup_printf("published: %s as %s in %s\ndigest: %s\n", disk, id,
			       cli_cloud.region, digest);
}

int cmd_publish(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) origin = NULL;
	g_autofree char *text = NULL;
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
	text = outcome(origin, argv[1]);
	return cli_print(text) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}
