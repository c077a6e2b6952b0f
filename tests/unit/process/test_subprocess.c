/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_subprocess.c - what comes back from a child, and from one that ended badly */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/process/subprocess.h"

static char *run(IvSubprocessWork work, void *user, GError **error)
{
	IvSubprocess *process = iv_subprocess_start("test", work, user, error);

	g_assert_no_error(*error);
	g_assert_nonnull(process);
	return iv_subprocess_wait(process, "test", "it", error);
}

static char *echo(void *user, GError **error)
{
	return g_strdup(user);
}

static void test_text(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *long_text = g_strnfill(1 << 20, 'x'); /* more than a pipe holds */
	g_autofree char *a = run(echo, (void *)"", &error);
	g_autofree char *b = run(echo, long_text, &error);

	g_assert_cmpstr(a, ==, "");
	g_assert_cmpstr(b, ==, long_text);
}

static char *refuse(void *user, GError **error)
{
	iv_fail(error, IV_ERROR_AMBIGUOUS, "%s\nwith a hint", (const char *)user);
	return NULL;
}

static void test_error(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(run(refuse, (void *)"no", &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_AMBIGUOUS);
	g_assert_cmpstr(error->message, ==, "no\nwith a hint");
}

static char *die(void *user, GError **error)
{
	signal(GPOINTER_TO_INT(user), SIG_DFL);
	raise(GPOINTER_TO_INT(user));
	return NULL;
}

static void test_crash(void)
{
	static const int signals[] = {SIGSEGV, SIGABRT, SIGKILL};

	for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(run(die, GINT_TO_POINTER(signals[i]), &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
		g_assert_nonnull(strstr(error->message, "died of signal"));
	}
}

static char *leave(void *user, GError **error)
{
	_exit(GPOINTER_TO_INT(user));
}

/* A child that ends without a word, well or badly, is an error as well. */
static void test_silence(void)
{
	for (int code = 0; code < 2; code++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(run(leave, GINT_TO_POINTER(code), &error));
		g_assert_nonnull(error);
	}
}

static char *tell_secrets(void *user, GError **error)
{
	return g_strdup_printf("%s/%s/%s", g_getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
			       g_getenv("SOME_TOKEN"), g_getenv("HARMLESS"));
}

/* What hostile bytes are looked into by has no secrets to give away. */
static void test_environment(void)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "invented", TRUE);
	g_setenv("SOME_TOKEN", "invented", TRUE);
	g_setenv("HARMLESS", "yes", TRUE);
	text = run(tell_secrets, NULL, &error);
	g_assert_cmpstr(text, ==, "//yes");
	g_assert_cmpstr(g_getenv("SOME_TOKEN"), ==, "invented");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/child-process/text", test_text);
	g_test_add_func("/child-process/error", test_error);
	g_test_add_func("/child-process/crash", test_crash);
	g_test_add_func("/child-process/silence", test_silence);
	g_test_add_func("/child-process/environment", test_environment);
	return g_test_run();
}
