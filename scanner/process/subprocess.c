/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subprocess.c - see subprocess.h */
#include "scanner/process/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/write.h"

struct IvSubprocess {
	pid_t pid;
	int fd;
};

/* The first byte of an answer says what follows. */
enum { ANSWER_TEXT = 'T', ANSWER_ERROR = 'E' };

/* --- in the child ------------------------------------------------------------------ */

static bool answer(int fd, char kind, const char *text)
{
	return iv_write_all(fd, &kind, 1) && iv_write_all(fd, text, strlen(text));
}

static bool answer_error(int fd, const GError *error)
{
	int code = error->domain == IV_ERROR ? error->code : IV_ERROR_IO;
	g_autofree char *text = g_strdup_printf("%d %s", code, error->message);

	return answer(fd, ANSWER_ERROR, text);
}

/* Variables that hold secrets, by parts of their names. */
static const char *const secret_names[] = {"SECRET", "TOKEN", "PASSWORD", "ACCESS_KEY", "CREDENTIAL"};

/* The environment is memory too, and nothing that is done here needs them. */
static void wipe_environment(void)
{
	for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
		char *value = strchr(*variable, '=');

		for (guint i = 0; value != NULL && i < G_N_ELEMENTS(secret_names); i++) {
			g_autofree char *name = g_strndup(*variable, (gsize)(value - *variable));

			if (strstr(name, secret_names[i]) != NULL)
				memset(value + 1, '\0', strlen(value + 1));
		}
	}
}

static G_NORETURN void run_child(int fd, const char *name, IvSubprocessWork work, void *user)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	bool ok;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, name);
	signal(SIGPIPE, SIG_IGN);
	wipe_environment();
	text = work(user, &error);
	ok = text != NULL ? answer(fd, ANSWER_TEXT, text) : answer_error(fd, error);
	_exit(ok ? 0 : 1);
}

IvSubprocess *iv_subprocess_start(const char *name, IvSubprocessWork work, void *user, GError **error)
{
	IvSubprocess *process;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		iv_fail_errno(error, "cannot make a pipe");
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run_child(ends[1], name, work, user);
	}
	close(ends[1]);
	if (pid < 0) {
		iv_fail_errno(error, "cannot start a process");
		close(ends[0]);
		return NULL;
	}
	process = g_new0(IvSubprocess, 1);
	process->pid = pid;
	process->fd = ends[0];
	return process;
}

/* --- in the parent ----------------------------------------------------------------- */

/* Read to the end, or one byte beyond what a report file may have. */
static GString *read_answer(int fd)
{
	GString *text = g_string_new(NULL);
	char buf[65536];
	ssize_t n;

	while (text->len <= IV_MAX_REPORT_BYTES && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n > 0)
			g_string_append_len(text, buf, n);
		else if (errno != EINTR)
			break;
	}
	return text;
}

static bool ended_well(pid_t pid, const char *noun, const char *subject,
		       GError **error)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFSIGNALED(status))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: the %s died of signal %d (%s): nothing is known about it\n"
			       "treat it as hostile, and please report this",
			       subject, noun, WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	return iv_fail(error, IV_ERROR_IO, "%s: the %s ended without an answer", subject, noun);
}

static char *take_error(const char *text, GError **error)
{
	char *end = NULL;
	gint64 code = g_ascii_strtoll(text, &end, 10);

	if (code < IV_ERROR_USAGE || code > IV_ERROR_REFUSED || *end != ' ')
		iv_fail(error, IV_ERROR_CORRUPT, "the child process gave an invalid answer");
	else
		iv_fail(error, (IvErrorCode)code, "%s", end + 1);
	return NULL;
}

char *iv_subprocess_wait(IvSubprocess *process, const char *noun, const char *subject, GError **error)
{
	g_autoptr(GString) text = read_answer(process->fd);
	pid_t pid = process->pid;

	close(process->fd);
	g_free(process);
	if (text->len > IV_MAX_REPORT_BYTES)
		kill(pid, SIGKILL);
	if (!ended_well(pid, noun, subject, error))
		return NULL;
	if (text->len == 0 || text->str[0] != ANSWER_TEXT)
		return take_error(text->len > 0 ? text->str + 1 : "", error);
	g_string_erase(text, 0, 1);
	return g_string_free(g_steal_pointer(&text), FALSE);
}
