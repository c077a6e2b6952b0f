/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * standin.h - start the stand-in of the cloud (standin.py) from a unit test,
 * and tell it how to misbehave.
 */
#ifndef IV_TESTS_CLOUD_STANDIN_H
#define IV_TESTS_CLOUD_STANDIN_H

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "scanner/base/cjson.h"
#include "share/http/http.h"

#define DEMO_KEY_ID  "imgvet-demo-key-id"
#define DEMO_SECRET  "imgvet-demo-secret-that-opens-nothing"
#define DEMO_STS_ID  "imgvet-demo-sts-id"
#define DEMO_STS	     "imgvet-demo-sts-secret-that-opens-nothing"
#define DEMO_TOKEN   "imgvet-demo/token+that=opens==nothing"
#define DEMO_IMAGE   "m-bp1imgvetdemo001"
#define DEMO_REGION  "cn-hangzhou"

typedef struct {
	GSubprocess *process;
	char *folder, *log, *url;
} Standin;

static inline void standin_dies_with_us(gpointer unused)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static inline void standin_credentials(const char *key_id, const char *secret, const char *token)
{
	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", key_id, TRUE);
	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret, TRUE);
	g_unsetenv("ALIBABA_CLOUD_SECURITY_TOKEN");
	if (token != NULL)
		g_setenv("ALIBABA_CLOUD_SECURITY_TOKEN", token, TRUE);
}

static inline char *standin_wait_port(const char *port_file)
{
	char *port = NULL;

	for (int i = 0; i < 1000 && !g_file_get_contents(port_file, &port, NULL, NULL); i++)
		g_usleep(20000);
	g_assert_nonnull(port);
	return g_strstrip(port);
}

/* `more`: NULL-terminated further arguments, or NULL. */
static inline Standin *standin_start(const char *scheme, const char *const *more)
{
	Standin *s = g_new0(Standin, 1);
	const char *python = g_getenv("PYTHON") != NULL ? g_getenv("PYTHON") : "/usr/bin/python3";
	g_autofree char *program = g_build_filename(g_getenv("TOP"), "tests/cloud/standin.py", NULL);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *port_file = NULL, *port = NULL;
	g_autoptr(GError) error = NULL;

	s->folder = g_dir_make_tmp("imgvet-standin-XXXXXX", NULL);
	g_assert_nonnull(s->folder);
	s->log = g_build_filename(s->folder, "log", NULL);
	port_file = g_build_filename(s->folder, "port", NULL);
	for (const char *const *a = (const char *const[]){python, program, "--port-file", port_file,
							   "--log", s->log, NULL};
	     *a != NULL; a++)
		g_ptr_array_add(argv, (gpointer)*a);
	for (; more != NULL && *more != NULL; more++)
		g_ptr_array_add(argv, (gpointer)*more);
	g_ptr_array_add(argv, NULL);
	g_subprocess_launcher_set_child_setup(launcher, standin_dies_with_us, NULL, NULL);
	s->process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
	g_assert_no_error(error);
	port = standin_wait_port(port_file);
	g_remove(port_file);
	s->url = g_strdup_printf("%s://127.0.0.1:%s", scheme, port);
	standin_credentials(DEMO_KEY_ID, DEMO_SECRET, NULL);
	return s;
}

static inline void standin_stop(Standin *s)
{
	g_subprocess_force_exit(s->process);
	g_subprocess_wait(s->process, NULL, NULL);
	g_object_unref(s->process);
	g_remove(s->log);
	g_rmdir(s->folder);
	g_free(s->log);
	g_free(s->folder);
	g_free(s->url);
	g_free(s);
}

/* Set the script (JSON with ' for "), and return what the stand-in has:
 * {"images": [...], "requests": N}. */
static inline cJSON *standin_script(const Standin *s, const char *rules)
{
	g_autofree char *json = g_strdelimit(g_strdup(rules), "'", '"');
	g_autoptr(IvEndpoint) endpoint = iv_endpoint_parse(s->url, NULL);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(IvHttpAnswer) answer = NULL;
	g_autoptr(GError) error = NULL;
	IvHttpFailure failure;
	cJSON *state;

	answer = iv_http_exchange(&(IvHttpRequest){.endpoint = endpoint, .method = "POST",
						   .target = "/_script", .headers = none,
						   .body = json, .length = strlen(json)},
				  &failure, &error);
	g_assert_no_error(error);
	g_assert_cmpint(answer->status, ==, 200);
	state = cJSON_Parse(answer->body);
	g_assert_nonnull(state);
	return state;
}

static inline void standin_rules(const Standin *s, const char *rules)
{
	cJSON_Delete(standin_script(s, rules));
}

/* How many accounts an image is shared with now. */
static inline int standin_shares(const Standin *s, const char *image_id)
{
	cJSON *state = standin_script(s, "[]"), *image;
	int count = -1;

	cJSON_ArrayForEach(image, cJSON_GetObjectItem(state, "images"))
		if (strcmp(cJSON_GetObjectItem(image, "ImageId")->valuestring, image_id) == 0)
			count = cJSON_GetArraySize(cJSON_GetObjectItem(image, "accounts"));
	cJSON_Delete(state);
	return count;
}

static inline int standin_requests(const Standin *s)
{
	cJSON *state = standin_script(s, "[]");
	int count = (int)cJSON_GetObjectItem(state, "requests")->valuedouble;

	cJSON_Delete(state);
	return count;
}

#endif
