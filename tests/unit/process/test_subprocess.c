/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_subprocess.c - what comes back from a child, and from one that ended badly */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/process/confine.h"
#include "scanner/process/subprocess.h"

#define MOST 4096u

static IvSubprocess *start(IvSubprocessWork work, void *user, const IvScanProgress *progress)
{
	g_autoptr(GError) error = NULL;
	IvSubprocess *process = iv_subprocess_start("test", work, user, progress, &error);

	g_assert_no_error(error);
	g_assert_nonnull(process);
	return process;
}

static char *run(IvSubprocessWork work, void *user, GError **error)
{
	return iv_subprocess_wait_text(start(work, user, NULL), "test", "it", MOST, error);
}

static bool echo(void *user, IvAnswer *answer, GError **error)
{
	return iv_answer_add(answer, 0, user, strlen(user), error);
}

static void test_text(void)
{
	g_autoptr(GError) error = NULL, too_long = NULL;
	g_autofree char *long_text = g_strnfill(MOST, 'x'), *longer = g_strnfill(MOST + 1, 'x');
	g_autofree char *a = run(echo, (void *)"", &error);
	g_autofree char *b = run(echo, long_text, &error);
	g_autofree char *c = run(echo, longer, &too_long);

	g_assert_cmpstr(a, ==, "");
	g_assert_cmpstr(b, ==, long_text);
	g_assert_null(c);
	g_assert_error(too_long, IV_ERROR, IV_ERROR_CORRUPT);
}

/* More than a pipe holds, in many records: all of them, in their order. */
static bool count_up(void *user, IvAnswer *answer, GError **error)
{
	for (guint32 i = 0; i < 100000; i++)
		if (!iv_answer_add(answer, (uint8_t)(i % IV_ANSWER_KINDS), &i, sizeof(i), error))
			return false;
	return true;
}

static bool take_next(void *user, uint8_t kind, const uint8_t *bytes, size_t len, GError **error)
{
	guint32 *next = user, value;

	g_assert_cmpuint(len, ==, sizeof(value));
	memcpy(&value, bytes, sizeof(value));
	g_assert_cmpuint(value, ==, *next);
	g_assert_cmpuint(kind, ==, *next % IV_ANSWER_KINDS);
	(*next)++;
	return true;
}

static void test_records(void)
{
	g_autoptr(GError) error = NULL;
	guint32 next = 0;

	g_assert_true(iv_subprocess_wait(start(count_up, NULL, NULL), "test", "it", take_next, &next,
					 &error));
	g_assert_no_error(error);
	g_assert_cmpuint(next, ==, 100000);
}

static bool refuse(void *user, IvAnswer *answer, GError **error)
{
	return iv_fail(error, IV_ERROR_AMBIGUOUS, "%s", (const char *)user);
}

static void test_error(void)
{
	g_autoptr(GError) error = NULL, steering = NULL;

	g_assert_null(run(refuse, (void *)"no\nwith a hint", &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_AMBIGUOUS);
	g_assert_cmpstr(error->message, ==, "no\nwith a hint");
	g_assert_null(run(refuse, (void *)"no\033[2Jclean\xff", &steering));
	g_assert_null(strchr(steering->message, '\033'));
	g_assert_true(g_utf8_validate(steering->message, -1, NULL));
}

static bool segv(void *user, IvAnswer *answer, GError **error)
{
	volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	signal(SIGSEGV, SIG_DFL);
	return page[0] == 0;
}

static bool trap(void *user, IvAnswer *answer, GError **error)
{
	signal(SIGILL, SIG_DFL);
	__builtin_trap();
}

static bool give_up(void *user, IvAnswer *answer, GError **error)
{
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void test_crash(void)
{
	static const IvSubprocessWork works[] = {segv, trap, give_up};

	for (guint i = 0; i < G_N_ELEMENTS(works); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(run(works[i], NULL, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
		g_assert_nonnull(strstr(error->message, "died of signal"));
	}
}

static bool leave(void *user, IvAnswer *answer, GError **error)
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

static bool tell_secrets(void *user, IvAnswer *answer, GError **error)
{
	g_autofree char *text =
		g_strdup_printf("%s/%s/%s", g_getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
				g_getenv("SOME_TOKEN"), g_getenv("HARMLESS"));

	return iv_answer_add(answer, 0, text, strlen(text), error);
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

/* --- waiting ----------------------------------------------------------------------------- */

static bool sleep_on(void *user, IvAnswer *answer, GError **error)
{
	while (pause() != 0)
		continue;
	return false;
}

static bool doze(void *user, IvAnswer *answer, GError **error)
{
	while (user != NULL)
		g_usleep(200000);
	return false;
}

/* Slow, and yet at work: by its counters, or by the processor. */
static bool plod(void *user, IvAnswer *answer, GError **error)
{
	IvScanProgress *progress = user;

	for (int i = 0; i < 8; i++) {
		g_usleep(G_USEC_PER_SEC);
		progress->done++;
	}
	return iv_answer_add(answer, 0, "done", 4, error);
}

static bool compute(void *user, IvAnswer *answer, GError **error)
{
	gint64 until = g_get_monotonic_time() + 8 * G_USEC_PER_SEC;

	while (g_get_monotonic_time() < until)
		continue;
	return iv_answer_add(answer, 0, "done", 4, error);
}

/* The processor time is that of a program it started, as with libguestfs. */
static bool delegate(void *user, IvAnswer *answer, GError **error)
{
	const char *argv[] = {"timeout", "8", "sh", "-c", "while :; do :; done", NULL};

	return g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			    NULL, error) &&
	       iv_answer_add(answer, 0, "done", 4, error);
}

static void test_patience(void)
{
	IvScanProgress *progress = iv_scan_progress_new();
	const struct {
		IvSubprocessWork work;
		bool ends;
	} rows[] = {{sleep_on, false}, {doze, false}, {plod, true}, {compute, true}, {delegate, true}};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		IvSubprocess *process = start(rows[i].work, progress, progress);
		g_autofree char *text = NULL;

		iv_subprocess_hurry(process, 4);
		text = iv_subprocess_wait_text(process, "test", "it", MOST, &error);
		if ((text != NULL) != rows[i].ends)
			g_error("row %u: %s", i, error != NULL ? error->message : "ended");
		if (!rows[i].ends)
			g_assert_nonnull(strstr(error->message, "neither works nor answers"));
	}
	iv_scan_progress_free(progress);
}

/* --- what every child has given up ------------------------------------------------------- */

static int before; /* a descriptor of the parent's */
static pid_t parent;

/* The text says what is left. */
static bool look_around(void *user, IvAnswer *answer, GError **error)
{
	bool apart = strcmp(iv_confine_namespaces(), "none") != 0;
	g_autofree char *links = NULL;
	GString *text = g_string_new(NULL);
	struct stat st;

	if (fcntl(before, F_GETFD) != -1 || errno != EBADF)
		g_string_append(text, "descriptor ");
	for (int fd = 0; fd < 2; fd++)
		if (fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode) || isatty(fd))
			g_string_append(text, "terminal ");
	if (apart && (kill(parent, 0) != -1 || getppid() != 0 || getpid() != 1))
		g_string_append(text, "parent ");
	if (apart && g_file_get_contents("/proc/thread-self/net/dev", &links, NULL, NULL) &&
	    strstr(links, "eth") != NULL)
		g_string_append(text, "network ");
	g_string_append(text, apart ? "apart" : "together");
	return iv_answer_add(answer, 0, text->str, text->len, error);
}

static void test_given_up(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	before = open("/proc/self/exe", O_RDONLY);
	parent = getpid();
	text = run(look_around, NULL, &error);
	g_assert_no_error(error);
	if (strcmp(text, "together") == 0)
		g_test_message("this kernel gives no namespaces");
	else
		g_assert_cmpstr(text, ==, "apart");
	close(before);
}

/* The same for somebody who is not root, in a namespace of users. */
static bool open_own(void *user, IvAnswer *answer, GError **error)
{
	const char *path = user;
	g_autofree char *words = g_strdup_printf("%d %d %s", (int)geteuid(),
						 open(path, O_RDONLY | O_CLOEXEC) >= 0,
						 iv_confine_namespaces());

	return iv_answer_add(answer, 0, words, strlen(words), error);
}

static void test_others(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *words = NULL, *path = NULL;
	int fd;

	if (geteuid() != 0) {
		g_test_skip("needs root, to become somebody else");
		return;
	}
	fd = g_file_open_tmp("imgvet-own-XXXXXX", &path, NULL);
	g_assert_cmpint(fchown(fd, 65534, 65534), ==, 0);
	g_assert_cmpint(seteuid(65534), ==, 0);
	words = run(open_own, path, &error);
	g_assert_cmpint(seteuid(0), ==, 0);
	g_assert_no_error(error);
	g_assert_true(g_str_has_prefix(words, "65534 1 "));
	unlink(path);
	close(fd);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/child-process/text", test_text);
	g_test_add_func("/child-process/records", test_records);
	g_test_add_func("/child-process/error", test_error);
	g_test_add_func("/child-process/crash", test_crash);
	g_test_add_func("/child-process/silence", test_silence);
	g_test_add_func("/child-process/environment", test_environment);
	g_test_add_func("/child-process/patience", test_patience);
	g_test_add_func("/child-process/given-up", test_given_up);
	g_test_add_func("/child-process/others", test_others);
	return g_test_run();
}
