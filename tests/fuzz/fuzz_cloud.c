/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_cloud.c - any bytes as the answer to each of the calls.
 *
 * What is taken from them must keep its promises: an accepted image is the one
 * asked for, accounts are digits, and nothing steers a terminal or repeats the
 * security token.
 */
#include <stdint.h>
#include <string.h>

#include "share/alibaba/call/call.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/ecs/images.h"
#include "share/alibaba/ecs/instance.h"
#include "share/alibaba/ecs/tasks.h"

#define IMAGE  "m-bp1imgvetdemo001"
#define REGION "cn-hangzhou"
#define TOKEN  "hidden+token=="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit_for_people(const char *text)
{
	if (text == NULL)
		return;
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		g_assert_true(g_unichar_isprint(g_utf8_get_char(p)));
	g_assert_null(strstr(text, TOKEN));
}

static void read_image(const cJSON *json)
{
	g_autoptr(IvCloudImage) image = NULL;
	g_autoptr(GError) error = NULL;
	bool ok = iv_ecs_read_image(json, IMAGE, REGION, &image, &error);

	g_assert_true(ok == (error == NULL) && (ok || image == NULL));
	if (image == NULL)
		return;
	g_assert_cmpstr(image->id, ==, IMAGE);
	fit_for_people(image->name);
	fit_for_people(image->state);
	fit_for_people(image->owner);
}

static void read_receivers(const cJSON *json, guint page)
{
	g_autoptr(IvReceiverList) list = iv_receiver_list_new();
	g_autoptr(GError) error = NULL;
	guint total = 0;
	bool ok = iv_ecs_read_receivers(json, IMAGE, page, list, &total, &error);
	GHashTableIter each;
	gpointer account;

	g_assert_true(ok == (error == NULL));
	g_hash_table_iter_init(&each, list->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		g_assert_true(iv_alibaba_account_ok(account));
}

static void read_task(const cJSON *json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvCloudTask) task = iv_ecs_read_task(json, "t-bp1imgvet000001", &error);

	g_assert_true((task != NULL) == (error == NULL));
	if (task == NULL)
		return;
	fit_for_people(task->word);
	fit_for_people(task->problem);
	g_assert_true(task->percent <= 100);
	g_assert_true(task->object == NULL || (*task->object != '\0' && strlen(task->object) < 1024));
}

static void read_lists(const cJSON *json)
{
	g_autoptr(GPtrArray) volumes =
		g_ptr_array_new_with_free_func((GDestroyNotify)iv_cloud_volume_free);
	g_autoptr(GPtrArray) exports = g_ptr_array_new_with_free_func(iv_ecs_export_free);
	guint total;

	if (iv_ecs_read_disks(json, volumes, &total, NULL))
		for (guint i = 0; i < volumes->len; i++)
			g_assert_true(iv_alibaba_id_ok(((IvCloudVolume *)volumes->pdata[i])->id));
	/* Any answer will do, as long as reading it ends well. */
	iv_ignore(iv_ecs_read_exports(json, IMAGE, 0, exports, &total, NULL));
}

/* `json` is NULL for a refusal, whose parts must do for a message then. */
static void look_at(const IvAlibabaAnswer *answer)
{
	fit_for_people(answer->code);
	fit_for_people(answer->message);
	fit_for_people(answer->request_id);
	(void)iv_alibaba_hint(answer->code);
	(void)iv_alibaba_lacks_right(answer->code);
	if (answer->json == NULL) {
		g_assert_nonnull(answer->code);
		return;
	}
	read_image(answer->json);
	read_receivers(answer->json, 1);
	read_receivers(answer->json, 3);
	read_task(answer->json);
	read_lists(answer->json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = {200, 403, 503};
	g_autofree char *body = g_malloc(size + 1);

	memcpy(body, data, size);
	body[size] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
		IvAlibabaAnswer answer;
		g_autoptr(GError) error = NULL;

		if (iv_alibaba_answer_read(statuses[i], body, size, TOKEN, &answer, &error))
			look_at(&answer);
		else
			g_assert_nonnull(error);
		iv_alibaba_answer_clear(&answer);
	}
	return 0;
}
