/* preflight.c - see preflight.h */
#include "share/preflight.h"

#include <string.h>

#include "scanner/base/error.h"

/* Receivers and disks that one line names; JSON and remedies name all. */
#define NAMES 10u

/* Which answers refuse the share. */
static const struct {
	const char *code;
	bool no, unknown;
} checks[IV_CHECKS] = {
	[IV_CHECK_CREDENTIALS] = {"credentials", true, false},
	[IV_CHECK_RECEIVERS] = {"receivers", true, true},
	[IV_CHECK_OWN_ACCOUNT] = {"own-account", true, false},
	[IV_CHECK_POLICY] = {"policy", true, true},
	[IV_CHECK_IMAGE] = {"image", true, true},
	[IV_CHECK_OWNER] = {"owner", true, true},
	[IV_CHECK_STATE] = {"state", true, true},
	[IV_CHECK_PUBLIC] = {"public", true, true},
	[IV_CHECK_EVERYBODY] = {"everybody", true, true},
	[IV_CHECK_DATA_DISKS] = {"data-disks", true, true},
	[IV_CHECK_MARKETPLACE] = {"marketplace", false, false},
	[IV_CHECK_ENCRYPTION] = {"encryption", false, false},
	[IV_CHECK_KEY_REGION] = {"key-region", false, false},
	[IV_CHECK_KEY_DISKS] = {"key-disks", true, false},
	[IV_CHECK_KEY_KIND] = {"key-kind", true, false},
	[IV_CHECK_KEY_STATE] = {"key-state", true, false},
	[IV_CHECK_KEY_TRUST] = {"key-trust", true, false},
	[IV_CHECK_QUOTA] = {"quota", true, false},
};

static const char *const words[] = {
	[IV_ANSWER_YES] = "yes",
	[IV_ANSWER_NO] = "no",
	[IV_ANSWER_UNKNOWN] = "unknown",
};

const char *iv_check_code(IvCheck check)
{
	return checks[check].code;
}

const char *iv_answer_word(IvAnswer answer)
{
	return words[answer];
}

/* --- the list ------------------------------------------------------------------------ */

static void free_line(gpointer item)
{
	IvPreflightLine *line = item;

	g_free(line->text);
	g_free(line->remedy);
	g_free(line);
}

IvPreflight *iv_preflight_new(void)
{
	IvPreflight *preflight = g_new0(IvPreflight, 1);

	preflight->lines = g_ptr_array_new_with_free_func(free_line);
	return preflight;
}

void iv_preflight_free(IvPreflight *preflight)
{
	if (preflight == NULL)
		return;
	g_ptr_array_unref(preflight->lines);
	g_free(preflight);
}

/* Behind all lines of the same check and of those before it. */
static void insert(GPtrArray *lines, IvPreflightLine *line)
{
	guint at = lines->len;

	while (at > 0 && ((IvPreflightLine *)lines->pdata[at - 1])->check > line->check)
		at--;
	g_ptr_array_insert(lines, (gint)at, line);
}

void iv_preflight_say(IvPreflight *preflight, IvCheck check, IvAnswer answer, const char *remedy,
		      const char *format, ...)
{
	IvPreflightLine *line = g_new0(IvPreflightLine, 1);
	va_list args;

	line->check = check;
	line->answer = answer;
	line->blocks = (answer == IV_ANSWER_NO && checks[check].no) ||
		       (answer == IV_ANSWER_UNKNOWN && checks[check].unknown);
	line->remedy = g_strdup(remedy);
	va_start(args, format);
	line->text = g_strdup_vprintf(format, args);
	va_end(args);
	insert(preflight->lines, line);
}

/* A remedy without its layout: a line that goes on with an indented one, as a
 * command or a document does, becomes one line. */
static char *without_layout(const char *remedy)
{
	g_auto(GStrv) lines = g_strsplit(remedy, "\n", -1);
	GString *text = g_string_new(NULL);

	for (guint i = 0; lines[i] != NULL; i++) {
		const char *between = g_str_has_prefix(lines[i], " ") ? " " : "\n";
		char *line = g_strstrip(lines[i]);

		if (g_str_has_suffix(line, " \\"))
			line[strlen(line) - 2] = '\0';
		g_string_append_printf(text, "%s%s", i > 0 ? between : "", line);
	}
	return g_string_free(text, FALSE);
}

bool iv_preflight_ok(const IvPreflight *preflight, GError **error)
{
	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];
		g_autofree char *remedy = line->remedy != NULL ? without_layout(line->remedy) : NULL;

		if (line->blocks)
			return iv_fail(error, IV_ERROR_REFUSED, "%s%s%s", line->text,
				       remedy != NULL ? "\n" : "", remedy != NULL ? remedy : "");
	}
	return true;
}

cJSON *iv_preflight_to_json(const IvPreflight *preflight)
{
	cJSON *array = cJSON_CreateArray();

	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "check", checks[line->check].code);
		cJSON_AddStringToObject(object, "answer", words[line->answer]);
		cJSON_AddBoolToObject(object, "blocks", line->blocks);
		cJSON_AddStringToObject(object, "text", line->text);
		if (line->remedy != NULL)
			cJSON_AddStringToObject(object, "remedy", line->remedy);
		cJSON_AddItemToArray(array, object);
	}
	return array;
}

/* --- who receives, and who gives --------------------------------------------------------- */

static guint count_of(const char *const *list)
{
	return list != NULL ? g_strv_length((char **)list) : 0;
}

void iv_preflight_pass(IvPreflight *preflight, const IvPass *pass, const IvCloudQuestion *question)
{
	const char *const *accounts = question->accounts;
	const char *image_id = iv_pass_image_id(pass);
	guint count = count_of(accounts);

	iv_preflight_say(preflight, IV_CHECK_RECEIVERS, IV_ANSWER_YES, NULL,
			 "%u receiver%s, written as account ids are", count,
			 count == 1 ? "" : "s");
	if (g_strcmp0(image_id, question->image_id) != 0) {
		iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_NO, NULL,
				 "the gate's pass is not for image %s", question->image_id);
		return;
	}
	for (guint i = 0; i < count; i++) {
		if (iv_pass_covers(pass, accounts[i]))
			continue;
		iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_NO, NULL,
				 "the gate's pass does not cover account %s", accounts[i]);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_YES, NULL,
			 "the policy lets all of them receive this image");
}

static void say_unknown_identity(IvPreflight *preflight, const GError *problem)
{
	g_auto(GStrv) lines = g_strsplit(problem->message, "\n", 2);

	iv_preflight_say(preflight, IV_CHECK_CREDENTIALS, IV_ANSWER_UNKNOWN, lines[1],
			 "whose account shares is not known: %s", lines[0]);
	iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_UNKNOWN, NULL,
			 "whether the own account is among the receivers is not known");
}

void iv_preflight_identity(IvPreflight *preflight, const IvCloudIdentity *identity,
			   const GError *problem, const IvCloudQuestion *question)
{
	if (identity == NULL) {
		say_unknown_identity(preflight, problem);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_CREDENTIALS, IV_ANSWER_YES, NULL,
			 "account %s shares, as %s (%s), with credentials from %s",
			 identity->account, identity->name, identity->kind,
			 identity->origin != NULL ? identity->origin : "a source that has no name");
	if (question->accounts != NULL && g_strv_contains(question->accounts, identity->account))
		iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_NO, "leave it out",
				 "account %s is your own, and it has the image already",
				 identity->account);
	else
		iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_YES, NULL,
				 "the own account is not among the receivers");
}

/* --- the image ------------------------------------------------------------------------------ */

static void say_state(IvPreflight *preflight, const IvCloudImage *image, const char *image_id)
{
	if (image->available)
		iv_preflight_say(preflight, IV_CHECK_STATE, IV_ANSWER_YES, NULL, "its state is %s",
				 image->state);
	else
		iv_preflight_say(preflight, IV_CHECK_STATE, IV_ANSWER_NO,
				 "wait until it can be shared, then try again",
				 "image %s cannot be shared now: its state is %s", image_id,
				 image->state);
}

static void say_owner(IvPreflight *preflight, const IvCloudImage *image, const char *image_id)
{
	if (image->own)
		iv_preflight_say(preflight, IV_CHECK_OWNER, IV_ANSWER_YES, NULL,
				 "this account owns it");
	else
		iv_preflight_say(preflight, IV_CHECK_OWNER, IV_ANSWER_NO,
				 "only the account that made an image can share it",
				 "image %s is not one of this account's own (owner: %s)", image_id,
				 image->owner);
}

static void say_public(IvPreflight *preflight, const IvCloudQuestion *question)
{
	if (question->image->is_public)
		iv_preflight_say(preflight, IV_CHECK_PUBLIC, IV_ANSWER_NO,
				 "take it back from the public first, and treat what is in it as "
				 "known",
				 "image %s is public: everybody in region %s can use it already",
				 question->image_id, question->region);
	else
		iv_preflight_say(preflight, IV_CHECK_PUBLIC, IV_ANSWER_YES, NULL,
				 "it is not public");
}

/* The disk that a report of this image is about: the system disk, or the only
 * one.  NULL when that cannot be told. */
static const IvCloudDisk *covered_disk(const IvCloudImage *image)
{
	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk->system || image->disks->len == 1)
			return disk;
	}
	return NULL;
}

/* Those that go with the image and that nobody looked at or accepted. */
static GPtrArray *uncovered_disks(const IvPass *pass, const IvCloudImage *image)
{
	const IvCloudDisk *covered = covered_disk(image);
	GPtrArray *rest = g_ptr_array_new();

	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk != covered && !iv_pass_accepts_disk(pass, disk->snapshot))
			g_ptr_array_add(rest, (gpointer)disk);
	}
	return rest;
}

static void append_disk(GString *text, const IvCloudDisk *disk)
{
	g_string_append(text, *disk->snapshot != '\0' ? disk->snapshot : "one without a snapshot");
	g_string_append_printf(text, " (%s", *disk->device != '\0' ? disk->device : "no device");
	if (disk->size_gib > 0)
		g_string_append_printf(text, ", %u GiB", disk->size_gib);
	g_string_append_c(text, ')');
}

static char *disks_text(const GPtrArray *disks)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < disks->len && i < NAMES; i++) {
		g_string_append(text, i > 0 ? ", " : "");
		append_disk(text, disks->pdata[i]);
	}
	if (disks->len > NAMES)
		g_string_append_printf(text, " and %u more", disks->len - NAMES);
	return g_string_free(text, FALSE);
}

static char *disks_remedy(const GPtrArray *disks)
{
	GString *text = g_string_new("make an image without these disks, or look at each and accept "
				     "it in the policy:\naccepted_disks: [");

	for (guint i = 0; i < disks->len; i++) {
		const char *snapshot = ((const IvCloudDisk *)disks->pdata[i])->snapshot;

		g_string_append_printf(text, "%s%s", i > 0 ? ",\n  " : "",
				       *snapshot != '\0' ? snapshot : "\"*\"");
	}
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

static void say_disks(IvPreflight *preflight, const IvPass *pass, const IvCloudImage *image)
{
	g_autoptr(GPtrArray) rest = uncovered_disks(pass, image);
	g_autofree char *names = disks_text(rest), *remedy = disks_remedy(rest);

	if (image->disks->len == 0 && !iv_pass_accepts_disk(pass, ""))
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_UNKNOWN,
				 "try again; \"*\" in the policy's accepted_disks accepts "
				 "whatever goes with it",
				 "the cloud lists no disks of the image, so what goes with it is "
				 "not known");
	else if (rest->len > 0)
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_NO, remedy,
				 "the report covers one disk, and the receivers would get more: %s",
				 names);
	else if (image->disks->len > 1)
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_YES, NULL,
				 "its %u disks are covered by the report, or accepted by the "
				 "policy",
				 image->disks->len);
	else
		iv_preflight_say(preflight, IV_CHECK_DATA_DISKS, IV_ANSWER_YES, NULL,
				 "no data disks go with it");
}

void iv_preflight_image(IvPreflight *preflight, const IvPass *pass, const IvCloudQuestion *question)
{
	const IvCloudImage *image = question->image;

	if (image == NULL) {
		iv_preflight_say(preflight, IV_CHECK_IMAGE, IV_ANSWER_NO,
				 "check --image-id, --region and whose credentials are set",
				 "there is no image %s in region %s of this account",
				 question->image_id, question->region);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_IMAGE, IV_ANSWER_YES, NULL,
			 "image %s (%s) is in region %s", question->image_id, image->name,
			 question->region);
	say_owner(preflight, image, question->image_id);
	say_state(preflight, image, question->image_id);
	say_public(preflight, question);
	say_disks(preflight, pass, image);
}

/* --- who has it already ------------------------------------------------------------------------ */

/* How many will have it. */
static guint count_after(const IvReceiverList *list, const char *const *accounts)
{
	guint count = g_hash_table_size(list->accounts);

	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		count += !g_hash_table_contains(list->accounts, accounts[i]);
	return count;
}

static void say_quota(IvPreflight *preflight, guint after, guint usual)
{
	static const char more[] = "ask the cloud for a higher quota, or take some back";

	if (usual == 0)
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_UNKNOWN, NULL,
				 "%u accounts will have the image; how many may is not known",
				 after);
	else if (after > usual)
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_UNKNOWN, more,
				 "%u accounts would have the image; the usual quota is %u, and "
				 "whether yours is higher is not known",
				 after, usual);
	else
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_YES,
				 after > usual - usual / 10 ? more : NULL,
				 "%u account%s will have the image, of usually %u", after,
				 after == 1 ? "" : "s", usual);
}

void iv_preflight_receivers(IvPreflight *preflight, const IvReceiverList *list, guint usual,
			    const IvCloudQuestion *question)
{
	if (list->everybody)
		iv_preflight_say(preflight, IV_CHECK_EVERYBODY, IV_ANSWER_NO,
				 "make it private first, and treat what is in it as known",
				 "image %s is shared with everybody already", question->image_id);
	else
		iv_preflight_say(preflight, IV_CHECK_EVERYBODY, IV_ANSWER_YES, NULL,
				 "it is not shared with everybody");
	say_quota(preflight, count_after(list, question->accounts), usual);
}
