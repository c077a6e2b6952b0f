/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_endpoints.c - where each service is, and what a user may say about it. */
#include <glib.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/endpoints.h"

#define HERE "http://127.0.0.1:8080"

static IvAlibabaEndpoints *endpoints(const char *a, const char *b)
{
	const char *given[] = {a, b, NULL};
	g_autoptr(GError) error = NULL;
	IvAlibabaEndpoints *e = iv_alibaba_endpoints_new("eu-central-1", given, &error);

	g_assert_no_error(error);
	return e;
}

static void is(const IvAlibabaEndpoints *e, IvAlibabaService service, const char *base)
{
	const IvEndpoint *at = iv_alibaba_endpoint(e, service);

	g_assert_cmpstr(at != NULL ? at->base : NULL, ==, base);
}

static void check_usual(void)
{
	static const struct {
		IvAlibabaService service;
		const char *base, *version;
	} rows[] = {
		{IV_ALIBABA_ECS, "https://ecs.eu-central-1.aliyuncs.com", "2014-05-26"},
		{IV_ALIBABA_STS, "https://sts.eu-central-1.aliyuncs.com", "2015-04-01"},
		{IV_ALIBABA_RAM, "https://ram.aliyuncs.com", "2015-05-01"},
		{IV_ALIBABA_KMS, "https://kms.eu-central-1.aliyuncs.com", "2016-01-20"},
		{IV_ALIBABA_RESOURCE_SHARING, "https://resourcesharing.eu-central-1.aliyuncs.com",
		 "2020-01-10"},
		{IV_ALIBABA_RESOURCE_DIRECTORY, "https://resourcedirectory.aliyuncs.com",
		 "2022-04-19"},
		{IV_ALIBABA_OSS, "https://oss-eu-central-1.aliyuncs.com", NULL},
		{IV_ALIBABA_METADATA, NULL, NULL},
	};
	g_autoptr(IvAlibabaEndpoints) e = endpoints(NULL, NULL);

	g_assert_cmpuint(G_N_ELEMENTS(rows), ==, IV_ALIBABA_SERVICES);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		is(e, rows[i].service, rows[i].base);
		g_assert_cmpstr(iv_alibaba_version(rows[i].service), ==, rows[i].version);
		g_assert_false(iv_alibaba_endpoint_given(e, rows[i].service));
	}
}

/* A stand-in on this machine is the whole cloud, also in another region; a
 * service that is named goes where it is said to be, in either order. */
static void check_given(void)
{
	g_autoptr(IvAlibabaEndpoints) all = endpoints(HERE, NULL);
	g_autoptr(IvAlibabaEndpoints) other = iv_alibaba_endpoints_in(all, "cn-beijing", NULL);
	g_autoptr(IvAlibabaEndpoints) first = endpoints("kms=https://k.example", HERE);
	g_autoptr(IvAlibabaEndpoints) last = endpoints(HERE, "kms=https://k.example");
	g_autoptr(IvAlibabaEndpoints) far = endpoints("https://ecs.example", NULL);
	g_autoptr(IvAlibabaEndpoints) moved = iv_alibaba_endpoints_in(far, "cn-beijing", NULL);
	g_autoptr(IvAlibabaEndpoints) with =
		iv_alibaba_endpoints_with(far, IV_ALIBABA_STS, "https://s.example", NULL);

	for (int i = 0; i < IV_ALIBABA_SERVICES; i++) {
		is(all, (IvAlibabaService)i, HERE);
		is(other, (IvAlibabaService)i, HERE);
		is(first, (IvAlibabaService)i, i == IV_ALIBABA_KMS ? "https://k.example" : HERE);
		is(last, (IvAlibabaService)i, i == IV_ALIBABA_KMS ? "https://k.example" : HERE);
	}
	is(far, IV_ALIBABA_ECS, "https://ecs.example");
	is(far, IV_ALIBABA_STS, "https://sts.eu-central-1.aliyuncs.com");
	g_assert_true(iv_alibaba_endpoint_given(far, IV_ALIBABA_ECS));
	g_assert_false(iv_alibaba_endpoint_given(far, IV_ALIBABA_STS));
	is(moved, IV_ALIBABA_ECS, "https://ecs.example");
	is(moved, IV_ALIBABA_STS, "https://sts.cn-beijing.aliyuncs.com");
	is(with, IV_ALIBABA_ECS, "https://ecs.example");
	is(with, IV_ALIBABA_STS, "https://s.example");
	is(with, IV_ALIBABA_KMS, "https://kms.eu-central-1.aliyuncs.com");
}

static void check_refused(void)
{
	static const char *const bad[] = {
		"", "ecs", "ecs=", "=https://ecs.example", "nosuch=https://ecs.example",
		"ECS=https://ecs.example", "ecs=http://ecs.example", "http://ecs.example",
		"sts=https://u:p@sts.example", "oss=https://oss.example/bucket",
		"kms=ftp://127.0.0.1", "metadata=https://meta.example",
		"metadata=http://100.100.100.200"};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		const char *given[] = {bad[i], NULL};
		g_autoptr(GError) error = NULL;

		g_test_message("%s", bad[i]);
		g_assert_null(iv_alibaba_endpoints_new("eu-central-1", given, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/endpoints/usual", check_usual);
	g_test_add_func("/endpoints/given", check_given);
	g_test_add_func("/endpoints/refused", check_refused);
	return g_test_run();
}
